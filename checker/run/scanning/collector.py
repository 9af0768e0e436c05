"""Put together what the inputs of a scan gave: findings and counts."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from checker.evaluate.correlation import Addresses, Learned
from checker.model import (
    CorrelationRule,
    DetectionRule,
    Level,
    Report,
    Status,
    Unreadable,
)
from checker.reports import order
from checker.rules.exceptions import Covers
from checker.run.policy.policy import NONE, Policy, over_events
from checker.run.scanning import retraction
from checker.run.scanning.correlations import Correlations, Judged
from checker.run.scanning.duplicates import Counted
from checker.run.scanning.findings import Findings
from checker.run.scanning.intake import Intake
from checker.run.scanning.job import Job
from checker.run.scanning.matches import finding
from checker.run.scanning.scanned import Scanned
from checker.run.scanning.tally import Tally

if TYPE_CHECKING:
    from checker.run.scanning.log_validation import LogFileValidation
    from checker.run.scanning.resume import Resuming

Row = TypeVar("Row")


class ScanCollector(Generic[Row]):
    """What a run has found so far, and what it must remember to go on."""

    def __init__(  # noqa: PLR0913 - what `scan` is given
        self,
        job: Job,
        intake: Intake[Row],
        by_name: Mapping[str, DetectionRule],
        *,
        learned: Learned | None,
        addresses: Addresses | None,
        policy: Policy = NONE,
        resuming: Resuming | None = None,
        vouching: LogFileValidation | None = None,
    ) -> None:
        """Begin with what earlier runs have left; `by_name` has the intake's rules."""
        self.intake = intake
        self.tally = Tally()
        self.notes: list[str] = []
        self._policy = policy
        self._chosen = {rule.name: rule for rule in job.chosen}
        self._by_name = by_name
        self._correlated = Correlations(
            self._chosen, job.plan, learned, addresses=addresses, policy=policy
        )
        self._vouching = vouching
        self._resuming = resuming
        if intake.spool.count:
            self.notes.append(
                f"{intake.spool.count:,} findings are of a run that ended before it "
                "could report them."
            )
        for hits in resuming.hits() if resuming else ():
            self._correlated.add(hits)

    def take(self, scanned: Scanned[Row]) -> None:
        """Take a piece of what one input gave."""
        self.tally.take(scanned)
        self.intake.take(scanned.matches)
        if self._resuming:
            self._correlated.add(self._resuming.keep(scanned.hits))
            self._resuming.scanned(scanned)
        else:
            self._correlated.add(scanned.hits)

    def interrupt(self, inputs: Sequence[str]) -> None:
        """Return how far the run came: no reader may take its report for the whole."""
        rest = (
            f"what comes after {self.tally.last} was not"
            if self.tally.last
            else "nothing was"
        )
        reason = f"the scan was interrupted: {rest} read"
        self.tally.problems.append(Unreadable(inputs[0], None, reason))

    def report(
        self, counted: Counted | None = None, judged: Iterable[Judged] | None = None
    ) -> Report:
        """Put everything together; there is no more input.

        `counted` and `judged` are what was compared and correlated elsewhere.
        """
        intake = self.intake
        intake.tell()
        self._note_nothing()
        gone = self.tally.superseded()
        counted = counted or self.tally.count(gone)
        outcome = self._correlated.outcome(
            [self._judged(gone, counted)] if judged is None else judged,
            self.tally.untimed,
        )
        more = tuple(self._policy.new(outcome.findings))
        known = intake.known + len(outcome.findings) - len(more)
        if self._resuming:
            more = (*self._resuming.correlated(more), *self._resuming.withdrawn(gone))
            self._resuming.end()
            self.notes += self._resuming.notes
        if self._vouching:
            more = tuple(self._vouching.correlated(each) for each in more)
        for each in more:
            intake.emit(each)
        unpack = functools.partial(finding, self._by_name)
        if gone:
            for each in map(unpack, intake.spool):
                after = retraction.successor(each, gone)
                if after is not None:
                    if each.suppressed:
                        intake.suppressed -= 1
                    else:
                        intake.found[each.rule.name, each.lowered] -= 1
                    intake.emit(retraction.retracted(each, after))
        found = Findings(
            intake.spool,
            unpack,
            self._kinds() + order.kinds(more),
            gone=gone,
            more=more,
            suppressed=intake.suppressed + order.suppressed(more),
        )
        statistics = self.tally.statistics(
            counted,
            {
                "rules": sum(
                    isinstance(rule, DetectionRule | CorrelationRule)
                    for rule in self._chosen.values()
                ),
                "findings": len(found),
                "suppressed": found.suppressed,
                "known": known,
                "shared": intake.shared,
                "skipped": self._resuming.state.skipped if self._resuming else 0,
                "repeated": self._resuming.repeated if self._resuming else 0,
                "correlated": outcome.matches,
                "ungrouped": outcome.ungrouped,
                "evicted_groups": outcome.evicted,
                "clipped_events": outcome.clipped,
            },
        )
        return Report(
            findings=found if intake.spool.spilled else tuple(found),
            statistics=statistics,
            problems=tuple(self.tally.problems),
            notes=(
                *self.notes,
                *outcome.notes,
                *self.tally.notes(counted),
                *self._repeats(),
                *self._policy.notes(
                    over_events(self._chosen.values()), Covers.FINDINGS
                ),
            ),
        )

    def _judged(self, gone: Collection[str], counted: Counted) -> Judged:
        """Correlate, each event once: copies are left out where there may be any.

        With a state they were left out as they came.
        """
        copies = counted.copies or counted.unchecked or self._correlated.has_nameless
        return self._correlated.judge(
            gone, copies=bool(copies) and self._resuming is None
        )

    def _note_nothing(self) -> None:
        """Report a run that read nothing as incomplete: it is never an all-clear."""
        tally = self.tally
        skipped = self._resuming.state.skipped if self._resuming else 0
        if tally.records or self.tally.problems or skipped:
            return
        if tally.outside:
            reason = (
                f"no event is in the period, {tally.outside:,} are outside: check "
                "--since and --until"
            )
        elif tally.digests:
            reason = "no event was read: only digests of log-file validation are there"
        else:
            reason = "no event was read: check what the inputs are"
        self.tally.problems.append(Unreadable(self.tally.last or "input", None, reason))

    def _kinds(self) -> Counter[tuple[Status, Level]]:
        kinds: Counter[tuple[Status, Level]] = Counter()
        for (name, lowered), number in self.intake.found.items():
            level = (self._by_name.get(name) or self._chosen[name]).level
            kinds[Status.FAIL, level.lowered if lowered else level] += number
        return kinds

    def _repeats(self) -> Iterator[str]:
        if self.intake.shared:
            yield (
                f"{self.intake.shared:,} findings repeat an action that was already "
                "reported from the event of another account (sharedEventID)."
            )
