"""The texts that a new file has until its author writes better ones."""

from __future__ import annotations

import re
from typing import Final

DESCRIPTION: Final = (
    "Describe what happened, why it matters, and what the reader does next."
)
AUTHOR: Final = "your name"
FALSE_POSITIVES: Final = "Name who does this in the ordinary course of work."
REMEDIATION: Final = "Describe how to fix it."
EXCEPTION_REASON: Final = "Describe why this is expected."
EXCEPTION_OWNER: Final = "your team"

_ALL: Final = frozenset(
    {
        DESCRIPTION,
        AUTHOR,
        FALSE_POSITIVES,
        REMEDIATION,
        EXCEPTION_REASON,
        EXCEPTION_OWNER,
    }
)
_UNDONE: Final = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|\blorem ipsum\b", re.IGNORECASE
)


def found_in(text: str) -> str | None:
    """Return what of a text is still to be written; None if nothing is."""
    words = " ".join(text.split())
    if words in _ALL:
        return words
    undone = _UNDONE.search(text)
    return undone.group() if undone else None
