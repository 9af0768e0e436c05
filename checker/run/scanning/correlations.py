"""Turn what correlations found into findings and notes."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from checker.correlation_types import Ending, duration, kind
from checker.evaluate import correlation
from checker.evaluate.correlation import (
    MOST_GROUPS,
    Addresses,
    Burst,
    Counts,
    HitColumns,
    Learned,
    Plan,
    Prospects,
    Sieve,
    Signal,
    Span,
    first_of,
    nameless,
)
from checker.evaluate.correlation.hit_columns import unpack
from checker.model import (
    Acceptance,
    AnyRule,
    CorrelationRule,
    Finding,
    Location,
    Status,
)
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.findings import Spill
from checker.run.scanning.fingerprints import fingerprint, hit_key
from checker.spill.external_sort import MOST_HELD, Sorter
from checker.spill.key_set import KeySet

MOST_KEPT = 100_000
"""How many matches are kept in memory as columns, at most 800 bytes each."""

AT_ONCE = 8_192
"""How many matches are counted at once: much of what that takes is for all of them."""


class Judged(msgspec.Struct, frozen=True):
    """What correlations gave, of all matches of a run or of a share of them.

    `matches` were judged, of the rules that are `fed`; `counts` by correlation.
    """

    bursts: tuple[Burst, ...] = ()
    counts: Mapping[str, Counts] = msgspec.field(default_factory=dict)
    matches: int = 0
    fed: frozenset[str] = frozenset()


class Outcome(msgspec.Struct, frozen=True):
    """What the correlations of a run gave, and what has to be said of them.

    `matches` were judged; for want of room `evicted` groups were forgotten and
    `clipped` events left full windows early, so that a finding may be missing.
    """

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    matches: int = 0
    ungrouped: int = 0
    evicted: int = 0
    clipped: int = 0


class Correlations:
    """The correlations of one run: takes its matches in any order, then judges them.

    `rules` are those that may report, by name; `learned` is what the `first_seen` ones
    have seen before, and `addresses` a table of the user's for those with labels.
    Memory is that of `MOST_KEPT` matches, and of `most` that some correlation has to
    look at (the rest is on the disk), and of the groups that are open at one time.
    `span` is that of the run, where what comes here is a share of its matches.

    Matches are only counted as they come (`Prospects`), and kept as columns.  What is
    looked at of a match, whether it came before and its place in the order of time, is
    worked out at the end, for those that some correlation has to look at.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that the answer depends on
        self,
        rules: Mapping[str, AnyRule],
        plan: Plan,
        learned: Learned | None = None,
        *,
        addresses: Addresses | None = None,
        policy: Policy = NONE,
        span: Span | None = None,
        most: int = MOST_HELD,
        most_groups: int = MOST_GROUPS,
    ) -> None:
        """Begin with no match."""
        self._rules = rules
        self._plan = plan
        self._learned = learned
        self._addresses = addresses
        self._policy = policy
        self._label = addresses.label if addresses else nameless
        self._most = most
        self._span = span
        self._most_groups = most_groups
        self._held: list[HitColumns] = []
        self._number = 0
        self._matches = 0
        self._fed: set[str] = set()
        self.has_nameless = False
        self._begin()

    def _begin(self) -> None:
        """Begin to count and to keep."""
        self._kept = Spill(HitColumns.pack, unpack, MOST_KEPT)
        self._prospects = Prospects(
            self._plan, self._label, learned=self._learned is not None, span=self._span
        )

    def add(self, hits: HitColumns) -> None:
        """Take matches."""
        if self._plan.steps and hits:
            self._held.append(hits)
            self._number += len(hits)
            if self._number >= AT_ONCE:
                self._count()

    def _count(self) -> None:
        """Count what is held, and keep it as columns."""
        if self._held:
            hits = HitColumns.joined(self._held)
            self.has_nameless |= hits.has_nameless
            self._prospects.add(hits)
            self._kept.add(hits, len(hits))
            self._held, self._number = [], 0

    def finish(
        self, gone: Collection[str] = (), untimed: int = 0, *, copies: bool = False
    ) -> Outcome:
        """Correlate what was taken, as `judge` does.

        `untimed` matches had no eventTime and could not be correlated.  There is
        nothing to take or to give after this.
        """
        return self.outcome([self.judge(gone, copies=copies)], untimed)

    def judge(self, gone: Collection[str] = (), *, copies: bool = False) -> Judged:
        """Correlate what was taken, and leave to `outcome` what is said of it.

        But for the events that others correct (`gone`) and, with `copies`, all but the
        first of those that came several times.
        """
        if not self._plan.steps:
            return Judged()
        self._count()
        if gone or copies:
            self._leave_out(gone, copies=copies)
        prospects = self._prospects.found()
        with contextlib.closing(Sorter(self._most)) as sorter:
            span = self._chosen(Sieve(self._plan, self._label, prospects), sorter)
            found = correlation.correlate(
                self._plan,
                sorter.drain(),
                ordered=True,
                most_groups=self._most_groups,
                learned=self._learned,
                label=self._label,
                prospects=prospects,
                span=self._span or span,
            )
        bursts = [
            burst
            for burst in found.bursts
            if burst.rule in self._rules and burst.rule not in self._plan.quiet
        ]
        return Judged(tuple(bursts), found.counts, self._matches, frozenset(self._fed))

    def _leave_out(self, gone: Collection[str], *, copies: bool) -> None:
        """Count again, without what does not count."""
        kept, seen = self._kept, KeySet()
        self._begin()
        for hits in kept:
            counted = [
                hit
                for hit in hits
                if hit.event not in gone and (not copies or seen.add(hit_key(hit)))
            ]
            self.add(HitColumns.of(counted))
        self._count()

    def _chosen(self, sieve: Sieve, sorter: Sorter) -> Span | None:
        """Sort the matches to look at, and return the span of all."""
        ends: list[int] = []
        for hits in self._kept:
            self._matches += len(hits)
            self._fed.update(hits.rules)
            sorter.add(hits.at(sieve.rows(hits)))
            ends += hits.span
        return (min(ends), max(ends)) if ends else None

    def outcome(self, judged: Iterable[Judged], untimed: int) -> Outcome:
        """Put together what was judged in shares, as if it had been in one."""
        if not self._plan.steps:
            return Outcome()
        bursts: list[Burst] = []
        counts = {step.rule.name: Counts() for step in self._plan.steps}
        matches, fed = 0, set[str]()
        for each in judged:
            bursts += each.bursts
            matches += each.matches
            fed |= each.fed
            for name, some in each.counts.items():
                counts[name] += some
        ranks = {name: rank for rank, name in enumerate(counts)}
        bursts.sort(key=lambda burst: (ranks[burst.rule], *first_of(burst)))
        # Without a label a match is in no group of these, whatever it has.
        labelled = {
            step.rule.name for step in self._plan.steps if step.rule.correlation.labels
        }
        return Outcome(
            findings=tuple([self.finding(burst) for burst in bursts]),
            notes=(
                *_notes(counts, untimed),
                *self._unlabelled(fed),
                *self._without_learned(fed),
            ),
            matches=matches,
            ungrouped=sum(
                some.ungrouped for name, some in counts.items() if name not in labelled
            ),
            evicted=sum(some.evicted for some in counts.values()),
            clipped=sum(some.clipped for some in counts.values()),
        )

    def finding(self, burst: Burst) -> Finding:
        """Make the finding of a burst, marked if an exception covers it."""
        rule = self._rules[burst.rule]
        assert isinstance(rule, CorrelationRule)
        return _finding(rule, burst, self._policy.of_burst(rule.name, burst))

    def _unlabelled(self, fed: Container[str]) -> Iterator[str]:
        """Name the rules that would have looked at what came, but for a table."""
        names = [
            step.rule.name
            for step in self._plan.steps
            if step.rule.correlation.labels
            and step.rule.name in self._rules
            and any(base.name in fed for base in step.bases)
        ]
        if names and self._addresses is None:
            verb, pronoun = (
                ("was", "it needs") if len(names) == 1 else ("were", "they need")
            )
            yield f"{', '.join(names)} {verb} not evaluated: {pronoun} --addresses."

    def _without_learned(self, fed: Container[str]) -> Iterator[str]:
        """Count the rules that would have looked at what came, had they learned."""
        number = sum(
            kind(step.rule.correlation.type).needs_learned
            and step.rule.name in self._rules
            and any(base.name in fed for base in step.bases)
            for step in self._plan.steps
        )
        if number and self._learned is None:
            rules = "1 first_seen rule" if number == 1 else f"{number} first_seen rules"
            yield (
                f"{rules} with matches reported nothing without a learned file: make "
                "one with trailcheck learn FILE LOGS, then pass --learned FILE."
            )


