"""Files of exceptions: what has ended, and what can never match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from checker import conditions, documents, rules
from checker.authoring import placeholders
from checker.authoring.lint.fields import Fields
from checker.authoring.lint.pins import pins
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import CHECKS, Problem
from checker.authoring.lint.walk import RECORD_VALUE, Walker, Where
from checker.errors import DocumentError
from checker.model import AnyRule, ConfigurationRule, CorrelationRule, DetectionRule
from checker.rules import NONE, Placeholders, exceptions
from checker.rules.exceptions import Covers, FindingException

LONGEST: Final = timedelta(days=366)
SOON: Final = timedelta(days=14)
_CLAIMS: Final = frozenset({"userAgent", "tlsDetails.clientProvidedHostHeader"})
"""What a caller says of itself, and can say as it likes."""

Report = Callable[..., Problem]


def lint_exceptions(
    paths: Sequence[str],
    rule_paths: Sequence[str | Path],
    today: date,
    values: Placeholders = NONE,
) -> list[Problem]:
    """Check files of exceptions; their rules are those of some folders, and the pack.

    `values` are those of placeholders in Sigma's rules.

    Raises `UsageError` for a file that cannot be read.
    """
    known = {rule.name: rule for rule in rules.load()}
    if rule_paths:
        known |= {rule.name: rule for rule in rules.load_all(rule_paths, values).rules}
    by_word = exceptions.rules_by_word(list(known.values()))
    found: list[Problem] = []
    for path in dict.fromkeys(paths):
        document = exceptions.read_document(path)
        mistakes: list[DocumentError] = []
        entries = exceptions.read(document, mistakes)
        found += [
            Problem(
                each.kind.value,
                CHECKS[each.kind.value].severity,
                each.path,
                each.line,
                each.column,
                each.message,
            )
            for each in mistakes
        ]
        seen: dict[object, FindingException] = {}
        for entry in entries:
            found += _check(entry, by_word, today)
            found += _twice(entry, seen)
    return sorted(set(found), key=lambda each: (each.path, each.line, each.check))


def _problem(entry: FindingException, check: str, message: str, mend: str) -> Problem:
    severity = CHECKS[check].severity
    return Problem(
        check, severity, entry.path, entry.line, entry.column, message, mend, entry.rule
    )


def _check(
    entry: FindingException, by_word: Mapping[str, AnyRule], today: date
) -> Iterator[Problem]:
    yield from _placeholders(entry)
    ends = entry.acceptance.expires
    if not entry.in_force(today):
        message = f"the exception for {entry.rule} ended on {ends}"
        yield _problem(entry, "exception-expired", message, "decide anew, or remove it")
    elif entry.expires - today <= SOON:
        message = f"the exception for {entry.rule} ends on {ends}"
        mend = f"ask {entry.acceptance.owner} before it does"
        yield _problem(entry, "exception-ends-soon", message, mend)
    elif entry.expires - today > LONGEST:
        message = f"the exception for {entry.rule} ends on {ends}, in over a year"
        yield _problem(entry, "exception-far", message, "let it be decided each year")
    rule = by_word.get(entry.rule)
    if rule is None:
        hint = documents.nearest(entry.rule, list(by_word))
        message = f"no rule is called '{entry.rule}'{hint}"
        yield _problem(entry, "exception-rule", message, "correct the name")
        return
    for claim in sorted(_CLAIMS & entry.matcher.fields.keys()):
        message = f"'{claim}' is what the caller says of itself"
        mend = "ask for the identity or the address as well, or instead"
        if not (entry.matcher.identity or entry.matcher.address):
            yield _problem(entry, "exception-claim", message, mend)
    for message in _unanswered(entry, rule):
        mend = "ask for something that the findings have"
        yield _problem(entry, "exception-field", message, mend)


def _placeholders(entry: FindingException) -> Iterator[Problem]:
    """Find a reason or an owner that nobody has written yet."""
    for key, text, mend in (
        ("reason", entry.acceptance.reason, "write why the finding is expected"),
        ("owner", entry.acceptance.owner, "write who answers for it"),
    ):
        shown = placeholders.found_in(text)
        if shown is not None:
            message = f"'{key}' is still a placeholder: {shown}"
            yield _problem(entry, "placeholder", message, mend)


def _unanswered(entry: FindingException, rule: AnyRule) -> Iterator[str]:
    """Describe what findings of the rule never say, so that nothing would match."""
    matcher = entry.matcher
    if entry.covers is Covers.VISIBILITY and isinstance(rule, ConfigurationRule):
        yield f"{rule.name} is about settings, and has no visibility"
    if isinstance(rule, ConfigurationRule):
        for kind in ("identity", "address"):
            if getattr(matcher, kind):
                yield f"{rule.name} is about a resource, which has no {kind}"
    elif isinstance(rule, CorrelationRule):
        grouped = (*rule.correlation.group_by, *rule.correlation.labels)
        if matcher.resource:
            yield f"{rule.name} is about several events: they name no one resource"
        for path in matcher.fields:
            if path not in grouped:
                by = f"groups by {', '.join(grouped)}" if grouped else "has no group-by"
                yield f"{rule.name} {by}: its findings do not say '{path}'"
    elif isinstance(rule, DetectionRule):
        yield from _fields(entry, rule)


def _fields(entry: FindingException, rule: DetectionRule) -> Iterator[str]:
    selections = {*rule.detection.selections, *rule.lowered_by}
    for path in entry.matcher.fields:
        if path in selections:
            yield f"'{path}' is the name of a selection of {rule.name} as well"
            continue
        visitor = Fields()
        subject = Subject(rule, documents.Document(entry.path, "", {}))
        where = Where(subject, (), pins=pins(rule.detection.condition))
        Walker(visitor).read(conditions.parse(path), where, RECORD_VALUE)
        for problem in visitor.found.problems:
            yield problem.message


def _twice(
    entry: FindingException, seen: dict[object, FindingException]
) -> Iterator[Problem]:
    first = seen.setdefault(repr((entry.rule, entry.matcher, entry.covers)), entry)
    if first is not entry:
        message = f"the exception on line {first.line} covers the same"
        yield _problem(entry, "exception-twice", message, "keep one of them")
