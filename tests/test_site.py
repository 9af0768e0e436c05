"""The documentation site: whole, without a broken link, and of today."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from checker.cli import main
from tools import site

ROOT = Path(__file__).parent.parent
RULES = (
    "root_console_login_without_mfa",
    "trail_log_file_validation_disabled",
    "buckets_listed_after_identity_check",
)


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "docs"
    assert site.stage(target, RULES) == []
    return target


def page(staged: Path, rule: str) -> str:
    return (staged / "rules" / f"{rule}.md").read_text(encoding="utf-8")


def section(text: str, head: str) -> str:
    return re.split(r"^## ", text.split(f"## {head}", 1)[1], flags=re.MULTILINE)[0]


def test_every_page_of_the_docs_is_there(staged: Path) -> None:
    for file in (ROOT / "docs").glob("*.md"):
        assert (staged / file.name).is_file()
    assert (staged / "index.md").is_file()
    assert len(list((staged / "rules").glob("*.md"))) == len(RULES) + 1


def test_a_page_of_a_detection_has_an_event_steps_conversions_and_its_tests(
    staged: Path,
) -> None:
    text = page(staged, RULES[0])

    assert '"eventName": "ConsoleLogin"' in section(text, "An example event")
    assert "trailcheck story" in section(text, "Next steps")
    converted = section(text, "Converts to")
    assert all(name in converted for name in ("EventBridge", "Athena", "Sigma"))
    assert "cases: 2 that the rule must find" in section(text, "How it is tested")


def test_a_page_shows_what_the_command_prints_today(staged: Path) -> None:
    line = ["convert", RULES[0], "--to", "eventbridge", "--quiet"]
    printed = CliRunner().invoke(main, line).stdout

    assert printed.strip() in page(staged, RULES[0])


def test_a_page_of_a_configuration_rule_says_how_to_mend(staged: Path) -> None:
    text = page(staged, RULES[1])

    assert '"LogFileValidationEnabled": false' in section(text, "An example settings")
    assert "trailcheck audit" in section(text, "Next steps")
    assert "## Converts to" not in text


def test_a_page_of_a_correlation_says_how_many_events_it_takes(staged: Path) -> None:
    assert "of which this is the last" in section(
        page(staged, RULES[2]), "An example event"
    )


def test_links_out_of_the_docs_lead_to_copies(staged: Path) -> None:
    text = page(staged, RULES[0])
    (link,) = re.findall(r"\]\((\.\./files/rules/[^)]+)\)", text)

    assert (staged / "rules" / link).resolve().is_file()


def test_no_link_of_any_page_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What conversions and examples add to the pages of rules links to nothing."""
    names = [file.stem for file in (ROOT / "docs/rules").glob("*.md")]
    monkeypatch.setattr(site, "_of_rules", lambda _: dict.fromkeys(names, "").items())

    assert site.stage(tmp_path / "docs") == []
    assert len(list((tmp_path / "docs/rules").glob("*.md"))) == len(names) > 1000


def test_a_link_that_leads_nowhere_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [("a.md", "[x](gone.md) `[y](code.md)`\n```\n[z](code.md)\n```\n")]
    monkeypatch.setattr(site, "_pages", lambda _: iter(pages))

    assert site.stage(tmp_path / "docs") == ["a.md: gone.md"]


def test_the_menu_names_every_page_and_no_other() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": ([\w/-]+\.md)$", text, re.IGNORECASE | re.MULTILINE))
    there = {file.name for file in (ROOT / "docs").glob("*.md")}
    own = {"index.md", "contributing.md", "security.md"}

    assert {each for each in named if "/" not in each} == there | own


def test_the_site_builds_strictly_and_asks_no_other_host(
    staged: Path, tmp_path: Path
) -> None:
    program = Path(sys.executable).parent / "zensical"
    if not program.exists():
        pytest.skip("zensical is not installed: make site")
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = config.replace("site_dir: build/site", "site_dir: out")
    shutil.copytree(staged, tmp_path / "build/site-docs")
    (tmp_path / "mkdocs.yml").write_text(config)

    done = subprocess.run(
        [program, "build", "-f", tmp_path / "mkdocs.yml", "--strict", "--clean"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    html = (tmp_path / "out/rules" / f"{RULES[0]}.html").read_text(encoding="utf-8")
    loaded = re.findall(r'<(?:script|img|iframe)[^>]* src="(https?:[^"]+)"', html)
    loaded += re.findall(r'<link[^>]*rel="stylesheet"[^>]*href="(https?:[^"]+)"', html)
    assert loaded == []
    assert (tmp_path / "out/search.json").stat().st_size > 10_000
