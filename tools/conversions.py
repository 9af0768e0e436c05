"""Convert each rule to every target, for the page about that."""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from checker import convert
from checker.convert import TARGETS, Conversion, Fidelity, Refused
from checker.model import AnyRule, ConfigurationRule, CorrelationRule
from checker.reports.conversions import SAME, SUBSET, Row
from checker.run.convert import Subjects

_LONGEST = 160


def rows(
    rules: Iterable[AnyRule], samples: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Row]:
    """Return what each rule over events converts to; `samples` are those of cases."""
    pack = [rule for rule in rules if not isinstance(rule, ConfigurationRule)]
    subjects = Subjects(pack, samples)
    found = []
    for rule in sorted(pack, key=lambda each: each.name):
        subject = subjects.of(rule)
        outcomes = {
            target: said(
                subject
                if isinstance(subject, Refused)
                else convert.convert(subject, target)
            )
            for target in TARGETS
        }
        kind = "correlation" if isinstance(rule, CorrelationRule) else "detection"
        found.append(Row(rule.name, kind, outcomes))
    return found


def said(outcome: Conversion | Refused) -> str:
    """Return how a rule is converted, or why it is not, in Markdown."""
    if isinstance(outcome, Conversion):
        return SUBSET if outcome.fidelity is Fidelity.SUBSET else SAME
    origin = outcome.reason.origin
    if origin is None:
        return outcome.reason.why
    text = origin.text
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    shown = re.sub(r"\s+", " ", text)
    return f"{fence}{pad}{shown}{pad}{fence}: {outcome.reason.why}"
