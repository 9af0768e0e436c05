"""Write the page that lists the events of a service, and the rules that see each.

    page(tables)   docs/event-coverage.md

An event without a rule says why it has none.  Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.model import Level


@dataclass(frozen=True, slots=True)
class Row:
    """An event: the rules that see it, the correlations over them, or why none does."""

    name: str
    rules: tuple[tuple[str, Level], ...]
    correlations: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The events of one kind, from one of AWS's documents."""

    title: str
    source: str
    document: str
    rows: tuple[Row, ...]

    @property
    def seen(self) -> int:
        """Count the events that a rule sees."""
        return sum(bool(row.rules) for row in self.rows)


def page(tables: Sequence[Table]) -> str:
    """Write the page in Markdown."""
    return "".join(_page(tables))


def _page(tables: Sequence[Table]) -> Iterator[str]:
    yield "# Events of sign-in and Amazon Cognito, and the rules that see them\n\n"
    yield "<!-- Built by `make docs` from the rules; do not edit. -->\n\n"
    yield (
        "Rules at level informational are signals: correlations count them.\n"
        "Rules about every event, such as access_denied, are left out.\n\n"
        "| events | number | seen by a rule |\n|---|---|---|\n"
    )
    for table in tables:
        yield f"| {table.title} | {len(table.rows)} | {table.seen} |\n"
    for table in tables:
        yield f"\n## {table.title}\n\n"
        yield f"Event source `{table.source}`, from [AWS's list]({table.document}).\n\n"
        yield "| event | rules | correlations |\n|---|---|---|\n"
        yield from map(_row, table.rows)


def _row(row: Row) -> str:
    shown = [f"{_link(name)} ({level.value})" for name, level in row.rules]
    rules = "<br>".join(shown) or f"none: {row.why}"
    correlations = "<br>".join(map(_link, row.correlations))
    return f"| `{row.name}` | {rules} | {correlations} |\n"


def _link(name: str) -> str:
    return f"[{name}](rules/{name}.md)"
