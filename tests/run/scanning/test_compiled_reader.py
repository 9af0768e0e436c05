"""The compiled reader (`core/`) and the Python reader give the same of every text."""

from __future__ import annotations

import functools
import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker import rules
from checker.aws.record_schema import RECORD
from checker.evaluate.detection import index, judging
from checker.evaluate.detection.batch_reader import Reading
from checker.evaluate.detection.detector import Detector
from checker.evaluate.detection.header import is_text
from checker.evaluate.detection.judging import form_of
from checker.model import AnyRule, DetectionRule, Level, Match
from checker.model.columns import HeaderColumns
from checker.run.scanning.job import make_job
from checker.run.scanning.scanned import Scanned
from checker.run.scanning.worker import Scanner
from checker.sources.events import accelerator, chunks, compiled, formats
from checker.sources.events.period import Period
from checker.sources.events.period import moment as time_of
from tests.evaluate.detection.test_detector import rule
from tests.sources.events.test_event_formats import SHAPES, dump, event

pytest.importorskip("trailcheck_core")

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"
SHIPPED = sorted((ROOT / "rules/events").iterdir())
PLAIN = {"log file", "indented log file", "log file with a byte order mark"} | {
    "lines",
    "lines with blanks and carriage returns",
    "indented values one after the other",
}
IDENTITY: dict[str, Any] = {"type": "IAMUser", "userName": "é", "accountId": "1"}


@functools.cache
def pack() -> Sequence[AnyRule]:
    return rules.load()


def some_rules() -> Sequence[AnyRule]:
    """Return rules of which each reads other fields of an event."""
    return [rule for rule in pack() if isinstance(rule, DetectionRule)][::6]


@pytest.fixture(scope="module", autouse=True)
def switched_on() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(accelerator.SWITCH, "on")
        yield


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(make_job(rules.at_least(pack(), Level.LOW), pack()))


@pytest.fixture(scope="module")
def small() -> Scanner:
    return Scanner(make_job(some_rules()))


@pytest.mark.parametrize("name", compiled._TEXTS)
def test_what_is_read_as_text_is_text_in_a_header(name: str) -> None:
    assert is_text((name,))


