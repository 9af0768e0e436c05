"""Read the rows of a query's answer, as AWS's and Azure's interfaces give them.

https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
https://learn.microsoft.com/en-us/azure/azure-monitor/logs/api/response-format
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from checker.sources.events.envelopes import ERRORS

Row: TypeAlias = tuple[Mapping[str, Any] | None, bytes]
"""The cells of a row by their columns, None for what is no row; and its JSON."""


class _ResultSet(msgspec.Struct):
    Rows: list[msgspec.Raw]


class _Athena(msgspec.Struct):
    ResultSet: _ResultSet


class _Column(msgspec.Struct):
    name: str


class _Table(msgspec.Struct):
    columns: list[_Column]
    rows: list[msgspec.Raw]

    def cells(self, row: Any) -> dict[str, Any]:
        """Return the cells of a row, by the names of the columns.

        Raises TypeError for what is no row.
        """
        if not isinstance(row, list):
            raise TypeError(row)
        return dict(zip((each.name for each in self.columns), row, strict=False))


class _Tables(msgspec.Struct):
    tables: list[_Table]


_RESULT_SET = msgspec.json.Decoder(_Athena)
_TABLES = msgspec.json.Decoder(_Tables)
_ANY = msgspec.json.Decoder()


def insights(items: Iterable[bytes]) -> Iterator[Row]:
    """Yield rows of CloudWatch Logs: [{"field": "@message", "value": "…"}, …]."""
    return _each(items, lambda row: {cell["field"]: cell.get("value") for cell in row})


def lake(items: Iterable[bytes]) -> Iterator[Row]:
    """Yield rows of CloudTrail Lake: [{"eventName": "…"}, {"eventTime": "…"}, …]."""
    return _each(
        items, lambda row: {key: value for cell in row for key, value in cell.items()}
    )


def athena(value: bytes) -> list[Row] | None:
    """Return the rows of an answer of Athena, whose first names the columns.

    None for what is no such answer.
    """
    try:
        raw = list(map(bytes, _RESULT_SET.decode(value).ResultSet.Rows))
        rows = [_athena_cells(_ANY.decode(each)) for each in raw]
    except (*ERRORS, AttributeError, KeyError, TypeError):
        return None
    columns = [name or "" for name in rows[0]] if rows else []
    return [
        (dict(zip(columns, row, strict=False)), region)
        for region, row in zip(raw[1:], rows[1:], strict=True)
    ]


def log_analytics(value: bytes) -> Iterator[Row] | None:
    """Return the rows of an answer of Log Analytics: tables of columns and rows.

    None for what is no such answer.
    """
    try:
        tables = _TABLES.decode(value).tables
    except ERRORS:
        return None
    return itertools.chain.from_iterable(
        _each(map(bytes, table.rows), table.cells) for table in tables
    )


def _each(
    items: Iterable[bytes], read: Callable[[Any], Mapping[str, Any]]
) -> Iterator[Row]:
    for item in items:
        try:
            yield read(_ANY.decode(item)), item
        except (*ERRORS, AttributeError, KeyError, TypeError, ValueError):
            yield None, item


def _athena_cells(row: Any) -> list[str | None]:
    """{"Data": [{"VarCharValue": "…"}, …]}, as GetQueryResults of Athena answers."""
    return [cell.get("VarCharValue") for cell in row["Data"]]
