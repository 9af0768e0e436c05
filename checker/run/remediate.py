"""Find one change for each trail that fixes what rules report.

PutEventSelectors replaces all selectors of a trail, so what several rules need of the
same trail goes into one change.  Each answer is held against the rule itself: with the
change made, the rule has to be visible, or to pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.change import Change, NoChange, Remedy
from checker.errors import UsageError
from checker.evaluate.configuration import evaluate
from checker.evaluate.recording import visibility as judge
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.recorder import Recorders
from checker.evaluate.remediation import apply, remedy
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Event,
    Status,
    Unreadable,
)
from checker.run.settings import Given, read_settings
from checker.run.visibility import judge_all, sample_events

_MEND = frozenset({Status.FAIL, Status.BLIND, Status.PARTIAL, Status.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Remediation:
    """The fixes of one source of settings; `unknown` rules cannot be judged from it."""

    uri: str
    remedies: tuple[Remedy, ...]
    unknown: bool


@dataclass(frozen=True, slots=True)
class _Complaint:
    """A rule that is blind or fails, what it lacks, and on which trail if on one."""

    rule: AnyRule
    resource: str | None
    needs: tuple[Need, ...]
    status: Status
    reason: str


def remediate(
    rules: Iterable[AnyRule],
    paths: Sequence[str | Path],
    settings: Given,
    named: Sequence[str] = (),
) -> Remediation | Unreadable:
    """Return the changes that fix rules: those named, or all that are blind or fail.

    `paths` are the folders that the rules come from, `settings` one source.  A
    configuration rule that fails for another reason than what trails record is none of
    remediation's, unless it is named.  Raises `UsageError` for a name that no rule has.
    """
    every = list(rules)
    chosen = [rule for rule in every if not named or {rule.name, rule.id} & {*named}]
    missing = {*named} - {key for rule in chosen for key in (rule.name, rule.id)}
    if missing:
        raise UsageError(f"no rule is named {', '.join(sorted(missing))}")
    samples = sample_events(every, paths)
    read, problems = read_settings(settings)
    for problem in problems:
        return problem
    (one,) = read
    plan = _Plan(chosen, every, samples, one.snapshot, named=bool(named))
    return plan.make(one.uri)


class _Plan:
    """One change for each trail, grown rule by rule."""

    def __init__(
        self,
        chosen: Sequence[AnyRule],
        every: Sequence[AnyRule],
        samples: Mapping[str, list[Event]],
        snapshot: Mapping[str, Any],
        *,
        named: bool,
    ) -> None:
        self.chosen = chosen
        self.every = every
        self.samples = dict(samples)
        self.snapshot = snapshot
        self.named = named
        self.changes: dict[str, Change] = {}
        self.answers: dict[object, Change | NoChange] = {}
        self.recorders = Recorders()
        self.needs: dict[str, tuple[Need, ...]] = {}
        self.fixed: dict[str, list[str]] = {}
        self.blocked: dict[NoChange, list[str]] = {}

    def make(self, uri: str) -> Remediation:
        """Work through all complaints, those with the fewest needs last."""
        for complaint in self._complaints():
            self._mend(complaint)
        remedies = [
            *(
                Remedy(_once(self.fixed[arn]), self.changes[arn])
                for arn in self.changes
            ),
            *(Remedy(_once(names), answer) for answer, names in self.blocked.items()),
        ]
        unknown = any(answer.outcome == "unknown" for answer in self.blocked)
        return Remediation(uri, tuple(remedies), unknown)

    def _complaints(self) -> Iterator[_Complaint]:
        for rule in self.chosen:
            if not isinstance(rule, ConfigurationRule):
                continue
            for outcome in evaluate.evaluate(rule, self.snapshot, self.recorders):
                if outcome.status in _MEND and (outcome.needs or self.named):
                    where = outcome.resource.id
                    yield _Complaint(
                        rule, where, outcome.needs, outcome.status, outcome.reason
                    )
        wanted = {rule.name for rule in self.chosen}
        rules = [rule for rule in self.every if not isinstance(rule, ConfigurationRule)]
        for rule, answer in judge_all(rules, self.samples, self.snapshot):
            if rule.name in wanted and answer.status in _MEND:
                yield _Complaint(rule, None, answer.needs, answer.status, answer.reason)

    def _mend(self, complaint: _Complaint) -> None:
        name = complaint.rule.name
        base = self._applied(self.changes)
        if self.changes and self._is_fixed(complaint, base):
            self._credit(complaint)
            return
        if not complaint.needs:
            unknown = complaint.status is Status.UNKNOWN
            without = NoChange(
                complaint.reason
                if unknown
                else "it fails for another reason than what trails record",
                (),
                "unknown" if unknown else "blocked",
            )
            self.blocked.setdefault(without, []).append(name)
            return
        first: NoChange | None = None
        for needs in _attempts(complaint.needs):
            answer = self._answer(base, needs, complaint.resource)
            refused = (
                self._grow(complaint, answer.trail_arn, needs)
                if isinstance(answer, Change)
                else answer
            )
            if refused is None:
                return
            first = first or refused
        assert first is not None
        self.blocked.setdefault(first, []).append(name)

    def _answer(
        self, base: Mapping[str, Any], needs: Sequence[Need], prefer: str | None
    ) -> Change | NoChange:
        """Return the remedy of needs, which many rules share, until a change grows."""
        key = (*needs, prefer)
        if key not in self.answers:
            self.answers[key] = remedy(base, needs, prefer=prefer)
        return self.answers[key]

    def _grow(
        self, complaint: _Complaint, arn: str, needs: Sequence[Need]
    ) -> NoChange | None:
        """Add needs to the change of one trail; None when it fixes the rule."""
        others = {key: each for key, each in self.changes.items() if key != arn}
        together = _once([*self.needs.get(arn, ()), *needs])
        grown = remedy(self._applied(others), together, only=arn)
        if isinstance(grown, NoChange):
            return grown
        if not self._is_fixed(complaint, self._applied({**others, arn: grown})):
            reason = "what its condition asks is not met by more selectors alone"
            return NoChange(reason, (), "blocked")
        self.changes[arn] = grown
        self.answers.clear()
        self.needs[arn] = together
        self.fixed.setdefault(arn, []).append(complaint.rule.name)
        return None

    def _credit(self, complaint: _Complaint) -> None:
        """Note which change fixes a rule that needs no more."""
        for arn, change in self.changes.items():
            if self._is_fixed(complaint, self._applied({arn: change})):
                self.fixed[arn].append(complaint.rule.name)
                return
        for arn in self.changes:
            self.fixed[arn].append(complaint.rule.name)

    def _applied(self, changes: Mapping[str, Change]) -> Mapping[str, Any]:
        snapshot = self.snapshot
        for change in changes.values():
            snapshot = apply(snapshot, change)
        return snapshot

    def _is_fixed(self, complaint: _Complaint, snapshot: Mapping[str, Any]) -> bool:
        """Evaluate the rule anew."""
        rule = complaint.rule
        if isinstance(rule, ConfigurationRule):
            return all(
                outcome.status not in _MEND
                for outcome in evaluate.evaluate(rule, snapshot, self.recorders)
                if outcome.resource.id == complaint.resource
            )
        if isinstance(rule, DetectionRule):
            samples = self.samples.get(rule.name, [])
            answer = judge.of_detection(rule, samples, snapshot, self.recorders)
            return answer.status is Status.VISIBLE
        assert isinstance(rule, CorrelationRule)
        return any(
            each is rule and answer.status is Status.VISIBLE
            for each, answer in judge_all(self._family(rule), self.samples, snapshot)
        )

    def _family(self, rule: AnyRule) -> list[AnyRule]:
        """Return a correlation with the rules that it stands on, and theirs."""
        if not isinstance(rule, CorrelationRule):
            return [rule]
        bases = [
            each
            for each in self.every
            if {each.name, each.id} & {*rule.correlation.rules} and each is not rule
        ]
        return [*(each for base in bases for each in self._family(base)), rule]


def _attempts(needs: Sequence[Need]) -> Iterator[Sequence[Need]]:
    """Return each need alone, for one may do where a condition says "or"; then all."""
    if len(needs) > 1:
        yield from ([need] for need in needs)
    yield needs


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))
