"""What is written in one pass is what the long way writes."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker import memo, secrets
from checker.conditions.unknown import Unknown
from checker.model import Location
from checker.reports import json_text
from checker.reports.json import document, encode, line
from tests.reports import samples

SAMPLE = samples.DETECTED[0]
TEXTS = st.sampled_from(
    [
        "s3.amazonaws.com",
        "password=hunter2-Xy9",
        '{"password": "hunter2-Xy9"}',
        "d4c0f6e0-1234-4234-8234-123456789012",
        "2026-11-20T10:00:00Z",
        "DB_PASSWORD",
        "SecureString",
        "HIDDEN_DUE_TO_SECURITY_REASONS",
        "x" * 300,
        "\u00e9\u202e\ud800\n",
    ]
) | st.text(max_size=12)
KEYS = st.sampled_from(
    "name value key type password environment variables FOO token secretId a.b".split()
) | st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


PLACES = st.builds(
    Location,
    uri=TEXTS,
    record=st.none() | st.integers(0, 9999),
    start_line=st.integers(1, 9999),
    char_offset=st.none() | st.integers(0, 9999),
    char_length=st.none() | st.integers(0, 9999),
)


def with_evidence(evidence: Any) -> Any:
    return structs.replace(SAMPLE, evidence=evidence)


@given(OBJECTS)
def test_a_line_is_the_text_of_the_document(evidence: dict[str, Any]) -> None:
    finding = with_evidence(evidence)

    for _ in range(2):
        assert line(finding) == encode(document(finding))


@given(KEYS, st.lists(PLACES, max_size=3), TEXTS)
def test_places_in_evidence_are_those_of_the_document(
    key: str, places: list[Location], text: str
) -> None:
    """Correlations list where their events are."""
    listed = [{"id": text, "location": each} for each in places]
    finding = with_evidence({key: listed, "first": text})

    assert line(finding) == encode(document(finding))


def test_the_places_of_a_correlation_are_written_in_one_pass() -> None:
    listed = [{"id": "x", "location": Location("a.json", 3, 1, 20, 90)}]

    assert json.loads(json_text.written({"events": listed})) == {
        "events": [
            {
                "id": "x",
                "location": {
                    "uri": "a.json",
                    "record": 3,
                    "startLine": 1,
                    "charOffset": 20,
                    "charLength": 90,
                },
            }
        ]
    }


@pytest.mark.parametrize(
    "evidence",
    [
        {"a": Unknown("denied")},
        {"a": {1: 2}},
        {"a": (1, 2)},
        {"password=hunter2-Xy9": 1, "password=hunter3-Xy9": 2},
        {"a": json.loads('{"a":' * 200 + "1" + "}" * 200)},
        {"a": float("nan")},
    ],
)
def test_what_is_no_plain_json_is_written_the_long_way(evidence: Any) -> None:
    finding = with_evidence(evidence)

    assert line(finding) == encode(document(finding))
    with pytest.raises(json_text.UnusualError):
        json_text.written(finding.evidence)


@given(st.dictionaries(st.sampled_from(["id", "eventName", "principal"]), VALUES))
def test_a_subject_may_hold_anything(about: dict[str, Any]) -> None:
    subject = {**SAMPLE.subject, **about}
    finding = structs.replace(SAMPLE, subject=subject)

    assert line(finding) == encode(document(finding))


PIECES = st.lists(
    st.sampled_from(
        "GetObject by password= token: --password -u bearer data { [ %3D 12345678: "
        "Basic mysql -p key- 1:AA at in us-east-1 <secret> : = \" ' (not shown)".split(
            " "
        )
    )
    | st.text(max_size=5),
    max_size=6,
).map(" ".join)


@given(PIECES, st.datetimes().map(lambda when: f"{when:%H:%M:%S}"), st.integers(0, 99))
def test_a_message_is_hidden_the_same_whatever_its_time(
    told: str, time: str, day: int
) -> None:
    message = f"{told} at 20{day:02}-11-{day % 29 + 1:02}T{time}Z."

    for _ in range(2):
        assert json_text.sentence(message) == encode(secrets.hide_text(message))


@given(PIECES, PIECES, st.lists(st.ip_addresses(v=4), min_size=1, max_size=2))
def test_a_message_is_hidden_the_same_whatever_its_address(
    told: str, more: str, addresses: list[IPv4Address]
) -> None:
    places = " ".join(f"from {each} in" for each in addresses)
    message = f"{told} {places} {more} at 2026-11-20T10:00:00Z."

    assert json_text.sentence(message) == encode(secrets.hide_text(message))


@given(PIECES)
def test_a_message_need_not_have_a_time(message: str) -> None:
    assert json_text.sentence(message) == json.dumps(secrets.hide_text(message))


@given(st.from_regex(secrets.PLAIN, fullmatch=True))
def test_an_id_or_a_time_hides_nothing(text: str) -> None:
    assert secrets.is_plain(text)
    assert not secrets._searching(secrets._HINT)(text.encode())


def test_no_more_texts_are_remembered_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memo, "_MOST", 10)
    caches: list[dict[Any, Any]] = [
        json_text.TEXTS,
        json_text._KEYS[secrets.Within.PLAIN],
        json_text._BEGINNINGS,
        json_text._ENDS,
    ]

    for number in range(100):
        json_text.written({f"key {number}": f"text {number}"})
        json_text.sentence(f"message {number} at 2026-11-20T10:00:{number % 60:02}Z.")

    assert [len(each) <= 10 for each in caches] == [True] * 4
