"""Detection rules on batches of events: the index loses nothing, evidence explains."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.evaluate.detection import detector as detection
from checker.model import Batch, Detection, DetectionRule, Level
from checker.sources.events import formats


def rule(condition: str, name: str = "it", **selections: Any) -> DetectionRule:
    nodes = {
        key: conditions.parse(value)
        if isinstance(value, str)
        else conditions.field_map(value)
        for key, value in selections.items()
    }
    lowered = conditions.lower(conditions.parse(condition), nodes)
    return DetectionRule(
        path="it.yml",
        line=1,
        title="It happened",
        name=name,
        id="4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a01",
        level=Level.HIGH,
        status="test",
        detection=Detection(nodes, lowered),
    )


def batch(*events: Any) -> Batch:
    records = tuple(
        each if isinstance(each, bytes) else json.dumps(each).encode()
        for each in events
    )
    return Batch("x.json", b"\n".join(records), records, tuple(range(len(records))))


def matched(one: DetectionRule, *events: Any) -> list[int]:
    found = detection.evaluate(detection.compile_rules([one]), batch(*events))
    return [match.record for match in found.matches]


SIGN_IN = {
    "eventID": "e1",
    "eventTime": "2026-11-21T00:00:00Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.1",
    "recipientAccountId": "123456789012",
    "userIdentity": {"type": "Root", "arn": "arn:aws:iam::123456789012:root"},
}


def test_a_match_says_what_held_and_which_values_decided() -> None:
    one = rule(
        "sign_in && userIdentity.type == 'Root' && !(failed)",
        sign_in={"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin"},
        failed="errorMessage == 'Failed authentication'",
    )

    (match,) = detection.evaluate(
        detection.compile_rules([one]), batch(SIGN_IN)
    ).matches

    assert match.evidence == {
        "sign_in": True,
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "userIdentity.type": "Root",
    }
    assert match.subject == {
        "type": "event",
        "id": "e1",
        "eventTime": "2026-11-21T00:00:00Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "accountId": "123456789012",
        "principal": "arn:aws:iam::123456789012:root",
        "sourceIPAddress": "192.0.2.1",
    }


def test_a_rule_without_source_or_name_finds_its_events() -> None:
    one = rule("userIdentity.type == 'Root'")

    assert matched(one, SIGN_IN, {**SIGN_IN, "userIdentity": {"type": "Role"}}) == [0]


def test_an_escaped_letter_hides_nothing() -> None:
    text = json.dumps(SIGN_IN)
    by_type = text.replace('"Root"', '"Ro\\u006ft"').encode()
    by_name = text.replace("ConsoleLogin", "Console\\u004cogin").encode()

    assert matched(rule("userIdentity.type == 'Root'"), by_type) == [0]
    assert matched(rule("eventName == 'ConsoleLogin'"), by_name) == [0]


def test_header_fields_of_another_type_do_not_hide_an_event() -> None:
    odd = {**SIGN_IN, "eventType": 7, "readOnly": ["x"]}

    found = detection.evaluate(
        detection.compile_rules([rule("userIdentity.type == 'Root'")]), batch(odd)
    )

    assert [match.record for match in found.matches] == [0]
    assert found.event_ids == (SIGN_IN.get("eventID"),)
    assert not found.problems


def test_what_is_not_json_is_a_problem_and_stops_nothing() -> None:
    found = detection.evaluate(
        detection.compile_rules([rule("userIdentity.type == 'Root'")]),
        batch(b"{", SIGN_IN, b"[1]"),
    )

    assert [match.record for match in found.matches] == [1]
    assert [problem.record for problem in found.problems] == [0, 2]
    assert found.records == (1,)


def test_secrets_and_long_values_are_not_shown() -> None:
    event = {
        **SIGN_IN,
        "responseElements": {
            "credentials": {"sessionToken": "aAaA", "accessKeyId": "ASIAEXAMPLE"},
            "note": "x" * 5000,
        },
    }

    (match,) = detection.evaluate(
        detection.compile_rules([rule("responseElements && eventName")]), batch(event)
    ).matches

    shown = match.evidence["responseElements"]
    assert shown["credentials"] == {
        "sessionToken": "(not shown)",
        "accessKeyId": "ASIAEXAMPLE",
    }
    assert len(shown["note"]) < 1100


def test_numbers_beyond_double_precision_are_compared_exactly() -> None:
    event = {**SIGN_IN, "requestParameters": {"n": 9007199254740993}}

    assert matched(rule("requestParameters.n == `9007199254740993`"), event) == [0]
    assert matched(rule("requestParameters.n == `9007199254740992`"), event) == []


values = st.sampled_from(["a", "b", "Root", "é", "", None, 1, True])
texts = values | st.sampled_from(["s3.amazonaws.com", "PutObject", "GetObject", [], {}])
identities = st.fixed_dictionaries(
    {}, optional={"type": values, "arn": values, "sessionContext": values}
)
parameters = st.fixed_dictionaries(
    {}, optional={"key": texts, "x-amz-acl": values, "list": st.lists(values)}
)
events = st.fixed_dictionaries(
    {},
    optional={
        "eventSource": texts,
        "eventName": texts,
        "eventID": st.text(max_size=3),
        "errorCode": values,
        "errorMessage": values,
        "readOnly": values,
        "eventType": values,
        "userAgent": values,
        "addendum": values | st.sampled_from([{}, {"reason": "UPDATED_DATA"}]),
        "userIdentity": identities | values,
        "requestParameters": parameters | values,
    },
)
paths = st.sampled_from(
    [
        "eventSource",
        "eventName",
        "errorCode",
        "errorMessage",
        "readOnly",
        "userAgent",
        "userIdentity.type",
        "userIdentity.arn",
        "userIdentity",
        "addendum",
        "addendum.reason",
        "eventID",
        "requestParameters.key",
        "requestParameters.key.a",
        'requestParameters."x-amz-acl"',
        "requestParameters.list[0]",
    ]
)
leaves = (
    st.builds(
        "{} {} {}".format,
        paths,
        st.sampled_from(["==", "!="]),
        st.sampled_from(
            ["'a'", "'b'", "'Root'", "'é'", "''", "`null`", "`1`", "`true`"]
        ),
    )
    | st.builds("one_of({}, ['a', 'b'])".format, paths)
    | st.builds("contains({}, 'a')".format, paths)
    | st.builds("matches(lower({}), '^r|b$')".format, paths)
    | st.builds("contains(['a', 'b'], {})".format, paths)
    | st.sampled_from(
        [
            "eventSource == 's3.amazonaws.com'",
            "eventSource == 's3.amazonaws.com' && eventName == 'PutObject'",
            "one_of(eventName, ['PutObject', 'GetObject'])",
            "requestParameters.list[?@ == 'a']",
            "!errorCode",
        ]
    )
    | paths
)
expressions = st.recursive(
    leaves,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("(!({}))".format, inner)
    ),
    max_leaves=6,
)


@given(
    st.lists(expressions, min_size=1, max_size=4),
    st.lists(events, max_size=6),
    st.booleans(),
)
def test_the_index_finds_what_every_rule_on_every_event_would(
    conditions_: list[str],
    some: list[dict[str, Any]],
    as_file: bool,  # noqa: FBT001 - drawn
) -> None:
    rules = [rule(text, f"r{n}") for n, text in enumerate(conditions_)]
    if as_file:
        some = [{**NAMED, **each} for each in some]
    detector = detection.compile_rules(rules)

    given_ = log_file(detector, some) if as_file else batch(*some)
    found = detection.evaluate(detector, given_)

    # An event that a log file could hold only in part is a problem, not a record.
    # So is one that has a field of another type, if it is decoded to be judged.
    told = {each.record for each in found.problems}
    judged = {
        number: event
        for number, record in zip(given_.numbers, given_.records, strict=True)
        if not detector.fields().misfit(event := json.loads(record))
    }
    naive = {
        (each.name, number)
        for each in rules
        for number, event in judged.items()
        if detection.holds(each, event)
    }
    assert told.isdisjoint(judged)
    assert len(given_.numbers) + len(given_.problems) == len(some)
    assert {(match.rule, match.record) for match in found.matches} == naive
    assert len(found.matches) == len(naive)
    assert len(found.records) + len(told) == len(given_.numbers)


NAMED = {
    "eventVersion": "1.11",
    "eventSource": "iam.amazonaws.com",
    "eventName": "GetUser",
    "eventTime": "2026-11-20T10:00:00Z",
}


def log_file(detector: detection.Detector, some: list[dict[str, Any]]) -> Batch:
    """Read the events as a file of CloudTrail, headers and all."""
    text = json.dumps({"Records": some}, separators=(",", ":")).encode()
    found = formats.split("x.json", text, header=detector.header)
    assert isinstance(found, Batch)
    return found


def test_a_field_that_a_header_holds_in_part_is_asked_of_the_event() -> None:
    """Of an addendum the header knows two fields, and not whether it is empty."""
    detector = detection.compile_rules([rule("addendum", "corrected")])

    found = detection.evaluate(
        detector, log_file(detector, [{**NAMED, "addendum": {}}, dict(NAMED)])
    )

    assert found.matches == ()


def test_many_files_are_judged_like_one_event_alone() -> None:
    """What is remembered of a kind of event, or a value, must not leak to another."""
    detector = detection.compile_rules(
        [
            rule("contains(userAgent, 'kali')", "agent"),
            rule("userIdentity.type == 'Root' && !errorCode", "root"),
            rule(
                "eventSource == 's3.amazonaws.com' && eventName == 'PutObject' && "
                "matches(requestParameters.key, 'ransom')",
                "note",
            ),
        ]
    )
    one = {**NAMED, "userAgent": "aws-cli kali", "userIdentity": {"type": "IAMUser"}}
    two = {**NAMED, "userAgent": "aws-cli", "userIdentity": {"type": "Root"}}
    put = {"eventSource": "s3.amazonaws.com", "eventName": "PutObject"}
    three = {**NAMED, **put, "requestParameters": {"key": "ransom.txt"}}
    four = {**NAMED, **put, "requestParameters": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    five = {**two, "errorCode": "AccessDenied"}
    cases: list[tuple[list[dict[str, Any]], list[tuple[str, int]]]] = [
        ([one, two], [("agent", 0), ("root", 1)]),
        ([two, one, five], [("root", 0), ("agent", 1)]),
        ([four, three, five], [("note", 1)]),
        ([five, four], []),
        ([one] * 3, [("agent", 0), ("agent", 1), ("agent", 2)]),
    ]
    for some, expected in cases:
        found = detection.evaluate(detector, log_file(detector, some))
        assert [(match.rule, match.record) for match in found.matches] == expected
