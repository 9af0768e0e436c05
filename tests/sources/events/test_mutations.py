"""Every shape in every container, cut, flipped and edited: nothing is lost in silence.

The short form runs with the other tests; `make fuzz` cuts at each byte and edits anew.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.model import Batch, Unreadable
from checker.sources.events import files
from checker.sources.events.files import Input
from tests.sources.events.test_event_formats import SHAPES, TWO

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
WANTED = {each["eventID"] for each in TWO}


def member(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("log.json"), data, method)
    return held.getvalue()


def zstd(data: bytes) -> bytes:
    module = pytest.importorskip("backports.zstd")
    # Without a checksum nobody could tell that a byte was changed.
    options = {module.CompressionParameter.checksum_flag: 1}
    packed: bytes = module.compress(data, options=options)
    return packed


def squeeze(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": squeeze,
    "gzip in gzip": lambda data: squeeze(squeeze(data)),
    "gzip of two members": lambda data: squeeze(data[:40]) + squeeze(data[40:]),
    "Zstandard": zstd,
    "zip": member,
    "zip that stores": lambda data: member(data, zipfile.ZIP_STORED),
    "gzip in zip": lambda data: member(squeeze(data)),
}


def read(data: bytes) -> tuple[list[str], list[Unreadable]]:
    """Return the eventIDs and the problems; their numbers must be those of all."""
    events: list[str] = []
    problems: list[Unreadable] = []
    for part in files.read(Input("x", None, len(data), data=data)):
        if isinstance(part, Unreadable):
            problems.append(part)
        elif isinstance(part, Batch):
            records = list(part.records)
            assert len(records) == len(part.numbers)
            lost = [p.record for p in part.problems if p.record is not None]
            numbers = sorted([*part.numbers, *lost])
            assert numbers == list(range(len(numbers)))
            events += [json.loads(record).get("eventID") for record in records]
            problems.extend(part.problems)
    return events, problems


def is_whole(text: bytes) -> bool:
    """Is it some JSON values, one after another, as a shorter file would hold them?"""
    rest = text.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    while rest := rest.lstrip():
        rest = rest.partition(" ")[2] if rest[:5] == "2026-" else rest
        try:
            _, end = decoder.raw_decode(rest)
        except ValueError:
            return False
        rest = rest[end:]
    return True


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read_from_every_container(shape: str, container: str) -> None:
    events, problems = read(CONTAINERS[container](SHAPES[shape].encode()))

    assert set(events) == WANTED
    assert problems == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_text_that_is_cut_off_says_so(shape: str) -> None:
    text = SHAPES[shape].encode()
    for length in range(0, len(text), 1 if THOROUGH else 23):
        events, problems = read(text[:length])

        assert set(events) <= WANTED
        assert len(events) == 2 or problems or is_whole(text[:length]), length


@pytest.mark.parametrize("container", [name for name in CONTAINERS if name != "plain"])
def test_a_container_that_is_cut_off_says_so(container: str) -> None:
    data = CONTAINERS[container](SHAPES["log file"].encode())
    for length in range(0, len(data), 1 if THOROUGH else 5):
        events, problems = read(data[:length])

        assert set(events) <= WANTED
        # Between two members of gzip, and within their padding, a file may well end.
        assert problems or len(events) == 2, length


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "set", "drop", "insert", "swap"]),
        st.integers(0, 10**6),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=3,
)


def edited(data: bytes, edits: list[tuple[str, int, int]]) -> bytes:
    text = bytearray(data)
    for kind, place, value in edits:
        at = place % max(len(text), 1)
        if kind == "flip":
            text[at : at + 1] = bytes(
                each ^ 1 << value % 8 for each in text[at : at + 1]
            )
        elif kind == "set":
            text[at : at + 1] = bytes([value])
        elif kind == "drop":
            del text[at : at + value % 9 + 1]
        elif kind == "insert":
            text[at:at] = bytes([value])
        else:
            other = (at * 7 + value) % max(len(text), 1)
            text[at : at + 4], text[other : other + 4] = (
                text[other : other + 4],
                text[at : at + 4],
            )
    return bytes(text)


@settings(max_examples=20_000 if THOROUGH else 100)
@given(st.sampled_from(sorted(SHAPES)), EDITS)
def test_an_edited_text_loses_nothing_in_silence(
    shape: str, edits: list[tuple[str, int, int]]
) -> None:
    text = edited(SHAPES[shape].encode(), edits)
    events, problems = read(text)

    assert len(events) >= 2 or problems or not holds_two(text)


def holds_two(text: bytes) -> bool:
    """Do two events still stand in it, for a reader who looks for nothing else?"""
    return text.count(b"eventVersion") > 1 and not is_whole(text)


@settings(max_examples=20_000 if THOROUGH else 100)
@given(
    st.sampled_from(["gzip", "gzip in gzip", "gzip of two members", "Zstandard"]),
    EDITS,
)
def test_an_edited_container_is_believed_only_as_a_whole(
    container: str, edits: list[tuple[str, int, int]]
) -> None:
    data = edited(CONTAINERS[container](SHAPES["log file"].encode()), edits)
    events, problems = read(data)

    assert problems or set(events) == WANTED


@settings(max_examples=20_000 if THOROUGH else 100)
@given(st.sampled_from(["zip", "zip that stores", "gzip in zip"]), EDITS)
def test_an_edited_archive_is_no_crash_and_no_silence(
    container: str, edits: list[tuple[str, int, int]]
) -> None:
    data = edited(CONTAINERS[container](SHAPES["log file"].encode()), edits)
    events, problems = read(data)

    assert events or problems


@pytest.mark.parametrize(
    "encoding",
    ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-7", "cp037"],
)
@pytest.mark.parametrize("shape", ["log file", "lines", "export to S3"])
def test_another_encoding_is_a_problem(shape: str, encoding: str) -> None:
    events, problems = read(SHAPES[shape].encode(encoding))

    assert len(events) == 2 or problems


@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_that_are_no_utf8_cost_no_other_event(shape: str) -> None:
    text = (
        SHAPES[shape]
        .replace("000000000002", "00000000000é")
        .encode("latin-1", "replace")
    )
    events, problems = read(text)

    assert problems
    assert all(event in WANTED for event in events)


def test_bombs_within_other_containers_are_refused() -> None:
    blank = b"[" + b" " * (18 << 20)
    for data in (
        squeeze(squeeze(blank)),
        squeeze(blank)[:-8] + bytes(8),
        zstd(blank),
        member(squeeze(blank)),
        squeeze(zstd(blank)),
        squeeze(squeeze(squeeze(squeeze(b"[]")))),
    ):
        events, problems = read(data)

        assert events == []
        assert problems


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 200_000,
        b'{"a":' * 20_000,
        b'{"Records":[' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}",
        b'{"Records":[{"eventName":' + b"9" * 300_000 + b"}]}",
        b'{"Records":[{"eventName":1e' + b"9" * 100_000 + b"}]}",
        b'{"Records":[{"eventName":"' + b"\\ud800" * 10_000 + b'"}]}',
        b'"' * 100_001,
        b"{}" * 100_000,
        b",".join([b"[]"] * 50_000),
        zlib.compress(b"x" * 1000),
    ],
)
def test_extreme_texts_end_and_are_judged(text: bytes) -> None:
    events, problems = read(text)

    assert events or problems
