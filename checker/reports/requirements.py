"""Show what settings say of a framework: each requirement's answer.

For people the requirements stand in the framework's order, each with the rules behind
it that do not simply pass; for machines a requirement is one object (`judged` in
`schemas/report.json`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from checker.framework import Answer, Behind, Judged, Judgement
from checker.reports import layout
from checker.reports.segments import Line, Segment, escaped, visible

_WORDS: Final = {
    Answer.FAIL: "fail",
    Answer.UNKNOWN: "unknown",
    Answer.MANUAL: "manual",
    Answer.PASS: "pass",
    Answer.NOT_APPLICABLE: "n/a",
}
_STYLES: Final = {
    Answer.FAIL: "fail",
    Answer.UNKNOWN: "unknown",
    Answer.MANUAL: "warning",
    Answer.PASS: "pass",
    Answer.NOT_APPLICABLE: "faint",
}
_MOST_RULES: Final = 8


def lines(judgement: Judgement, width: int = layout.WIDTH) -> Iterator[Line]:
    """Yield the requirements of a framework with their answers."""
    framework = judgement.framework
    yield (Segment(escaped(framework.title), "title"),)
    counts = judgement.counts()
    told = [f"{counts[each]} {_WORDS[each]}" for each in Answer if counts[each]]
    yield (Segment(f"{visible(framework.name)} · {', '.join(told)}", "faint"),)
    if framework.about:
        yield from layout.paragraph(
            escaped(framework.about), indent=0, width=width, style="faint"
        )
    yield ()
    size = max((len(each.requirement.id) for each in judgement.requirements), default=0)
    for each in judgement.requirements:
        yield from _requirement(each, size, width)
    yield ()


def _requirement(judged: Judged, size: int, width: int) -> Iterator[Line]:
    requirement, answer = judged.requirement, judged.answer
    indent = size + 13
    first = (
        Segment(f"  {_WORDS[answer]:<7}  ", _STYLES[answer]),
        Segment(f"{visible(requirement.id):<{size}}  "),
    )
    yield from layout.paragraph(
        escaped(requirement.title), first=first, indent=indent, width=width
    )
    margin = " " * indent
    named = [each for each in judged.rules if _is_bad(each)]
    plain = answer in (Answer.PASS, Answer.NOT_APPLICABLE) or named
    if not plain or any(each.parameters or each.accepted for each in judged.rules):
        yield from layout.paragraph(
            visible(judged.reason, 2000), indent=indent, width=width, style="faint"
        )
    for behind in named[:_MOST_RULES]:
        counts = ", ".join(
            f"{number} {status.replace('_', ' ')}"
            for status, number in behind.outcomes.items()
        )
        yield (Segment(margin), Segment(f"{visible(behind.rule)}: {counts}", "faint"))
    if len(named) > _MOST_RULES:
        left = len(named) - _MOST_RULES
        more = f"and {left} more rule{'s' * (left != 1)}"
        yield (Segment(margin), Segment(more, "faint"))


def _is_bad(behind: Behind) -> bool:
    return any(status in behind.outcomes for status in ("fail", "unknown", "error"))


def document(judgement: Judgement) -> dict[str, Any]:
    """Return the answers on a framework as JSON's own types."""
    framework = judgement.framework
    return {
        "name": framework.name,
        "title": framework.title,
        "complete": framework.complete,
        "counts": {each.value: number for each, number in judgement.counts().items()},
        "requirements": [
            _judged(each, framework.sources) for each in judgement.requirements
        ],
    }


def rows(judgement: Judgement) -> Iterator[dict[str, Any]]:
    """Yield each requirement as an object of its own, which names its framework."""
    for each in judgement.requirements:
        yield {
            "framework": judgement.framework.name,
            **_judged(each, judgement.framework.sources),
        }


def _judged(judged: Judged, sources: Any) -> dict[str, Any]:
    requirement = judged.requirement
    return {
        "id": requirement.id,
        "title": requirement.title,
        "source": sources[requirement.source],
        "answer": judged.answer.value,
        "reason": judged.reason,
        "rules": [
            {
                "name": behind.rule,
                "outcomes": dict(behind.outcomes),
                "parameters": {
                    name: {"value": value, "default": default}
                    for name, (value, default) in behind.parameters.items()
                },
            }
            for behind in judged.rules
        ],
        "disagreements": [
            {"rule": each.rule, "only": each.only} for each in requirement.disagreements
        ],
    }
