"""The README keeps its word: what it shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from checker.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 120


def test_the_demo_prints_what_it_shows() -> None:
    arguments = ["scan", "demo/events", "--settings", "demo/settings.json"]
    arguments += ["--fail-on", "never", "--summary"]
    printed = CliRunner(env={"COLUMNS": "100"}).invoke(main, arguments)
    (shown,) = blocks("text")

    assert printed.exit_code == 0
    lines = printed.stdout.splitlines()
    for line in shown.splitlines():
        start, more, _ = line.partition("…")
        assert line in lines or (more and any(x.startswith(start) for x in lines))


def test_the_rule_that_it_shows_passes_its_cases(tmp_path: Path) -> None:
    rule, cases = blocks("yaml")[:2]
    name = "root_console_login_without_mfa"
    (tmp_path / f"{name}.yml").write_text(rule)
    (tmp_path / f"{name}.cases.yml").write_text(cases)

    result = CliRunner().invoke(main, ["test", str(tmp_path)])

    assert result.exit_code == 0, result.output
    assert "3 of 3 cases" in result.output


def test_every_command_and_link_exists() -> None:
    for name in re.findall(r"^trailcheck (\w+)", README, re.MULTILINE):
        assert name in main.commands
    for target in re.findall(r"\]\(([\w./]+)\)", README):
        assert (ROOT / target).exists()


def test_the_exceptions_page_names_rules_that_exist() -> None:
    page = (ROOT / "docs" / "exceptions.md").read_text(encoding="utf-8")
    named = re.findall(r"- rule: (\w+)", page)

    assert len(named) > 1
    for name in named:
        assert list((ROOT / "rules").rglob(f"{name}.yml")), name
