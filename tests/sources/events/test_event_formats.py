from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch, Unreadable
from checker.sources.events import formats

EVENT: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "Root", "accountId": "123456789012"},
    "eventTime": "2026-11-21T01:02:03Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.7",
    "requestParameters": None,
    "responseElements": {"ConsoleLogin": "Success", "note": 'a "quoted" {é}'},
    "eventID": "00000000-0000-4000-8000-000000000001",
}


def event(number: int = 1) -> dict[str, Any]:
    return EVENT | {"eventID": f"00000000-0000-4000-8000-{number:012}"}


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


TWO = [event(1), event(2)]
TEXTS = [dump(each) for each in TWO]
LOGS = [{"id": str(n), "timestamp": 1, "message": text} for n, text in enumerate(TEXTS)]
BRIDGE = {
    "version": "0",
    "id": "x",
    "detail-type": "AWS API Call via CloudTrail",
    "source": "aws.signin",
    "account": "123456789012",
}
SUBSCRIPTION = {"messageType": "DATA_MESSAGE", "owner": "123456789012"}

SHAPES = {
    "log file": dump({"Records": TWO}),
    "indented log file": json.dumps({"Records": TWO}, indent=2),
    "log file with a byte order mark": "\ufeff" + dump({"Records": TWO}),
    "log file with another key": dump({"owner": "me", "Records": TWO}),
    "log file with a key after": json.dumps({"Records": TWO, "more": {"Records": 1}}),
    "array": dump(TWO),
    "indented array": json.dumps(TWO, indent=1),
    "lines": "\n".join(TEXTS),
    "lines with blanks and carriage returns": "\r\n\r\n".join(TEXTS) + "\r\n",
    "indented values one after the other": "\n".join(
        json.dumps(each, indent=2) for each in TWO
    ),
    "log files one a line": "\n".join(dump({"Records": [each]}) for each in TWO),
    "arrays one a line": "\n".join(dump([each]) for each in TWO),
    "answer of lookup-events": dump(
        {
            "Events": [
                {"EventId": "1", "ReadOnly": "true", "CloudTrailEvent": text}
                for text in TEXTS
            ],
            "NextToken": "x",
        }
    ),
    "pages of lookup-events": "\n".join(
        dump({"Events": [{"CloudTrailEvent": text}]}) for text in TEXTS
    ),
    "list of lookup-events": dump([{"CloudTrailEvent": text} for text in TEXTS]),
    "EventBridge events": dump([BRIDGE | {"detail": each} for each in TWO]),
    "EventBridge lines": "\n".join(dump(BRIDGE | {"detail": each}) for each in TWO),
    "answer of filter-log-events": dump({"events": LOGS, "searchedLogStreams": []}),
    "messages one a line": "\n".join(map(dump, LOGS)),
    "answer of get-query-results of Logs": dump(
        {
            "results": [
                [{"field": "@message", "value": text}, {"field": "@ptr", "value": "x"}]
                for text in TEXTS
            ],
            "status": "Complete",
        }
    ),
    "console download of Insights": dump([{"@message": each} for each in TWO]),
    "subscription message": dump(SUBSCRIPTION | {"logEvents": LOGS}),
    "Firehose object": "".join(
        dump(SUBSCRIPTION | {"logEvents": [each]}) for each in LOGS
    ),
    "Firehose object with a control message": dump(
        {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL"}]}
    )
    + dump(SUBSCRIPTION | {"logEvents": LOGS}),
    "export to S3": "\n".join(f"2026-11-21T01:02:03.000Z {text}" for text in TEXTS),
    "aws logs tail": "\n".join(
        f"2026-11-21T01:02:03.000000+00:00 123456789012_CloudTrail_us-east-1 {text}"
        for text in TEXTS
    ),
    "strings of lookup-events": dump(TEXTS),
    "EventBridge events in a log group": dump(
        {"events": [{"message": dump(BRIDGE | {"detail": each})} for each in TWO]}
    ),
    "EventBridge events in notifications": "\n".join(
        dump(
            {
                "Type": "Notification",
                "TopicArn": "arn:aws:sns:us-east-1:123456789012:events",
                "Message": dump(BRIDGE | {"detail": each}),
            }
        )
        for each in TWO
    ),
}


def batch(text: str | bytes) -> Batch:
    found = formats.split("x", text.encode() if isinstance(text, str) else text)
    assert isinstance(found, Batch), found
    return found


def reason(text: str | bytes) -> str:
    found = formats.split("x", text.encode() if isinstance(text, str) else text)
    assert isinstance(found, Unreadable), found
    assert found.record is None
    return found.reason


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_events(name: str) -> None:
    found = batch(SHAPES[name])
    assert [formats.decode(record) for record in found.records] == TWO
    assert tuple(found.numbers) == (0, 1)
    assert found.problems == ()
    assert not found.partial
    assert not found.text.startswith(b"\xef\xbb\xbf")


def test_a_single_event_is_one_record() -> None:
    assert [formats.decode(r) for r in batch(json.dumps(EVENT, indent=3)).records] == [
        EVENT
    ]


@pytest.mark.parametrize("empty", ['{"Records":[]}', "[]", '{"Records": [ ] }\n'])
def test_an_input_without_events_is_read(empty: str) -> None:
    assert batch(empty).records == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"eventName":"GetId"}',
        '{"@timestamp":"2020-09-14","eventSource":"s3","eventName":"GetObject"}',
        '{"eventCategory":"Insight","insightDetails":{}}',
        '{"eventVersion":"1.0","eventCategory":"Aggregated","eventId":"1"}',
        '{"eventType":"AwsCloudTrailInsight"}',
    ],
)
def test_what_counts_as_an_event(text: str) -> None:
    assert batch(text).records == (text.encode(),)


