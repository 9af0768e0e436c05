"""Write rules as Sigma 2.1: detections, and correlations with their rules.

Sigma compares any scalar as text, in any case unless `cased`; null stands for null and
absent; `not` holds for what is absent.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker import correlation_types
from checker.convert import grouping
from checker.convert.refusal import RefusedError
from checker.convert.sigma_detection import detection
from checker.convert.sigma_yaml import dumped
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Correlated,
    Options,
    Subject,
    fidelity,
    widened,
)
from checker.model import Correlation, Rule

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def convert(subject: AnySubject, options: Options) -> Conversion:
    """Return a rule as a Sigma file; raises `RefusedError`."""
    if isinstance(subject, Correlated):
        return _correlated(subject)
    block, dropped = widened(
        subject.form,
        lambda form: detection(form, subject.kinds),
        superset=options.superset,
    )
    header = _header(subject.rule)
    # A name is for references; a file with one may be of this project's dialect.
    del header["name"]
    text = dumped({**header, **block, **_tail(subject.rule)})
    return Conversion(
        text=text,
        core=text,
        suffix=".yml",
        fidelity=fidelity(dropped),
        dropped=dropped,
        notes=tuple(_notes()),
    )


def _notes() -> Iterable[str]:
    yield "Sigma compares numbers, booleans and texts as text"
    yield "Sigma leaves open what an array is: it is taken to match by any element"


def _correlated(subject: Correlated) -> Conversion:
    correlation = subject.rule.correlation
    if not correlation_types.kind(correlation.type).is_sigmas:
        raise RefusedError(
            f"Sigma has no correlation of the type {correlation.type.value}"
        )
    if correlation.labels:
        raise RefusedError("Sigma has no table of address labels")
    documents = [
        {
            **_header(base.rule),
            **detection(base.form, base.kinds),
            **_tail(base.rule),
        }
        for base in subject.bases
    ]
    block: dict[str, Any] = {
        "type": correlation.type.value,
        "rules": [base.rule.name for base in subject.bases],
    }
    if correlation.group_by:
        block["group-by"] = list(correlation.group_by)
    block["timespan"] = _span(correlation.timespan)
    _check_fields(correlation)
    if correlation.aliases:
        block["aliases"] = {k: dict(v) for k, v in correlation.aliases.items()}
    if correlation.condition:
        block["condition"] = dict(correlation.condition)
    if correlation.generate:
        block["generate"] = True  # where pySigma reads it; the schema has it beside
    rule = subject.rule
    beside = {"generate": True} if correlation.generate else {}
    documents.append({**_header(rule), "correlation": block, **beside, **_tail(rule)})
    text = "---\n".join(map(dumped, documents))
    silent = [
        f"{name} is in the file, and reports nothing of its own"
        for name in correlation.silences
    ]
    notes = (*silent, *_notes())
    return Conversion(text=text, core=text, suffix=".yml", notes=notes)


def _check_fields(correlation: Correlation) -> None:
    """Raise `RefusedError` for what Sigma does not group by or count: no field."""
    counted = correlation.condition.get("field", ())
    named = [*correlation.group_by]
    named += [counted] if isinstance(counted, str) else counted
    paths = [path for found in correlation.aliases.values() for path in found.values()]
    for path in [*(name for name in named if name not in correlation.aliases), *paths]:
        names = grouping.field(path)
        if ".".join(names) != path:
            raise RefusedError(f"Sigma has no spelling for the field `{path}`")


def _span(seconds: int) -> str:
    unit, length = next((u, n) for u, n in _UNITS if seconds % n == 0)
    return f"{seconds // length}{unit}"


def _header(rule: Rule) -> dict[str, Any]:
    found = {
        "title": rule.title,
        "id": rule.id,
        "name": rule.name,
        "status": rule.status,
        "description": rule.description,
        "license": rule.license,
        "related": [{"id": r.id, "type": r.type} for r in rule.related],
        "references": list(rule.references),
        "author": rule.author,
        "date": rule.date,
        "modified": rule.modified,
        "tags": list(rule.tags),
    }
    kept: dict[str, Any] = {key: value for key, value in found.items() if value}
    if rule.logsource:
        kept["logsource"] = dict(rule.logsource)
    return kept


def _tail(rule: Rule) -> dict[str, Any]:
    found = {
        "fields": list(rule.fields),
        "falsepositives": list(rule.falsepositives),
        "level": rule.level.value,
    }
    return {key: value for key, value in found.items() if value}


__all__ = ["Subject", "convert"]
