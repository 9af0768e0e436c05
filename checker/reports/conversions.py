"""Write the page that lists, for each rule, what it converts to, and why not.

    page(rows, targets)   docs/conversions.md

Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SAME, SUBSET = "same", "fewer"


@dataclass(frozen=True, slots=True)
class Row:
    """A rule, and by target what came of it: `same`, `fewer`, or why nothing did."""

    name: str
    kind: str
    outcomes: Mapping[str, str]


def page(rows: Sequence[Row], targets: Sequence[str]) -> str:
    """Write the page in Markdown."""
    return "".join(_page(rows, targets))


def _page(rows: Sequence[Row], targets: Sequence[str]) -> Iterator[str]:
    yield "# What each rule converts to\n\n"
    yield "<!-- Built by `make docs` from the rules; do not edit. -->\n\n"
    yield (
        "`same`: the converted form finds what the rule finds. "
        "`fewer`: it counts in fixed periods, so it can miss what crosses the border "
        "of two. `no`: `trailcheck convert` refuses, for the reason below. "
        "[convert.md](convert.md) says how that is proved.\n\n"
    )
    head = f"| {' | '.join(['rule', *targets])} |\n|{'---|' * (len(targets) + 1)}\n"
    kinds = dict.fromkeys(row.kind for row in rows)
    yield head.replace("| rule |", "| rules |")
    for kind in kinds:
        those = [row for row in rows if row.kind == kind]
        counts = [
            str(sum(row.outcomes[t] in (SAME, SUBSET) for row in those))
            for t in targets
        ]
        yield f"| {len(those)} {kind}s | {' | '.join(counts)} |\n"
    for kind in kinds:
        yield f"\n## {kind.capitalize()}s\n\n{head}"
        for row in rows:
            if row.kind == kind:
                cells = [_cell(row.outcomes[target]) for target in targets]
                yield f"| [{row.name}](rules/{row.name}.md) | {' | '.join(cells)} |\n"
    yield "\n## Why not\n"
    for row in rows:
        yield from _reasons(row, targets)


def _cell(outcome: str) -> str:
    return outcome if outcome in (SAME, SUBSET) else "no"


def _reasons(row: Row, targets: Sequence[str]) -> Iterator[str]:
    refused: dict[str, list[str]] = {}
    for target in targets:
        if row.outcomes[target] not in (SAME, SUBSET):
            refused.setdefault(row.outcomes[target], []).append(target)
    if not refused:
        return
    yield f"\n**{row.name}**\n\n"
    for reason, names in refused.items():
        yield f"- {', '.join(names)}: {reason}\n"
