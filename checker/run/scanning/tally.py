"""Count what inputs gave: events, copies, corrections, bytes and problems."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from checker.model import Statistics, Unreadable
from checker.run.scanning.corrections import Corrections
from checker.run.scanning.duplicates import Counted, DuplicateCounter
from checker.run.scanning.scanned import Scanned

MOST_PROBLEMS = 20_000
"""How many problems of a run are listed; the others are counted."""

_MOST_OTHERS = 8
"""How many columns that were left out are named."""

_COUNTS: Final = (
    "inputs",
    "bytes",
    "records",
    "outside",
    "digests",
    "untimed",
    "unreadable_inputs",
    "unreadable_records",
)


class Tally:
    """The counts of a run while it goes on, in bounded memory.

    An event that comes twice (the same eventID) counts once.  One that another event of
    the run corrects (`run.scanning.corrections`) does not count.
    """

    def __init__(self) -> None:
        """Begin with no input."""
        self.inputs = 0
        self.bytes = 0
        self.records = 0
        self.outside = 0
        self.digests = 0
        self.untimed = 0
        self.unreadable_inputs = 0
        self.unreadable_records = 0
        self.problems: list[Unreadable] = []
        self.last: str | None = None
        """The input that was read last."""
        self.corrections = Corrections()
        self._event_ids = DuplicateCounter()
        self._others: dict[str, None] = {}
        self._failed = False

    def take(self, scanned: Scanned[object]) -> None:
        """Count a piece of what one input gave."""
        self.inputs += scanned.last
        self.bytes += scanned.length
        self.digests += scanned.digests
        self.records += scanned.records
        self.outside += scanned.outside
        self.untimed += scanned.untimed
        self._event_ids.add(scanned.event_ids)
        self.corrections.add(scanned.corrections)
        self._fail(scanned.problems, last=scanned.last)
        self.name_others(scanned.others)
        self.last = scanned.uri

    def add(self, other: Tally) -> None:
        """Add what another has counted; its problems and corrections come apart."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def list_problem(self, problem: Unreadable) -> None:
        """List a problem that is counted already, if there is room."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def name_others(self, others: Sequence[str]) -> None:
        """Remember the names of columns that were left out."""
        self._others.update(dict.fromkeys(others[:_MOST_OTHERS]))

    def superseded(self) -> dict[str, str]:
        """Return each eventID that another stands for, and that of the other."""
        return self.corrections.superseded()

    def count(self, gone: Collection[str]) -> Counted:
        """Return how many events are copies, and which of those `gone` came at all."""
        return self._event_ids.finish(gone)

    def statistics(self, counted: Counted, more: Mapping[str, int]) -> Statistics:
        """Return the counts, and `more` that are the command's own."""
        copies = counted.copies + len(counted.came)
        return Statistics(
            inputs=self.inputs,
            bytes=self.bytes,
            events=self.records - copies,
            duplicates=copies,
            outside=self.outside,
            unchecked=counted.unchecked,
            digests=self.digests,
            unreadable_inputs=self.unreadable_inputs,
            unreadable_records=self.unreadable_records,
            untimed=self.untimed,
            **more,
        )

    def notes(self, counted: Counted) -> Iterator[str]:
        """Describe what was left out, and what could not be counted."""
        if self._others:
            shown = ", ".join(list(self._others)[:_MOST_OTHERS])
            yield f"columns that are not CloudTrail's were left out: {shown}."
        if counted.unchecked:
            yield (
                f"{counted.unchecked:,} events were not checked for duplicates: "
                "temporary directory full."
            )
        if self.unreadable_inputs + self.unreadable_records > MOST_PROBLEMS:
            yield f"more than {MOST_PROBLEMS:,} problems: the others are only counted."

    def _fail(self, problems: Sequence[Unreadable], *, last: bool) -> None:
        self._failed |= any(each.record is None for each in problems)
        if last:
            self.unreadable_inputs += self._failed
            self._failed = False
        self.unreadable_records += sum(each.record is not None for each in problems)
        for each in problems:
            self.list_problem(each)
