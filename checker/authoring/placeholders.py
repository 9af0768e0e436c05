"""The texts that a new rule has until its author writes better ones."""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = (
    "Describe what happened, why it matters, and what the reader does next."
)
AUTHOR: Final = "your name"
FALSE_POSITIVES: Final = "Name who does this in the ordinary course of work."
REMEDIATION: Final = "Describe how to fix it."

ALL: Final = frozenset({DESCRIPTION, AUTHOR, FALSE_POSITIVES, REMEDIATION})
