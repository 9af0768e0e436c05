"""Return the kinds of inputs apart by their scheme, and finds them.

`s3://BUCKET/PREFIX`, `lookup-events://[REGION,…]` and `logs://GROUP` are in AWS;
anything else is a path, a glob or `-`.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from msgspec import structs

from checker.errors import UsageError
from checker.model import Batch, Unreadable
from checker.sources.events import files
from checker.sources.events.chunks import Read
from checker.sources.events.period import Period, within
from checker.sources.events.remote.fetch import Found, fetching
from checker.sources.events.remote.query import (
    LATE,
    LOGS,
    LOOKUP,
    S3,
    InputFilter,
    Remote,
)

_PATIENCE: Final = 3.0

Path: TypeAlias = str | os.PathLike[str]

__all__ = [
    "LATE",
    "Found",
    "InputFilter",
    "Path",
    "Remote",
    "as_paths",
    "fetching",
    "find",
    "inside",
    "notes",
    "refuse_filter",
    "scheme",
    "total",
    "watched",
]


def as_paths(inputs: Path | Iterable[Path]) -> list[str]:
    """Return the inputs as a list of text: one alone or paths are fine."""
    several = [inputs] if isinstance(inputs, str | os.PathLike) else inputs
    return [os.fspath(each) for each in several]


def total(inputs: Sequence[str]) -> int | None:
    """Return the bytes of the files that are named; None where that is not known.

    It is given up when to look at the folders takes more than some seconds.
    """
    if any(scheme(given) or given == files.STDIN for given in inputs):
        return None
    end = time.monotonic() + _PATIENCE
    size = 0
    for each in files.find(inputs):
        size += each.size if isinstance(each, files.Input) else 0
        if time.monotonic() > end:
            return None
    return size


def find(inputs: Sequence[str], wanted: InputFilter | None = None) -> Iterator[Found]:
    """Find what the inputs name, in their order; each comes once.

    Raises `UsageError` when `wanted` chooses accounts or Regions and nothing named has
    any.
    """
    asked = wanted or InputFilter()
    refuse_filter(inputs, asked)
    return _find(inputs, asked)


def refuse_filter(inputs: Sequence[str], wanted: InputFilter) -> None:
    """Raise `UsageError` if accounts or Regions are chosen and no input has any."""
    schemes = [scheme(given) for given in inputs]
    if wanted.accounts and S3 not in schemes:
        raise UsageError("--account chooses folders of s3:// inputs: name one")
    if wanted.regions and not any(schemes):
        raise UsageError("--region goes with inputs in AWS, such as s3://BUCKET")


def _find(inputs: Sequence[str], wanted: InputFilter) -> Iterator[Found]:
    seen: set[str] = set()
    for kind, group in itertools.groupby(inputs, scheme):
        for each in _in(kind, list(group), wanted):
            if isinstance(each, Unreadable):
                yield each
            elif each.uri not in seen:
                # What one input names comes once anyway, and may be much.
                if len(inputs) > 1:
                    seen.add(each.uri)
                yield each


def _in(kind: str | None, given: list[str], wanted: InputFilter) -> Iterator[Found]:
    """Find what inputs of one kind name."""
    if kind is None:
        # Together, for a file may go by several names.
        yield from files.find(given, wanted.remark)
        return
    for address in given:
        yield from _SCHEMES[kind](address, wanted)


def _s3(given: str, wanted: InputFilter) -> Iterator[Remote | Unreadable]:
    # What asks AWS is not loaded for files.
    from checker.sources.events.remote import s3

    return s3.find(given, wanted)


def _lookup(given: str, wanted: InputFilter) -> Iterator[Remote | Unreadable]:
    from checker.sources.events.remote import lookup

    return lookup.find(given, wanted)


def _logs(given: str, wanted: InputFilter) -> Iterator[Remote | Unreadable]:
    from checker.sources.events.remote import logs

    return logs.find(given, wanted)


_SCHEMES: Final = {S3: _s3, LOOKUP: _lookup, LOGS: _logs}


def scheme(given: str) -> str | None:
    """Return how an input in AWS begins; None for a path."""
    return next((each for each in _SCHEMES if given.startswith(each)), None)


def notes(inputs: Sequence[str], wanted: InputFilter) -> Iterator[str]:
    """Describe what inputs of these kinds cannot show, whatever they hold."""
    schemes = {scheme(given) for given in inputs}
    if LOOKUP in schemes:
        from checker.sources.events.remote import lookup

        yield from lookup.notes(wanted)
    last = wanted.last_delivery
    if last is not None and last < wanted.now and schemes & {S3, LOGS}:
        yield (
            f"What was delivered after {last:%Y-%m-%dT%H:%M:%SZ} was not looked at; "
            "CloudTrail may deliver up to 30 days late (--late 30d)."
        )


def watched(
    wanted: InputFilter | None,
    tell: Callable[[int, str], None] | None,
    remark: Callable[[str], None] | None = None,
) -> InputFilter:
    """Return what is wanted, all that there is by default, with who is told of it."""
    asked = wanted or InputFilter()
    return structs.replace(
        asked, tell=tell or asked.tell, remark=remark or asked.remark
    )


def inside(parts: Iterator[Read], period: Period) -> Iterator[Read]:
    """Leave, of what was read, the events of a period; free of cost without one."""
    if not period:
        return parts
    return (within(each, period) if isinstance(each, Batch) else each for each in parts)
