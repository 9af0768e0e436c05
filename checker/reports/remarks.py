"""Put together what a report remarks, as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from checker.model import Report

_MOST: Final = 5


def remarks(report: Report) -> tuple[str, ...]:
    """Return the notes of a report, and which rules could not have fired."""
    return (*report.notes, *([blind(report.blind)] if report.blind else []))


def blind(names: Sequence[str]) -> str:
    """Describe in one sentence which rules could not have fired."""
    count = f"{len(names):,} rule{'s' * (len(names) != 1)}"
    shown = ", ".join(names[:_MOST]) + (" …" if len(names) > _MOST else "")
    return (
        f"{count} could not have fired, because no trail records what they look for: "
        f"{shown} (see trailcheck visibility)"
    )
