"""Write correlations as SQL: windows over the rows of their rules.

`s` has one row for each event: the values to group by, the value to count, and when.
A finding is the first row that meets the condition, after a timespan without one.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.convert.any_element import opened
from checker.convert.athena_condition import literal, where
from checker.convert.athena_table import Json, Textual, place
from checker.convert.form import Names
from checker.convert.grouping import fields, require_scalar
from checker.convert.refusal import RefusedError
from checker.convert.subject import Correlated, Subject
from checker.correlation_types import CorrelationType

_CALLER = ("userIdentity", "arn")


def query(subject: Correlated, table: str) -> str:
    """Return the query of a correlation; raises `RefusedError`."""
    correlation = subject.rule.correlation
    if correlation.labels:
        raise RefusedError("AWS's table has no labels of addresses")
    match correlation.type:
        case CorrelationType.EVENT_COUNT:
            return _counted(subject, table, "count(DISTINCT a.event)")
        case CorrelationType.VALUE_COUNT:
            return _counted(subject, table, "count(DISTINCT a.value)")
        case CorrelationType.TEMPORAL:
            return _counted(subject, table, "count(DISTINCT a.rule)")
        case CorrelationType.TEMPORAL_ORDERED if len(subject.bases) == 2:
            return _ordered(subject, table)
    raise RefusedError(f"SQL for {correlation.type.value} is not written")


def _bound(subject: Correlated) -> str:
    """Return the comparison of the condition."""
    correlation = subject.rule.correlation
    condition = {k: v for k, v in correlation.condition.items() if k != "field"}
    if not condition and correlation.type is CorrelationType.TEMPORAL:
        return f">= {len(subject.bases)}"
    if len(condition) != 1 or not condition.keys() <= {"gte", "gt"}:
        raise RefusedError("its condition is not one lower bound")
    [(operator, number)] = condition.items()
    return f"{'>=' if operator == 'gte' else '>'} {number}"


def _counted(subject: Correlated, table: str, measure: str) -> str:
    groups = [f"g{index}" for index in range(len(subject.rule.correlation.group_by))]
    same = " AND ".join(["TRUE", *(f"a.{g} = b.{g}" for g in groups)])
    span = f"INTERVAL '{subject.rule.correlation.timespan}' SECOND"
    by = ", ".join([*(f"b.{g}" for g in groups), "b.at"])
    return f"""\
WITH s AS (
{_rows(subject, table)}),
w AS (
  SELECT {by}, {measure} AS n
  FROM s b JOIN s a ON {same} AND a.at BETWEEN b.at - {span} AND b.at
  GROUP BY {by}
  HAVING {measure} {_bound(subject)}
)
{_bursts(groups, span, "n")}"""


def _ordered(subject: Correlated, table: str) -> str:
    """Return the query of one rule's event after another's, of another event."""
    groups = [f"g{index}" for index in range(len(subject.rule.correlation.group_by))]
    same = " AND ".join(
        ["a.rule = 0", "b.rule = 1", *(f"a.{g} = b.{g}" for g in groups)]
    )
    span = f"INTERVAL '{subject.rule.correlation.timespan}' SECOND"
    by = ", ".join([*(f"b.{g}" for g in groups), "b.at"])
    return f"""\
WITH s AS (
{_rows(subject, table)}),
w AS (
  SELECT DISTINCT {by}
  FROM s b JOIN s a ON {same} AND a.event <> b.event
    AND a.at BETWEEN b.at - {span} AND b.at
)
{_bursts(groups, span, None)}"""


def _bursts(groups: list[str], span: str, count: str | None) -> str:
    over = f"PARTITION BY {', '.join(groups)} " if groups else ""
    shown = ", ".join([*groups, "at", *([count] if count else [])])
    return f"""\
SELECT {shown}
FROM (SELECT *, lag(at) OVER ({over}ORDER BY at) AS previous FROM w) AS found
WHERE previous IS NULL OR at > previous + {span}
ORDER BY at"""


def _condition(base: Subject) -> str:
    return where(opened(base.form, base.kinds), base.kinds)


def _rows(subject: Correlated, table: str) -> str:
    """Return the rows of all rules; an event that two of them match is there twice."""
    selects = [
        f"  SELECT {', '.join(_columns(subject, base, index))}\n"
        f"  FROM {table}\n"
        f"  WHERE {_period(subject)}\n    AND {_condition(base)}\n"
        for index, base in enumerate(subject.bases)
    ]
    inner = "  UNION\n".join(selects)
    needed = [
        f"g{i} IS NOT NULL" for i in range(len(subject.rule.correlation.group_by))
    ]
    if subject.rule.correlation.type is CorrelationType.VALUE_COUNT:
        needed.append("value IS NOT NULL")
    condition = " AND ".join(["at IS NOT NULL", *needed])
    return f"  SELECT * FROM (\n{inner}  ) AS rows_of_rules WHERE {condition}\n"


def _period(subject: Correlated) -> str:
    """Return the condition on partitions: yesterday, and what its windows reach."""
    days = 1 + -(-subject.rule.correlation.timespan // 86_400)
    since = f"date_format(current_timestamp - INTERVAL '{days}' DAY, '%Y/%m/%d')"
    return f'"timestamp" >= {since}'


def _columns(subject: Correlated, base: Subject, index: int) -> Iterator[str]:
    correlation = subject.rule.correlation
    apart = correlation.type in (
        CorrelationType.TEMPORAL,
        CorrelationType.TEMPORAL_ORDERED,
    )
    yield "eventid AS event"
    yield "from_iso8601_timestamp(eventtime) AS at"
    yield f"{index if apart else 0} AS rule"
    for number, name in enumerate(correlation.group_by):
        path = correlation.aliases.get(name, {}).get(base.rule.name, name)
        yield f"{_value(path, base)} AS g{number}"
    counted = correlation.condition.get("field")
    if correlation.type is not CorrelationType.VALUE_COUNT:
        return
    if not isinstance(counted, str):
        raise RefusedError("it counts several fields together")
    path = correlation.aliases.get(counted, {}).get(base.rule.name, counted)
    yield f"{_value(path, base)} AS value"


def _value(path: str, base: Subject) -> str:
    """Return the text of a field; who has no ARN is told by principal and account."""
    texts = [_text(names, base) for names in fields(path)]
    if len(texts) == 1:
        return texts[0]
    filled = [f"NULLIF({text}, '')" for text in texts]
    return f"COALESCE({', '.join(filled)})"


def _text(names: Names, base: Subject) -> str:
    if names == _CALLER:
        return (
            "COALESCE(NULLIF(useridentity.arn, ''), CASE WHEN useridentity.type <> "
            f"{literal('AWSService')} THEN useridentity.principalid || ' of ' || "
            "useridentity.accountid END)"
        )
    require_scalar(names, base.kinds)
    found = place(names)
    if not isinstance(found, Textual | Json):
        raise RefusedError(f"AWS's table has no text for {'.'.join(names)}")
    return found.text(exact=False)
