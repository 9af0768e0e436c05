"""Events as other tools export them are the events that they are, or problems."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.model import Batch, Unreadable
from checker.sources.events import cells, formats, names, query_results, whole

Event = dict[str, Any]


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def lines(events: list[Event], wrap: Callable[[Event], object]) -> str:
    return "\n".join(dump(wrap(event)) for event in events)


def table(events: list[Event], row: Callable[[Event], dict[str, str]]) -> str:
    rows = [row(event) for event in events]
    heads = list(dict.fromkeys(name for each in rows for name in each))
    written = io.StringIO()
    writer = csv.DictWriter(written, heads, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def as_text(event: Event) -> Event:
    return {
        key: dump(value) if isinstance(value, dict) else value
        for key, value in event.items()
    }


def dotted(event: Event) -> Event:
    """Write objects as keys with dots, as deep as they go."""

    def flat(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict) or not value:
            return {path: value}
        made: dict[str, Any] = {}
        for key, item in value.items():
            made |= flat(item, f"{path}.{key}")
        return made

    made: Event = {}
    for key, value in event.items():
        made |= flat(value, key)
    return made


def sentinel(event: Event) -> dict[str, str]:
    identity = event["userIdentity"]
    session = identity.get("sessionContext", {})
    return {
        "TenantId": "t",
        "TimeGenerated [UTC]": event["eventTime"],
        "AwsEventId": event["eventID"],
        "EventSource": event["eventSource"],
        "EventName": event["eventName"],
        "UserIdentityType": identity["type"],
        "UserIdentityArn": identity["arn"],
        "UserIdentityPrincipalid": identity["principalId"],
        "UserIdentityAccountId": identity["accountId"],
        "SessionMfaAuthenticated": session.get("attributes", {}).get(
            "mfaAuthenticated", ""
        ),
        "SessionIssuerArn": session.get("sessionIssuer", {}).get("arn", ""),
        "RequestParameters": dump(event["requestParameters"]),
        "Type": "AWSCloudTrail",
    }


def presto(value: Any) -> str:
    """Write a struct as Athena and Lake do."""
    if isinstance(value, dict):
        inner = ", ".join(f"{k.lower()}={presto(v)}" for k, v in value.items())
        return "{" + inner + "}"
    return "null" if value is None else str(value)


def lake_map(value: Any) -> str:
    """Write an object as Lake's map of texts does; what is nested is JSON there."""
    if value is None:
        return "null"
    inner = ", ".join(
        f"{key}={item if isinstance(item, str) else dump(item)}"
        for key, item in value.items()
    )
    return "{" + inner + "}"


def lake(event: Event) -> dict[str, str]:
    row = {key: str(value) for key, value in event.items()}
    row["eventTime"] = event["eventTime"].replace("T", " ").replace("Z", ".000")
    row["userIdentity"] = presto(event["userIdentity"])
    row["requestParameters"] = lake_map(event["requestParameters"])
    return row


