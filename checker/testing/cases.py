"""This module runs the cases that stand beside each rule, `<name>.cases.yml`.

A case names a record of `events/` (or a snapshot of `settings/`) and a JSON Merge Patch
over it (RFC 7386), or holds a whole one, and says whether the rule must find it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from checker import documents
from checker.documents import Document
from checker.errors import DocumentError
from checker.evaluate import configuration, correlation, detection
from checker.evaluate.correlation import Addresses
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
from checker.reports import explain, segments
from checker.rules import RuleFile, load_document, named, parameters
from checker.rules.parameters import Parametric
from checker.sources import snapshots
from checker.testing import scenes
from checker.testing.branches import branches


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what it shows, whether the rule must match, and on what.

    `subject` is an event for a detection rule, and a settings snapshot for a
    configuration rule.  `outcome` is what a configuration rule must give.  A case of a
    correlation has `events`, and may `expect` more than a finding (`scenes.surprise`).
    `parameters` of the rule are set for this case alone, and `addresses` is the table
    of its user.
    """

    name: str
    path: str
    line: int
    match: bool
    subject: Mapping[str, Any]
    outcome: Status
    events: tuple[Event, ...] = ()
    expect: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """How one case went; `reason` says what was found instead when it failed."""

    rule: str
    case: Case
    passed: bool
    reason: str = ""


def load(rule_file: RuleFile, problems: list[DocumentError]) -> list[Case]:
    """Read the cases of a rule; mistakes, and missing cases, go to `problems`."""
    document = read(rule_file, problems)
    return of(document, rule_file, problems) if document else []


def read(rule_file: RuleFile, problems: list[DocumentError]) -> Document | None:
    """Read the cases file of a rule; None, and entries in `problems`, if wrong."""
    stem = rule_file.file.name.rsplit(".", 1)[0]
    beside = rule_file.folder / f"{stem}.cases.yml"
    label = rule_file.path.rsplit(".", 1)[0] + ".cases.yml"
    if not beside.is_file():
        message = f"the rule has no cases: write them in {label}"
        problems.append(DocumentError(message, rule_file.path))
        return None
    document = load_document(RuleFile(label, beside, rule_file.folder, rule_file.root))
    found = list(document.problems) or documents.check(document, "cases")
    problems.extend(found)
    return None if found else document


def of(
    document: Document, rule_file: RuleFile, problems: list[DocumentError]
) -> list[Case]:
    """List the cases of a cases file that `read` has found sound."""
    return list(_cases(document, rule_file, problems))


def run(
    rule: AnyRule, cases: Sequence[Case], known: Sequence[AnyRule] = ()
) -> list[Result]:
    """Run the cases of a rule, on the same path as a scan or an audit.

    `known` must hold the rules that a correlation builds on.
    """
    if isinstance(rule, DetectionRule | ConfigurationRule):
        return [_run_alone(rule, case) for case in cases]
    return list(_run_correlation(rule, cases, known))


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch: https://www.rfc-editor.org/rfc/rfc7386#section-2."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def _cases(
    document: Document, rule_file: RuleFile, problems: list[DocumentError]
) -> Iterator[Case]:
    for block in ("match", "no_match"):
        for index, written in enumerate(document.value[block]):
            path = (block, index)
            subject: Mapping[str, Any] | None = {}
            events: tuple[Event, ...] | None = ()
            if "events" in written:
                events = _events(document, path, written, rule_file, problems)
            else:
                subject = _subject(document, path, written, rule_file, problems)
            if subject is None or events is None:
                continue
            match = block == "match"
            default = "fail" if match else "pass"
            yield Case(
                name=written["name"],
                path=document.path,
                line=document.position(path)[0],
                match=match,
                subject=subject,
                outcome=Status(written.get("outcome", default)),
                events=events,
                expect=written.get("expect"),
                addresses=written.get("addresses", {}),
                parameters=written.get("parameters", {}),
            )


def _events(
    document: Document,
    path: documents.Path,
    written: Mapping[str, Any],
    rule_file: RuleFile,
    problems: list[DocumentError],
) -> tuple[Event, ...] | None:
    steps = []
    for index, step in enumerate(written["events"]):
        place = (*path, "events", index)
        bare = {key: value for key, value in step.items() if key != "patch"}
        base = _subject(document, place, bare, rule_file, problems)
        if base is not None:
            steps.append((step, base))
    if len(steps) < len(written["events"]):
        return None
    return tuple(scenes.expand(steps, merge_patch))


