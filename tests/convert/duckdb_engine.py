"""Runs Trino's SQL in DuckDB: the text parsed and rewritten by sqlglot.

DuckDB's functions on JSON differ from Trino's at the edges (what an object's text is,
what is no JSON), so that the few that are used are written here by Trino's words.
https://trino.io/docs/current/functions/json.html
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from checker.conditions import text_functions
from checker.convert.athena_table import JSON, RESOURCES, STRUCTS, TEXTS

_MACROS = """
CREATE MACRO t_json(j) AS
  CASE WHEN json_valid(j) THEN CAST(j AS JSON) END;
CREATE MACRO t_extract(j, p) AS
  CASE WHEN json_valid(j) THEN json_extract(CAST(j AS JSON), p) END;
CREATE MACRO t_scalar(j, p) AS
  CASE WHEN json_valid(j) AND json_type(CAST(j AS JSON), p) NOT IN
    ('OBJECT', 'ARRAY', 'NULL') THEN json_extract_string(CAST(j AS JSON), p) END;
CREATE MACRO t_elements(j) AS
  CASE WHEN json_type(j) = 'ARRAY' THEN json_extract(j, '$[*]') END;
"""


def _types(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The types of an object's fields, as `from_json` takes them."""
    return {
        name.lower(): "VARCHAR" if below is None else _types(below)
        for name, below in fields.items()
    }


def _lowered(value: Any, fields: Any) -> Any:
    """What the table keeps of an object: its fields, as text."""
    if fields is None:
        return _text(value)
    if not isinstance(value, Mapping):
        return None
    return {k.lower(): _lowered(value.get(k), below) for k, below in fields.items()}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def row(record: Mapping[str, Any]) -> list[Any]:
    """A record as a row of the table."""
    resources = record.get("resources")
    listed = dict.fromkeys(RESOURCES)
    return [
        *(_text(record.get(name)) for name in sorted(TEXTS | JSON)),
        *(_lowered(record.get(name), STRUCTS[name]) for name in STRUCTS),
        [_lowered(each, listed) for each in resources]
        if isinstance(resources, list)
        else None,
    ]


def _columns() -> dict[str, Any]:
    """The columns of the table, in the order of a row, with their types."""
    return {
        "row_number": "INTEGER",
        **_types(dict.fromkeys(sorted(TEXTS | JSON))),
        **_types(STRUCTS),
        "resources": [_types(dict.fromkeys(RESOURCES))],
    }


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    connection.execute(_MACROS)
    return connection


class Table:
    """A table of records, to be asked."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        # A connection of its own, that sees the same macros.
        self._connection = _connection().cursor()
        columns = _columns()
        # DuckDB has no type for addresses: those of the table are asked here.
        self._addresses = sorted({text for r in records for text in _addresses(r)})
        rows = [
            dict(zip(columns, [index, *row(record)], strict=True))
            for index, record in enumerate(records)
        ]
        # All rows at once: one by one they take most of the time.
        self._connection.execute(
            "CREATE TEMPORARY TABLE cloudtrail_logs AS SELECT unnest(each) "
            "FROM (SELECT unnest(from_json_strict(?, ?)) AS each)",
            [json.dumps(rows), json.dumps([columns])],
        )

    def matching(self, condition: str) -> set[int]:
        """The numbers of the records for which a condition in Trino's SQL holds."""
        sql = f"SELECT row_number FROM cloudtrail_logs WHERE {condition}"
        return {number for (number,) in self.ask(sql)}

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        parsed = parsed_trino(sql).copy().transform(self._network)
        return self._connection.execute(parsed.sql(dialect="duckdb")).fetchall()

    def _network(self, node: exp.Expression) -> exp.Expression:
        if not (isinstance(node, exp.Anonymous) and node.this == "t_network"):
            return node
        network, value = node.expressions
        inside = [
            address
            for address in self._addresses
            if text_functions.cidr_contains(network.this, address)
        ]
        return exp.In(this=value, expressions=[*map(exp.Literal.string, inside)])


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(value)
            yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _addresses(inner)


def _call(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


@functools.lru_cache(maxsize=4096)
def parsed_trino(sql: str) -> exp.Expression:
    """Trino's SQL, with its functions replaced by those above."""
    tree: Any = sqlglot.parse_one(sql, read="trino")
    # What stands inside a call is rewritten before the call is.
    for node in reversed(list(tree.walk())):
        new = _rewritten(node)
        if new is not node:
            node.replace(new)
    return tree  # type: ignore[no-any-return] # sqlglot's types say less


def _rewritten(node: exp.Expression) -> exp.Expression:
    match node:
        case exp.JSONExtract() | exp.JSONExtractScalar():
            scalar = isinstance(node, exp.JSONExtractScalar)
            name = "t_scalar" if scalar else "t_extract"
            return _call(name, node.this, node.expression)
        case exp.JSONFormat():
            return exp.cast(node.this, "VARCHAR")
        case exp.TryCast() if node.to.is_type("ARRAY<JSON>"):
            return _call("t_elements", node.this)
        case exp.ArrayContains() if isinstance(node.expression, exp.TryCast):
            return _call("t_network", node.this, node.expression.this)
        case exp.Anonymous(this="any_match"):
            kept = _call("list_filter", *node.expressions)
            return exp.paren(_call("len", kept) > 0)
    return node