EXACT: dict[str, Callable[[list[Event]], str]] = {
    "objects as text": lambda es: lines(es, as_text),
    "objects as text in Records": lambda es: dump({"Records": [*map(as_text, es)]}),
    "dotted keys": lambda es: lines(es, dotted),
    "dotted keys in an array": lambda es: dump([*map(dotted, es)]),
    "detail": lambda es: lines(es, lambda e: {"detail": e}),
    "Splunk": lambda es: lines(
        es, lambda e: {"preview": False, "result": {"_raw": dump(e), "host": "h"}}
    ),
    "Splunk with fields": lambda es: lines(
        es, lambda e: {"result": {**dotted(as_text(e)), "_raw": dump(e)}}
    ),
    "Splunk results": lambda es: dump({"results": [{"_raw": dump(e)} for e in es]}),
    "Splunk CSV": lambda es: table(
        es, lambda e: {"_time": e["eventTime"], "eventName": "x", "_raw": dump(e)}
    ),
    "HEC": lambda es: "".join(dump({"time": 1, "event": e}) for e in es),
    "HEC of text": lambda es: lines(es, lambda e: {"event": dump(e)}),
    "Elastic": lambda es: dump(
        {"hits": {"hits": [{"_id": "1", "_source": {"message": dump(e)}} for e in es]}}
    ),
    "Elastic original": lambda es: lines(
        es,
        lambda e: {
            "_source": {"@timestamp": "x", "event": {"original": dump(e), "id": 1}}
        },
    ),
    "Elastic fields": lambda es: lines(
        es, lambda e: {"fields": {"event.original": [dump(e)]}}
    ),
    "Datadog": lambda es: dump(
        {"data": [{"attributes": {"attributes": e, "message": "m"}} for e in es]}
    ),
    "Wazuh": lambda es: lines(es, lambda e: {"rule": {}, "data": {"aws": e}}),
    "Loki": lambda es: dump(
        {
            "data": {
                "result": [{"values": [[f"{n}", dump(e)]]} for n, e in enumerate(es)]
            }
        }
    ),
    "logcli": lambda es: lines(es, lambda e: {"labels": {}, "line": dump(e)}),
    "Sumo Logic": lambda es: dump(
        {"messages": [{"map": {"_raw": dump(e)}} for e in es]}
    ),
    "Fluent Bit": lambda es: lines(es, lambda e: {"date": 1.5, "log": dump(e)}),
    "SQS": lambda es: dump({"Messages": [{"Body": dump({"detail": e})} for e in es]}),
    "Log Analytics": lambda es: dump(
        {
            "tables": [
                {
                    "name": "PrimaryResult",
                    "columns": [{"name": "CloudTrailEvent", "type": "string"}],
                    "rows": [[dump(e)] for e in es],
                }
            ]
        }
    ),
    "PowerShell": lambda es: (
        "#TYPE Amazon.CloudTrail.Model.Event\r\n"
        + table(
            es,
            lambda e: {
                "CloudTrailEvent": dump(e),
                "EventName": e["eventName"],
                "Username": "root",
                "Resources": "System.Collections.Generic.List`1",
            },
        )
    ),
    "syslog": lambda es: "\n".join(f"Nov 20 10:05:00 host ct: {dump(e)}" for e in es),
    "syslog 5424": lambda es: "\n".join(
        f'<134>1 2026-11-20T10:05:00Z h a - - [x y="z"] {dump(e)}' for e in es
    ),
    "lines with commas": lambda es: "".join(f"{dump(e)},\n" for e in es),
}

TABLES: dict[str, Callable[[list[Event]], str]] = {
    "Lake CSV": lambda es: table(es, lake),
    "Lake JSON": lambda es: dump(
        {"QueryResultRows": [[{k: v} for k, v in lake(e).items()] for e in es]}
    ),
    "Athena": lambda es: dump(
        {
            "ResultSet": {
                "Rows": [
                    {"Data": [{"VarCharValue": cell} for cell in row]}
                    for row in csv.reader(io.StringIO(table(es, lake)))
                ]
            }
        }
    ),
    "Sentinel": lambda es: table(es, sentinel),
    "Sentinel JSON": lambda es: dump([*map(sentinel, es)]),
    "upper snake": lambda es: lines(
        es,
        lambda e: {
            "EVENT_NAME": e["eventName"],
            "EVENT_SOURCE": e["eventSource"],
            "EVENT_TIME": e["eventTime"],
            "EVENT_ID": e["eventID"],
            "USER_IDENTITY": dump(e["userIdentity"]),
            "REQUEST_PARAMETERS": dump(e["requestParameters"]),
        },
    ),
}

_WORD = st.text('abcdefgXYZ019-_/:.@ =,{}[]"\\é', max_size=12)
_PLAIN = st.text("abcXYZ-_/:.@=,", min_size=1, max_size=12).filter(
    lambda text: text not in ("-", "null")
)
_PARAMETER = st.recursive(
    _WORD | st.booleans() | st.integers(-5, 10**9),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "bC", "key"]), inner, max_size=2)
    ),
    max_leaves=4,
)
_PARAMETERS = st.dictionaries(
    st.sampled_from(["userName", "groupName", "policyArn", "maxItems", "filterSet"]),
    _PARAMETER,
    max_size=4,
)


