"""Tables in CSV are read row by row, and no row is lost in silence."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch, Unreadable
from checker.sources.events import formats, query_results

IDENTITY = (
    "{type=AssumedRole, principalid=AROAEXAMPLE:app, "
    "arn=arn:aws:sts::123456789012:assumed-role/app/a=b,c, accountid=123456789012, "
    "invokedby=null, accesskeyid=, username=null, sessioncontext={attributes="
    "{mfaauthenticated=false, creationdate=2026-11-20T10:00:00Z}, sessionissuer="
    "{type=Role, username=app}, ec2roledelivery=null, webidfederationdata={}}}"
)


def event(number: int = 1) -> dict[str, Any]:
    return {
        "eventVersion": "1.09",
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "eventID": f"e{number}",
        "requestParameters": {"userName": 'a "quoted", and\nbroken name'},
    }


def table(*rows: list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    return written.getvalue().encode()


def batch(text: bytes) -> Batch:
    found = formats.split("result.csv", text)
    assert isinstance(found, Batch)
    return found


def test_the_result_of_a_query_is_events_with_the_types_of_a_record() -> None:
    made = event()
    heads = ["useridentity", "readonly", *map(str.lower, made)]
    cells = [v if isinstance(v, str) else json.dumps(v) for v in made.values()]

    found = batch(table(heads, [IDENTITY, "false", *cells]))

    assert found.partial
    assert not found.problems
    read = json.loads(found.records[0])
    identity = read.pop("userIdentity")
    assert read == {**made, "readOnly": False}
    assert identity == {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:app",
        "arn": "arn:aws:sts::123456789012:assumed-role/app/a=b,c",
        "accountId": "123456789012",
        "sessionContext": {
            "attributes": {
                "mfaAuthenticated": "false",
                "creationDate": "2026-11-20T10:00:00Z",
            },
            "sessionIssuer": {"type": "Role", "userName": "app"},
            "webIdFederationData": {},
        },
    }


@pytest.mark.parametrize(
    "text",
    [
        "{type=Root, type=Root}",
        "{type=Root",
        "{type=Root} and more",
        "{{type=Root}}",
        "{type}",
        "Root",
    ],
)
def test_a_struct_that_is_not_understood_makes_the_row_a_problem(text: str) -> None:
    rows = [["eventname", "useridentity"], ["GetId", text]]
    found = formats.split("t", table(*rows))
    assert isinstance(found, Batch)
    assert not found.records
    (problem,) = found.problems
    assert "useridentity cannot be read" in problem.reason


def test_a_key_that_is_new_in_a_struct_costs_no_other() -> None:
    made = query_results.restore(
        {"useridentity": "{type=Root, brandnewkey=1, username=a}"}
    )
    assert made.event == {
        "userIdentity": {"type": "Root", "brandnewkey": "1", "userName": "a"}
    }


@pytest.mark.parametrize("head", ["@message", "message"])
def test_exported_messages_are_whole_events(head: str) -> None:
    rows = [["2026-11-20 10:00:00.000", json.dumps(event(n))] for n in (1, 2)]

    found = batch(table(["@timestamp", head], *rows))

    assert [json.loads(each) for each in found.records] == [event(1), event(2)]
    assert not found.partial
    start, length = found.spans[1]
    assert b'""e2""' in found.text[start : start + length]


def test_what_is_wrong_with_a_row_is_said_and_costs_no_other() -> None:
    good = table(["e1", "CreateUser"])
    text = table(["eventid", "eventname"]) + good + b"e2\r\n" + b"\xff,x\r\n" + good
    text += b'"e3","Creat'

    found = batch(text)

    assert len(found.records) == 2
    assert [each.reason for each in found.problems] == [
        "the row has 1 cells, and 2 headings (line 3)",
        "it holds bytes that are not UTF-8 (line 4)",
        "the row of the table cannot be read: unexpected end of data (line 6)",
    ]
    assert [each.record for each in found.problems] == [1, 2, 4]


@pytest.mark.parametrize(
    "text", [b'"message"', b'"eventName"\n', b"eventname", b"name,value\n1,2\n"]
)
def test_what_only_looks_like_headings_is_no_table(text: bytes) -> None:
    assert isinstance(formats.split("x", text), Unreadable)


@pytest.mark.parametrize("lines", [True, False])
def test_events_as_strings_of_json_are_events(lines: bool) -> None:  # noqa: FBT001 - drawn
    # aws cloudtrail lookup-events --query "Events[].CloudTrailEvent"
    texts = [json.dumps(event(1)), "\n " + json.dumps(event(2))]
    text = "\n".join(map(json.dumps, texts)) if lines else json.dumps(texts, indent=4)

    found = batch(text.encode())

    assert [json.loads(each) for each in found.records] == [event(1), event(2)]
    assert not found.problems


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)), st.data())
def test_every_row_is_an_event_or_a_problem(
    rows: list[list[str]], data: st.DataObject
) -> None:
    text = table(["eventname", "x"], *rows)
    whole = batch(text)
    assert len(whole.records) + len(whole.problems) == len(rows)

    cut = text[: data.draw(st.integers(len('"eventname","x"\r\n'), len(text)))]
    found = batch(cut)
    assert len(found.records) + len(found.problems) <= len(rows)
    if cut != text and not text[len(cut) :].strip():
        assert found.records == whole.records


def test_a_table_is_not_refused_as_text_that_is_no_json() -> None:
    assert formats.refusal(b"timestamp,message\n1,x\n") is None
