"""Evaluate the requirements of frameworks: rules, settings, answers."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from checker.evaluate.configuration import frameworks as judging
from checker.framework import Framework
from checker.model import AnyRule, Report
from checker.rules import frameworks as tables
from checker.run.audit import audit
from checker.run.policy.policy import NONE, Policy
from checker.run.settings import Given


def audit_frameworks(
    rules: Sequence[AnyRule],
    settings: Given,
    frameworks: Sequence[Framework],
    every: Sequence[AnyRule],
    policy: Policy = NONE,
) -> Report:
    """Evaluate the rules behind the requirements of frameworks, and judge those.

    `every` are all the rules that there are: a requirement whose rule is not among
    `rules` is unknown.  A requirement that fails does so with an exception as well.
    """
    behind = [tables.behind(each, every) for each in frameworks]
    wanted = {
        rule.name for found in behind for members in found.values() for rule in members
    }
    chosen = [rule for rule in rules if rule.name in wanted]
    report = audit(chosen, settings, policy)
    names = [rule.name for rule in chosen]
    judged = tuple(
        judging.judge(framework, found, names, report.findings)
        for framework, found in zip(frameworks, behind, strict=True)
    )
    return structs.replace(report, frameworks=judged)
