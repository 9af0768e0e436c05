"""Read the rows of a query's answer, as AWS's and Azure's interfaces give them.

https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
https://learn.microsoft.com/en-us/azure/azure-monitor/logs/api/response-format
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from checker.sources.events import csv_results
from checker.sources.events.envelopes import ERRORS

Row: TypeAlias = tuple[Mapping[str, Any] | None, bytes]
"""The cells of a row by their columns, None for what is no row; and its JSON."""


class _ColumnInfo(msgspec.Struct):
    Name: str = ""


class _MetaData(msgspec.Struct):
    ColumnInfo: list[_ColumnInfo] = []


class _ResultSet(msgspec.Struct):
    Rows: list[msgspec.Raw]
    ResultSetMetadata: _MetaData | None = None


class _Athena(msgspec.Struct):
    ResultSet: _ResultSet


_RESULT_SET = msgspec.json.Decoder(_Athena)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()

_HEADINGS: Final = ("columns", "fields")
_BODIES: Final = ("rows", "values", "data")
_COLUMN_NAMES: Final = ("name", "columnname")


def insights(items: Iterable[bytes]) -> Iterator[Row]:
    """Yield rows of CloudWatch Logs: [{"field": "@message", "value": "…"}, …]."""
    return _each(items, lambda row: {cell["field"]: cell.get("value") for cell in row})


def lake(items: Iterable[bytes]) -> Iterator[Row]:
    """Yield rows of CloudTrail Lake: [{"eventName": "…"}, {"eventTime": "…"}, …]."""
    return _each(
        items, lambda row: {key: value for cell in row for key, value in cell.items()}
    )


def athena(value: bytes) -> Iterator[Row] | None:
    """Return the rows of an answer of Athena, whose first may name the columns.

    None for what is no such answer.
    """
    try:
        result = _RESULT_SET.decode(value).ResultSet
        raw = list(map(bytes, result.Rows))
        columns = _athena_columns(result, raw)
    except (*ERRORS, AttributeError, KeyError, TypeError):
        return None
    if raw and _athena_cells(_ANY.decode(raw[0])) == columns:
        raw = raw[1:]
    return _each(raw, lambda row: _zipped(columns, _athena_cells(row)))


def _athena_columns(result: _ResultSet, raw: list[bytes]) -> list[str | None]:
    """Return the names of the columns: only the first page has them as a row, too."""
    if result.ResultSetMetadata and result.ResultSetMetadata.ColumnInfo:
        return [each.Name for each in result.ResultSetMetadata.ColumnInfo]
    return _athena_cells(_ANY.decode(raw[0])) if raw else []


def _athena_cells(row: Any) -> list[str | None]:
    """{"Data": [{"VarCharValue": "…"}, …]}, as GetQueryResults of Athena answers."""
    return [cell.get("VarCharValue") for cell in row["Data"]]


def tables(value: bytes) -> Iterator[Row] | None:
    """Return the rows of tables whose columns stand beside them.

    So answer Log Analytics, Kusto, Splunk (json_rows, json_cols), and the SQL of
    Elasticsearch; pandas writes so.  None for what is no such table of events.
    """
    try:
        keys = {key.lower(): raw for key, raw in _KEYS.decode(value).items()}
        if "tables" in keys:
            found = [_table(bytes(each)) for each in _LIST.decode(keys["tables"])]
        else:
            found = [_table(value)]
    except (*ERRORS, TypeError):
        return None
    rows = [each for each in found if each is not None]
    return itertools.chain.from_iterable(rows) if rows else None


def _table(value: bytes) -> Iterator[Row] | None:
    keys = {key.lower(): raw for key, raw in _KEYS.decode(value).items()}
    headings = _first(_HEADINGS, keys)
    body = _first(_BODIES, keys)
    if "fields" in keys and "columns" in keys:
        headings, body = "fields", "columns"
    if headings is None or body is None:
        return None
    columns = _names(_ANY.decode(keys[headings]))
    if columns is None or not csv_results.names_events(columns):
        return None
    rows = list(map(bytes, _LIST.decode(keys[body])))
    if body == "columns":
        rows = _transposed(rows)
    return _each(rows, lambda row: _zipped(columns, row))


def _first(names: Iterable[str], keys: Mapping[str, object]) -> str | None:
    return next((each for each in names if each in keys), None)


def _names(headings: Any) -> list[str] | None:
    """Return the names of columns, which may be objects that have a type as well."""
    if not isinstance(headings, list):
        return None
    named = [_name(each) for each in headings]
    return [each for each in named if each is not None] if None not in named else None


def _name(heading: Any) -> str | None:
    if isinstance(heading, dict):
        named = (
            value for key, value in heading.items() if key.lower() in _COLUMN_NAMES
        )
        heading = next(named, None)
    return heading if isinstance(heading, str) else None


def _transposed(columns: list[bytes]) -> list[bytes]:
    """Return columns as rows; cells without their fellows make rows that are short."""
    cells = [list(map(bytes, _LIST.decode(each))) for each in columns]
    longest = max(map(len, cells), default=0)
    return [
        b"[%b]" % b",".join(column[at] for column in cells if at < len(column))
        for at in range(longest)
    ]


def _zipped(columns: Sequence[str | None], row: Any) -> dict[str, Any]:
    """Return the cells of a row by their columns.  Raises ValueError if they differ."""
    if not isinstance(row, list):
        raise TypeError(row)
    return {name or "": cell for name, cell in zip(columns, row, strict=True)}


def _each(
    items: Iterable[bytes], read: Callable[[Any], Mapping[str, Any]]
) -> Iterator[Row]:
    for item in items:
        try:
            yield read(_ANY.decode(item)), item
        except (*ERRORS, AttributeError, KeyError, TypeError, ValueError):
            yield None, item
