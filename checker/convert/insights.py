"""Write rules as queries for CloudWatch Logs Insights.

AWS documents no way to run a query outside the service, so only forms that its pages
show are written.  A comparison with a field that is absent is left open there: each
negation says that the field may be absent.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.conditions import parse, tree
from checker.convert.grouping import field, require_scalar
from checker.convert.insights_condition import condition, field_name
from checker.convert.kinds import Kinds
from checker.convert.normal import normal
from checker.convert.refusal import Reason, RefusedError
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Correlated,
    Fidelity,
    Options,
    Subject,
    fidelity,
    widened,
)
from checker.correlation_types import CorrelationType
from checker.model import Rule

LONGEST = 10_000
"""Characters of a query: API_StartQuery."""


_USUAL = ("eventName", "userIdentity.arn", "sourceIPAddress", "awsRegion")
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def convert(subject: AnySubject, options: Options) -> Conversion:
    """Return a rule as a query; raises `RefusedError`."""
    if isinstance(subject, Correlated):
        return _correlated(subject)
    wanted, dropped = widened(
        subject.form,
        lambda form: condition(form, subject.kinds),
        superset=options.superset,
    )
    shown = dict.fromkeys(subject.rule.fields or _USUAL)
    fields = ", ".join(
        ["@timestamp", *(field_name(tuple(f.split("."))) for f in shown)]
    )
    query = (
        f"filter {wanted}\n| fields {fields}\n| sort @timestamp desc\n"
        f"| limit {options.limit}"
    )
    return _conversion(subject, query, fidelity(dropped), dropped)


def _conversion(
    subject: AnySubject,
    query: str,
    found: Fidelity,
    dropped: tuple[Reason, ...],
    notes: tuple[str, ...] = (),
) -> Conversion:
    text = f"# {_title(subject.rule)}\n{query}\n"
    if len(text) > LONGEST:
        raise RefusedError(
            f"its query has {len(text):,} characters, and Insights takes {LONGEST:,}"
        )
    return Conversion(
        text=text,
        core=query,
        suffix=".insights.txt",
        fidelity=found,
        dropped=dropped,
        notes=(*notes, *_notes(subject)),
    )


def _title(rule: Rule) -> str:
    return f"{rule.title} (trailcheck rule {rule.name}, {rule.id})".replace("\n", " ")


def _notes(subject: AnySubject) -> Iterable[str]:
    bases = subject.bases if isinstance(subject, Correlated) else (subject,)
    yield "a query sees what the trail delivers to the log group"
    yield (
        "Insights finds the first 200 fields of a record, and takes others for absent"
    )
    if any(base.events.reads for base in bases):
        yield "the trail must log read-only management events"
    categories = {category for base in bases for category in base.events.categories}
    for category in sorted(categories - {"Management"}):
        yield f"the trail must log {category} events"


def _correlated(subject: Correlated) -> Conversion:
    """Return a count over fixed bins."""
    correlation = subject.rule.correlation
    match correlation.type:
        case CorrelationType.EVENT_COUNT:
            count = "count(*)"
        case CorrelationType.VALUE_COUNT if isinstance(
            correlation.condition.get("field"), str
        ):
            name = correlation.condition["field"]
            count = f"count_distinct({_grouped(subject, name)})"
        case _:
            raise RefusedError(
                f"Insights has no query for {correlation.type.value} over time"
            )
    if correlation.labels:
        raise RefusedError("Insights has no table of address labels")
    operators = {key: v for key, v in correlation.condition.items() if key != "field"}
    if len(operators) != 1 or not operators.keys() <= {"gte", "gt"}:
        raise RefusedError("its condition is not one lower bound")
    [(operator, number)] = operators.items()
    groups = [_grouped(subject, name) for name in correlation.group_by]
    tests = dict.fromkeys(condition(base.form, base.kinds) for base in subject.bases)
    any_base = " or ".join(f"({test})" for test in tests)
    there = "".join(f" and ispresent({group})" for group in groups)
    by = ", ".join([*groups, f"bin({_span(correlation.timespan)})"])
    sign = ">=" if operator == "gte" else ">"
    query = (
        f"filter ({any_base}){there}\n| stats {count} as n by {by}\n"
        f"| filter n {sign} {number}\n| sort n desc"
    )
    fixed = "bins are fixed: what crosses the border of two is missed"
    return _conversion(subject, query, Fidelity.SUBSET, (), (fixed,))


def _grouped(subject: Correlated, name: str) -> str:
    """Return the field of a name; an alias must mean the same field everywhere."""
    aliases = subject.rule.correlation.aliases.get(name)
    paths = {
        name if aliases is None else aliases.get(base.rule.name, name)
        for base in subject.bases
    }
    if len(paths) != 1:
        raise RefusedError(f"'{name}' is another field in each of its rules")
    names = field(paths.pop())
    for base in subject.bases:
        require_scalar(names, base.kinds)
    return field_name(names)


def _span(seconds: int) -> str:
    unit, length = next((u, n) for u, n in _UNITS if seconds % n == 0)
    return f"{seconds // length}{unit}"


def top(
    where: str | None,
    by: Sequence[str],
    show: Sequence[str] = (),
    *,
    most: int,
    bucket: int | None,
) -> str:
    """Return the query that counts as `trailcheck top` does, or lists without `by`.

    `where` is a condition, `by` and `show` are paths, `bucket` is in seconds.  Raises
    `RefusedError`, and `ConditionError` for a wrong condition.
    """
    lines = []
    if where:
        node = parse(where)
        lines.append("filter " + condition(normal(node), Kinds()))
    paths = [_path(each) for each in by]
    if bucket:
        paths.append(f"bin({_span(bucket)})")
    if paths:
        lines.append(f"stats count(*) as count by {', '.join(paths)}")
        lines.append("sort count desc")
    else:
        shown = [_path(each) for each in show] or ["@message"]
        lines += [f"fields {', '.join(['@timestamp', *shown])}", "sort @timestamp desc"]
    lines.append(f"limit {most}")
    return "\n| ".join(lines) + "\n"


def _path(text: str) -> str:
    node = parse(text)
    if not isinstance(node, tree.Path):
        raise RefusedError(f"Insights groups by fields, and `{text}` is none")
    return field_name(node.names)


__all__ = ["LONGEST", "Subject", "convert", "top"]