ROW = {
    "eventversion": "1.08",
    "useridentity": {"type": "IAMUser", "username": "alice", "principalid": "AIDA"},
    "eventtime": "2023-01-22 16:53:53.000",
    "eventsource": "iam.amazonaws.com",
    "eventname": "CreateUser",
    "readonly": "false",
    "errorcode": "",
    "requestparameters": '{"userName":"Bob","readOnly":"true"}',
    "responseelements": "null and void",
    "resources": None,
}
FROM_ROW = {
    "eventVersion": "1.08",
    "userIdentity": {"type": "IAMUser", "userName": "alice", "principalId": "AIDA"},
    "eventTime": "2023-01-22T16:53:53Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "readOnly": False,
    "requestParameters": {"userName": "Bob", "readOnly": "true"},
    "responseElements": "null and void",
}


def cells(values: list[str]) -> dict[str, Any]:
    return {"Data": [{"VarCharValue": value} for value in values]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (dump([ROW]), FROM_ROW),
        (dump(ROW), FROM_ROW),
        (
            dump(
                {
                    "ResultSet": {
                        "Rows": [
                            cells(["eventname", "useridentity.type"]),
                            cells(["GetId", "Unknown"]),
                        ]
                    }
                }
            ),
            {"eventName": "GetId", "userIdentity": {"type": "Unknown"}},
        ),
        (
            dump(
                {
                    "QueryResultRows": [
                        [
                            {"eventName": "RunInstances"},
                            {"eventTime": "2023-01-22 16:53:53.000"},
                        ]
                    ],
                    "QueryStatus": "FINISHED",
                }
            ),
            {"eventName": "RunInstances", "eventTime": "2023-01-22T16:53:53Z"},
        ),
        (
            dump(
                {
                    "results": [
                        [
                            {"field": "eventName", "value": "GetId"},
                            {"field": "userIdentity.arn", "value": "arn:x"},
                        ]
                    ]
                }
            ),
            {"eventName": "GetId", "userIdentity": {"arn": "arn:x"}},
        ),
    ],
)
def test_rows_of_queries_become_partial_events(
    text: str, expected: dict[str, Any]
) -> None:
    found = batch(text)
    assert found.partial
    assert [formats.decode(record) for record in found.records] == [expected]


def test_a_row_without_the_columns_of_an_event_is_a_problem() -> None:
    found = batch(dump({"QueryResultRows": [[{"userAgent": "x"}]]}))
    assert found.records == ()
    assert "select these columns" in found.problems[0].reason