def location(hit: Signal) -> Location | None:
    """Return where a hit stands, if it says so."""
    return Location(hit.uri, hit.record, *hit.place) if hit.place else None  # type: ignore[arg-type] # in this order


def _finding(
    rule: CorrelationRule, burst: Burst, suppressed: Acceptance | None
) -> Finding:
    reason = sentence(rule, burst)
    group = "\x1f".join(f"{name}={value}" for name, value in burst.group.items())
    return Finding(
        rule=rule,
        status=Status.FAIL,
        subject=burst.last.subject(),
        location=location(burst.last),
        evidence=dict(_evidence(rule, burst)),
        message=f"{rule.title}: {reason}",
        fingerprint=fingerprint(rule, f"burst\x1f{group}\x1f{burst.first.identity}"),
        reason=reason,
        suppressed=suppressed,
    )


def _evidence(rule: CorrelationRule, burst: Burst) -> Iterator[tuple[str, Any]]:
    """Return the evidence: the group, the measure, the time, and the events."""
    yield from burst.group.items()
    block = rule.correlation
    yield "count", burst.count
    if kind(block.type).is_measured:
        measure = block.type.value
        field = block.condition.get("field", ())
        named = field if isinstance(field, str) else ", ".join(field)
        yield (f"{measure}({named})" if named else measure), burst.value
    if burst.values:
        yield "values", [list(v) if isinstance(v, tuple) else v for v in burst.values]
    yield "first", burst.first.event_time
    yield "last", burst.last.event_time
    if burst.open:
        yield "inputEndsEarly", True
        yield "lookedUntil", moment(burst.until)
    yield (
        "events",
        [{"id": hit.event_id, "location": location(hit)} for hit in burst.events],
    )
    if burst.count > len(burst.events):
        yield "eventsNotListed", burst.count - len(burst.events)