def scan(scanner: Scanner, text: bytes, switch: str) -> tuple[Scanned[Match], ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(accelerator.SWITCH, switch)
        return scanner.scan("log.json", text)


def assert_same(scanner: Scanner, text: bytes) -> tuple[Scanned[Match], ...]:
    """Check that both readers give the same: findings, statistics, problems, places."""
    read = scan(scanner, text, "on")
    assert read == scan(scanner, text, "off")
    return read


def is_read(scanner: Scanner, text: bytes) -> bool:
    """Return whether the compiled reader takes a text."""
    header = scanner.header
    assert accelerator.version()
    return any(
        read(text.removeprefix(b"\xef\xbb\xbf"), header) is not None
        for read in (compiled.log_file, compiled.lines)
    )


def records() -> list[dict[str, Any]]:
    found = [json.loads(file.read_bytes()) for file in SHIPPED]
    for number, record in enumerate(found):
        record["eventID"] = event(number)["eventID"]
    return found


def as_log_file(events: list[dict[str, Any]]) -> bytes:
    return dump({"Records": events}).encode()


def as_lines(events: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(dump, events)).encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_alike(scanner: Scanner, shape: str) -> None:
    text = SHAPES[shape].encode()

    found = assert_same(scanner, text)

    assert found[-1].matches
    assert is_read(scanner, text) is (shape in PLAIN)


@pytest.mark.parametrize("write", [as_log_file, as_lines])
def test_what_rules_look_for_is_found_alike(
    scanner: Scanner, write: Callable[[list[dict[str, Any]]], bytes]
) -> None:
    text = write(records())

    found = assert_same(scanner, text)

    assert sum(len(each.matches) for each in found) > len(SHIPPED) / 2
    assert is_read(scanner, write([event(number) for number in range(9)]))


@pytest.mark.parametrize("write", [as_log_file, as_lines])
def test_each_record_is_read_alike_among_others(
    scanner: Scanner, write: Callable[[list[dict[str, Any]]], bytes]
) -> None:
    read = 0
    for number, record in enumerate(records()[::7]):
        text = write([event(1), record, event(2 + number)])
        assert_same(scanner, text)
        read += is_read(scanner, text)

    assert read > len(SHIPPED) / 7 / 2


ODD: dict[str, Callable[[str], str]] = {
    "a key that comes twice": lambda text: text.replace("{", '{"eventName":"X",', 1),
    "an unknown key that comes twice": lambda text: text.replace(
        "{", '{"x":1,"x":2,', 1
    ),
    "an escaped key": lambda text: text.replace('"eventName"', '"event\\u004eame"'),
    "an escaped value": lambda text: text.replace("ConsoleLogin", "Console\\u004cogin"),
    "a pair of surrogates": lambda text: text.replace("é", "\\ud83d\\ude00"),
    "half a surrogate": lambda text: text.replace("é", "\\ud83d"),
    "a number as eventName": lambda text: text.replace('"ConsoleLogin",', "7,", 1),
    "no eventName": lambda text: text.replace('"ConsoleLogin",', '"",', 1),
    "another's event": lambda text: text.replace('"signin.', '"aws:signin.'),
    "null as eventSource": lambda text: text.replace('"signin.amazonaws.com"', "null"),
    "a flag as userAgent": lambda text: text.replace("{", '{"userAgent":true,', 1),
    "a number as errorMessage": lambda text: text.replace(
        "{", '{"errorMessage":1.50,', 1
    ),
    "a large number": lambda text: text.replace("null", "1" * 400),
    "a large exponent": lambda text: text.replace("null", "1e999"),
    "no number": lambda text: text.replace("null", "NaN"),
    "a number with a zero before": lambda text: text.replace("null", "01"),
    "text as requestParameters": lambda text: text.replace("null", '"x"'),
    "an object as text": lambda text: text.replace("null", '"{\\"a\\":1}"'),
    "a list as requestParameters": lambda text: text.replace("null", "[1]"),
    "deep lists": lambda text: text.replace("null", "[" * 70 + "]" * 70),
    "very deep lists": lambda text: text.replace("null", "[" * 5000 + "]" * 5000),
    "a null character": lambda text: text.replace("Success", "Succ\x00ess"),
    "a tabulator": lambda text: text.replace("Success", "Succ\tess"),
    "a wrong escape": lambda text: text.replace("Success", "Succ\\ess"),
    "other white space": lambda text: text.replace(":null", ":\u00a0null"),
    "a form feed": lambda text: text.replace(":null", ":\x0cnull"),
    "an eventID in capitals": lambda text: text.replace("0000-4000", "000A-4000"),
    "no eventID": lambda text: text.replace('"eventID"', '"id"'),
    "Records inside": lambda text: text.replace("null", '{"Records":[1]}'),
    "Records inside of text": lambda text: text.replace('"note"', '"\\"Records"'),
    "an addendum": lambda text: text.replace(
        "{", '{"addendum":{"reason":"UPDATED_DATA","originalEventID":"x"},', 1
    ),
    "an identity of text": lambda text: text.replace(
        '{"type":"Root","accountId":"123456789012"}', '"Root"'
    ),
    "no identity": lambda text: text.replace('"userIdentity"', '"identity"'),
    "a flag as text": lambda text: text.replace("{", '{"readOnly":"true",', 1),
    "a flag of the session that is no text": lambda text: text.replace(
        '"type":"Root"',
        '"type":"Root","sessionContext":{"attributes":{"mfaAuthenticated":false}}',
    ),
    "a key with a dot inside": lambda text: text.replace("null", '{"a.b":1}'),
    "an identity of another type": lambda text: text.replace('"Root"', "5"),
    "an identity with two types": lambda text: text.replace(
        '"type":"Root"', '"type":"Root","type":"AWSService"'
    ),
    "an escaped type": lambda text: text.replace('"type"', '"typ\\u0065"'),
    "a strange part of the identity": lambda text: text.replace(
        '"accountId":"1', '"sessionContext":"{}","accountId":"1'
    ),
    "a flattened key": lambda text: text.replace("{", '{"userIdentity.type":"Root",'),
    "text behind": lambda text: text + " x",
    "a comma too many": lambda text: text.replace(',"eventID"', ',,"eventID"'),
    "no end": lambda text: text[:-1],
}


@pytest.mark.parametrize("change", ODD)
def test_what_is_odd_is_read_alike(scanner: Scanner, change: str) -> None:
    odd = ODD[change](dump(event(3)))
    assert odd != dump(event(3))
    one, other = dump(event(1)), dump(event(2))

    assert_same(scanner, f'{{"Records":[{one},{odd},{other}]}}'.encode())
    assert_same(scanner, f"{one}\n{odd}\n{other}".encode())


@pytest.mark.parametrize(
    "broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf"]
)
def test_what_is_not_utf8_is_read_alike(scanner: Scanner, broken: bytes) -> None:
    for write in (as_log_file, as_lines):
        text = write([event(n) for n in range(3)]).replace("é".encode(), broken)
        assert not is_read(scanner, text)
        assert_same(scanner, text)


