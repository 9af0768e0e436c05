"""Evaluate the requirements of a framework by the outcomes of rules.

A requirement fails when any rule behind it fails anywhere.  Else it is unknown when
something could not be judged, or a rule behind it was left out; it passes when some
outcome is a pass, and does not apply when none of its rules applies to anything.  What
no rule looks at, or only in part, somebody has to look at: it is manual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from checker.framework import Answer, Behind, Framework, Judged, Judgement, Requirement
from checker.model import Acceptance, AnyRule, ConfigurationRule, Finding, Status

_OPEN = (Status.UNKNOWN, Status.ERROR)


def judge(
    framework: Framework,
    behind: Mapping[str, Sequence[AnyRule]],
    ran: Iterable[str],
    findings: Iterable[Finding],
) -> Judgement:
    """Evaluate every requirement of a framework.

    `behind` gives the rules of each requirement by its id, `ran` names those that were
    asked, and `findings` are all their outcomes, passes as well as failures.
    """
    asked = frozenset(ran)
    outcomes: dict[str, Counter[Status]] = {}
    accepted: dict[str, dict[str, None]] = {}
    for finding in findings:
        outcomes.setdefault(finding.rule.name, Counter())[finding.status] += 1
        if finding.suppressed:
            told = _acceptance(finding.suppressed)
            accepted.setdefault(finding.rule.name, {})[told] = None
    return Judgement(
        framework,
        tuple(
            _judged(each, behind.get(each.id, ()), asked, outcomes, accepted)
            for each in framework.requirements
        ),
    )


def _judged(
    requirement: Requirement,
    rules: Sequence[AnyRule],
    asked: frozenset[str],
    outcomes: Mapping[str, Counter[Status]],
    accepted: Mapping[str, Iterable[str]],
) -> Judged:
    found = tuple(
        _behind(rule, outcomes.get(rule.name, Counter()), accepted.get(rule.name, ()))
        for rule in rules
    )
    total: Counter[Status] = Counter()
    for rule in rules:
        total.update(outcomes.get(rule.name, Counter()))
    left_out = [rule.name for rule in rules if rule.name not in asked]
    answer, reason = _answer(requirement, rules, total, left_out)
    return Judged(requirement, answer, _with_choices(reason, found), found)


def _answer(
    requirement: Requirement,
    rules: Sequence[AnyRule],
    total: Counter[Status],
    left_out: Sequence[str],
) -> tuple[Answer, str]:
    if not rules:
        reason = requirement.manual or requirement.unjudged or "no rule looks at it"
        return Answer.MANUAL, reason
    failed, passed = total[Status.FAIL], total[Status.PASS]
    open_ = sum(total[status] for status in _OPEN)
    if failed:
        return Answer.FAIL, _count(failed, "check fails", "checks fail")
    if open_:
        return Answer.UNKNOWN, _count(
            open_, "check could not be judged", "checks could not be judged"
        )
    if left_out:
        return Answer.UNKNOWN, f"left out: {', '.join(left_out)}"
    if not total:
        return Answer.UNKNOWN, "no settings were read"
    if requirement.partly and passed:
        return Answer.MANUAL, f"{requirement.partly}; those pass"
    if requirement.partly:
        return Answer.MANUAL, f"{requirement.partly}; there are none of these"
    if passed:
        return Answer.PASS, _count(passed, "check passes", "checks pass")
    return Answer.NOT_APPLICABLE, "it applies to nothing in the settings"


def _behind(
    rule: AnyRule, outcomes: Counter[Status], accepted: Iterable[str]
) -> Behind:
    changed = {}
    if isinstance(rule, ConfigurationRule):
        changed = {
            name: (each.value, each.default)
            for name, each in rule.configuration.parameters.items()
            if each.is_set
        }
    counts = {status.value: outcomes[status] for status in Status if outcomes[status]}
    return Behind(rule.name, counts, changed, tuple(accepted))


def _acceptance(accepted: Acceptance) -> str:
    return f"accepted by {accepted.owner} until {accepted.expires}: {accepted.reason}"


def _with_choices(reason: str, found: Sequence[Behind]) -> str:
    """Describe what users accept, and their thresholds, on which a pass may hang."""
    accepted = dict.fromkeys(told for each in found for told in each.accepted)
    changes = [
        f"{each.rule} with {name} {value} instead of {default}"
        for each in found
        for name, (value, default) in each.parameters.items()
    ]
    return "; ".join([reason, *accepted, *changes])


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
