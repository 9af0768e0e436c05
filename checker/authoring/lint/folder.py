"""Check rules against the other rules of their folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs

from checker import documents
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.conditions import show, tree
from checker.correlation_types import CorrelationType, kind
from checker.evaluate.correlation import condition
from checker.model import (
    AnyRule,
    ConfigurationRule,
    Correlation,
    CorrelationRule,
    DetectionRule,
    Level,
)
from checker.rules import bases, correlation, shipped

_HINTS = 20
_UNORDERED = frozenset(
    {CorrelationType.EVENT_COUNT, CorrelationType.VALUE_COUNT, CorrelationType.TEMPORAL}
)
"""Types of correlations for which the order of the base rules means nothing."""


def check(subjects: Sequence[Subject]) -> Iterator[Problem]:
    """Find what several rules of a folder cannot share, and what is not there."""
    ordered = sorted(subjects, key=lambda subject: subject.rule.path)
    yield from _taken(ordered)
    yield from _same_title(ordered)
    yield from _same_logic(ordered)
    known = [subject.rule for subject in ordered]
    outside = bases(known)
    names = {rule.name for rule in (*known, *outside)}
    ids = {subject.rule.id for subject in ordered}
    rules = {key: s.rule for s in ordered for key in (s.rule.name, s.rule.id)}
    of_pack = {rule.id for rule in outside}
    every = {key: rule for rule in outside for key in (rule.name, rule.id)} | rules
    for subject in ordered:
        yield from _related(subject, ids)
        yield from _reported_twice(subject, rules)
        yield from _unusable(subject, every)
    missing = [
        each for subject in ordered for each in _missing(subject, names | ids | of_pack)
    ]
    # The bundled rules are loaded by then: to find the base among them.
    bundled = shipped().values() if missing else ()
    spelt = sorted(names | {rule.name for rule in bundled})
    for number, (subject, index, base) in enumerate(missing):
        # A likeness is dear to find, and a folder that lacks so many is another matter.
        hint = documents.nearest(base, spelt) if number < _HINTS else ""
        yield subject.problem(
            "rule-unknown",
            f"the correlation needs the rule '{base}', which is not here{hint}",
            "lint the folder that holds it too, or fix the name",
            at=subject.document.position(("correlation", "rules", index)),
        )


def _taken(subjects: Sequence[Subject]) -> Iterator[Problem]:
    names: dict[str, Subject] = {}
    ids: dict[str, Subject] = {}
    for subject in subjects:
        rule = subject.rule
        for seen, word, value in ((names, "name", rule.name), (ids, "id", rule.id)):
            if value in seen:
                first = seen[value].rule
                gone = " (deprecated)" if first.status == "deprecated" else ""
                yield subject.problem(
                    f"duplicate-{word}",
                    f"the {word} '{value}' is taken by {first.path}{gone}",
                    "make a new random UUID" if word == "id" else "choose another name",
                    at=subject.document.position((word,)),
                )
            seen.setdefault(value, subject)


def _same_title(subjects: Sequence[Subject]) -> Iterator[Problem]:
    """Find rules that a reader of findings cannot tell apart."""
    seen: dict[str, Subject] = {}
    for subject in subjects:
        if subject.rule.status == "deprecated":
            continue
        title = " ".join(subject.rule.title.casefold().split())
        if title in seen:
            other = seen[title].rule
            yield subject.problem(
                "duplicate-title",
                f"the title is that of {other.name} ({other.path})",
                "write what only this rule finds",
                at=subject.document.position(("title",)),
            )
        seen.setdefault(title, subject)


def _same_logic(subjects: Sequence[Subject]) -> Iterator[Problem]:
    """Find rules that match the very same events, or count the same, whatever names."""
    seen: dict[str, Subject] = {}
    for subject in subjects:
        rule = subject.rule
        if isinstance(rule, ConfigurationRule) or rule.status == "deprecated":
            continue
        if isinstance(rule, DetectionRule):
            key, at = _spelled(rule.detection.condition), ("detection", "condition")
        else:
            key, at = _counted(rule.correlation), ("correlation", "condition")
        if key in seen:
            other = seen[key].rule
            yield subject.problem(
                "duplicate-logic",
                f"the condition is that of {other.name} ({other.path})",
                "merge the two, or say in one what the other leaves out",
                at=subject.document.position(at),
            )
        seen.setdefault(key, subject)


def _counted(correlation: Correlation) -> str:
    """Write a correlation so that those that find the same are equal text."""
    rules = correlation.rules
    if correlation.type in _UNORDERED:
        rules = tuple(sorted(rules))
    return repr(structs.replace(correlation, rules=rules, generate=False))


def _spelled(node: tree.Node) -> str:
    """Write a condition so that equal ones are equal text: opened and sorted."""
    match node:
        case tree.Selection(_, inner):
            return _spelled(inner)
        case tree.And() | tree.Or():
            word = "and" if isinstance(node, tree.And) else "or"
            parts: set[str] = set()
            stack = list(node.operands)
            while stack:
                each = stack.pop()
                while isinstance(each, tree.Selection):
                    each = each.node
                if type(each) is type(node):
                    stack.extend(tree.children(each))
                else:
                    parts.add(_spelled(each))
            return f"{word}({', '.join(sorted(parts))})"
        case tree.Not(operand):
            return f"not({_spelled(operand)})"
    return show(node)


def _related(subject: Subject, ids: set[str]) -> Iterator[Problem]:
    for index, related in enumerate(subject.rule.related):
        at = subject.document.position(("related", index, "id"))
        if related.id == subject.rule.id and related.type == "derived":
            continue  # an imported rule keeps the id of the rule that it comes from
        if related.id == subject.rule.id:
            message, fix = "a rule is not related to itself", "take the entry away"
        elif related.id not in ids:
            message = f"no rule here has the id {related.id}"
            fix = "name a rule of this folder, or take the entry away"
        else:
            continue
        yield subject.problem("related-unknown", message, fix, at=at)


def _missing(subject: Subject, known: set[str]) -> Iterator[tuple[Subject, int, str]]:
    """Return the rules that a correlation counts and that are not here."""
    rule = subject.rule
    if isinstance(rule, CorrelationRule):
        for index, base in enumerate(rule.correlation.rules):
            if base not in known:
                yield subject, index, base


def _unusable(subject: Subject, rules: Mapping[str, AnyRule]) -> Iterator[Problem]:
    """Find base rules that are there, and that no correlation can be over."""
    rule = subject.rule
    if isinstance(rule, CorrelationRule) and rules.keys() >= {*rule.correlation.rules}:
        for message in correlation.wrong_bases(rule, rules):
            yield subject.problem(
                "condition",
                message,
                "name detections or other correlations, each of them once",
                at=subject.document.position(("correlation", "rules")),
            )


def _reported_twice(
    subject: Subject, rules: Mapping[str, AnyRule]
) -> Iterator[Problem]:
    """Find base rules that report the event which alone satisfies the correlation."""
    rule = subject.rule
    if not isinstance(rule, CorrelationRule) or not _one_is_enough(rule.correlation):
        return
    for index, name in enumerate(rule.correlation.rules):
        base = rules.get(name)
        if base is not None and base.level > Level.INFORMATIONAL:
            yield subject.problem(
                "reported-twice",
                f"one event of {base.name} is enough for the correlation, and "
                f"{base.name} reports it too",
                f"set the level of {base.name} to informational",
                at=subject.document.position(("correlation", "rules", index)),
            )


def _one_is_enough(correlation: Correlation) -> bool:
    """Return whether a single event can satisfy a count.

    A `first_seen` rule is silent without a learned file, so its base rule may report.
    """
    if not kind(correlation.type).one_match_can_suffice:
        return False
    holds = condition.test(correlation.condition, 1)
    return holds(1)
