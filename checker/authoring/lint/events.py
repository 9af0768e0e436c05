"""Check the event sources and names that a rule waits for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from checker.authoring.lint import suggestions
from checker.authoring.lint.pins import both, compared, pins
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem, Severity
from checker.authoring.lint.walk import Where
from checker.aws import api_calls, api_models
from checker.aws.non_api_events import (
    EXTRA_EVENTS,
    IAM_ACTIONS,
    NAMED_OTHERWISE,
    OPEN_SOURCES,
)
from checker.conditions import habits, tree
from checker.model import DetectionRule

_SUFFIX = ".amazonaws.com"
_OLD_API = re.compile(r"/(20(?:1[4-8])-\d\d-\d\d)/")
_UNDATED = {"Invoke", "InvokeAsync"}


def check(subject: Subject) -> Iterator[Problem]:
    """Check every eventSource and eventName that a detection compares."""
    if not isinstance(subject.rule, DetectionRule):
        return
    condition = subject.rule.detection.condition
    named = {
        value for each in tree.walk(condition) for value in _values(each, "eventName")
    }
    whole = Where(subject, ("detection", "condition"))
    seen: set[Problem] = set()
    for node, where in comparisons(condition, whole):
        for problem in _judged(where, node, named):
            if problem not in seen:
                seen.add(problem)
                yield problem


def _judged(where: Where, node: tree.Node, named: set[str]) -> Iterator[Problem]:
    # `wildcards` says what to write for a text with a wildcard.
    for source in _values(node, "eventSource"):
        if habits.wildcard(source) is None:
            yield from _source(where, node, source)
    for name in _values(node, "eventName"):
        if habits.wildcard(name) is None:
            yield from _name(where, node, name, named)
    yield from _prefix(where, node)


def comparisons(node: tree.Node, where: Where) -> Iterator[tuple[tree.Node, Where]]:
    """Return each comparison of the record's own fields, with the events it covers."""
    match node:
        case tree.Selection(name, inner):
            own = name in where.subject.document.value.get("detection", {})
            if where.anchor is None and own:
                inside = replace(where, text=("detection", name))
            else:
                inside = replace(where, anchor=where.anchor or node)
            yield from comparisons(inner, inside)
            return
        case tree.And():
            where = replace(where, pins=both(where.pins, pins(node)))
        case tree.Comparator() | tree.Function():
            yield node, where
        case tree.FilterProjection() | tree.ListProjection() | tree.ExpRef():
            return
        case tree.ValueProjection() | tree.Sub() | tree.Pipe():
            return
    for child in tree.children(node):
        yield from comparisons(child, where)


def _values(node: tree.Node, name: str) -> list[str]:
    equality = compared(node)
    if equality is None or equality[0].names != (name,):
        return []
    return [value for value in equality[1] if isinstance(value, str)]


def _source(where: Where, node: tree.Node, source: str) -> Iterator[Problem]:
    known = {*api_models.by_source(), *EXTRA_EVENTS, *OPEN_SOURCES}
    if source in known:
        return
    at = where.literal(node, source)
    word = source.removesuffix(_SUFFIX)
    fix = suggestions.event_source(word, source, known)
    severity = Severity.ERROR if fix else Severity.WARNING
    message = f"no AWS service is known to record events as '{source}'"
    yield where.subject.problem(
        "event-source-unknown", message, fix, at=at, severity=severity
    )


def _sources(where: Where, name: str) -> frozenset[str] | None:
    """Return the sources that go with a name here; None when some is left open."""
    found: set[str] = set()
    for pin in where.pins:
        if pin.names is None or name in pin.names:
            if pin.sources is None:
                return None
            found |= pin.sources
    return frozenset(found)


def _name(
    where: Where, node: tree.Node, name: str, named: set[str]
) -> Iterator[Problem]:
    sources = _sources(where, name)
    if sources is None:
        yield from _anywhere(where, node, name)
        return
    answers = {source: api_calls.occurs(source, name) for source in sources}
    if not answers or None in answers.values():
        return
    at = where.literal(node, name)
    if not any(answers.values()):
        yield _not_there(where, name, sorted(sources), at, named)
        return
    for source in sorted(sources):
        yield from _suffix(where, source, name, named, at)


