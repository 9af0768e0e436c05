"""Runs of the cases beside each rule: does it match what it must, and only that?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from checker import documents
from checker.cases import timeline
from checker.cases.read import Case
from checker.evaluate import correlation
from checker.evaluate.correlation import (
    Addresses,
    Burst,
    Label,
    Plan,
    Signal,
    nameless,
)
from checker.evaluate.detection import detector
from checker.evaluate.detection.detector import Detector
from checker.model import (
    AnyRule,
    Batch,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Event,
    Status,
    parameters_of,
)
from checker.rules import parameters
from checker.rules.correlation import timespan
from checker.rules.parameters import Parametric

if TYPE_CHECKING:
    from checker.reports.explain import Branch


class Result(msgspec.Struct, frozen=True):
    """How one case went; `reason` says what was found instead when it failed."""

    rule: str
    case: Case
    passed: bool
    reason: str = ""


def run(
    rule: AnyRule, cases: Sequence[Case], known: Sequence[AnyRule] = ()
) -> list[Result]:
    """Run the cases of a rule, on the same path as a scan or an audit.

    `known` must hold the rules that a correlation builds on.
    """
    if isinstance(rule, CorrelationRule):
        return list(_run_correlation(rule, cases, known))
    compiled = detector.compile_rules([rule] if isinstance(rule, DetectionRule) else ())
    return [_run_alone(rule, case, compiled) for case in cases]


def _run_alone(rule: Parametric, case: Case, compiled: Detector) -> Result:
    """Run a case; `compiled` is the detector of a detection as it stands."""
    wrong = list(_unfit(rule, case))
    if wrong:
        return Result(rule.name, case, passed=False, reason="\n".join(wrong))
    rule = as_set(rule, case)
    if isinstance(rule, ConfigurationRule):
        return _run_configuration(rule, case)
    if case.parameters:
        compiled = detector.compile_rules([rule])
    return _run_detection(rule, case, compiled)


def _run_detection(rule: DetectionRule, case: Case, compiled: Detector) -> Result:
    record = msgspec.json.encode(case.subject)
    batch = Batch(case.path, record, (record,), (0,))
    matched = bool(detector.evaluate(compiled, batch).matches)
    if matched == case.match:
        return Result(rule.name, case, passed=True)
    return Result(
        rule.name, case, passed=False, reason=_why(rule, case, matched=matched)
    )


def _why(rule: DetectionRule, case: Case, *, matched: bool) -> str:
    """Describe what was expected, and show the parts of the condition that decided."""
    from checker.reports.explain import explain

    expected = "a match" if case.match else "no match"
    found = "the rule matches" if matched else "the rule does not match"
    branch = explain(rule.detection.condition, dict(case.subject))
    return "\n".join([f"expected {expected}, but {found}:", *_decided(branch)])


def _decided(branch: Branch, indent: int = 1) -> list[str]:
    from checker.reports import explain, segments

    shown = segments.plain(explain.lines(explain.decisive(branch), indent=indent))
    return [line.rstrip("\n") for line in shown]


def _run_correlation(
    rule: CorrelationRule, cases: Sequence[Case], known: Sequence[AnyRule]
) -> Iterator[Result]:
    plan = correlation.plan(known, [rule])
    compiled = compile_bases(plan, known)
    for case in cases:
        yield judge(rule, plan, case, hits(compiled, case.events))


def judge(
    rule: CorrelationRule, plan: Plan, case: Case, hits: Sequence[Signal]
) -> Result:
    """Return how a case of a correlation comes out; `hits` are those of its events."""
    table = Addresses(case.addresses.items()).label
    reason = surprise(_bursts(rule, plan, hits, table), case.expect, match=case.match)
    return Result(rule.name, case, passed=reason is None, reason=reason or "")


def _run_configuration(rule: ConfigurationRule, case: Case) -> Result:
    # Whoever lints plays the cases of detections alone.
    from checker.authoring.branches import branches
    from checker.evaluate.configuration import evaluate
    from checker.sources.settings import snapshot as snapshots

    snapshot = snapshots.settle(dict(case.subject))
    outcomes = evaluate.evaluate(rule, snapshot)
    if as_expected(case, {outcome.status for outcome in outcomes}):
        return Result(rule.name, case, passed=True)
    lines = [f"expected {case.outcome.value}, but found:"]
    for outcome in outcomes:
        resource = outcome.resource
        lines.append(f"  {resource.id}: {outcome.status.value} ({outcome.reason})")
        for part, branch in branches(rule, resource, snapshot):
            lines.extend([f"    {part}", *_decided(branch, indent=3)])
    return Result(rule.name, case, passed=False, reason="\n".join(lines))


def as_set(rule: Parametric, case: Case) -> Parametric:
    """Return the rule with the parameters that a case sets."""
    return parameters.put(rule, case.parameters) if case.parameters else rule


def _unfit(rule: Parametric, case: Case) -> Iterator[str]:
    known = parameters_of(rule)
    for name, value in case.parameters.items():
        if name not in known:
            hint = documents.nearest(name, list(known))
            yield f"the rule has no parameter '{name}'{hint}"
        elif said := parameters.misfit(known[name], value):
            yield f"'{name}' {said}"


def as_expected(case: Case, statuses: Collection[Status]) -> bool:
    """Return whether the outcomes on a snapshot's resources are what a case expects."""
    if case.match:
        return case.outcome in statuses
    return set(statuses) <= {case.outcome, Status.NOT_APPLICABLE} and (
        case.outcome in statuses or case.outcome is Status.PASS
    )


