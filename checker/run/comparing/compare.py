"""Compare: what a change of settings does to detections and controls.

Both settings are read as an audit and a visibility report read them.  A finding is a
change: a rule whose events are recorded in one of the two only, or a control whose
outcome is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import structs

from checker.model import AnyRule, ConfigurationRule, Finding, Report, Unreadable
from checker.run.comparing.controls import compare_controls
from checker.run.comparing.detections import compare_detections
from checker.run.comparing.effects import Effect
from checker.run.comparing.overlay import aligned, is_undeclared
from checker.run.settings import Given, read_settings, settings_report
from checker.sources.settings.read import Settings

__all__ = ["Effect", "compare"]


def compare(
    rules: Iterable[AnyRule],
    paths: Sequence[str | Path],
    before: Given,
    after: Given,
    *,
    bases: Iterable[AnyRule] = (),
) -> Report:
    """Return what differs between two settings, one each, as findings.

    `paths` and `bases` are as in `run.visibility.visibility`.  The status of a finding
    is that after the change, or visible or pass for an improvement; its evidence has
    `change` (an `Effect`) and the statuses and reasons `before` and `after`.  What is
    unknown in both is one problem, without a finding for each.  `overlay` says what is
    taken for granted of what a plan or template does not declare.
    """
    chosen = list(rules)
    (first, problems), (second, more) = read_settings(before), read_settings(after)
    findings: list[Finding] = []
    notes: tuple[str, ...] = ()
    read = [*first, *second]
    unsure: list[tuple[AnyRule, str]] = []
    if first and second:
        read = [old, new] = [*aligned(first[0], second[0])]
        detections = [r for r in chosen if not isinstance(r, ConfigurationRule)]
        if _trails_are_comparable(old, new):
            findings += compare_detections(detections, paths, (old, new), bases, unsure)
        elif detections:
            notes += (
                "detections were not compared: neither declares a trail or store",
            )
        controls = [r for r in chosen if isinstance(r, ConfigurationRule)]
        findings += compare_controls(controls, old, new, unsure)
    problems = [*problems, *more]
    if unsure:
        problems.append(Unreadable(second[0].uri, None, _unsure(unsure)))
    order = list(Effect)
    findings.sort(key=lambda one: order.index(one.evidence["change"]))
    report = settings_report(findings, problems, read, 2, len(chosen))
    unread = len(problems) - bool(unsure)
    return structs.replace(
        report,
        statistics=structs.replace(report.statistics, unreadable_inputs=unread),
        notes=(*report.notes, *notes),
    )


def _unsure(unsure: Sequence[tuple[AnyRule, str]]) -> str:
    """Describe how many rules are unknown before and after, and why the first.

    Up to the colon it is a part of the heading of a comparison without findings.
    """
    number = len({rule.name for rule, _ in unsure})
    told = f"{number:,} rule{' is' if number == 1 else 's are'} not known in either"
    rule, reason = unsure[0]
    return f"{told}: {rule.name}: {reason.removesuffix('.')}"


def _trails_are_comparable(before: Settings, after: Settings) -> bool:
    undeclared = [is_undeclared(one.snapshot.get("trails")) for one in (before, after)]
    return not any(undeclared)
