"""Match texts with wildcards, in time that no pattern can blow up."""

from __future__ import annotations


def like(value: str, pattern: str, *, single: str = "?") -> bool:
    """Return whether a text is what a pattern says; `*` stands for any text.

    `single` is the character that stands for any one character, empty for none.  After
    a mismatch only the last `*` takes more: an earlier one need never be tried again.
    """
    at = position = mark = 0
    star = -1
    while at < len(value):
        wanted = pattern[position] if position < len(pattern) else None
        if wanted == "*":
            star, mark = position, at
            position += 1
        elif wanted is not None and wanted in (value[at], single):
            at += 1
            position += 1
        elif star >= 0:
            mark += 1
            at, position = mark, star + 1
        else:
            return False
    return all(rest == "*" for rest in pattern[position:])
