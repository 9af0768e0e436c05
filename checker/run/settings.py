"""Evaluate settings: configuration rules, and what detections could see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from checker import rules as loader
from checker.cases import read as cases
from checker.conditions import Cause
from checker.errors import DocumentError, RulesError, UsageError
from checker.evaluate.configuration import evaluate
from checker.evaluate.recording import visibility as judge
from checker.evaluate.recording.visibility import Visibility
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Event,
    Finding,
    Location,
    Report,
    Statistics,
    Status,
    Unreadable,
)
from checker.run.scanning.fingerprints import fingerprint
from checker.sources.settings import account
from checker.sources.settings import read as sources
from checker.sources.settings import snapshot as snapshots

Given: TypeAlias = Sequence[str | sources.Settings]
"""Settings to judge: paths, or what was collected just now."""


def live(
    profile: str | None,
    regions: Sequence[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Collect a snapshot of the account that the credentials belong to.

    Reads only.  Raises `SourceError` when there are no usable credentials, or AWS is
    out of reach; whatever else fails is in the snapshot.
    """
    session = account.session(profile, None)
    return account.collect(session, regions=regions or None, progress=progress)


def collected(snapshot: Mapping[str, Any]) -> sources.Settings:
    """Make a collected snapshot fit to be judged; it stands in no file."""
    return sources.Settings("AWS", snapshots.settle(snapshot), {})


def audit(rules: Iterable[AnyRule], settings: Given) -> Report:
    """Evaluate the configuration rules on settings.

    Every outcome is in the report, a pass as well as a failure.  Findings stand where
    the settings say it, or at the rule for settings that stand in no file.
    """
    chosen = [rule for rule in rules if isinstance(rule, ConfigurationRule)]
    _check_types(chosen)
    read, problems = read_settings(settings)
    findings = [
        _outcome_finding(rule, outcome, _location(rule, outcome, each))
        for each in read
        for rule in chosen
        for outcome in _outcomes(rule, each)
    ]
    return _report(findings, problems, read, len(settings), len(chosen))


def _outcomes(
    rule: ConfigurationRule, settings: sources.Settings
) -> Iterator[evaluate.Outcome]:
    """Evaluate one rule; resources that have no ARN or name yet go by their address.

    A plan or template tells of its own resources only: what it does not declare is none
    of its business, and not a gap in what was read.
    """
    for outcome in evaluate.evaluate(rule, settings.snapshot):
        status, resource = outcome.status, outcome.resource
        if settings.declared and outcome.cause is Cause.UNDECLARED:
            status = Status.NOT_APPLICABLE
        if not resource.id:
            place, rest = _place(settings, resource.pointer)
            address = f"{place.address}{rest}" if place else resource.pointer
            resource = replace(resource, id=address)
        yield replace(outcome, status=status, resource=resource)


def _location(
    rule: ConfigurationRule, outcome: evaluate.Outcome, settings: sources.Settings
) -> Location:
    if not settings.places and not settings.size:
        return Location(rule.path, None, rule.line)
    place, _ = _place(settings, outcome.resource.pointer)
    return Location(settings.uri, None, place.line if place else 1)


def _place(
    settings: sources.Settings, pointer: str
) -> tuple[sources.SourcePosition | None, str]:
    """Find where a resource stands, or what it lies in, and the rest of its pointer."""
    held = pointer
    while held and held not in settings.places:
        held = held.rpartition("/")[0]
    return settings.places.get(held), pointer[len(held) :]


def read_settings(settings: Given) -> tuple[list[sources.Settings], list[Unreadable]]:
    """Read settings of any kind; those that cannot be read come apart."""
    read: list[sources.Settings] = []
    problems: list[Unreadable] = []
    for each in settings:
        loaded = sources.read(each) if isinstance(each, str) else each
        if isinstance(loaded, Unreadable):
            problems.append(loaded)
        else:
            read.append(loaded)
    return read, problems


def _report(
    findings: Sequence[Finding],
    problems: Sequence[Unreadable],
    read: Sequence[sources.Settings],
    inputs: int,
    rules: int,
) -> Report:
    statistics = Statistics(
        inputs=inputs,
        bytes=sum(each.size for each in read),
        unreadable_inputs=len(problems),
        rules=rules,
        findings=len(findings),
    )
    return Report(
        findings=tuple(findings), statistics=statistics, problems=tuple(problems)
    )


def visibility(
    rules: Iterable[AnyRule],
    paths: Sequence[str | Path],
    settings: Given,
    *,
    bases: Iterable[AnyRule] = (),
) -> Report:
    """Return which detections and correlations the settings would show.

    `paths` are the folders that the rules come from (none: the shipped pack), where
    their cases stand.  There is one finding for each rule and snapshot, located at the
    rule's file.  `bases` are rules that are not reported, but that the correlations
    among `rules` may build on; those of the shipped pack are tried on its own cases.
    """
    chosen = [rule for rule in rules if not isinstance(rule, ConfigurationRule)]
    known = _with_bases(chosen, bases)
    samples = sample_events(known, paths)
    if paths and len(known) > len(chosen):
        samples = sample_events(known, ()) | samples
    names = {rule.name for rule in chosen}
    read, problems = read_settings(settings)
    findings = [
        _visibility_finding(rule, answer, each.uri)
        for each in read
        for rule, answer in judge_all(known, samples, each.snapshot)
        if rule.name in names
    ]
    return _report(findings, problems, read, len(settings), len(chosen))


