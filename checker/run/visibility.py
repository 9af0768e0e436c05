"""Visibility: which detections the settings would record the events of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker import rules as loader
from checker.cases.match_headers import match_headers
from checker.errors import DocumentError, RulesError
from checker.evaluate.recording import visibility as judge
from checker.evaluate.recording.recorder import Recorders
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
    Status,
)
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.fingerprints import fingerprint
from checker.run.settings import Given, read_settings, settings_report


def visibility(
    rules: Iterable[AnyRule],
    paths: Sequence[str | Path],
    settings: Given,
    *,
    bases: Iterable[AnyRule] = (),
    policy: Policy = NONE,
) -> Report:
    """Return which detections and correlations the settings would show.

    `paths` are the folders that the rules come from (none: the shipped pack), where
    their cases stand.  There is one finding for each rule and snapshot, located at the
    rule's file.  `bases` are rules that are not reported, but that the correlations
    among `rules` may build on; those of the shipped pack are tried on its own cases.
    """
    chosen = [rule for rule in rules if not isinstance(rule, ConfigurationRule)]
    known = with_bases(chosen, bases)
    samples = sample_events(known, paths)
    if paths and len(known) > len(chosen):
        samples = sample_events(known, ()) | samples
    names = {rule.name for rule in chosen}
    read, problems = read_settings(settings)
    findings = [
        _visibility_finding(rule, answer, each.uri, policy)
        for each in read
        for rule, answer in judge_all(known, samples, each.snapshot)
        if rule.name in names
    ]
    return settings_report(findings, problems, read, len(settings), len(chosen))


def unseen(report: Report) -> tuple[str, ...]:
    """Name the rules that could not have fired."""
    return tuple(
        each.rule.name
        for each in report.findings
        if each.status is Status.BLIND and each.suppressed is None
    )


def with_bases(chosen: Sequence[AnyRule], bases: Iterable[AnyRule]) -> list[AnyRule]:
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
    """Return the headers of each rule's `match` records, by the rule's name.

    Raises `RulesError` for files of cases that are wrong.
    """
    detections = [rule for rule in rules if isinstance(rule, DetectionRule)]
    located = loader.located(paths, detections)
    names = {file.path: rule.name for file, rule in located}
    files = [file for file, _ in located]
    problems: list[DocumentError] = []
    found = match_headers(files, problems)
    if problems:
        raise RulesError(problems)
    return {names[path]: events for path, events in found.items()}


def judge_all(
    rules: Sequence[AnyRule],
    samples: dict[str, list[Event]],
    snapshot: Mapping[str, Any],
) -> Iterator[tuple[AnyRule, Visibility]]:
    """Evaluate the detections, then the correlations over them, in the rules' order."""
    answers: dict[str, Visibility] = {}
    recorders = Recorders()
    names = {key: rule.name for rule in rules for key in (rule.name, rule.id)}
    for rule in rules:
        if isinstance(rule, DetectionRule):
            events = samples.get(rule.name, [])
            answers[rule.name] = judge.of_detection(rule, events, snapshot, recorders)
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


def _visibility_finding(
    rule: AnyRule, answer: Visibility, settings: str, policy: Policy
) -> Finding:
    unseen = answer.status in {Status.BLIND, Status.PARTIAL}
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
        suppressed=policy.of_unseen(rule.name) if unseen else None,
    )


def _visibility_sentence(answer: Visibility) -> str:
    words = {
        Status.VISIBLE: "Visible",
        Status.PARTIAL: "Visible in part",
        Status.BLIND: "Blind",
        Status.UNKNOWN: "Unknown",
    }
    return f"{words[answer.status]}: {answer.reason}."
