"""Write the verdicts of log-file validation for people and machines."""

from __future__ import annotations

import json as codec
from collections.abc import Iterator
from typing import Any, Final

import checker
from checker import secrets
from checker.reports import layout
from checker.reports.json import encode, uncommanding
from checker.reports.segments import Line, Segment, coloured, plain, visible
from checker.verdict import FileKind, Integrity, Verdict, Verification

VERSION: Final = 1
"""The version of the JSON document; it changes when a reader would break."""

_KINDS: Final = (FileKind.DIGEST, FileKind.LOG)

_STYLES: Final = {
    Integrity.VALID: "pass",
    Integrity.MODIFIED: "fail",
    Integrity.DELETED: "fail",
    Integrity.UNVERIFIABLE: "unknown",
}


def text(
    found: Verification,
    *,
    colour: bool = False,
    width: int = layout.WIDTH,
    quiet: bool = False,
) -> Iterator[str]:
    """Yield each file that is not valid, then the gaps and the counts."""
    lines = [
        line
        for verdict in found.verdicts
        if verdict.integrity is not Integrity.VALID
        for line in _verdict(verdict, width)
    ]
    if not quiet:
        for gap in found.gaps:
            lines += layout.paragraph(
                f"gap: {visible(gap)}", indent=5, width=width, first=(), style="faint"
            )
        lines += [_summary(found, kind) for kind in _KINDS]
    yield from (coloured if colour else plain)(lines)


def json(found: Verification) -> Iterator[str]:
    """Yield one JSON object with every verdict."""
    document = {
        "version": VERSION,
        "tool": {"name": "trailcheck", "version": checker.__version__},
        "verdicts": [_document(verdict) for verdict in found.verdicts],
        "gaps": list(found.gaps),
        "statistics": {kind.value: _counts(found, kind) for kind in _KINDS},
    }
    yield uncommanding(codec.dumps(secrets.hide(document), indent=1)) + "\n"


def jsonl(found: Verification) -> Iterator[str]:
    """Yield one line of JSON for each verdict."""
    for verdict in found.verdicts:
        yield encode(secrets.hide(_document(verdict))) + "\n"


def _document(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.kind.value,
        "uri": verdict.uri,
        "verdict": verdict.integrity.value,
        "reason": verdict.reason or None,
        "digest": verdict.digest,
    }


def _verdict(verdict: Verdict, width: int) -> Iterator[Line]:
    first = (
        Segment(f"{verdict.integrity.value:<12}", _STYLES[verdict.integrity]),
        Segment(f" {verdict.kind.value:<6} "),
    )
    where: layout.Item = (Segment(f"{visible(verdict.uri)}:"),)
    items = [where, *layout.words(visible(verdict.reason))]
    yield from layout.flow(items, first=first, indent=20, gap=" ", width=width)


def _counts(found: Verification, kind: FileKind) -> dict[str, int]:
    return {
        each.value: sum(
            verdict.kind is kind and verdict.integrity is each
            for verdict in found.verdicts
        )
        for each in Integrity
    }


def _summary(found: Verification, kind: FileKind) -> Line:
    counts = _counts(found, kind)
    shown = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return (Segment(f"{kind.value} files: {shown or 'none'}", "title"),)