SEEDS = [
    as_log_file([event(1), event(2) | {"userIdentity": IDENTITY}]),
    as_lines([event(1), event(2) | {"userAgent": "x", "errorCode": "AccessDenied"}]),
    json.dumps({"Records": [event(1), event(2)]}, indent=1).encode(),
]
BYTES = st.sampled_from([bytes([n]) for n in b'{}[]:,"\\ \n\r\t0-.eEtunulr\0\x1f\x7f'])
PIECES = BYTES | st.sampled_from(
    [b'"eventID"', b'"x":1,', b"null", b"true", b"{}", b"}\n{", b"\xff", b"\\u00"]
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 2), PIECES), min_size=1, max_size=3
)


@given(seed=st.sampled_from(SEEDS), edits=EDITS)
def test_mutated_texts_are_read_alike(
    small: Scanner, seed: bytes, edits: list[tuple[float, int, bytes]]
) -> None:
    text = seed
    for where, removed, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + removed :]

    assert_same(small, text)


def test_hardly_a_mutated_text_that_is_read_is_no_json(scanner: Scanner) -> None:
    """What the compiled reader takes, a strict reader takes, with the same records."""
    draw = random.Random(1)
    read = 0
    for _ in range(3000):
        text = bytearray(draw.choice(SEEDS))
        at = draw.randrange(len(text))
        text[at : at + draw.randrange(3)] = draw.choice(b'{}[]:,"\\ \n0-.e').to_bytes()
        found = compiled.log_file(bytes(text), scanner.header)
        if found is not None:
            read += 1
            events = json.loads(text)["Records"]
            assert list(map(json.loads, found.records)) == events
            ids = [each["eventID"] for each in events]
            assert list(found.headers.event_ids) == ids
            decode = msgspec.json.Decoder(scanner.header).decode
            assert list(found.headers) == list(map(decode, found.records))

    assert 50 < read < 2000


def denied(**changes: Any) -> dict[str, Any]:
    """Return an event that is a hit of correlations, and that no rule reports."""
    return {
        **event(1),
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetBucketAcl",
        "readOnly": True,
        "errorCode": "AccessDenied",
        "recipientAccountId": "123456789012",
        "sourceIPAddress": "192.0.2.1",
        "requestParameters": {"bucketName": "arn:aws:s3:::example-data"},
        "userIdentity": {
            "type": "IAMUser",
            "userName": "example",
            "arn": "arn:aws:iam::123456789012:user/example",
            "accountId": "123456789012",
        },
        **changes,
    }