def sentence(rule: CorrelationRule, burst: Burst) -> str:
    """Describe in one sentence how many events, of what group, over which time."""
    events = "1 event" if burst.count == 1 else f"{burst.count:,} events"
    parts = [events]
    if burst.group:
        named = (f"{_short(name)} {value}" for name, value in burst.group.items())
        parts.append("for " + " and ".join(named))
    begin, end = burst.first.event_time, burst.last.event_time
    parts.append(f"from {begin} to {end}" if end != begin else f"at {begin}")
    ending = Ending(
        duration(rule.correlation.timespan),
        burst.values,
        moment(burst.until) if burst.open else None,
    )
    parts.append(kind(rule.correlation.type).outcome(ending))
    return f"{' '.join(filter(None, parts))}."


def moment(time: int | None) -> str:
    """Return a time (ms since 1970) as CloudTrail writes it."""
    return f"{datetime.fromtimestamp((time or 0) / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _short(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _notes(found: Mapping[str, Counts], untimed: int) -> Iterator[str]:
    """Describe what was left out: a result that may be incomplete says so."""
    if untimed:
        yield (
            f"{untimed:,} matches have no readable eventTime and were not correlated."
        )
    for name, counts in found.items():
        if counts.evicted:
            yield (
                f"{name} may have missed findings: {counts.evicted:,} groups were "
                "evicted (limit reached)."
            )
        if counts.clipped:
            yield (
                f"{name} may have missed something: {counts.clipped:,} events left "
                "full windows early."
            )
