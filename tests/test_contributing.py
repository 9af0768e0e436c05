"""CONTRIBUTING.md keeps its word: its commands run, in order, and print what it shows.

Blocks marked `sh` run in one folder, like a clone's; the block after one, marked
`text`, is what it prints, and `exit=N` the exit code.  A line with … matches whatever
stands there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checker.authoring import lint
from checker.authoring.case_run import run_cases
from checker.authoring.mutants.measure import run_mutants

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEPS = re.compile(
    r"^```sh\n(?P<command>.*?)^```\n(?:```text(?: exit=(?P<code>\d+))?\n"
    r"(?P<shown>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)


def run(command: str, folder: Path) -> tuple[int, list[str]]:
    scripts = Path(sys.executable).parent
    environment = {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return done.returncode, lines


def fits(shown: str, printed: str) -> bool:
    pieces = map(re.escape, shown.split("…"))
    return re.fullmatch(".*".join(pieces), printed) is not None


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Follow the whole page once, in what a clone has of rules and schemas."""
    folder = tmp_path_factory.mktemp("contributor")
    shutil.copytree(ROOT / "rules", folder / "rules", copy_function=os.symlink)
    (folder / "schemas").symlink_to(ROOT / "schemas")
    for step in STEPS.finditer(TEXT):
        command, shown = step["command"], (step["shown"] or "").splitlines()
        code, printed = run(command, folder)
        trimmed = "\n".join(printed).strip("\n").splitlines()

        assert code == int(step["code"] or 0), f"{command}\n" + "\n".join(printed)
        assert len(trimmed) == len(shown), f"{command}\n" + "\n".join(printed)
        for wanted, line in zip(shown, trimmed, strict=True):
            assert fits(wanted.rstrip(), line), f"{command}\n{wanted}\n{line}"
    return folder


def test_every_command_prints_what_the_page_shows(written: Path) -> None:
    assert len(list(STEPS.finditer(TEXT))) >= 8


def test_no_block_of_commands_escapes_the_test() -> None:
    fences = re.findall(r"^```(\w+)", TEXT, re.MULTILINE)

    assert set(fences) == {"sh", "text"}
    assert fences.count("sh") == len(list(STEPS.finditer(TEXT)))
    shown = [step for step in STEPS.finditer(TEXT) if step["shown"]]
    assert fences.count("text") == len(shown)


def test_the_rule_that_it_leaves_passes_every_check_of_rules(written: Path) -> None:
    folder = [written / "rules/detections/cloudtrail/audit_trail_deleted.yml"]

    assert lint.lint(folder) == []
    assert all(result.passed for result in run_cases(folder))
    assert not any(result.survivors for result in run_mutants(folder))


def test_the_rule_that_it_leaves_fits_beside_the_pack(written: Path) -> None:
    name = "audit_trail_deleted"
    if list((ROOT / "rules").rglob(f"{name}.yml")):
        pytest.skip("somebody follows the page in this checkout")
    beside = written / "rules/detections/cloudtrail"
    problems = lint.lint([beside])

    assert [each for each in problems if each.rule == name] == []


def test_a_wildcard_matches_and_nothing_else_does() -> None:
    assert fits("a … c", "a b c")
    assert not fits("a … c", "a b d")
    assert not fits("a.c", "abc")


def test_every_target_and_link_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([\w-]+)`", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for link in re.findall(r"\]\(([\w./]+)\)", TEXT):
        assert (ROOT / link).exists(), link


def test_every_room_that_it_names_exists() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = page[page.index("| line | folders |") : page.index("The same word names")]
    for room in re.findall(r"`(?:checker/)?([\w./]+)`", table):
        assert (ROOT / "checker" / room).exists(), room