CHANGES: dict[str, Any] = {
    "eventTime": [None, 5, "", "yesterday", "2026-11-20T10:00:00", "9" * 80],
    "eventID": [None, 5, "x"],
    "sharedEventID": ["d4c0f6e0-1234-4234-8234-123456789012", "", None, 5, {}],
    "eventCategory": ["NetworkActivity", "Data", None, 5],
    "eventType": ["AwsVpceEvent", "AwsServiceEvent", None],
    "sessionCredentialFromConsole": ["true", True, None],
    "awsRegion": ["eu-west-1", None, 5],
    "sourceIPAddress": ["::ffff:192.0.2.1", "2001:DB8::1", "s3.amazonaws.com", None, 5],
    "recipientAccountId": ["210987654321", "", None, 5],
    "userAgent": ["x" * 3000, "\u00e9\u202e", None],
    "tlsDetails": [{"tlsVersion": "TLSv1.2"}, {"tlsVersion": 5}, {}, [], None, "x"],
    "resources": [[{"ARN": "x"}], [], [5], {}, "x", None],
    "requestParameters": [{}, [], {"bucketName": {"a": [1.5]}}, None, "masked", 5],
    "apiVersion": [5, "x"],
    "userIdentity": [
        {"type": "AWSService", "invokedBy": "s3.amazonaws.com"},
        {"type": "IAMUser", "principalId": "EXAMPLE", "accountId": "123456789012"},
        {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"},
        {"type": "IAMUser", "arn": 5},
        {},
    ],
}


@pytest.mark.parametrize("field", CHANGES)
def test_hits_are_made_of_columns_as_of_events(scanner: Scanner, field: str) -> None:
    for value in CHANGES[field]:
        others = [denied(eventID=event(n)["eventID"]) for n in (2, 3)]
        odd = denied(**{field: value})

        for write in (as_log_file, as_lines):
            found = assert_same(scanner, write([others[0], odd, others[1]]))

            assert len([hit for each in found for hit in each.hits]) >= 2 * 2
    missing = denied()
    missing.pop(field, None)
    assert_same(scanner, as_log_file([*others, missing]))


TYPED = [
    (name, member)
    for name, make in RECORD.members.items()
    for member in [*(make().members if make().closed else ()), ""]
    if name not in {"eventSource", "eventName", "eventID"}
]


@pytest.mark.parametrize(("name", "member"), TYPED)
def test_a_field_of_another_type_is_a_problem_to_both_readers(
    name: str, member: str
) -> None:
    path = f"{name}.{member}" if member else name
    scanner = Scanner(make_job([rule(f"{path} != 'x'")]))
    for value in (5, "{}", {"a": 5}):
        odd = event(2) | {name: {member: value} if member else value}

        assert_same(scanner, as_log_file([event(1), odd]))


def test_no_event_that_is_only_a_hit_is_decoded(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = as_log_file([denied(eventID=event(n)["eventID"]) for n in range(3)])
    expected = scan(scanner, text, "off")[-1].hits
    monkeypatch.setattr(Reading, "decode", None)

    assert scan(scanner, text, "on")[-1].hits == expected
    assert {hit.record for hit in expected} == {0, 1, 2}


def test_an_event_like_one_before_it_is_not_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scanner = Scanner(make_job(rules.at_least(pack(), Level.LOW), pack()))
    many = [denied(), event(1), {**denied(), "userAgent": "aws-cli/1.0"}]
    text = as_log_file([each | {"eventID": ids(n)} for n, each in enumerate(many)])
    later = [
        each | {"eventID": ids(9 - n), "eventTime": "2026-11-20T11:11:11Z"}
        for n, each in enumerate(many)
    ]
    first = scan(scanner, text, "on")[-1]
    expected = scan(scanner, as_log_file(later), "off")
    asked: list[object] = []

    def recorded(function: Callable[..., Any]) -> Callable[..., Any]:
        def record(*arguments: Any) -> Any:
            asked.append(function)
            return function(*arguments)

        return record

    monkeypatch.setattr(Detector, "passing", recorded(Detector.passing))
    monkeypatch.setattr(judging, "form_of", recorded(form_of))

    found = scan(scanner, as_log_file(later), "on")

    assert not asked
    assert found == expected
    assert len(found[-1].matches) == len(first.matches) > 0
    assert len(found[-1].hits) == len(first.hits) > 0


def test_what_all_kinds_of_events_may_meet_is_not_judged_again_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    selections: list[Any] = [
        "contains(userAgent, 'x')",
        {"eventName": "A", "readOnly": True},
    ]
    made = [
        structs.replace(rule("a", a=selection), name=f"rule_{number}")
        for number, selection in enumerate(selections)
    ]
    scanner = Scanner(make_job(made))
    choices = [("A", "x", True), ("B", "x", True), ("A", "y", True), ("A", "x", False)]
    events = [
        event(n) | {"eventName": name, "userAgent": agent, "readOnly": reads}
        for n, (name, agent, reads) in enumerate(choices)
    ]
    found = assert_same(scanner, as_log_file(events))[-1].matches
    assert len(found) == 5
    screens = scanner._work.detector.index.screens
    assert screens[0].first, "the test is about a question to all events"
    asked: list[object] = []
    passing = Detector.passing

    def record(*arguments: Any) -> Iterator[int]:
        asked.append(arguments)
        return passing(*arguments)

    monkeypatch.setattr(Detector, "passing", record)

    assert scan(scanner, as_log_file(events), "on")[-1].matches == found
    assert not asked


def ids(number: int) -> str:
    return str(event(number)["eventID"])


LATER = [
    "sharedEventID",
    "eventCategory",
    "eventType",
    "userAgent",
    "sourceIPAddress",
    "requestParameters",
    "tlsDetails",
    "userIdentity",
    "awsRegion",
]


@pytest.mark.parametrize("field", LATER)
def test_an_event_that_differs_in_a_field_is_judged_by_itself(field: str) -> None:
    scanner = Scanner(make_job(rules.at_least(pack(), Level.LOW), pack()))
    for number, value in enumerate([*CHANGES[field], *CHANGES[field]]):
        for plain in (denied(), event(1)):
            one, other = plain | {field: value}, plain
            events = [one, other, one, other]
            assert_same(
                scanner,
                as_log_file([x | {"eventID": ids(number)} for x in events]),
            )


@pytest.mark.parametrize("place", range(12))
def test_each_record_is_read_alike_behind_those_that_differ_in_a_leaf(
    scanner: Scanner, place: int
) -> None:
    draw = random.Random(place)
    for number, record in enumerate(records()[place::12]):
        changed = [_with_another_leaf(record, draw) for _ in range(6)]
        for each in [record, *changed, record]:
            each["eventID"] = ids(number)
            assert_same(scanner, as_log_file([each]))


def test_to_read_one_time_is_not_to_read_all_of_a_text() -> None:
    asked: list[Sequence[int]] = []

    class Found:
        """What was read of a text, of which nothing but texts can be asked."""

        def __len__(self) -> int:
            return 1_000

        def texts(self, number: int, events: Sequence[int]) -> list[Any]:
            assert number == 3
            asked.append(events)
            return [None if at % 2 else b'"\\u0041"' for at in events]

    column = compiled._TextColumn(Found(), 3, b"")

    assert len(column) == 1_000
    assert (column[0], column[-1], column.get(2)) == ("A", None, "A")
    assert asked == [[0], [999], [2]]
    assert column[10:12] == column.at([10, 11]) == ["A", None]
    asked.clear()
    assert list(column) == ["A", None] * 500
    assert set(column) == {"A", None}
    assert len(asked) == 2
    with pytest.raises(IndexError):
        column[1_000]


def test_what_is_not_there_is_refused_and_never_read_elsewhere() -> None:
    core: Any = accelerator.module()

    def reader(*texts: str) -> Any:
        caller = "userIdentity", "type"
        others: dict[str, Any] = {key: [] for key in ("objects", "places", "absent")}
        return core.Reader(
            kind=["eventName"], caller=caller, texts=texts, id="eventID", **others
        )

    text = as_log_file([event(1), event(2)])
    read, others = (reader(*each).log_file(text) for each in ("a", "ab"))
    codes = reader("a").combinations()
    number = codes.add(["a"])
    assert codes.codes(read, [0, 1], [number, number]) == [1, 1]

    asked: list[Callable[[], Any]] = [
        lambda: codes.codes(others, [0], [number]),
        lambda: codes.of_kinds(others, [number]),
        lambda: codes.codes(read, [2], [number]),
        lambda: codes.codes(read, [0], [number + 1]),
        lambda: codes.codes(read, [0, 1], [number]),
        lambda: codes.of_kinds(read, []),
        lambda: read.texts(1, [0]),
        lambda: read.texts(0, [2]),
        lambda: read.event_ids([2]),
        lambda: read.column(1),
        lambda: read.places(1),
    ]
    for ask in asked:
        with pytest.raises(IndexError):
            ask()


READ: dict[str, dict[str, Any]] = {
    "anything": {"a": "contains(keys(@), 'tlsDetails')"},
    "a_time": {"a": "ends_with(eventTime, '7Z')", "b": {"eventName": "A"}},
    "an_id": {"a": "contains(eventID, '7')", "b": {"eventName": ["A", "B"]}},
    "a_shared_id": {"a": "sharedEventID", "b": {"eventName": ["B", "C"]}},
    "a_program": {"a": "contains(userAgent, 'x')"},
    "a_name": {"a": {"eventName": "A"}},
    "an_object": {
        "a": "length(keys(requestParameters)) > `0`",
        "b": {"eventName": "C"},
    },
    "a_key": {"a": {"requestParameters.k": [1, True]}, "b": {"readOnly": True}},
    "an_address": {"a": "cidr_contains('192.0.2.0/25', sourceIPAddress)"},
}
"""Selections, all of which must hold: what may be read is anything, or one field."""


@pytest.mark.parametrize("most", [50, index.REMEMBERED])
@pytest.mark.parametrize("left_out", ["", "anything"])
def test_whatever_rules_read_is_read_alike_of_events_like_each_other(
    most: int, left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "REMEMBERED", most)
    draw = random.Random(most)
    made = [
        structs.replace(rule(" && ".join(some), **some), name=name)
        for name, some in READ.items()
        if name != left_out
    ]
    scanner = Scanner(make_job(made))
    choices: dict[str, list[Any]] = {
        "eventName": ["A", "B", "C", "D"],
        "eventTime": ["2026-11-20T10:00:07Z", "2026-11-20T10:00:08Z", None],
        "sharedEventID": [None, None, "one", ""],
        "userAgent": ["x", "y", "y" * 3_000],
        "readOnly": [True, False],
        "requestParameters": [{"k": 1}, {"k": 1.0}, {"k": True}, {}, None],
        "tlsDetails": [None, {"tlsVersion": "TLSv1.2"}],
        "sourceIPAddress": ["192.0.2.1", "192.0.2.200", "s3.amazonaws.com"],
        "eventCategory": ["Management", "Management", "NetworkActivity"],
        "recipientAccountId": ["123456789012", "210987654321"],
    }
    found = 0
    for _ in range(60):
        events = [
            event(draw.randrange(100))
            | {name: draw.choice(values) for name, values in choices.items()}
            for _ in range(draw.choice([1, 3, 20]))
        ]
        found += len(assert_same(scanner, as_log_file(events))[-1].matches)

    assert found > 100


def _with_another_leaf(record: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Return a record of which one value, at any depth, is another."""
    copy = json.loads(dump(record))
    inside: Any = copy
    while True:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = draw.choice(keys)
        value = inside[key]
        if not isinstance(value, dict | list) or not value:
            inside[key] = draw.choice([None, "x", f"{value}x", "*", value])
            return dict(copy)
        inside = value


def test_parts_of_long_lines_are_read_alike(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "LINES", 2_000)
    events = [event(number) | {"userAgent": f"é{number}"} for number in range(40)]
    text = as_lines(events) + b'\n{"eventName": broken}\n' + as_lines(events)

    found = assert_same(scanner, text)

    assert sum(each.records for each in found) == 80
    assert [each.record for each in found[-1].problems] == [40]


@pytest.mark.parametrize("write", [as_log_file, as_lines])
def test_an_event_that_is_not_whole_is_found_among_many(
    scanner: Scanner, write: Callable[[list[dict[str, Any]]], bytes]
) -> None:
    events = [event(number) for number in range(60)]
    session = {"attributes": {"mfaAuthenticated": False}}
    events[33] |= {"userIdentity": {"type": "Root", "sessionContext": session}}
    events[44] |= {"responseElements": '{"ConsoleLogin": "Success"}'}

    assert_same(scanner, write(events))


@pytest.mark.parametrize("write", [as_log_file, as_lines])
def test_a_period_keeps_the_same_events(
    write: Callable[[list[dict[str, Any]]], bytes],
) -> None:
    since = time_of("--since", "2026-11-21T01:00:00Z", None)  # type: ignore[arg-type] # a time needs no clock
    scanner = Scanner(make_job(some_rules(), period=Period(since, None)))
    old = {"eventTime": "2026-11-20T01:00:00Z"}
    text = write([event(n) | (old if n % 3 else {}) for n in range(12)])

    found = assert_same(scanner, text)

    assert found[-1].records == 4
    assert found[-1].outside == 8


def test_headers_come_as_columns_only_for_rules(scanner: Scanner) -> None:
    text = as_log_file([event(1), event(2)])

    for_rules = formats.split("x", text, header=scanner.header)
    for_all = formats.split("x", text)

    assert isinstance(getattr(for_rules, "headers", None), HeaderColumns)
    assert not isinstance(getattr(for_all, "headers", None), HeaderColumns)


def log_files() -> Iterator[Path]:
    yield from sorted((ROOT / "demo/events").rglob("*.json*"))
    if CORPUS.is_dir():
        yield from sorted(CORPUS.rglob("*.json"))[::25]


def test_whole_files_are_read_alike(scanner: Scanner) -> None:
    number = 0
    for path in log_files():
        data = path.read_bytes()
        if len(data) < 1 << 20:
            assert_same(scanner, data)
            assert_same(scanner, gzip.compress(data))
            number += 1

    assert number > 0
