"""Put together what the inputs of a scan gave: findings and counts."""

from __future__ import annotations

import functools
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from checker.evaluate.correlation import Addresses, Learned
from checker.model import (
    AnyRule,
    CorrelationRule,
    DetectionRule,
    Finding,
    Level,
    Match,
    Report,
    Status,
    Unreadable,
)
from checker.parallel.signals import defer_sigint
from checker.reports import order
from checker.rules.exceptions import Covers
from checker.run.policy.policy import NONE, Policy, over_events
from checker.run.scanning import retraction
from checker.run.scanning.correlations import Correlations
from checker.run.scanning.findings import Findings, Spool
from checker.run.scanning.fingerprints import dedup_key, hit_key, shared_key
from checker.run.scanning.job import make_job
from checker.run.scanning.matches import finding
from checker.run.scanning.scanned import Scanned
from checker.run.scanning.tally import Tally
from checker.spill.key_set import KeySet

if TYPE_CHECKING:
    from checker.run.scanning.log_validation import LogFileValidation
    from checker.run.scanning.resume import Resuming
    from checker.run.scanning.state import State

Emit = Callable[[Finding], None]
"""Called with each finding, in the order of the inputs."""

_AT_ONCE = 256
"""After so many findings Ctrl-C is heard again."""


class ScanCollector:
    """What a run has found so far, and what it must remember to go on."""

    def __init__(  # noqa: PLR0913 - what `scan` is given
        self,
        rules: Iterable[AnyRule],
        bases: Iterable[AnyRule],
        *,
        learned: Learned | None,
        addresses: Addresses | None,
        emit: Emit | None,
        state: State | None,
        policy: Policy = NONE,
    ) -> None:
        bases = list(bases)
        self.policy = policy
        self.job = make_job(rules, bases, policy=policy)
        self.chosen = {rule.name: rule for rule in self.job.chosen}
        known = {rule.name: rule for rule in bases} | self.chosen
        plan = self.job.plan
        self.by_name = {rule.name: rule for rule in self.job.detections}
        self.tally = Tally()
        self.shared = self.known = 0
        self.notes: list[str] = []
        self.correlated = Correlations(
            self.chosen, plan, learned, addresses=addresses, policy=policy
        )
        self.seen = KeySet()
        self.seen_hits = KeySet()
        self.spool = Spool()
        self._found: Counter[tuple[str, bool]] = Counter()
        self._suppressed = 0
        self._emit = emit
        self._untold: deque[Match] = deque()
        self.vouching: LogFileValidation | None = None
        self.resuming: Resuming | None = None
        if state is not None:
            from checker.run.scanning.resume import Resuming

            self.resuming = Resuming(state, self.chosen, plan, tells=emit is not None)
            self._resume(self.resuming, known)

    def take(self, scanned: Scanned[Match]) -> None:
        """Take a piece of what one input gave."""
        if self.vouching:
            scanned = self.vouching.take(scanned)
        self.tally.take(scanned)
        self.take_matches(scanned.matches)
        if scanned.hits:
            hits = [hit for hit in scanned.hits if self.seen_hits.add(hit_key(hit))]
            self.correlated.add(hits)
            if self.resuming:
                self.resuming.keep(hits)
        if self.resuming:
            self.resuming.scanned(scanned)

    def take_matches(self, matches: Iterable[Match]) -> None:
        """Take the matches of a piece."""
        for match in matches:
            self._match(match)

    def _match(self, match: Match) -> None:
        """Take a match, unless it was found before."""
        key = dedup_key(match.fingerprint)
        if not self.seen.add(key) or self._is_known(match):
            return
        if self.resuming and not self.resuming.is_new(key):
            return
        shared = shared_key(self.by_name[match.rule], match.evidence)
        if shared is not None:
            self.shared += not self.seen.add(shared)
        self._find(match)
        if self.resuming:
            self.resuming.take(match)

    def _is_known(self, match: Match) -> bool:
        """Return whether the baseline has a finding, and count it."""
        known = self.policy.knows(match.fingerprint, Status.FAIL)
        self.known += known
        return known

    def tell(self) -> None:
        """Emit the findings that are certain; each exactly once, also with Ctrl-C."""
        while self._emit and self._untold:
            with defer_sigint():
                for _ in range(min(len(self._untold), _AT_ONCE)):
                    self._emit(finding(self.by_name, self._untold[0]))
                    self._untold.popleft()

    def _find(self, match: Match) -> None:
        match = self.policy.of_match(self.by_name[match.rule], match)
        self.spool.add(match)
        if match.accepted:
            self._suppressed += 1
        else:
            self._found[match.rule, match.lowered] += 1
        if self._emit:
            self._untold.append(match)

    def _resume(self, resuming: Resuming, known: Mapping[str, AnyRule]) -> None:
        """Take up what earlier runs have left."""
        for match, rule in resuming.pending(known):
            name = rule.name
            if self.by_name.setdefault(name, rule) is not rule:
                # Another rule has the name today.
                name = f"{rule.name}\x1f{rule.id}"
                self.by_name[name] = rule
            if not self._is_known(match):
                self._find(match._replace(rule=name))
        if self.spool.count:
            self.notes.append(
                f"{self.spool.count:,} findings are of a run that ended before it "
                "could report them."
            )
        for key, hit in resuming.hits():
            if self.seen_hits.add(key):
                self.correlated.add([hit])

    def interrupt(self, inputs: Sequence[str]) -> None:
        """Return how far the run came: no reader may take its report for the whole."""
        rest = (
            f"what comes after {self.tally.last} was not"
            if self.tally.last
            else "nothing was"
        )
        reason = f"the scan was interrupted: {rest} read"
        self.tally.problems.append(Unreadable(inputs[0], None, reason))

    def report(self) -> Report:
        """Put everything together; there is no more input."""
        self.tell()
        self._note_nothing()
        gone = self.tally.superseded()
        counted = self.tally.count(gone)
        outcome = self.correlated.finish(gone, self.tally.untimed)
        more = tuple(self.policy.new(outcome.findings))
        known = self.known + len(outcome.findings) - len(more)
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
                    if each.suppressed:
                        self._suppressed -= 1
                    else:
                        self._found[each.rule.name, each.lowered] -= 1
                    if self._emit:
                        self._emit(retraction.retracted(each, after))
        found = Findings(
            self.spool,
            unpack,
            self._kinds() + order.kinds(more),
            gone=gone,
            more=more,
            suppressed=self._suppressed + order.suppressed(more),
        )
        statistics = self.tally.statistics(
            counted,
            {
                "rules": sum(
                    isinstance(rule, DetectionRule | CorrelationRule)
                    for rule in self.chosen.values()
                ),
                "findings": len(found),
                "suppressed": found.suppressed,
                "known": known,
                "shared": self.shared,
                "skipped": self.resuming.state.skipped if self.resuming else 0,
                "repeated": self.resuming.repeated if self.resuming else 0,
                "correlated": outcome.matches,
                "ungrouped": outcome.ungrouped,
                "evicted_groups": outcome.evicted,
                "clipped_events": outcome.clipped,
            },
        )
        return Report(
            findings=found if self.spool.spilled else tuple(found),
            statistics=statistics,
            problems=tuple(self.tally.problems),
            notes=(
                *self.notes,
                *outcome.notes,
                *self.tally.notes(counted),
                *self._repeats(),
                *self.policy.notes(over_events(self.chosen.values()), Covers.FINDINGS),
            ),
        )

    def _note_nothing(self) -> None:
        """Report a run that read nothing as incomplete: it is never an all-clear."""
        tally = self.tally
        skipped = self.resuming.state.skipped if self.resuming else 0
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
        for (name, lowered), number in self._found.items():
            level = self.by_name[name].level
            kinds[Status.FAIL, level.lowered if lowered else level] += number
        return kinds

    def _repeats(self) -> Iterator[str]:
        if self.shared:
            yield (
                f"{self.shared:,} findings repeat an action that was already "
                "reported from the event of another account (sharedEventID)."
            )