def test_a_digest_is_recognised() -> None:
    digest = {
        "awsAccountId": "123456789012",
        "digestStartTime": "2026-11-21T01:00:00Z",
        "digestEndTime": "2026-11-21T02:00:00Z",
        "logFiles": [],
    }
    assert formats.split("d", dump(digest).encode()) == formats.Digest("d")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("{}", "its keys are none"),
        ('{"a":1,"b":2}', "its keys are a, b; accepted are"),
        ('{"event":{"id":1}}', "its keys are event"),
        ('{"Records":null}', "Records is null"),
        ('{"class_uid":6003,"metadata":{},"api":{"operation":"x"}}', "OCSF"),
        ('{"@timestamp":"x","event":{"action":"y"},"aws":{}}', "event.original"),
        (b"a/b.json\0" + bytes(248) + b"ustar\x0000", "a tar archive"),
        ('{"s3Bucket":"b","s3ObjectKey":["k"]}', "SNS notification"),
        ('{"Type":"Notification","TopicArn":"t","Message":"{}"}', "SNS"),
        ('"text"', "a string"),
        ("hello", "begins with 'hello'"),
        ("<xml/>", "XML"),
        (b"PAR1\x15\x04", "Parquet"),
        (EVENT["eventName"].encode("utf-16"), "UTF-16"),
        (dump(EVENT).encode("utf-16"), "UTF-16"),
        (dump(EVENT).encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\0\0", "not JSON"),
        (b"\0\1\2\3", "binary"),
        ('{"a":NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
        (
            dump(
                {
                    "detail-type": "GuardDuty Finding",
                    "detail": {"id": 1},
                    "source": "aws.guardduty",
                }
            ),
            "GuardDuty Finding",
        ),
        ('{"Records":[],"Records":[]}', "duplicate `Records`"),
        ('{"x":1,"Records":[],"Records":[]}', "duplicate `Records`"),
    ],
)
def test_what_is_no_event_is_a_problem_that_says_what_was_seen(
    text: str | bytes, words: str
) -> None:
    if words == "nested too deeply":
        found = formats.split("x", text.encode() if isinstance(text, str) else text)
        problems = (found,) if isinstance(found, Unreadable) else batch(text).problems
        assert words in problems[0].reason
    elif words == "duplicate `Records`":
        found = formats.split("x", text.encode() if isinstance(text, str) else text)
        assert words in (
            found.reason
            if isinstance(found, Unreadable)
            else batch(text).problems[0].reason
        )
    else:
        assert words in reason(text)


@pytest.mark.parametrize("source", ["aws:s3", "aws:dynamodb", "aws:ses"])
def test_notifications_that_look_like_log_files_are_no_events(source: str) -> None:
    record = {
        "eventVersion": "1.1",
        "eventSource": source,
        "eventTime": "2026-11-21T01:02:03Z",
        "eventName": "ObjectCreated:Put",
    }
    found = batch(dump({"Records": [record]}))
    assert found.records == ()
    assert source in found.problems[0].reason


def test_a_second_records_list_never_hides_the_first() -> None:
    text = f'{{"Records":[{TEXTS[0]}],"Records":[{TEXTS[1]}]}}'
    found = formats.split("x", text.encode())
    problems = found.problems if isinstance(found, Batch) else (found,)
    assert any(
        isinstance(each, Unreadable) and "duplicate `Records`" in each.reason
        for each in problems
    )


BAD = {
    b'{"eventVersion":"1.0","eventName":NaN}': "NaN",
    b'{"eventVersion":"1.0","eventName":"x","a":}': "not valid JSON",
    b'{"eventVersion":"1.0","eventName":"\xff"}': "UTF-8",
    b'{"eventVersion":"1.0","eventName":"\xed\xa0\x80"}': "UTF-8",
    rb'{"eventVersion":"1.0","eventName":"\ud800"}': "surrogate",
    b'{"eventVersion":"1.0","eventName":"x"': "",
    b'{"eventVersion":"1.0","eventName":"x}': "",
    b'{"eventVersion":"1.0","a":{"b":1,"eventName":"x"}': "",
    b'{"eventVersion":"1.0","eventName":"x"}}': "",
    b'{"eventVersion":"1.0","eventName":"x","a":' + b"[" * 9999 + b"]" * 9999 + b"}": (
        "nested"
    ),
    b'{"name":"no event"}': "its keys are name",
    b'{"event":{"eventName":"x"}}': "its keys are event",
    b"17": "a number",
    b"null": "null",
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("shape", ["log file", "array", "lines"])
def test_one_bad_record_costs_no_other(bad: bytes, place: int, shape: str) -> None:
    values = [text.encode() for text in TEXTS]
    values.insert(place, bad)
    if shape == "lines":
        text = b"\n".join(values)
    else:
        text = b"[" + b",".join(values) + b"]"
        text = text if shape == "array" else b'{"Records":' + text + b"}"
    found = batch(text)
    survivors = [formats.decode(record) for record in found.records]
    assert [each for each in survivors if each in TWO] == TWO
    if bad.endswith(b"}}"):
        return  # an event, and a bracket too many after it
    assert survivors == TWO
    assert found.problems
    assert any(BAD[bad] in problem.reason for problem in found.problems)


def test_numbers_keep_every_digit() -> None:
    numbers = [2**53 + 1, 2**64, -(2**63) - 1, 10**40, 0.1]
    found = batch(dump({"Records": [EVENT | {"numbers": numbers}]}))
    decoded = formats.decode(found.records[0])
    assert isinstance(decoded, dict)
    assert decoded["numbers"] == numbers


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (b'{"a":1e400}', "too large"),
        (b'{"a":' + b"9" * 5000 + b"}", "too large"),
        (b"[]", "not a JSON object"),
        (b'{"a":', "ends before"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"a":' + b"[" * 9999 + b"]" * 9999 + b"}", "nested"),
    ],
)
def test_decode_says_why_it_cannot(record: bytes, words: str) -> None:
    found = formats.decode(record)
    assert isinstance(found, str)
    assert words in found