@st.composite
def _events(draw: st.DrawFn) -> list[Event]:
    count = draw(st.integers(1, 4))
    made: list[Event] = []
    for number in range(count):
        identity: Event = {
            "type": draw(st.sampled_from(["Root", "IAMUser", "AssumedRole"])),
            "principalId": draw(_PLAIN),
            "arn": "arn:aws:iam::123456789012:user/" + draw(_PLAIN),
            "accountId": "123456789012",
        }
        if draw(st.booleans()):
            identity["sessionContext"] = {
                "attributes": {
                    "mfaAuthenticated": draw(st.sampled_from(["true", "false"]))
                },
                "sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/app"},
            }
        made.append(
            {
                "eventVersion": "1.11",
                "userIdentity": identity,
                "eventTime": "2026-11-20T10:00:00Z",
                "eventSource": "iam.amazonaws.com",
                "eventName": "CreateUser",
                "eventID": f"00000000-0000-4000-8000-00000000000{number}",
                "requestParameters": draw(_PARAMETERS),
            }
        )
    return made


def read(text: str) -> Batch:
    found = formats.split("x", text.encode())
    if isinstance(found, Unreadable):
        return Batch("x", b"", (), (), (found,))
    assert isinstance(found, Batch)
    return found


@pytest.mark.parametrize("shape", EXACT)
@settings(max_examples=30)
@given(events=_events())
def test_an_event_in_another_tool_s_wrapping_is_that_event(
    shape: str, events: list[Event]
) -> None:
    batch = read(EXACT[shape](events))

    found = [json.loads(record) for record in batch.records]
    assert len(found) + len(batch.problems) == len(events)
    expected = [without_dots(e) for e in events] if "dot" in shape else events
    if not batch.problems:
        assert found == expected
    for each in found:
        assert each in expected
    if "dotted" not in shape:
        assert not batch.problems


def without_dots(event: Event) -> Event:
    """Return what is left of an event whose objects became keys."""
    return {key: value for key, value in event.items() if value != {}} | (
        {"requestParameters": {}} if event["requestParameters"] == {} else {}
    )


@pytest.mark.parametrize("shape", TABLES)
@settings(max_examples=50)
@given(events=_events())
def test_a_row_is_the_event_that_it_was_or_a_problem(
    shape: str, events: list[Event]
) -> None:
    batch = read(TABLES[shape](events))

    assert len(batch.records) + len(batch.problems) == len(events)
    by_id = {event["eventID"]: event for event in events}
    for record in batch.records:
        found = json.loads(record)
        event = by_id[found["eventID"]]
        assert found["userIdentity"] == event["userIdentity"]
        for key in ("eventName", "eventSource", "eventTime"):
            assert found[key] == event[key]
        if "Lake" not in shape and shape != "Athena":
            assert (found.get("requestParameters") or {}) == event["requestParameters"]


def test_a_map_of_lake_is_read_with_its_types() -> None:
    text = (
        "{userName=bob, force=true, maxItems=50, accountId=123456789012, x=a=b, "
        'tagSet={"items":[{"key":"a, b=c"}]}, policyDocument={"Version":"1"}, '
        "none=null}"
    )
    made = query_results.restore({"requestParameters": text})
    assert made.event == {
        "requestParameters": {
            "userName": "bob",
            "force": True,
            "maxItems": 50,
            "accountId": "123456789012",
            "x": "a=b",
            "tagSet": {"items": [{"key": "a, b=c"}]},
            "policyDocument": '{"Version":"1"}',
            "none": None,
        }
    }


@pytest.mark.parametrize(
    "text",
    [
        "{a=1, a=2}",
        "{a=b, c, d=e}",
        "{a={b=c, d}",
        "{a=x}, b=y}",
        '{a={"x":1} z, b=y}',
        "{a=foo {bar, baz=1}, x=y}",
        '{"a":1',
        "{a",
        "{=b}",
        "{a=[1, 2}",
        "{" + "a={" * 100 + "}" * 100,
    ],
)
def test_what_can_be_read_in_two_ways_is_not_guessed(text: str) -> None:
    with pytest.raises(cells.UnclearError):
        cells.decode(text)
    rows = table([{}], lambda _: {"eventName": "X", "requestParameters": text})
    batch = read(rows)
    assert not batch.records
    assert "requestParameters cannot be read" in batch.problems[0].reason


