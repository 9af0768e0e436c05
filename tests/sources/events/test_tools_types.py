"""What tools change of an event, its types and its places, is put back or named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checker.model import Batch, Unreadable
from checker.sources.events import formats

Event = dict[str, Any]

EVENT: Event = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::123456789012:assumed-role/app/me",
        "sessionContext": {"attributes": {"mfaAuthenticated": "false"}},
    },
    "eventTime": "2026-11-20T10:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "UpdateLoginProfile",
    "eventID": "00000000-0000-4000-8000-000000000000",
    "readOnly": False,
    "managementEvent": True,
    "requestParameters": {"userName": "bob", "passwordResetRequired": False},
}


def dump(value: object) -> str:
    return json.dumps(value)


def changed(path: str, value: object) -> Event:
    """Return the event with one value changed; None leaves the key out."""
    event: Event = json.loads(dump(EVENT))
    *outer, last = path.split(".")
    inside = event
    for key in outer:
        inside = inside[key]
    if value is None:
        del inside[last]
    else:
        inside[last] = value
    return event


def without(field: str, **others: object) -> Event:
    return {**changed(field, None), **others}


def read(text: str) -> Batch:
    found = formats.split("x", text.encode())
    if isinstance(found, Unreadable):
        return Batch("x", b"", (), (), (found,))
    assert isinstance(found, Batch)
    return found


def events(text: str) -> list[Event]:
    batch = read(text)
    assert not batch.problems
    return [json.loads(record) for record in batch.records]


_MFA = "userIdentity.sessionContext.attributes.mfaAuthenticated"
CHANGED: dict[str, Event] = {
    "booleans as text": {**EVENT, "readOnly": "false", "managementEvent": "True"},
    "the flag of a session as a boolean": changed(_MFA, value=False),
    "the flag of a session in capitals": changed(_MFA, "FALSE"),
    "a time in SQL": {**EVENT, "eventTime": "2026-11-20 10:00:00.000"},
    "a time as seconds": {**EVENT, "eventTime": 1795168800},
    "a time as milliseconds": {**EVENT, "eventTime": 1795168800000},
    "an object as text of text": {
        **EVENT,
        "requestParameters": dump(dump(EVENT["requestParameters"])),
    },
    "keys with dots": without(
        "requestParameters",
        **{f"requestParameters.{k}": v for k, v in EVENT["requestParameters"].items()},
    ),
    "an identity with dots": without(
        "userIdentity",
        **{f"userIdentity.{k}": v for k, v in EVENT["userIdentity"].items()},
    ),
    "a name in lower case": without("eventName", eventname=EVENT["eventName"]),
    "a source in capitals": without("eventSource", EventSource=EVENT["eventSource"]),
}
_IDENTITY = EVENT["userIdentity"]
OTHER_NAMES = {
    "capitals": {key.capitalize(): value for key, value in _IDENTITY.items()},
    "lower case": {key.lower(): value for key, value in _IDENTITY.items()},
    "snake case": {
        "type": _IDENTITY["type"],
        "arn": _IDENTITY["arn"],
        "session_context": _IDENTITY["sessionContext"],
    },
}


@pytest.mark.parametrize("place", [1, 1001, 1999])
@pytest.mark.parametrize("names", OTHER_NAMES)
def test_one_identity_with_names_of_its_own_is_seen_in_a_large_log_file(
    names: str, place: int
) -> None:
    records = [EVENT] * 2000
    records[place] = {**EVENT, "userIdentity": OTHER_NAMES[names]}

    assert events(dump({"Records": records})) == [EVENT] * 2000


_IN_LINES = frozenset({"the flag of a session in capitals", "a time in SQL"})
"""What is looked at only where lines are odd otherwise too."""


@pytest.mark.parametrize("change", CHANGED)
@pytest.mark.parametrize("shape", ["lines", "array"])
def test_a_tool_s_types_become_those_of_cloudtrail(change: str, shape: str) -> None:
    one = CHANGED[change]
    if change in _IN_LINES:
        one = {**one, "readOnly": "false"}
    text = (
        "\n".join(map(dump, [EVENT, one])) if shape == "lines" else dump([EVENT, one])
    )

    assert events(text) == [EVENT, EVENT]


@pytest.mark.parametrize(
    "change",
    [
        "booleans as text",
        "keys with dots",
        "an identity with dots",
        "a name in lower case",
        "a source in capitals",
    ],
)
@pytest.mark.parametrize("place", [0, 33, 99])
def test_one_odd_event_in_a_large_log_file_is_not_read_by_half(
    change: str, place: int
) -> None:
    many = [EVENT] * 100
    many[place] = CHANGED[change]

    assert events(dump({"Records": many})) == [EVENT] * 100


def test_the_fields_of_splunk_are_texts_and_become_what_they_were() -> None:
    fields = {
        **{
            key: EVENT[key]
            for key in ("eventTime", "eventSource", "eventName", "eventID")
        },
        "eventVersion": "1.11",
        "readOnly": "false",
        "managementEvent": "true",
        "userIdentity.type": "AssumedRole",
        "userIdentity.arn": EVENT["userIdentity"]["arn"],
        _MFA: "false",
        "requestParameters.userName": "bob",
        "requestParameters.passwordResetRequired": "false",
    }

    assert events(dump({"preview": False, "result": fields})) == [EVENT]


_COLUMNS = ["eventSource", "eventName", "eventTime", "userIdentity", "eventID"]
_CELLS = ["a.amazonaws.com", "B", "2026-11-20T10:00:00Z", dump({"type": "Root"}), "1"]
_MADE = {**dict(zip(_COLUMNS, _CELLS, strict=True)), "userIdentity": {"type": "Root"}}
_NAMED = [{"name": name, "type": "string"} for name in _COLUMNS]
_OLD = [{"ColumnName": name, "DataType": "String"} for name in _COLUMNS]
TABLES: dict[str, object] = {
    "Splunk, json_rows": {"fields": _COLUMNS, "rows": [_CELLS, _CELLS]},
    "Splunk, json_rows of a job": {"fields": _NAMED, "rows": [_CELLS, _CELLS]},
    "Splunk, json_cols": {
        "fields": _COLUMNS,
        "columns": [[cell, cell] for cell in _CELLS],
    },
    "Log Analytics": {"tables": [{"columns": _NAMED, "rows": [_CELLS, _CELLS]}]},
    "Kusto": {"Tables": [{"Columns": _OLD, "Rows": [_CELLS, _CELLS]}]},
    "frames of Kusto": [
        {"FrameType": "DataSetHeader", "Version": "v2.0", "Records": []},
        {"FrameType": "DataTable", "Columns": _OLD, "Rows": [_CELLS, _CELLS]},
    ],
    "SQL of Elasticsearch": {"columns": _NAMED, "rows": [_CELLS, _CELLS]},
    "ES|QL": {"columns": _NAMED, "values": [_CELLS, _CELLS]},
    "pandas": {"columns": _COLUMNS, "index": [0, 1], "data": [_CELLS, _CELLS]},
}


@pytest.mark.parametrize("tool", TABLES)
def test_rows_beside_their_columns_are_events(tool: str) -> None:
    assert events(dump(TABLES[tool])) == [_MADE, _MADE]


@pytest.mark.parametrize("tool", ["Splunk, json_rows", "Log Analytics", "pandas"])
def test_a_row_that_is_shorter_than_its_columns_is_a_problem(tool: str) -> None:
    text = dump(TABLES[tool]).replace(f"[{dump(_CELLS)}, ", f"[{dump(_CELLS[:-2])}, ")

    batch = read(text)

    assert len(batch.records) == 1
    assert ["no row" in each.reason for each in batch.problems] == [True]


def _athena(rows: list[list[str]], names: list[str] | None) -> str:
    listed = [{"Data": [{"VarCharValue": cell} for cell in row]} for row in rows]
    answer: Event = {"Rows": listed}
    if names is not None:
        answer["ResultSetMetadata"] = {"ColumnInfo": [{"Name": each} for each in names]}
    return dump({"ResultSet": answer})


@pytest.mark.parametrize("names", [_COLUMNS, None])
def test_a_short_row_of_athena_is_a_problem(names: list[str] | None) -> None:
    batch = read(_athena([_COLUMNS, _CELLS[:-2], _CELLS], names))

    assert len(batch.records) == len(batch.problems) == 1


def test_the_second_page_of_athena_has_no_headings_among_its_rows() -> None:
    assert events(_athena([_CELLS, _CELLS], _COLUMNS)) == [_MADE, _MADE]


def test_the_same_event_in_text_and_in_part_is_one() -> None:
    attributes = {
        "message": dump(EVENT),
        "attributes": {"eventName": EVENT["eventName"]},
    }

    assert events(dump({"data": [{"attributes": attributes}]})) == [EVENT]


def test_the_actions_of_a_bulk_request_are_no_events() -> None:
    lines = [dump({"index": {"_index": "x", "_id": "1"}}), dump(EVENT)]

    assert events("\n".join(lines * 2)) == [EVENT, EVENT]


def test_every_event_inside_of_one_value_is_a_problem_of_its_own() -> None:
    wrong = {**EVENT, "eventName": 5}

    assert len(read(dump({"hits": {"hits": [{"_source": wrong}] * 3}})).problems) == 3


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("time,class_uid,api.operation\n1,6003,ConsoleLogin\n", "OCSF"),
        ("TimeGenerated,EventVendor,EventSchema\nx,AWS,Authentication\n", "ASIM"),
        ("CEF:0|AWS|CloudTrail|1|ConsoleLogin|x|3|src=192.0.2.1\n", "CEF"),
        ("Nov 20 10:00:00 h CEF:0|AWS|CloudTrail|1|ConsoleLogin|x|3|a=b\n", "CEF"),
        ("LEEF:2.0|Amazon|AWS CloudTrail|1|ConsoleLogin|src=192.0.2.1\n", "LEEF"),
        (
            dump(
                {"class_uid": 6003, "unmapped": {"eventName": "X", "readOnly": "true"}}
            ),
            "OCSF",
        ),
    ],
)
def test_an_event_of_another_schema_is_named(text: str, named: str) -> None:
    batch = read(text)

    assert not batch.records
    assert [named in each.reason for each in batch.problems] == [True]