def _not_there(
    where: Where,
    name: str,
    sources: list[str],
    at: tuple[int, int],
    named: set[str],
) -> Problem:
    source = sources[0] if len(sources) == 1 else "any of these event sources"
    for each in sources:
        action = IAM_ACTIONS.get(each, {}).get(name)
        if action:
            message = f"'{name}' is an IAM permission, not an event of {each}"
            return where.subject.problem(
                "iam-action-not-event", message, f"the event is {action}", at=at
            )
    action = suggestions.permission(name)
    if action:
        message = f"'{name}' is an IAM permission, and no event has that name"
        return where.subject.problem(
            "iam-action-not-event", message, f"the event is {action}", at=at
        )
    message = f"{source} has no event '{name}': this never matches"
    fix = suggestions.event_name(name, sources)
    # The rule waits for the right name too: this one is only of no use.
    harmless = any(NAMED_OTHERWISE.get((each, name)) in named for each in sources)
    return where.subject.problem(
        "event-not-in-service",
        message,
        fix,
        at=at,
        severity=None if fix and not harmless else Severity.WARNING,
    )


def _anywhere(where: Where, node: tree.Node, name: str) -> Iterator[Problem]:
    """Evaluate a name whose source is open: some service must have it."""
    at = where.literal(node, name)
    if api_calls.owners(name):
        return
    action = suggestions.permission(name)
    if action:
        message = f"'{name}' is an IAM permission, and no event has that name"
        yield where.subject.problem(
            "iam-action-not-event", message, f"the event is {action}", at=at
        )
        return
    alike = sorted(each for each in api_models.owners() if each[:2] == name[:2])
    close = difflib.get_close_matches(name, alike, n=1, cutoff=0.85)
    message = f"no AWS service is known to have an event '{name}'"
    yield where.subject.problem(
        "event-not-in-service",
        message,
        f"did you mean '{close[0]}'?" if close else "",
        at=at,
        severity=None if close else Severity.WARNING,
    )


def _suffix(
    where: Where, source: str, name: str, named: set[str], at: tuple[int, int]
) -> Iterator[Problem]:
    """Report Lambda's older calls, which are recorded with their API's date."""
    if source != "lambda.amazonaws.com" or name in _UNDATED:
        return
    dated = any(each != name and api_models.undated(each) == name for each in named)
    for service in api_models.operations(source).get(name, ()):
        written = api_models.model(service)["operations"][name]
        match = _OLD_API.match(written.get("http", {}).get("requestUri", ""))
        if match and not dated:
            suffix = match.group(1).replace("-", "")
            message = (
                f"{source} records {name} with its API date, such as '{name}{suffix}'"
            )
            fix = f"write starts_with(eventName, '{name}20')"
            yield where.subject.problem("event-version-suffix", message, fix, at=at)


def _prefix(where: Where, node: tree.Node) -> Iterator[Problem]:
    """Report a prefix that no event of the pinned sources begins with."""
    match node:
        case tree.Function(
            "starts_with", (tree.Path(("eventName",)), tree.Literal(str(prefix)))
        ):
            pass
        case _:
            return
    sources = {source for pin in where.pins for source in pin.sources or (None,)}
    if None in sources or not sources:
        return
    for source in sources:
        if source is None or source in OPEN_SOURCES:
            return
        if source not in api_models.by_source() and source not in EXTRA_EVENTS:
            return
        stem = re.sub(r"20[0-9_]*\Z", "", prefix)
        names = (*api_models.operations(source), *EXTRA_EVENTS.get(source, ()))
        if any(name.startswith((prefix, stem)) for name in names):
            return
    listed = suggestions.listed(sorted(each for each in sources if each))
    message = f"no event of {listed} begins with '{prefix}'"
    yield where.subject.problem(
        "event-not-in-service",
        message,
        suggestions.event_name(prefix, sorted(each for each in sources if each)),
        at=where.literal(node, prefix),
    )