def _subject(
    document: Document,
    path: documents.Path,
    written: Mapping[str, Any],
    rule_file: RuleFile,
    problems: list[DocumentError],
) -> Mapping[str, Any] | None:
    starts = ("event", "record", "settings", "snapshot")
    given = [key for key in starts if key in written]
    if len(given) != 1:
        message = f"a case starts from one of {', '.join(starts)}"
        problems.append(document.error(message, path))
        return None
    start = given[0]
    if start in ("record", "snapshot"):
        base = written[start]
    else:
        folder = "events" if start == "event" else "settings"
        base, names = named(rule_file, folder, written[start])
        if base is None:
            hint = documents.nearest(written[start], names)
            message = f"there is no {folder}/{written[start]}.json{hint}"
            problems.append(document.error(message, (*path, start)))
            return None
    patched: dict[str, Any] = merge_patch(base, written.get("patch", {}))
    if "trails" in written:
        first = (base.get("trails") or [{}])[0]
        patched["trails"] = [merge_patch(first, each) for each in written["trails"]]
    for section, rows in written.get("rows", {}).items():
        patched = _with_rows(patched, section, rows)
    return patched


def _with_rows(body: Mapping[str, Any], path: str, rows: Sequence[Any]) -> Any:
    """Copy a body with the list at a dotted path made anew: patches over its first row.

    On the way the path goes through the first row of each list.
    """
    name, _, rest = path.partition(".")
    found = body.get(name)
    first = (found or [{}])[0] if isinstance(found, list | None) else found
    if not rest:
        return {**body, name: [merge_patch(first, each) for each in rows]}
    inner = _with_rows(first, rest, rows)
    return {**body, name: [inner, *found[1:]] if isinstance(found, list) else inner}


def _run_alone(rule: Parametric, case: Case) -> Result:
    wrong = list(_unfit(rule, case))
    if wrong:
        return Result(rule.name, case, passed=False, reason="\n".join(wrong))
    rule = as_set(rule, case)
    if isinstance(rule, DetectionRule):
        return _run_detection(rule, case)
    return _run_configuration(rule, case)


def _run_detection(rule: DetectionRule, case: Case) -> Result:
    record = msgspec.json.encode(case.subject)
    batch = Batch(case.path, record, (record,), (0,))
    evaluated = detection.evaluate(detection.compile_rules([rule]), batch)
    matched = bool(evaluated.matches)
    if matched == case.match:
        return Result(rule.name, case, passed=True)
    return Result(
        rule.name, case, passed=False, reason=_why(rule, case, matched=matched)
    )


def _why(rule: DetectionRule, case: Case, *, matched: bool) -> str:
    """Say what was expected, and show the parts of the condition that decided."""
    expected = "a match" if case.match else "no match"
    found = "the rule matches" if matched else "the rule does not match"
    branch = explain.explain(rule.detection.condition, dict(case.subject))
    return "\n".join([f"expected {expected}, but {found}:", *_decided(branch)])


def _decided(branch: explain.Branch, indent: int = 1) -> list[str]:
    shown = segments.plain(explain.lines(explain.decisive(branch), indent=indent))
    return [line.rstrip("\n") for line in shown]


def _run_correlation(
    rule: CorrelationRule, cases: Sequence[Case], known: Sequence[AnyRule]
) -> Iterator[Result]:
    plan = correlation.plan(known, [rule])
    for case in cases:
        table = Addresses(case.addresses.items()).label
        bursts = scenes.play(rule, plan, known, case.events, table)
        reason = scenes.surprise(bursts, case.expect, match=case.match)
        yield Result(rule.name, case, passed=reason is None, reason=reason or "")


def _run_configuration(rule: ConfigurationRule, case: Case) -> Result:
    snapshot = snapshots.settle(dict(case.subject))
    outcomes = configuration.evaluate(rule, snapshot)
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
    """Give the rule with the parameters that a case sets."""
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
    """Tell whether the outcomes on a snapshot's resources are what a case expects."""
    if case.match:
        return case.outcome in statuses
    return set(statuses) <= {case.outcome, Status.NOT_APPLICABLE} and (
        case.outcome in statuses or case.outcome is Status.PASS
    )
