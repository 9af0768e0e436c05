"""Tests of escaping, and of the two ways to write styled text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checker.model import Level, Status
from checker.reports.segments import (
    STYLES,
    Segment,
    coloured,
    plain,
    visible,
    wants_colour,
)
from tests.reports import samples

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")


@given(st.text(st.characters()))
@example(samples.HOSTILE)
def test_nothing_unprintable_passes(text: str) -> None:
    for character in visible(text):
        assert unicodedata.category(character)[0] != "C"
        assert character == " " or unicodedata.category(character)[0] != "Z"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\r\nb\tc", r"a\x0d\x0ab\x09c"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("\u2066\u2069\u061c", r"\u2066\u2069\u061c"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("no\u00a0break", r"no\xa0break"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("Zoë 日本 🚀", "Zoë 日本 🚀"),
        ("[bold red]not markup[/]", "[bold red]not markup[/]"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_an_escape(raw: str, shown: str) -> None:
    assert visible(raw) == shown


def test_long_text_is_cut() -> None:
    assert visible("x" * 2_000) == "x" * 999 + "…"
    assert visible("x" * 1_000) == "x" * 1_000


def test_both_writers_say_the_same() -> None:
    lines = [
        (Segment("critical", "critical"), Segment("  "), Segment("a title", "title")),
        (),
        (Segment("no style"),),
    ]
    drawn = "".join(coloured(lines))
    assert "\x1b[1;31mcritical\x1b[0m" in drawn
    assert SEQUENCE.sub("", drawn) == "".join(plain(lines))


def test_plain_lines_have_no_trailing_space() -> None:
    assert list(plain([(Segment("a"), Segment("   "))])) == ["a\n"]


def test_every_level_has_a_style_and_every_status_that_is_shown() -> None:
    assert {level.value for level in Level} <= STYLES.keys()
    shown = {status.value for status in Status} - {Status.NOT_APPLICABLE.value}
    assert shown <= STYLES.keys()


@pytest.mark.parametrize(
    ("terminal", "environ", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"TERM": "xterm-256color"}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": ""}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_and_can_be_refused(
    *, terminal: bool, environ: dict[str, str], colour: bool
) -> None:
    assert wants_colour(terminal=terminal, environ=environ) is colour
