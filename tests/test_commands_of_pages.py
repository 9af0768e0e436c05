"""Every command that the pages show is one that this version takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from checker.cli import main

ROOT = Path(__file__).parent.parent
PAGES = (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
_BLOCK = re.compile(r"^```.*?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_ENDS = {"|", ">", ">>", "&&", "||", ";", "<", "2>", "#"}


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield the page and the words of each command in a block."""
    for page in PAGES:
        for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.replace("\\\n", " ").splitlines():
                _, found, rest = line.partition("trailcheck ")
                before = line[: len(line) - len(rest)].strip()
                if found and re.fullmatch(
                    r"(\$ |- |sh '\.venv/bin/)?trailcheck", before
                ):
                    yield page.name, words(rest)


def words(text: str) -> list[str]:
    lexer = shlex.shlex(text.rstrip("'") if text.count("'") % 2 else text, posix=True)
    lexer.whitespace_split = True
    found = list(lexer)
    ends = [number for number, word in enumerate(found) if word in _ENDS]
    return found[: ends[0]] if ends else found


@pytest.mark.parametrize(
    ("page", "line"), [*commands()], ids=lambda value: str(value)[:60]
)
def test_a_command_of_a_page_is_understood(
    page: str, line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trailcheck.yml").write_text("fail-on: high\n")
    command, context = _found(line)
    command.make_context(None, line, parent=context)


def _found(line: list[str]) -> tuple[click.Command, click.Context]:
    """Take the names of a command from the front of a line, and return the command."""
    command: click.Command = main
    context = click.Context(main, info_name="trailcheck")
    while isinstance(command, click.Group):
        name = line.pop(0)
        below = command.get_command(context, name)
        assert below is not None, name
        command, context = below, click.Context(below, context, name)
    return command, context