def test_a_log_message_that_is_no_event_is_one_problem() -> None:
    lines = [LOGS[0], LOGS[1] | {"message": "START RequestId: 1"}, LOGS[1]]
    found = batch(dump({"events": lines}))
    assert [formats.decode(record) for record in found.records] == TWO
    assert tuple(found.numbers) == (0, 2)
    assert [problem.record for problem in found.problems] == [1]
    assert "plain text" in found.problems[0].reason


MANY = [event(number) for number in range(6)]
PLAIN = {
    "log file": dump({"Records": MANY}).encode(),
    "array": dump(MANY).encode(),
    "lines": "\n".join(map(dump, MANY)).encode(),
}


def accounted(text: bytes) -> tuple[list[bytes], int, bool]:
    """Return the events, the problems of records, and if the input itself has one."""
    found = formats.split("x", text)
    if isinstance(found, Unreadable):
        return [], 0, True
    assert isinstance(found, Batch)
    numbered = [p.record for p in found.problems if p.record is not None]
    assert sorted([*found.numbers, *numbered]) == list(
        range(len(found.numbers) + len(numbered))
    )
    return list(found.records), len(numbered), len(numbered) < len(found.problems)


@pytest.mark.parametrize("shape", PLAIN)
def test_a_text_cut_off_anywhere_keeps_its_whole_events(shape: str) -> None:
    text = PLAIN[shape]
    records = [dump(each).encode() for each in MANY]
    for length in range(len(text) - 1):
        whole = sum(text.find(record) + len(record) <= length for record in records)
        events, bad, broken = accounted(text[:length])
        if events or not broken:
            assert events == records[:whole], length
        if shape != "lines":
            assert bad or broken, length
        elif length and text[length - 1 : length + 1] not in (b"}\n", b"\n{"):
            assert bad or broken or whole == len(records), length


@given(
    st.sampled_from(sorted(PLAIN)),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 7)), max_size=3),
)
def test_flipped_bits_lose_no_other_event(
    shape: str, flips: list[tuple[int, int]]
) -> None:
    text = bytearray(PLAIN[shape])
    touched = set()
    for place, bit in flips:
        text[place % len(text)] ^= 1 << bit
        touched.add(place % len(text))
    events, bad, broken = accounted(bytes(text))
    records = [dump(each).encode() for each in MANY]
    starts = [PLAIN[shape].find(record) for record in records]
    if broken and not events:
        return
    for record, start in zip(records, starts, strict=True):
        # The marks around an event are part of what keeps it apart.
        if not any(start - 2 <= at <= start + len(record) + 1 for at in touched):
            assert record in events or bad or broken
    assert len(events) + bad >= len(records) - len(touched) or broken


@given(
    st.binary(max_size=200)
    | st.text(alphabet='{}[]",:\\ae1\n', max_size=60).map(str.encode)
)
def test_any_bytes_at_all_are_judged(text: bytes) -> None:
    formats.split("x", text)
    formats.decode(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                """
                Records Events events logEvents messageType message @message results
                QueryResultRows ResultSet detail detail-type eventName eventname x
                CloudTrailEvent
                """.split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_document_is_events_or_problems(value: object) -> None:
    found = formats.split("x", msgspec.json.encode(value))
    if isinstance(found, Batch):
        for record in found.records:
            assert isinstance(formats.decode(record), dict)
    else:
        assert isinstance(found, Unreadable)