def unseen(report: Report) -> str | None:
    """Describe in one sentence which rules could not have fired; None if all could."""
    blind = [each.rule.name for each in report.findings if each.status is Status.BLIND]
    if not blind:
        return None
    count = f"{len(blind)} rule{'s' * (len(blind) != 1)}"
    shown = ", ".join(blind[:5]) + (" …" if len(blind) > 5 else "")
    return (
        f"{count} could not have fired, because no trail records what they look for: "
        f"{shown} (see trailcheck visibility)"
    )


def _with_bases(chosen: Sequence[AnyRule], bases: Iterable[AnyRule]) -> list[AnyRule]:
    """Add the rules that the correlations among some rules build on."""
    known = {key: rule for rule in bases for key in (rule.name, rule.id)}
    found = {rule.name: rule for rule in chosen}
    taken = {key for rule in chosen for key in (rule.name, rule.id)}
    waiting = list(chosen)
    while waiting:
        rule = waiting.pop()
        if not isinstance(rule, CorrelationRule):
            continue
        for name in rule.correlation.rules:
            base = None if name in taken else known.get(name)
            if base is not None and base.name not in found:
                found[base.name] = base
                taken.update((base.name, base.id))
                waiting.append(base)
    return list(found.values())


def sample_events(
    rules: Sequence[AnyRule], paths: Sequence[str | Path]
) -> dict[str, list[Event]]:
    """Return the records of each rule's `match` cases, by the rule's name."""
    by_path = {rule.path: rule for rule in rules}
    found: dict[str, list[Event]] = {}
    problems: list[DocumentError] = []
    for rule_file in loader.find(paths):
        rule = by_path.get(rule_file.path)
        if isinstance(rule, DetectionRule):
            missing: list[DocumentError] = []
            written = cases.of_rule(rule_file, missing)
            # A rule may come without cases; wrong ones are a mistake.
            problems.extend(missing if written else ())
            found[rule.name] = [dict(each.subject) for each in written if each.match]
    if problems:
        raise RulesError(problems)
    return found


def judge_all(
    rules: Sequence[AnyRule],
    samples: dict[str, list[Event]],
    snapshot: Mapping[str, Any],
) -> Iterator[tuple[AnyRule, Visibility]]:
    """Evaluate the detections, then the correlations over them, in the rules' order."""
    answers: dict[str, Visibility] = {}
    names = {key: rule.name for rule in rules for key in (rule.name, rule.id)}
    for rule in rules:
        if isinstance(rule, DetectionRule):
            events = samples.get(rule.name, [])
            answers[rule.name] = judge.of_detection(rule, events, snapshot)
    waiting = [rule for rule in rules if isinstance(rule, CorrelationRule)]
    while waiting:
        ready = [
            rule
            for rule in waiting
            if all(names.get(base) in answers for base in rule.correlation.rules)
        ]
        if not ready:
            break
        for rule in ready:
            bases = [answers[names[base]] for base in rule.correlation.rules]
            answers[rule.name] = judge.of_correlation(rule, bases)
        waiting = [rule for rule in waiting if rule not in ready]
    for rule in waiting:
        reason = "not all of its base rules are selected"
        answers[rule.name] = Visibility(rule.name, Status.UNKNOWN, (), "", reason, ())
    for rule in rules:
        if rule.name in answers:
            yield rule, answers[rule.name]


def _visibility_finding(rule: AnyRule, answer: Visibility, settings: str) -> Finding:
    return Finding(
        rule=rule,
        status=answer.status,
        subject={"type": "rule", "id": rule.name},
        location=Location(rule.path, None, rule.line),
        evidence={
            "trails": list(answer.trails),
            "missing": answer.missing,
            "settings": settings,
        },
        message=_visibility_sentence(answer),
        fingerprint=fingerprint(rule, f"visibility\x1f{rule.name}"),
    )


def _visibility_sentence(answer: Visibility) -> str:
    words = {
        Status.VISIBLE: "Visible",
        Status.PARTIAL: "Visible in part",
        Status.BLIND: "Blind",
        Status.UNKNOWN: "Nobody can tell",
    }
    return f"{words[answer.status]}: {answer.reason}."


def _outcome_finding(
    rule: ConfigurationRule, outcome: evaluate.Outcome, location: Location
) -> Finding:
    resource = outcome.resource
    words = {
        Status.FAIL: rule.title,
        Status.PASS: f"Not so: {rule.title}",
        Status.NOT_APPLICABLE: f"Not applicable: {rule.title}",
        Status.UNKNOWN: f"Cannot tell: {rule.title}",
        Status.ERROR: f"Could not be judged: {rule.title}",
    }
    return Finding(
        rule=rule,
        status=outcome.status,
        subject={
            "type": resource.type,
            "id": resource.id,
            "accountId": resource.account,
            "region": resource.region,
        },
        location=location,
        evidence=outcome.evidence,
        message=f"{words[outcome.status]}: {outcome.reason}.".replace("..", "."),
        fingerprint=fingerprint(rule, f"{resource.type}\x1f{resource.id}"),
    )


def _check_types(rules: Sequence[ConfigurationRule]) -> None:
    known = evaluate.types()
    for rule in rules:
        if rule.configuration.resource not in known:
            message = (
                f"{rule.path}: no snapshot holds {rule.configuration.resource}; "
                f"a configuration rule can be on {', '.join(known)}"
            )
            raise UsageError(message)
