"""The case of a correlation: a list of records in time.

A step is one record, or `count` of them, `every` so long; `{n}` in the texts of its
patch is the number of the record within the step, from 1.  Times and eventIDs are made
up, unless the patch sets them: the first moment of a case is 2026-11-20T00:00:00Z.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from checker.model import Event
from checker.rules.correlation import timespan

Patch: TypeAlias = Callable[[Any, Any], Any]

BEGINNING = datetime(2026, 11, 20, tzinfo=UTC)


def expand(
    steps: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], patch: Patch
) -> Iterator[Event]:
    """Make the records of a case from its steps, each with the record it starts from.

    A step without `at` begins when the one before it ends.
    """
    now = 0
    for index, (step, base) in enumerate(steps):
        begin = timespan(step.get("at", now))
        every = timespan(step.get("every", 0))
        for number in range(1, step.get("count", 1) + 1):
            now = begin + (number - 1) * every
            moment = BEGINNING + timedelta(seconds=now)
            stamped = {
                **base,
                "eventID": f"{index + 1:08}-0000-4000-8000-{number:012}",
                "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            }
            yield patch(stamped, _numbered(step.get("patch", {}), number))


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _numbered(each, number) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbered(each, number) for each in value]
    return value
