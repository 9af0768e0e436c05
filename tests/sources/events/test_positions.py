from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checker.model import Batch
from checker.sources.events import formats, positions
from checker.sources.settings import json_lines

ONE = '{"eventName":"GetId","eventID":"1","note":"é😀"}'
TWO = '{"eventName":"GetId","eventID":"2"}'


def split(text: str) -> Batch:
    found = formats.split("x", text.encode())
    assert isinstance(found, Batch)
    return found


def places(text: str) -> list[tuple[int, str]]:
    """Return the line and the text that each position stands for."""
    found = split(text)
    return [
        (line, found.text.decode()[start : start + length])
        for line, start, length in positions.positions(
            found.text, found.records, found.spans
        )
    ]


def test_positions_count_characters_and_lines() -> None:
    text = f'{{"Records": [\n{ONE},\n\n{TWO}, {TWO}]}}'
    assert places(text) == [(2, ONE), (4, TWO), (4, TWO)]


def test_equal_records_have_places_of_their_own() -> None:
    found = split(f"{TWO}\n{TWO}")
    starts = [at for _, at, _ in positions.positions(found.text, found.records)]
    assert starts == [0, len(TWO) + 1]


def test_a_byte_order_mark_does_not_count() -> None:
    found = split("\ufeff" + TWO)
    assert positions.positions(found.text, found.records) == [(1, 0, len(TWO))]


def test_an_event_of_the_history_is_where_its_entry_is() -> None:
    entries = [{"EventId": "1", "CloudTrailEvent": text} for text in (ONE, TWO, TWO)]
    text = json.dumps({"Events": entries}, indent=1, ensure_ascii=False)
    found = places(text)
    assert [json.loads(region) for _, region in found] == entries
    assert [line for line, _ in found] == [3, 7, 11]


def test_the_rows_of_a_query_are_where_they_stand() -> None:
    text = '{"QueryResultRows": [\n[{"eventName":"A"}],\n[{"eventName":"B"}]]}'
    assert places(text) == [(2, '[{"eventName":"A"}]'), (3, '[{"eventName":"B"}]')]


def test_locations_of_a_part_are_those_of_the_whole_input() -> None:
    found = Batch("x", f"{ONE}\n{TWO}".encode(), (ONE.encode(), TWO.encode()), (7, 9))
    moved = Batch(
        found.uri, found.text, found.records, found.numbers, first_line=4, first_char=50
    )
    assert positions.places(moved, {9}) == {9: (6, 50 + len(ONE) + 1, len(TWO))}
    assert positions.places(moved, set()) == {}


def test_characters_are_counted_in_part_of_a_text() -> None:
    text = "aé😀".encode()
    assert positions.characters(text) == 3
    assert positions.characters(text[:1]) == 1


def test_every_node_of_a_document_has_a_line() -> None:
    text = b"""{
  "trails": [
    {"Name": "a/b", "x~y/z": true},
    [],
    {}
  ],
  "em\\u0070ty": {"": "[{\\"no\\": 1}]"}
}"""
    assert json_lines.json_lines(text) == {
        "": 1,
        "/trails": 2,
        "/trails/0": 3,
        "/trails/0/Name": 3,
        "/trails/0/x~0y~1z": 3,
        "/trails/1": 4,
        "/trails/2": 5,
        "/empty": 7,
        "/empty/": 7,
    }


def pointers(value: Any, pointer: str = "") -> list[str]:
    found = [pointer]
    if isinstance(value, dict):
        for key, inner in value.items():
            name = key.replace("~", "~0").replace("/", "~1")
            found += pointers(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += pointers(inner, f"{pointer}/{index}")
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(JSON, st.sampled_from([None, 0, 2]), st.booleans())
def test_the_pointers_of_any_document_are_all_found(
    value: object, indent: int | None, plain: object
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=bool(plain))
    encoded = text.encode("utf-8", "surrogatepass")
    assert list(json_lines.json_lines(encoded)) == pointers(value)


@given(st.binary(max_size=100))
def test_lines_of_what_is_no_json_never_fail(text: bytes) -> None:
    json_lines.json_lines(text)


def test_a_deep_document_is_no_trouble() -> None:
    assert len(json_lines.json_lines(b"[" * 2000 + b"]" * 2000)) == 2000
