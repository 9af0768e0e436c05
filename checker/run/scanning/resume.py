"""Let a scan go on from what earlier ones did (`run.state`)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from checker.evaluate.correlation import HitColumns, Plan, Signal
from checker.model import (
    SUBJECT,
    AnyRule,
    CorrelationRule,
    DetectionRule,
    Finding,
    Match,
    Status,
)
from checker.run.scanning.fingerprints import dedup_key, fingerprint, hit_key
from checker.run.scanning.matches import checked
from checker.run.scanning.pending_rules import Owners, described
from checker.run.scanning.retraction import retracted
from checker.run.scanning.scanned import Scanned
from checker.run.scanning.state import State
from checker.spill.key_set import KeySet

_AT_ONCE = 4_096


class Resuming:
    """One scan that goes on from a state, and what it leaves to the next.

    `repeated` counts the findings that an earlier scan has told.
    """

    def __init__(
        self, state: State, rules: Mapping[str, AnyRule], plan: Plan, *, tells: bool
    ) -> None:
        """Look at the state; `tells` says that findings are told as they are found."""
        self._kept: set[str] = set()
        self._outside = self._failed = False
        self.state = state
        self.repeated = 0
        self.notes: list[str] = []
        self._rules = rules
        self._plan = plan
        self._tells = tells
        self._old: set[str] = set()
        self._seen_hits = KeySet()
        digest = rules_digest(rules.values())
        known = state.fact("rules")
        self._same = known == digest
        if known is not None and not self._same:
            self.notes.append(
                "the rules are not those of the earlier runs: what these have scanned "
                f"is not scanned again (remove {state.path} to scan all of it)."
            )
            state.forget_hits()
        state.set_fact("rules", digest)

    def pending(
        self, known: Mapping[str, AnyRule]
    ) -> Iterator[tuple[Match, DetectionRule]]:
        """Return the findings of a scan that was killed, and the rule of each.

        Whatever the rules are today: a finding that was found has to be told.  `known`
        are all rules there are, by name.  Raises `UsageError` for what is no finding.
        """
        owners = Owners(known.values(), self.state.rule)
        for kept in self.state.pending():
            match = checked(kept)
            if match is None:
                raise self.state.damaged("a finding")
            try:
                rule = owners.of(match.rule)
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise self.state.damaged("a rule") from error
            yield match, rule

    def hits(self) -> Iterator[HitColumns]:
        """Yield the matches that earlier scans left, each once, some at a time."""
        left = self._left()
        while some := list(itertools.islice(left, _AT_ONCE)):
            yield HitColumns.of(some)

    def _left(self) -> Iterator[Signal]:
        fields = {name: len(some) for name, some in self._plan.carried.items()}
        for key, hit, judged in self.state.hits(fields):
            if judged:
                self._old.add(hit.event)
            if self._seen_hits.add(key):
                yield hit

    def is_new(self, key: bytes) -> bool:
        """Return whether a finding was not told by an earlier scan; remember it."""
        new = self.state.add(key)
        self.repeated += not new
        return new

    def take(self, match: Match) -> None:
        """Keep a finding until it has been reported, unless it is told at once."""
        if self._tells:
            return
        if match.rule not in self._kept:
            self._kept.add(match.rule)
            self.state.keep_rule(match.rule, described(self._rules[match.rule]))
        # What covers it is found out again: the next run may have other exceptions.
        self.state.pend(list(match._replace(accepted=None))[:-1])

    def keep(self, hits: HitColumns) -> HitColumns:
        """Keep matches for the next scan, and return those that did not come before."""
        new: list[Signal] = []
        for hit in hits:
            key = hit_key(hit)
            if self._seen_hits.add(key):
                self.state.keep_hit(key, hit)
                new.append(hit)
        return HitColumns.of(new)

    def scanned(self, scanned: Scanned[object]) -> None:
        """Remember an input, unless something kept it from being read to its end.

        One with events outside the period is read again: the next may be another.
        """
        self._outside |= bool(scanned.outside)
        self._failed |= any(each.record is None for each in scanned.problems)
        if not scanned.last:
            return
        if not (self._outside or self._failed):
            self.state.scanned(scanned.uri)
        self._outside = self._failed = False

    def correlated(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Leave out the findings of correlations that earlier scans could tell.

        Those are the ones that they did tell, and the ones without a new event.
        """
        found = []
        for each in findings:
            events = {event["id"] for event in each.evidence["events"]}
            if events <= self._old and "eventsNotListed" not in each.evidence:
                continue
            if self.is_new(dedup_key(each.fingerprint)):
                found.append(each)
        return tuple(found)

    def withdrawn(self, gone: Mapping[str, str]) -> Iterator[Finding]:
        """Take back what earlier scans told of events that are corrected now."""
        for event, after in gone.items():
            for rule in self._rules.values():
                if not isinstance(rule, DetectionRule):
                    continue
                mark = fingerprint(rule, f"event\x1f{event}")
                if self.state.told_before(dedup_key(mark)):
                    subject = {"type": "event", "id": event, **dict.fromkeys(SUBJECT)}
                    told = Finding(
                        rule=rule,
                        status=Status.FAIL,
                        subject=subject,
                        location=None,
                        evidence={},
                        message=rule.title,
                        fingerprint=mark,
                    )
                    yield retracted(told, after)

    def end(self) -> None:
        """Leave to the next scan what its correlations can reach."""
        self.state.correlated = tuple(self._plan.carried)
        lost = self.state.forget_hits(reach(self._plan))
        if lost:
            self.notes.append(
                f"{lost:,} matches could not be kept for the next run: its "
                "correlations may miss what reaches back to them."
            )


def reach(plan: Plan) -> dict[str, int]:
    """Return how far back, in ms, correlations look for the matches of each rule."""
    steps = {each.rule.name: each for each in plan.steps}
    found: dict[str, int] = {}

    def walk(name: str, above: int) -> None:
        step = steps.get(name)
        if step is None:
            found[name] = max(found.get(name, 0), above)
            return
        for base in step.bases:
            walk(base.name, above + step.rule.correlation.timespan * 1000)

    for name in steps:
        walk(name, 0)
    return found


def rules_digest(rules: Iterable[AnyRule]) -> str:
    """Return a hash of what the rules over events say, what their order or place."""
    said = sorted(
        f"{rule.id}\x1f{rule.name}\x1f{rule.level.value}\x1f{block!r}"
        f"{_lowering(rule)}{_precedence(rule)}"
        for rule in rules
        if (block := _block(rule)) is not None
    )
    return hashlib.sha256("\x1e".join(said).encode()).hexdigest()


def _lowering(rule: AnyRule) -> str:
    lowering = rule.lowered_by if isinstance(rule, DetectionRule) else {}
    return f"\x1f{dict(lowering)!r}" if lowering else ""


def _precedence(rule: AnyRule) -> str:
    names = rule.instead_of if isinstance(rule, DetectionRule) else ()
    return f"\x1finstead of {sorted(names)!r}" if names else ""


def _block(rule: AnyRule) -> object:
    if isinstance(rule, DetectionRule):
        return rule.detection.condition
    return rule.correlation if isinstance(rule, CorrelationRule) else None
