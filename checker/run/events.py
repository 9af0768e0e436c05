"""This module scans events: what each input gave is put together, copies left out."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checker.evaluate import correlation
from checker.evaluate.correlation import Addresses, Baseline, Plan
from checker.model import (
    AnyRule,
    CorrelationRule,
    DetectionRule,
    Finding,
    Level,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.reports import order
from checker.run import retraction
from checker.run.corrections import Corrections
from checker.run.correlations import Correlations
from checker.run.eventids import EventIds
from checker.run.interrupts import held_back
from checker.run.scanning import Scanned, finding, hit_key, rule_of, scan_inputs
from checker.run.seen import Seen
from checker.run.spool import Findings, Spool
from checker.run.spread import processes
from checker.sources.inputs import Path, Wanted, fetching, find, given, watched
from checker.sources.inputs import notes as limits

if TYPE_CHECKING:
    from checker.run.resuming import Resuming
    from checker.run.state import State
    from checker.run.vouching import Vouching

Advance = Callable[[int, str], None]
"""Called after each input with the bytes it took on disk, and its name."""

Emit = Callable[[Finding], None]
"""Called with each finding, in the order of the inputs."""

MOST_PROBLEMS = 20_000
"""How many problems of a run are listed; the others are counted."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a scan; `report` is what was found until then."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


@dataclass
class _Tally:
    """The counts of a run while it goes on."""

    inputs: int = 0
    bytes: int = 0
    records: int = 0
    outside: int = 0
    digests: int = 0
    untimed: int = 0
    shared: int = 0
    unreadable_inputs: int = 0
    unreadable_records: int = 0


def scan(  # noqa: PLR0913 - each is an option of the command
    rules: Iterable[AnyRule],
    inputs: Path | Iterable[Path],
    *,
    bases: Iterable[AnyRule] = (),
    baseline: Baseline | None = None,
    addresses: Addresses | None = None,
    jobs: int | None = 1,
    advance: Advance | None = None,
    emit: Emit | None = None,
    wanted: Wanted | None = None,
    state: State | None = None,
    vouching: Vouching | None = None,
) -> Report:
    """Evaluate the detections and correlations on the events of some files and folders.

    `inputs` is one path, glob, `-` or address in AWS (`sources.inputs`), or several,
    and `wanted` chooses among what they hold, the period of the events above all.
    `jobs` is the number of processes, None for one on each core where there is enough
    to read.  An event that comes twice (the same eventID) counts once: of each rule's
    findings on it the first stands.  One that another event of the input corrects
    (`run.corrections`) does not count at all: the correcting one stands for both, and
    the other is a duplicate.  `bases` are rules that report nothing, but that the
    correlations among `rules` may build on, `baseline` is what the `first_seen` ones
    have seen before, and `addresses` a table of the user's for correlations with
    labels.

    Memory does not grow with the number of events or findings: `findings` of the report
    is a tuple where they are few, and else reads them from a temporary file.  `emit`
    gets each finding as soon as its input has been read; one whose event a later input
    corrects comes again at the end, with the status `not_applicable`.  Ctrl-C raises
    `Interrupted`, with the report so far.

    With a `state`, inputs that earlier runs have scanned are left out, as are findings
    that they told; call its `finish` once the report is safe (`run.state`).  With
    `vouching`, findings are held against the digests of their log files.
    """
    run = _Run(
        rules, bases, baseline=baseline, addresses=addresses, emit=emit, state=state
    )
    run.vouching = vouching
    asked = watched(wanted, advance)
    inputs = given(inputs)
    run.notes.extend(limits(inputs, asked))
    interrupted = False
    try:
        found = find(inputs, asked)
        listed_new = state.unscanned(found) if state else found
        with fetching(listed_new, asked.tell) as ready, contextlib.ExitStack() as stack:
            count, listed = (jobs, ready) if jobs else processes(ready)
            scans = scan_inputs(
                run.detections,
                run.plan,
                listed,
                count,
                run.notes.append,
                period=asked.period,
            )
            stack.enter_context(contextlib.closing(scans))
            for scanned in scans:
                with held_back():
                    run.take(scanned)
                run.tell()
                with held_back():
                    run.step()
                if advance:
                    advance(scanned.size, scanned.uri)
    except KeyboardInterrupt:
        interrupted = True
    if interrupted:
        run.interrupt(inputs)
        raise Interrupted(run.report())
    return run.report()


