"""What was worked out for one event is what another, judged alone, would have given."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker import conditions
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection import index
from checker.evaluate.detection.event_fields import EventFields
from checker.evaluate.detection.identities import MemoryBudget
from checker.evaluate.detection.remembered import Remembered, of_event
from checker.model import Batch
from checker.model.columns import HeaderColumns
from checker.sources.events import accelerator, files
from tests.evaluate.detection.test_detector import SIGN_IN, batch, rule
from tests.evaluate.detection.test_event_fields import fields_of

CLAIM = conditions.parse("contains(userAgent, 'Terraform')")
RULES = [
    structs.replace(
        rule(
            "call && !inside", call={"eventName": ["A", "B"]}, inside="userIdentity.x"
        ),
        name="lowered",
        lowered_by={"claimed": CLAIM},
        fields=("requestParameters",),
    ),
    structs.replace(
        rule(
            "(a || b) && c",
            a={"eventName": "A"},
            b={"requestParameters.k": "1"},
            c="!(requestParameters.k == `1`)",
        ),
        name="either",
        instead_of=("lowered",),
    ),
    structs.replace(
        rule("a && b", a={"eventName": "C"}, b="starts_with(eventTime, '2026-11-21T')"),
        name="timed",
    ),
]
CARRIED = {
    "either": ["sourceIPAddress", "[@][?!userAgent].userIdentity.arn | [0]"],
    "lowered": ["userIdentity.arn"],
}

VALUES: dict[str, list[Any]] = {
    "eventName": ["A", "B", "C"],
    "eventTime": ["2026-11-21T00:00:00Z", "2026-11-21T00:00:01Z", "today", None, 5],
    "userIdentity": [{"type": "Root"}, {"type": "IAMUser", "x": 1, "arn": "a"}, None],
    "eventID": [None, 7, "e"],
    "userAgent": ["Terraform", "aws-cli", ""],
    "awsRegion": ["eu-west-1", "us-east-1"],
    "sourceIPAddress": ["192.0.2.7", "192.0.2.8"],
    "recipientAccountId": ["123456789012", "210987654321"],
    "requestParameters": [{"k": "1"}, {"k": 1}, {"k": True}, {"k": 1.0}, {}, None, ""],
    "sharedEventID": ["s1", "s2", None, ""],
    "eventCategory": ["Management", "NetworkActivity"],
    "eventType": ["AwsApiCall", "AwsVpceEvent"],
}
CHANGES = [{name: value} for name, values in VALUES.items() for value in values]


def compile_all() -> detection.Detector:
    with pytest.MonkeyPatch.context() as patch:
        # A header holds what all rules ask for: much is left for the event.
        patch.setattr(index, "_RARELY", 1)
        return detection.compile_rules(RULES, CARRIED)


@given(
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(VALUES["requestParameters"]),
    st.lists(st.sampled_from(CHANGES), min_size=10, max_size=20),
)
def test_an_event_gives_the_same_alone_and_behind_one_that_differs_in_a_field(
    name: str, parameters: object, changes: list[dict[str, Any]]
) -> None:
    first = {**SIGN_IN, "eventName": name, "requestParameters": parameters}
    events = [first, *({**first, **change} for change in changes)]
    detector = compile_all()
    detection.evaluate(detector, batch(*events))

    together = [detection.evaluate(detector, batch(each)) for each in events]

    alone = [detection.evaluate(compile_all(), batch(each)) for each in events]
    assert [
        (each.matches, list(each.hits), each.untimed, each.problems)
        for each in together
    ] == [
        (each.matches, list(each.hits), each.untimed, each.problems) for each in alone
    ]


def test_columns_and_decoded_events_have_the_same_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(accelerator.SWITCH, "on")
    if accelerator.version() is None:
        pytest.skip("there is no compiled reader of this version")
    draw = random.Random(5)
    names, agents = ["A", "B", "C"], ["Terraform", "aws-cli"]
    records = [
        {
            **SIGN_IN,
            "eventID": f"00000000-0000-4000-8000-{number:012}",
            "eventName": draw.choice(names),
            "userAgent": draw.choice(agents),
            "requestParameters": {"k": draw.choice(["1", "2", 1, True])},
        }
        for number in range(200)
    ]
    text = json.dumps({"Records": records}).encode()
    detector = detection.compile_rules(RULES, CARRIED)
    log = tmp_path / "log.json"
    log.write_bytes(text)
    (given_,) = files.find([str(log)])
    assert isinstance(given_, files.Input)
    (found,) = files.read(given_, detector.header)
    assert isinstance(found, Batch)
    assert isinstance(found.headers, HeaderColumns)
    plain = batch(*records)

    by_columns = detection.evaluate(detector, structs.replace(found, uri="x.json"))

    decoded = detection.evaluate(compile_all(), plain)
    assert by_columns.matches == decoded.matches
    assert list(by_columns.hits) == list(decoded.hits)
    assert by_columns.matches


def fields(number: int) -> EventFields:
    found = fields_of(json.dumps({"requestParameters": {"n": number}}).encode())
    assert found is not None
    return found


def test_what_is_worked_out_again_and_again_in_vain_is_remembered_no_more() -> None:
    asked: list[int] = []

    def number(event: dict[str, Any]) -> int:
        asked.append(event["requestParameters"]["n"])
        return asked[-1]

    room = MemoryBudget()
    remembered = of_event(number, {"requestParameters"}, room)

    def of(value: int) -> int:
        return remembered.of(fields(value))

    assert [of(1), of(1), of(2)] == [1, 1, 2]
    assert asked == [1, 2]
    assert [of(n) for n in range(1_000)] == list(range(1_000))
    assert of(1) == 1
    room.clear()
    asked.clear()
    assert [of(1), of(1)] == [1, 1]
    assert asked == [1]


def test_what_is_remembered_takes_its_room() -> None:
    room = MemoryBudget()
    remembered = Remembered(lambda _: None, {"requestParameters"}, room, 30)

    for number in (1, 2, 2):
        remembered.of(fields(number))

    assert room.taken == 2 * 31


@pytest.mark.parametrize("worth", [1, 8])
def test_what_is_dear_to_work_out_is_remembered_longer(worth: int) -> None:
    asked: list[EventFields] = []
    names = {"requestParameters"}
    remembered = Remembered(asked.append, names, MemoryBudget(), worth=worth)
    most = 500 * worth

    for number in range(most + 1):
        remembered.of(fields(number))
    assert len(asked) == most + 1
    remembered.of(fields(most))
    assert len(asked) == most + 2, "nothing came again: nothing more is looked up"

    remembered.forget()
    for number in [*range(most), *[0] * 501, most]:
        remembered.of(fields(number))
    asked.clear()
    remembered.of(fields(most))
    assert not asked, "what came again was worth it"


def test_what_is_asked_of_forgotten_kinds_is_forgotten_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "MOST_KINDS", 2)
    detector = compile_all()

    for number in range(30):
        errors = [f"Error{number}{each}" for each in "abc"]
        events = [{**SIGN_IN, "eventName": "C", "errorCode": each} for each in errors]
        detection.evaluate(detector, batch(*events))

    assert 0 < len(detector._left) < 10
