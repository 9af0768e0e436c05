"""What the story of an identity says, whatever it is written as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checker.reports.segments import visible
from checker.story import Call, Session, Story


@dataclass(frozen=True, slots=True)
class Row:
    """Calls that follow one another and differ in their time alone."""

    call: Call
    number: int
    last: str


def span_of(story: Story) -> str:
    """Return how many events there are, and from when to when."""
    if not story.events:
        return "no event"
    events = counted(story.events)
    denied = f", {story.denied:,} with an error" if story.denied else ""
    return f"{events}{denied}, from {visible(story.first)} to {visible(story.last)}"


def counted(events: int) -> str:
    """Return so many events in words."""
    return f"{events:,} event{'s' * (events != 1)}"


def origin_of(session: Session) -> str:
    """Return which call of whom returned the credentials of a session, if known."""
    if session.issued_by is None:
        return ""
    told = f"by {session.issued_by} of {session.parent} at {session.issued_at}"
    return visible(told)


def counts_of(story: Story) -> list[tuple[str, Mapping[str, int]]]:
    """Return how often each address, Region, user agent and service came."""
    services = {name: events for name, (events, _) in story.services.items()}
    return [
        ("Addresses", story.addresses),
        ("Regions", story.regions),
        ("User agents", story.agents),
        ("Services", services),
    ]


def alike(calls: Sequence[Call]) -> Iterator[Row]:
    """Put calls that follow one another and are alike on one row."""
    first: Call | None = None
    number, last = 0, ""
    for call in calls:
        if first is not None and _kind(first) == _kind(call):
            number, last = number + 1, call.time
            continue
        if first is not None:
            yield Row(first, number, last)
        first, number, last = call, 1, call.time
    if first is not None:
        yield Row(first, number, last)


def _kind(call: Call) -> tuple[object, ...]:
    own = call.event_id if call.issued else None
    return (
        call.session,
        call.source,
        call.name,
        call.error,
        call.region,
        call.address,
        call.findings,
        own,
    )


def words_of(row: Row) -> str:
    """Return the call of a row, how often it came, and the key that it returned."""
    call = row.call
    source = call.source.removesuffix(".amazonaws.com")
    told = f"{source}:{call.name}"
    if row.number > 1:
        told += f", {row.number:,} times until {row.last}"
    if call.issued:
        told += f" → {call.issued.key}"
    return visible(told, 200)
