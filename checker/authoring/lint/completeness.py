"""Find what a rule still lacks: texts, placeholders to replace, cases."""

from __future__ import annotations

from collections.abc import Iterator

from checker.authoring import placeholders
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.cases import read
from checker.documents import Path
from checker.model import ConfigurationRule, DetectionRule
from checker.rules import RuleFile
from checker.rules.sigma.recognize import CLOUDTRAIL, is_about_cloudtrail

_INSTEAD = {
    "description": "describe what happened, why it matters and what to look at next",
    "author": "write who wrote the rule",
    "falsepositives": "name the ordinary work that the rule also finds",
    "remediation": "describe what to change",
    "title": "write the thing and what happened to it",
}


def check(subject: Subject) -> Iterator[Problem]:
    """Check that the texts of a rule are there, and are its own."""
    yield from _placeholders(subject)
    yield from _missing(subject)
    yield from _logsource(subject)


def check_cases(rule_file: RuleFile, subject: Subject) -> Iterator[Problem]:
    """Check that a rule has a file of cases."""
    if read.beside(rule_file).is_file():
        return
    stem = subject.document.path.rsplit(".", 1)[0]
    yield subject.problem(
        "cases-missing",
        "the rule has no test cases",
        f"write {stem}.cases.yml with at least one match and one no_match",
        at=subject.document.key_position(("name",)),
    )


def _texts(subject: Subject) -> Iterator[tuple[Path, str]]:
    """Yield the texts that people read, with their places."""
    rule = subject.rule
    for key in ("title", "description", "author"):
        yield (key,), str(getattr(rule, key) or "")
    for index, text in enumerate(rule.falsepositives):
        yield ("falsepositives", index), text
    if isinstance(rule, ConfigurationRule) and rule.remediation is not None:
        yield ("remediation", "text"), rule.remediation.text


def _placeholders(subject: Subject) -> Iterator[Problem]:
    for path, text in _texts(subject):
        shown = placeholders.found_in(text)
        if shown is None:
            continue
        yield subject.problem(
            "placeholder",
            f"'{path[0]}' is still a placeholder: {shown}",
            _INSTEAD[str(path[0])],
            at=subject.document.position(path),
        )


def _missing(subject: Subject) -> Iterator[Problem]:
    rule = subject.rule
    at = subject.document.key_position(("title",))
    if isinstance(rule, DetectionRule) and not rule.falsepositives:
        yield subject.problem(
            "false-positives-missing",
            "the rule names no false positives, which every reader of a finding needs",
            "add falsepositives: a list of the ordinary work that it also finds",
            at=at,
        )


def _logsource(subject: Subject) -> Iterator[Problem]:
    """Report a rule of this project's dialect that is about other logs."""
    source = subject.rule.logsource
    if not source or is_about_cloudtrail(source):
        return
    wrong = next(
        (key for key in source if str(source[key]).lower() != CLOUDTRAIL.get(key)), ""
    )
    shown = f"{wrong}: {source[wrong]}" if wrong else "nothing of the product"
    yield subject.problem(
        "logsource-wrong",
        f"the logsource says {shown}, and trailcheck reads only CloudTrail",
        "write logsource: {product: aws, service: cloudtrail}",
        at=subject.document.key_position(
            ("logsource", wrong) if wrong else ("logsource",)
        ),
    )
