"""Patterns of RE2 in Java's syntax, with the flags that change what `.` and `$` are."""

from __future__ import annotations

import pytest
import re2

from checker.convert.java_pattern import ForeignPatternError, java

TEXTS = ("ab", "a\nb", "AxB", "a\n\nB", "a", "b\n", "\nb", "c\na\nb", "x.$b", "", "\n")


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("^a.*b$", r"^a[^\n]*b\z"),
        ("(?is)^a.*b$", r"(?i)^a(?s:.)*b\z"),
        ("(?m)^a.b$", r"(?m:^)a[^\n]b(?m:$)"),
        ("(?i)(?s)a.b", r"(?i)a(?s:.)b"),
        (r"(?is)\Aa.*b\z", r"(?i)\Aa(?s:.)*b\z"),
        ("a(?s:.).", r"a(?:(?s:.))[^\n]"),
        ("a(?s).(?-s).", r"a(?s:.)[^\n]"),
        ("((?s)a.)b.", r"(a(?s:.))b[^\n]"),
        ("(?s)(a.(?-s:b.))c.", r"(a(?s:.)(?:b[^\n]))c(?s:.)"),
        (r"\.[.$]\$", r"\.[.$]\$"),
        ("(?i:a|b)[&[]", r"(?i:a|b)[\&\[]"),
        ("(?m)a$|b", "a(?m:$)|b"),
        ("a{x}b{,3}{", r"a\{x}b\{,3}\{"),
        ("a{2}b{1,}c{1,2}", "a{2}b{1,}c{1,2}"),
        (r"D\\Public\\Q", r"D\\Public\\Q"),
        (r"a\(?<b", r"a\(?<b"),
    ],
)
def test_flags_are_written_out_and_mean_the_same(pattern: str, wanted: str) -> None:
    found = java(pattern)

    assert found == wanted
    for text in TEXTS:  # what is written RE2 reads as Java does
        assert bool(re2.search(found, text)) is bool(re2.search(pattern, text)), text


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(?m)^",
            "(?m)^.",
            "(?m)^a*",
            "(?U)a*",
            "(?i-U)a",
            "a(?i)b|c",
            r"\pL",
            "[]a]",
        ),
        *(r"\Qa.b\E", r"[\pL]", "[[:alpha:]]", "[a[:digit:]]", "(?P<n>a)", r"a\101"),
    ],
)
def test_what_java_may_read_otherwise_is_refused(pattern: str) -> None:
    with pytest.raises(ForeignPatternError):
        java(pattern)