def open_state(path: str) -> State:
    """Open the state of earlier runs, for `scan`; a file is made if there is none.

    Raises `UsageError` for a file that is no state, or that another run is using.
    """
    from checker.run.state import State

    return State(path)


class _Run:
    """What a run has found so far, and what it must remember to go on."""

    def __init__(  # noqa: PLR0913 - what `scan` is given
        self,
        rules: Iterable[AnyRule],
        bases: Iterable[AnyRule],
        *,
        baseline: Baseline | None,
        addresses: Addresses | None,
        emit: Emit | None,
        state: State | None,
    ) -> None:
        self.chosen = {rule.name: rule for rule in rules}
        known = {rule.name: rule for rule in bases} | self.chosen
        self.plan: Plan = correlation.plan(known.values(), self.chosen.values())
        self.detections = [
            rule
            for rule in known.values()
            if isinstance(rule, DetectionRule)
            and (rule.name in self.chosen or rule.name in self.plan.carried)
        ]
        self.by_name: Mapping[str, DetectionRule] = {
            rule.name: rule for rule in self.detections
        }
        self.tally = _Tally()
        self.notes: list[str] = []
        self.problems: list[Unreadable] = []
        self.corrections = Corrections()
        self.correlated = Correlations(
            self.chosen, self.plan, baseline, addresses=addresses
        )
        self.event_ids = EventIds()
        self.seen = Seen()
        self.seen_hits = Seen()
        self.spool = Spool()
        self.kinds: Counter[tuple[Status, Level]] = Counter()
        self.last: str | None = None
        self._emit = emit
        self._untold: deque[bytes] = deque()
        self.vouching: Vouching | None = None
        self.resuming: Resuming | None = None
        if state is not None:
            from checker.run.resuming import Resuming

            self.resuming = Resuming(
                state, self.chosen, self.plan, tells=emit is not None
            )
            self._resume(self.resuming)

    def take(self, scanned: Scanned) -> None:
        """Take what one input gave."""
        if self.vouching:
            scanned = self.vouching.take(scanned)
        tally = self.tally
        tally.inputs += 1
        tally.bytes += scanned.length
        tally.digests += scanned.digests
        tally.records += scanned.records
        tally.outside += scanned.outside
        tally.untimed += scanned.untimed
        self.event_ids.add(scanned.event_ids)
        self.corrections.add(scanned.corrections)
        self._fail(scanned.problems)
        self.last = scanned.uri
        for told in scanned.told:
            if not self.seen.add(told.key):
                continue
            if self.resuming and not self.resuming.is_new(told.key):
                continue
            if told.shared is not None:
                tally.shared += not self.seen.add(told.shared)
            self._find(told.rule, told.packed)
            if self.resuming:
                self.resuming.take(told.packed)
        if scanned.hits:
            hits = [hit for hit in scanned.hits if self.seen_hits.add(hit_key(hit[0]))]
            self.correlated.add(hits)
            if self.resuming:
                self.resuming.keep(hits)
        if self.resuming:
            self.resuming.scanned(scanned)

    def tell(self) -> None:
        """Give away the findings that are certain."""
        while self._emit and self._untold:
            self._emit(finding(self.by_name, self._untold.popleft()))

    def step(self) -> None:
        """Let what was done so far stand, for the run after this one."""
        if self.resuming:
            self.resuming.state.step()

    def _find(self, rule: str, packed: bytes) -> None:
        self.spool.add(packed)
        self.kinds[Status.FAIL, self.by_name[rule].level] += 1
        if self._emit:
            self._untold.append(packed)

    def _resume(self, resuming: Resuming) -> None:
        """Take up what earlier runs have left."""
        for packed in resuming.pending():
            self._find(rule_of(packed), packed)
        if self.spool.count:
            self.notes.append(
                f"{self.spool.count:,} findings are of a run that ended before it "
                "could report them."
            )
        for key, hit, place in resuming.hits():
            if self.seen_hits.add(key):
                self.correlated.add([(hit, place)])

    def interrupt(self, inputs: Sequence[str]) -> None:
        """Say how far the run came: no reader may take its report for the whole."""
        rest = f"what comes after {self.last} was not" if self.last else "nothing was"
        reason = f"the scan was interrupted: {rest} read"
        self.problems.append(Unreadable(inputs[0], None, reason))

    def report(self) -> Report:
        """Put everything together; there is no more input."""
        self.tell()
        gone = self.corrections.superseded()
        counted = self.event_ids.finish(gone)
        outcome = self.correlated.finish(gone, self.tally.untimed)
        more = outcome.findings
        if self.resuming:
            more = (*self.resuming.correlated(more), *self.resuming.withdrawn(gone))
            self.resuming.end()
            self.notes += self.resuming.notes
        if self.vouching:
            more = tuple(self.vouching.correlated(each) for each in more)
        if self._emit:
            for each in more:
                self._emit(each)
        unpack = functools.partial(finding, self.by_name)
        if gone:
            for each in map(unpack, self.spool):
                after = retraction.successor(each, gone)
                if after is not None:
                    self.kinds[each.status, each.rule.level] -= 1
                    if self._emit:
                        self._emit(retraction.retracted(each, after))
        found = Findings(
            self.spool,
            unpack,
            self.kinds + order.kinds(more),
            gone=gone,
            more=more,
        )
        copies = counted.copies + len(counted.came)
        statistics = Statistics(
            inputs=self.tally.inputs,
            bytes=self.tally.bytes,
            events=self.tally.records - copies,
            duplicates=copies,
            outside=self.tally.outside,
            unchecked=counted.unchecked,
            digests=self.tally.digests,
            unreadable_inputs=self.tally.unreadable_inputs,
            unreadable_records=self.tally.unreadable_records,
            rules=sum(
                isinstance(rule, DetectionRule | CorrelationRule)
                for rule in self.chosen.values()
            ),
            findings=len(found),
            shared=self.tally.shared,
            skipped=self.resuming.state.skipped if self.resuming else 0,
            repeated=self.resuming.repeated if self.resuming else 0,
            correlated=outcome.matches,
            untimed=self.tally.untimed,
            evicted_groups=outcome.evicted,
            clipped_events=outcome.clipped,
        )
        return Report(
            findings=found if self.spool.spilled else tuple(found),
            statistics=statistics,
            problems=tuple(self.problems),
            notes=(*self.notes, *outcome.notes, *self._remarks(counted.unchecked)),
        )

    def _fail(self, problems: Sequence[Unreadable]) -> None:
        self.tally.unreadable_inputs += any(each.record is None for each in problems)
        self.tally.unreadable_records += sum(
            each.record is not None for each in problems
        )
        self.problems.extend(problems[: max(MOST_PROBLEMS - len(self.problems), 0)])

    def _remarks(self, unchecked: int) -> Iterable[str]:
        if unchecked:
            yield (
                f"{unchecked:,} events could not be held against the others, for want "
                "of room in the temporary folder: there may be more duplicates."
            )
        if self.tally.shared:
            yield (
                f"{self.tally.shared:,} findings are about an action that another "
                "account's copy of the event told already (sharedEventID)."
            )
        lost = (
            self.tally.unreadable_inputs + self.tally.unreadable_records
        ) - MOST_PROBLEMS
        if lost > 0:
            yield f"more than {MOST_PROBLEMS:,} problems: the others are only counted."
