"""Work out what a scan looks for, the same for all inputs: a `Job`."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from checker.evaluate import correlation
from checker.evaluate.correlation import Plan
from checker.model import AnyRule, DetectionRule
from checker.run.policy.policy import NONE, Policy
from checker.sources.events.period import Period


class Job(msgspec.Struct, frozen=True):
    """What is looked for in every input: the same for all of them, and picklable.

    `chosen` are the rules that may report, and `detections` those that are evaluated:
    the chosen ones, and those that the correlations of `plan` count.
    """

    chosen: tuple[AnyRule, ...]
    detections: tuple[DetectionRule, ...]
    plan: Plan
    period: Period


def make_job(
    rules: Iterable[AnyRule],
    bases: Iterable[AnyRule] = (),
    *,
    period: Period | None = None,
    policy: Policy = NONE,
) -> Job:
    """Work out what a scan looks for; the arguments are those of `scan`.

    Raises `UsageError` for a correlation over a rule that is not there.
    """
    chosen = {rule.name: rule for rule in policy.prepared(rules)}
    known = {rule.name: rule for rule in bases} | chosen
    plan = correlation.plan(known.values(), chosen.values())
    detections = [
        rule
        for rule in known.values()
        if isinstance(rule, DetectionRule)
        and (rule.name in chosen or rule.name in plan.carried)
    ]
    return Job(tuple(chosen.values()), tuple(detections), plan, period or Period())