@pytest.mark.parametrize(
    "name",
    [
        "username",
        "user_type",
        "principal",
        "requestParameters_userName",
        "resources{}.ARN",
        "mfa_used",
        "errorInfo",
    ],
)
def test_a_column_that_may_belong_to_the_event_makes_the_row_a_problem(
    name: str,
) -> None:
    batch = read(table([{}], lambda _: {"eventName": "X", name: "y"}))
    assert not batch.records
    assert name in batch.problems[0].reason


def test_columns_of_partitions_and_of_the_user_s_own_cost_nothing() -> None:
    row = {"eventname": "X", "year": "2026", "region": "eu-west-1", "cnt": "3"}
    batch = read(table([{}], lambda _: row))
    assert [json.loads(each) for each in batch.records] == [{"eventName": "X"}]
    assert not batch.problems
    assert batch.others == ("cnt",)


def test_a_column_of_whole_events_that_is_cut_off_is_a_problem() -> None:
    row = {"EventName": "X", "EventSource": "y", "CloudTrailEvent": '{"eventName":"X'}
    batch = read(table([{}], lambda _: row))
    assert not batch.records
    assert "ends before its end" in batch.problems[0].reason


def test_two_columns_that_disagree_make_the_row_a_problem() -> None:
    row = {
        "eventName": "X",
        "requestParameters": '{"userName":"a"}',
        "requestParameters.userName": "b",
    }
    batch = read(table([{}], lambda _: row))
    assert not batch.records
    assert "something else" in batch.problems[0].reason


def test_of_a_list_with_events_every_other_item_is_a_problem() -> None:
    good = {"eventName": "X", "eventSource": "y"}
    batch = read(
        dump({"logs": [good, {"a": 1}, "text", dump(good), ["1", dump(good)]]})
    )
    assert len(batch.records) == 3
    assert len(batch.problems) == 2


def test_every_column_of_sentinel_s_table_is_known() -> None:
    # https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/awscloudtrail
    every = """
    AdditionalEventData APIVersion AwsEventId AWSRegion AwsRequestId AwsRequestId_
    _BilledSize Category CidrIp CipherSuite ClientProvidedHostHeader DestinationPort
    EC2RoleDelivery ErrorCode ErrorMessage EventName EventSource EventTypeName
    EventVersion IpProtocol _IsBillable ManagementEvent OperationName ReadOnly
    RecipientAccountId RequestParameters Resources ResponseElements
    ServiceEventDetails SessionCreationDate SessionIssuerAccountId SessionIssuerArn
    SessionIssuerPrincipalId SessionIssuerType SessionIssuerUserName
    SessionMfaAuthenticated SharedEventId SourceIpAddress SourcePort SourceSystem
    TenantId TimeGenerated TlsVersion Type UserAgent UserIdentityAccessKeyId
    UserIdentityAccountId UserIdentityArn UserIdentityInvokedBy
    UserIdentityPrincipalid UserIdentityType UserIdentityUserName VpcEndpointId
    """.split()
    known = {names.Kind.FIELD, names.Kind.BOOKKEEPING}
    assert [each for each in every if names.column(each).kind not in known] == []


def test_the_fields_that_panther_adds_to_an_event_cost_nothing() -> None:
    # https://docs.panther.com/search/panther-fields
    record = {
        "eventname": "StopLogging",
        "eventsource": "cloudtrail.amazonaws.com",
        "eventtime": "2026-11-20 10:05:00",
        "p_event_time": "2026-11-20 10:05:00",
        "p_any_aws_arns": ["arn:aws:iam::123456789012:user/alice"],
        "p_any_aws_account_ids": ["123456789012"],
        "p_log_type": "AWS.CloudTrail",
        "recipientAccountId": "123456789012",
    }
    batch = read(dump(record))

    assert not batch.problems
    assert json.loads(batch.records[0])["eventName"] == "StopLogging"


def test_what_aws_masks_stays_as_it_is() -> None:
    record = dump(
        {"eventName": "X", "requestParameters": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    ).encode()
    assert whole.is_whole(record)


def test_fields_that_are_new_change_nothing() -> None:
    text = '{"eventName":"X","newField":1,"p_tag":"y","userIdentity":{"newKey":1.0}}'
    batch = read(text)
    assert batch.records == (text.encode(),)
