"""This module judges settings: configuration rules, and what detections could see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from checker import rules as loader
from checker.errors import DocumentError, RulesError, UsageError
from checker.evaluate import configuration
from checker.evaluate import visibility as judge
from checker.evaluate.visibility import Visibility
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
from checker.run.report import fingerprint
from checker.sources import settings as sources
from checker.testing import cases


def audit(rules: Iterable[AnyRule], settings: Sequence[str]) -> Report:
    """Evaluate the configuration rules on saved settings snapshots.

    Every outcome is in the report, a pass as well as a failure.
    """
    chosen = [rule for rule in rules if isinstance(rule, ConfigurationRule)]
    _check_types(chosen)
    findings: list[Finding] = []
    problems: list[Unreadable] = []
    size = 0
    for uri in settings:
        loaded = sources.read(uri)
        if isinstance(loaded, Unreadable):
            problems.append(loaded)
            continue
        size += loaded.size
        for rule in chosen:
            for outcome in configuration.evaluate(rule, loaded.snapshot):
                place = loaded.places.get(outcome.resource.pointer)
                line = place.line if place else 1
                findings.append(
                    _outcome_finding(rule, outcome, Location(uri, None, line))
                )
    statistics = Statistics(
        inputs=len(settings),
        bytes=size,
        unreadable_inputs=len(problems),
        rules=len(chosen),
        findings=len(findings),
    )
    return Report(
        findings=tuple(findings), statistics=statistics, problems=tuple(problems)
    )


def visibility(
    rules: Iterable[AnyRule], paths: Sequence[str | Path], settings: Sequence[str]
) -> Report:
    """Tell which detection and correlation rules the settings would show, and why not.

    `paths` are the folders that the rules come from (none: the shipped pack), where
    their cases stand.  There is one finding for each rule and snapshot, located at the
    rule's file.
    """
    chosen = [rule for rule in rules if not isinstance(rule, ConfigurationRule)]
    samples = _samples(chosen, paths)
    findings: list[Finding] = []
    problems: list[Unreadable] = []
    size = 0
    for uri in settings:
        loaded = sources.read(uri)
        if isinstance(loaded, Unreadable):
            problems.append(loaded)
            continue
        size += loaded.size
        findings.extend(
            _visibility_finding(rule, answer, uri)
            for rule, answer in _judge_all(chosen, samples, loaded)
        )
    statistics = Statistics(
        inputs=len(settings),
        bytes=size,
        unreadable_inputs=len(problems),
        rules=len(chosen),
        findings=len(findings),
    )
    return Report(
        findings=tuple(findings), statistics=statistics, problems=tuple(problems)
    )


def unseen(report: Report) -> str | None:
    """Say in one sentence which rules could not have fired; None if all could."""
    blind = [each.rule.name for each in report.findings if each.status is Status.BLIND]
    if not blind:
        return None
    count = f"{len(blind)} rule{'s' * (len(blind) != 1)}"
    shown = ", ".join(blind[:5]) + (" …" if len(blind) > 5 else "")
    return (
        f"{count} could not have fired, because no trail records what they look for: "
        f"{shown} (see trailcheck visibility)"
    )


def _samples(
    rules: Sequence[AnyRule], paths: Sequence[str | Path]
) -> dict[str, list[Event]]:
    """Give the records of each rule's `match` cases, by the rule's name."""
    by_path = {rule.path: rule for rule in rules}
    found: dict[str, list[Event]] = {}
    problems: list[DocumentError] = []
    for rule_file in loader.find(paths):
        rule = by_path.get(rule_file.path)
        if isinstance(rule, DetectionRule):
            missing: list[DocumentError] = []
            written = cases.load(rule_file, missing)
            # A rule may come without cases; wrong ones are a mistake.
            problems.extend(missing if written else ())
            found[rule.name] = [dict(each.subject) for each in written if each.match]
    if problems:
        raise RulesError(problems)
    return found


def _judge_all(
    rules: Sequence[AnyRule],
    samples: dict[str, list[Event]],
    loaded: sources.Settings,
) -> Iterator[tuple[AnyRule, Visibility]]:
    """Judge the detections, then the correlations over them, in the rules' order."""
    answers: dict[str, Visibility] = {}
    names = {key: rule.name for rule in rules for key in (rule.name, rule.id)}
    for rule in rules:
        if isinstance(rule, DetectionRule):
            events = samples.get(rule.name, [])
            answers[rule.name] = judge.of_detection(rule, events, loaded.snapshot)
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
    rule: ConfigurationRule, outcome: configuration.Outcome, location: Location
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
    known = configuration.types()
    for rule in rules:
        if rule.configuration.resource not in known:
            message = (
                f"{rule.path}: no snapshot holds {rule.configuration.resource}; "
                f"a configuration rule can be on {', '.join(known)}"
            )
            raise UsageError(message)
