"""Tests of lines that fit a width without breaking a name."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.reports import layout
from checker.reports.segments import Line, Segment


def texts(lines: object) -> list[str]:
    return ["".join(part.text for part in line) for line in lines]  # type: ignore[attr-defined]  # all are segments


def test_a_long_item_has_a_line_of_its_own() -> None:
    items = [(Segment("a"),), (Segment("b" * 200),), (Segment("c"),)]
    lines = texts(layout.flow(items, indent=2, gap="  ", width=100))
    assert lines == ["  a", f"  {'b' * 200}", "  c"]


def test_an_item_that_is_too_long_to_hang_is_moved_to_the_left() -> None:
    items = [(Segment("b" * 30),), (Segment("c"),)]
    lines = texts(layout.flow(items, indent=20, gap="  ", width=42))
    assert lines == [f"{' ' * 10}{'b' * 30}", f"{' ' * 20}c"]


def test_an_item_that_is_too_long_to_stand_beside_a_label_stands_below_it() -> None:
    first: Line = (Segment("high      3  "),)
    items = [(Segment("b" * 38),), (Segment("(1 rule)"),)]
    lines = texts(layout.flow(items, first=first, indent=13, gap=" ", width=40))
    assert lines == ["high      3  ", f"  {'b' * 38}", f"{' ' * 13}(1 rule)"]


def test_lines_hang_below_what_begins_the_first() -> None:
    first: Line = (Segment("note  "),)
    lines = texts(layout.paragraph("aa bb cc", first=first, indent=6, width=11))
    assert lines == ["note  aa bb", "      cc"]


@given(st.lists(st.text("abc", min_size=1, max_size=30)), st.integers(10, 60))
def test_every_word_is_there_whole_and_once(words: list[str], width: int) -> None:
    lines = texts(layout.paragraph(" ".join(words), indent=2, width=width))
    assert " ".join(lines).split() == words
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0), ("é…", 2)]
)
def test_columns_of_a_terminal_are_counted(text: str, columns: int) -> None:
    assert layout.columns(text) == columns
    assert layout.columns(layout.padded(text, 10)) == 10


@pytest.mark.parametrize("width", [20, 40, 60, 500])
def test_a_broken_command_is_the_same_command(width: int) -> None:
    command = (
        "aws logs put-metric-filter --filter-name a --filter-pattern "
        '\'{ ($.a = b) --c && "d --e" }\' --metric-name "x --y" --last'
    )
    lines = texts(layout.command(command, indent=6, width=width))
    joined = "\n".join(lines).replace("\\\n", " ")
    assert shlex.split(joined) == shlex.split(command)
    assert (len(lines) == 1) is (width == 500)


def test_a_command_is_broken_between_words_and_an_option_keeps_its_value() -> None:
    command = "/a/path/to/trailcheck story arn:aws:iam::123456789012:root e.json --by x"
    assert texts(layout.command(command, indent=2, width=40)) == [
        "  /a/path/to/trailcheck story \\",
        "    arn:aws:iam::123456789012:root \\",
        "    e.json --by x",
    ]


def test_a_comment_between_commands_is_not_broken() -> None:
    lines = texts(layout.command("# take --this out of it", indent=0, width=10))
    assert lines == ["# take --this out of it"]