def play(
    rule: CorrelationRule,
    plan: Plan,
    known: Sequence[AnyRule],
    events: Sequence[Event],
    label: Label = nameless,
) -> list[Burst]:
    """Return the bursts of one correlation on some events, on the path of a scan."""
    return _bursts(rule, plan, hits(compile_bases(plan, known), events), label)


def compile_bases(plan: Plan, known: Sequence[AnyRule]) -> Detector:
    """Compile the detections that a plan's correlations build on."""
    bases = [
        each
        for each in known
        if isinstance(each, DetectionRule) and each.name in plan.carried
    ]
    return detector.compile_rules(bases, plan.carried)


def hits(compiled: Detector, events: Sequence[Event]) -> Sequence[Signal]:
    """Return the hits of compiled detections on some events."""
    return list(detector.evaluate(compiled, as_batch(events)).hits)


def _bursts(
    rule: CorrelationRule, plan: Plan, hits: Sequence[Signal], label: Label
) -> list[Burst]:
    found = correlation.correlate(plan, hits, label=label).bursts
    return [burst for burst in found if burst.rule == rule.name]


def as_batch(events: Sequence[Event]) -> Batch:
    """Return some events as a batch, in their order."""
    records = tuple(msgspec.json.encode(event) for event in events)
    return Batch("case", b"\n".join(records), records, tuple(range(len(records))))


def surprise(
    bursts: Sequence[Burst], expected: Mapping[str, Any] | None, *, match: bool
) -> str | None:
    """Describe what is otherwise than a case expects; None when nothing is.

    `expected` may name the group (`group`), when the condition first holds (`at`), how
    many events there are (`count`) and how many findings (`findings`).
    """
    said = "; ".join(_said(burst) for burst in bursts) or "nothing"
    if not match:
        return f"expected nothing, but found {said}" if bursts else None
    expected = expected or {}
    number = expected.get("findings")
    if number is not None and number != len(bursts):
        return f"expected {number} findings, but found {len(bursts)}: {said}"
    if any(_agrees(burst, expected) for burst in bursts):
        return None
    wanted = ", ".join(f"{key} {value}" for key, value in expected.items())
    return f"expected a finding {wanted}".rstrip() + f", but found {said}"


def _agrees(burst: Burst, expected: Mapping[str, Any]) -> bool:
    group = expected.get("group", {})
    if any(burst.group.get(name) != value for name, value in group.items()):
        return False
    if "at" in expected and timespan(expected["at"]) != _offset(burst):
        return False
    return bool(expected.get("count", burst.count) == burst.count)


def _said(burst: Burst) -> str:
    group = ", ".join(f"{name} {value}" for name, value in burst.group.items())
    return f"{burst.count} events at {_offset(burst)} s ({group or 'no group'})"


def _offset(burst: Burst) -> int:
    return burst.fired.time // 1000 - int(timeline.BEGINNING.timestamp())
