from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.model import Batch, Unreadable
from checker.sources.events import chunks, compression, files, formats, positions
from checker.sources.events.files import Input

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"


def event(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventName": "GetId",
        "eventSource": "cognito-identity.amazonaws.com",
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "resources": [{"ARN": "a"}, {"ARN": "é"}],
        **more,
    }


def dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


LOG = dump({"Records": [event(1), event(2)]})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: str, data: bytes = LOG) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def uris(*inputs: str) -> list[str]:
    found = list(files.find(inputs))
    assert all(isinstance(each, Input) for each in found), found
    return [each.uri for each in found]


def only_problem(*inputs: str) -> Unreadable:
    (found,) = files.find(inputs)
    assert isinstance(found, Unreadable)
    return found


def read_data(data: bytes, name: str = "x") -> list[chunks.Read]:
    put(name, data)
    return list(files.read(Input(name, name, len(data))))


def events_of(parts: list[chunks.Read]) -> list[str]:
    return [
        json.loads(record)["eventID"][-3:]
        for part in parts
        if isinstance(part, Batch)
        for record in part.records
    ]


def problems_of(parts: list[chunks.Read]) -> list[Unreadable]:
    problems: list[Unreadable] = []
    for part in parts:
        if isinstance(part, Batch):
            problems.extend(part.problems)
        elif isinstance(part, Unreadable):
            problems.append(part)
    return problems


def test_folders_give_event_files_in_a_stable_order(here: Path) -> None:
    for name in ("b/2.json.gz", "b/1.jsonl", "a.json", "c.NDJSON", "b/x.zip", "z.zst"):
        put(f"logs/{name}")
    put("logs/stream-1-2026-11-21")
    put("logs/README", b"Logs of the trail")
    put("logs/notes.md", b"{}")
    put("logs/.hidden.json")
    put("logs/.git/x.json")
    assert uris("logs") == [
        "logs/a.json",
        "logs/c.NDJSON",
        "logs/stream-1-2026-11-21",
        "logs/z.zst",
        "logs/b/1.jsonl",
        "logs/b/2.json.gz",
        "logs/b/x.zip",
    ]


def test_a_named_file_is_taken_whatever_its_name(here: Path) -> None:
    put("notes.md")
    assert uris("notes.md", "./notes.md", str(here / "notes.md")) == ["notes.md"]


def test_globs_find_files_and_folders(here: Path) -> None:
    for name in ("a/1.json", "a/b/2.json", "a/b/3.txt", "a[1].json"):
        put(name)
    assert uris("a/**/*.json") == ["a/1.json", "a/b/2.json"]
    assert uris("a/*") == ["a/1.json", "a/b/2.json"]
    assert uris("a/**") == ["a/1.json", "a/b/2.json", "a/b/3.txt"]
    assert uris("a[1].json") == ["a[1].json"]


def test_each_file_comes_once(here: Path) -> None:
    put("logs/1.json")
    Path("logs/link.json").symlink_to("1.json")
    assert uris("logs/1.json", "logs", "logs/*.json") == ["logs/1.json"]


def test_links_that_lead_back_do_not_loop(here: Path) -> None:
    put("logs/a/1.json")
    Path("logs/a/up").symlink_to(here / "logs", target_is_directory=True)
    assert uris("logs") == ["logs/a/1.json"]


def test_files_elsewhere_keep_the_path_that_was_given(here: Path) -> None:
    put("logs/1.json")
    Path("work").mkdir()
    os.chdir("work")
    assert uris("../logs/1.json") == ["../logs/1.json"]
    assert uris(str(here / "logs")) == [f"{here.as_posix()}/logs/1.json"]


@pytest.mark.parametrize(
    ("given_path", "words"),
    [
        ("missing.json", "no such file"),
        ("missing/*.json", "no file matches"),
        ("empty", "no event file"),
        ("dangling.json", "leads nowhere"),
        ("nul\0byte", "cannot be read"),
    ],
)
def test_what_cannot_be_found_is_a_problem(
    here: Path, given_path: str, words: str
) -> None:
    Path("empty").mkdir()
    Path("dangling.json").symlink_to("nowhere")
    assert words in only_problem(given_path).reason


def test_a_folder_that_cannot_be_listed_is_a_problem(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("logs/1.json")
    put("logs/closed/2.json")
    scandir = os.scandir

    def guarded(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    first, second = files.find(["logs"])
    assert isinstance(first, Input)
    assert second == Unreadable(
        "logs/closed", None, "it cannot be read: Permission denied"
    )


def test_inputs_and_batches_cross_a_process_border(here: Path) -> None:
    put("1.json")
    (found,) = files.find(["1.json"])
    assert (
        pickle.loads(pickle.dumps(found))
        == found
        == Input("1.json", "1.json", len(LOG))
    )
    assert isinstance(found, Input)
    (batch,) = files.read(found)
    assert pickle.loads(pickle.dumps(batch)) == batch


def test_a_file_that_vanishes_is_a_problem(here: Path) -> None:
    (found,) = files.read(Input("x", "x", 0))
    assert isinstance(found, Unreadable)
    assert "No such file" in found.reason


def zipped(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def zstd(data: bytes) -> bytes:
    module = pytest.importorskip("backports.zstd")
    compressed: bytes = module.compress(data)
    return compressed


@pytest.mark.parametrize(
    "data",
    [
        LOG,
        gzip.compress(LOG),
        gzip.compress(LOG[:100]) + gzip.compress(LOG[100:]),
        gzip.compress(LOG) + bytes(512),
        gzip.compress(LOG) + bytes(3) + gzip.compress(b"\n"),
        gzip.compress(gzip.compress(LOG)),
        gzip.compress(b"") + gzip.compress(LOG),
        zipped({"a/1.json": LOG}),
        zipped({"1.json.gz": gzip.compress(LOG), "README.md": b"#", "a/": b""}),
        zipped({"1.jsonl": dump(event(1)), "2": dump(event(2)), ".x.json": b"?"}),
    ],
)
def test_compression_is_told_by_content(here: Path, data: bytes) -> None:
    parts = read_data(data)
    assert events_of(parts) == ["001", "002"]
    assert problems_of(parts) == []


def test_zstandard_is_read(here: Path) -> None:
    assert events_of(read_data(zstd(LOG))) == ["001", "002"]
    assert events_of(read_data(zstd(LOG[:50]) + zstd(LOG[50:]))) == ["001", "002"]
    (problem,) = problems_of(read_data(zstd(LOG)[:-9]))
    assert "Zstandard" in problem.reason


def test_without_its_library_zstandard_is_a_problem_that_names_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    (problem,) = problems_of(read_data(b"\x28\xb5\x2f\xfd rest"))
    assert "backports.zstd" in problem.reason


def test_members_of_an_archive_are_named(here: Path) -> None:
    parts = read_data(zipped({"a/1.json": LOG, "a/2.json": b"{}"}), "x.zip")
    assert [part.uri for part in parts if not isinstance(part, formats.Digest)] == [
        "x.zip!a/1.json",
        "x.zip!a/2.json",
    ]
    assert "its keys are none" in problems_of(parts)[0].reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped({"notes.txt": b"x"}), "no event file"),
        (zipped({"in.zip": zipped({})}), "in another"),
        (b"PK\x03\x04 no archive", "damaged zip"),
    ],
)
def test_archives_without_events_are_problems(
    here: Path, data: bytes, words: str
) -> None:
    (problem,) = problems_of(read_data(data))
    assert words in problem.reason


def test_a_damaged_member_costs_no_other(here: Path) -> None:
    data = bytearray(zipped({"1.json": LOG, "2.json": LOG}))
    data[60] ^= 0xFF
    parts = read_data(bytes(data))
    assert events_of(parts)[-2:] == ["001", "002"]
    assert [problem.uri for problem in problems_of(parts)] == ["x!1.json"]


def test_an_encrypted_member_is_a_problem(here: Path) -> None:
    data = bytearray(zipped({"1.json": LOG}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (problem,) = problems_of(read_data(bytes(data)))
    assert "encrypted" in problem.reason


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("data", [LOG, gzip.compress(LOG), zipped({"1.json": LOG})])
def test_standard_input_is_read(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stdin(data))
    (found,) = files.find(["-", "-"])
    assert isinstance(found, Input)
    assert events_of(list(files.read(found))) == ["001", "002"]


def test_an_empty_file_is_a_problem(here: Path) -> None:
    for data in (b"", gzip.compress(b""), b"\n\n"):
        (problem,) = problems_of(read_data(data))
        assert problem == Unreadable("x", None, "it is empty")


def test_a_truncated_gzip_keeps_the_events_that_are_whole(here: Path) -> None:
    noise = [event(n, note=os.urandom(50).hex()) for n in range(300)]
    data = gzip.compress(dump({"Records": noise}))
    parts = read_data(data[: len(data) // 2])
    kept = events_of(parts)
    assert kept == [f"{n:03}" for n in range(len(kept))]
    assert 100 < len(kept) < 200
    *records, whole = problems_of(parts)
    assert whole.record is None
    assert f"was cut off; the {len(kept)} whole events" in whole.reason
    assert [problem.record for problem in records] in ([], [len(kept)])


def test_a_gzip_cut_off_anywhere_is_never_taken_for_whole(here: Path) -> None:
    data = gzip.compress(LOG)
    for length in range(1, len(data)):
        parts = list(chunks.batches("x", compression.inflate(iter([data[:length]]))))
        assert any(problem.record is None for problem in problems_of(parts)), length


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_blocks_of_any_size_inflate_alike(size: int) -> None:
    data = gzip.compress(LOG[:100]) + gzip.compress(LOG[100:]) + bytes(20)
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    parts: list[bytes | compression.StreamError] = list(compression.inflate(blocks))
    assert b"".join(part for part in parts if isinstance(part, bytes)) == LOG
    assert all(isinstance(part, bytes) for part in parts)


def test_damaged_gzip_data_is_not_believed(here: Path) -> None:
    data = bytearray(gzip.compress(LOG))
    data[-6] ^= 1
    parts = read_data(bytes(data))
    assert events_of(parts) == []
    assert "damaged" in problems_of(parts)[0].reason


def test_bytes_after_gzip_data_are_a_problem(here: Path) -> None:
    parts = read_data(gzip.compress(LOG) + b"more")
    assert events_of(parts) == ["001", "002"]
    assert "follow its data" in problems_of(parts)[0].reason


def peak_of(parts: Iterator[chunks.Read]) -> tuple[list[chunks.Read], int]:
    tracemalloc.start()
    try:
        return list(parts), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bomb_is_refused_in_bounded_memory(here: Path) -> None:
    squeeze = zlib.compressobj(9, wbits=31)
    block = b" " * (1 << 20)
    with Path("bomb.json.gz").open("wb") as file:
        file.write(squeeze.compress(b'{"Records":['))
        file.writelines(squeeze.compress(block) for _ in range(200))
        file.write(squeeze.flush())
    parts, peak = peak_of(files.read(Input("bomb.json.gz", "bomb.json.gz", 0)))
    assert "bomb" in problems_of(parts)[-1].reason
    assert peak < 100 << 20


def test_what_inflates_well_comes_in_a_few_large_pieces() -> None:
    text = b" " * (compression.FREE - 1)
    parts = list(compression.inflate([gzip.compress(text)]))
    assert b"".join(part for part in parts if isinstance(part, bytes)) == text
    assert len(parts) <= 3


def test_a_bomb_in_an_archive_is_refused(here: Path) -> None:
    parts = read_data(zipped({"1.json": b"[" + b" " * (40 << 20)}))
    assert "bomb" in problems_of(parts)[-1].reason


def test_a_line_of_200_megabytes_costs_no_other_line(here: Path) -> None:
    with Path("big.jsonl").open("wb") as file:
        file.write(dump(event(1)) + "\né\n".encode())
        file.write(b'{"eventName":"' + b"x" * (200 << 20) + b'"}\n')
        file.write(dump(event(2)) + b"\n")
    parts = []
    for part in files.read(Input("big.jsonl", "big.jsonl", 0)):
        parts.append(part)
        assert not isinstance(part, Batch) or len(part.text) <= 2 * chunks.UNIT
    assert events_of(parts) == ["001", "002"]
    problems = problems_of(parts)
    assert [problem.record for problem in problems] == [1, 2]
    assert "longer than 16 MiB" in problems[1].reason
    assert "(line 3)" in problems[1].reason
    last = parts[-1]
    assert isinstance(last, Batch)
    (record, (line, start, _)), *others = positions.places(last, {3}).items()
    assert others == []
    before = len(dump(event(1)).decode()) + 1 + 2 + 14 + (200 << 20) + 3
    assert (record, line, start) == (3, 4, before)


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "UNIT", 2000)
    monkeypatch.setattr(chunks, "LINES", 600)
    monkeypatch.setattr(compression, "STEP", 500)
    monkeypatch.setattr(files, "_BLOCK", 500)


MANY = [event(number, note="é" * (number % 7)) for number in range(60)]
LARGE = {
    "log file": dump({"Records": MANY}),
    "indented log file": json.dumps({"Records": MANY}, indent=1).encode(),
    "array": b"\xef\xbb\xbf" + dump(MANY),
    "lines": b"\n".join(map(dump, MANY)),
    "lines of log files": b"\n".join(
        dump({"Records": MANY[at : at + 3]}) for at in range(0, 60, 3)
    ),
    "values without anything between": b"".join(map(dump, MANY)),
    "indented values": b"\n".join(json.dumps(each, indent=1).encode() for each in MANY),
}


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("shape", LARGE)
def test_a_large_input_comes_in_parts_with_the_positions_of_the_whole(
    here: Path, shape: str
) -> None:
    text = LARGE[shape].removeprefix(b"\xef\xbb\xbf")
    parts = read_data(gzip.compress(LARGE[shape]))
    assert problems_of(parts) == []
    assert (len(parts) > 5) == (shape != "indented values")
    found = []
    for part in parts:
        assert isinstance(part, Batch)
        assert len(part.text) < 3500 or shape == "indented values"
        places = positions.places(part, part.numbers)
        assert len(places) == len(part.records)
        for (number, (line, start, length)), record in zip(
            places.items(), part.records, strict=True
        ):
            assert text.decode()[start : start + length].encode() == record
            before = text.decode()[:start]
            assert line == before.count("\n") + 1
            found.append((number, json.loads(record)))
    assert found == list(enumerate(MANY))


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("shape", ["log file", "array", "lines"])
@pytest.mark.parametrize("bad", [b'{"eventVersion":"1.0",}', b'{"eventName":"x}', b"?"])
def test_a_bad_record_of_a_large_input_costs_no_other(
    here: Path, shape: str, bad: bytes
) -> None:
    values = [*map(dump, MANY)]
    values.insert(31, bad)
    if shape == "lines":
        text = b"\n".join(values)
    else:
        text = b"[" + b",".join(values) + b"]"
        text = text if shape == "array" else b'{"Records":' + text + b"}"
    parts = read_data(text)
    assert events_of(parts) == [f"{number:03}" for number in range(60)]
    assert [problem.record for problem in problems_of(parts)] == [31]


@pytest.mark.usefixtures("small_units")
def test_an_event_longer_than_a_part_costs_no_other(here: Path) -> None:
    values = [*MANY[:9], event(9, note="x" * 9000), *MANY[10:]]
    parts = read_data(dump({"Records": values}))
    expected = [f"{number:03}" for number in range(60) if number != 9]
    assert events_of(parts) == expected
    assert any("longer than" in problem.reason for problem in problems_of(parts))


@pytest.mark.usefixtures("small_units")
def test_a_large_input_that_is_cut_off_says_how_much_was_read(here: Path) -> None:
    data = gzip.compress(LARGE["log file"])
    parts = read_data(data[:-30])
    kept = events_of(parts)
    assert kept == [f"{number:03}" for number in range(len(kept))]
    assert f"the {len(kept)} whole events" in problems_of(parts)[-1].reason


TEXTS: list[Any] = [dump(each).decode() for each in MANY]
LARGE_TEXTS = {
    "log file of texts": dump({"Records": TEXTS}),
    "array of texts": dump(TEXTS),
    "indented array of texts": json.dumps(TEXTS, indent=1).encode(),
    "texts with blanks": dump([f"\n {text}\n" for text in TEXTS]),
    "texts and objects": dump(
        [TEXTS[-1], *(MANY[at] if at % 3 else TEXTS[at] for at in range(59))]
    ),
}


@pytest.mark.usefixtures("small_units")
@pytest.mark.parametrize("shape", LARGE_TEXTS)
def test_the_events_of_a_large_log_file_may_be_text(here: Path, shape: str) -> None:
    parts = read_data(gzip.compress(LARGE_TEXTS[shape]))

    assert problems_of(parts) == []
    assert sorted(events_of(parts)) == [f"{number:03}" for number in range(60)]
    # Each part is read by itself: the whole is never held, but where shapes are mixed.
    mixed = shape == "texts and objects"
    assert (len(parts) > 5) != mixed
    numbers = [n for part in parts if isinstance(part, Batch) for n in part.numbers]
    assert numbers == list(range(60))
    for part in parts:
        assert isinstance(part, Batch)
        assert mixed or len(part.text) <= 2000
        places = positions.places(part, part.numbers)
        assert len(places) == len(part.records)


def test_one_document_too_large_to_read_in_parts_is_a_problem(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "UNIT", 100)
    monkeypatch.setattr(chunks, "WHOLE", 1000)
    answer = {"Events": [{"CloudTrailEvent": dump(each).decode()} for each in MANY]}
    text = json.dumps(answer, indent=1).encode()
    (problem,) = problems_of(list(chunks.batches("x", iter([text[:200], text[200:]]))))
    assert "JSON lines" in problem.reason


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.sampled_from(sorted({*LARGE, *LARGE_TEXTS} - {"texts and objects"})),
    place=st.integers(0, 10**6),
    bit=st.integers(0, 7),
    cut=st.none() | st.integers(0, 10**6),
)
@pytest.mark.usefixtures("small_units")
def test_damage_to_a_large_input_is_never_silent(
    shape: str, place: int, bit: int, cut: int | None
) -> None:
    text = bytearray((LARGE | LARGE_TEXTS)[shape])
    text[place % len(text)] ^= 1 << bit
    data = bytes(text) if cut is None else bytes(text[: cut % len(text)])
    blocks = [data[at : at + 700] for at in range(0, len(data), 700)]
    parts = list(chunks.batches("x", iter(blocks)))
    bad = problems_of(parts)
    found = events_of_any(parts)
    if cut is None:
        # A flip can join two records; a line is lost with all that it holds.
        # What is joined in an array of texts is all that one part of it holds.
        lost = 12 if shape in LARGE_TEXTS else 6 if shape == "lines of log files" else 2
        assert found >= len(MANY) - lost or any(p.record is None for p in bad)
        assert found == len(MANY) or bad
    numbers = [n for part in parts if isinstance(part, Batch) for n in part.numbers]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("lines", [1, 900, 5_000])
@pytest.mark.parametrize(
    "other",
    [b'{"eventName":"x}', json.dumps(MANY[0] | {"eventID": "i"}, indent=1).encode()],
)
def test_lines_come_in_parts_that_are_told_from_the_whole_by_nothing_else(
    monkeypatch: pytest.MonkeyPatch, lines: int, other: bytes
) -> None:
    values = list(map(dump, MANY))
    text = b"\n".join([*values[:31], other, *values[31:]])
    blocks = [text[at : at + 700] for at in range(0, len(text), 700)]
    whole = list(chunks.batches("x", iter(blocks)))
    monkeypatch.setattr(chunks, "LINES", lines)

    parts = list(chunks.batches("x", iter(blocks)))

    assert len(whole) == 1
    assert (len(parts) > 2) == (lines > 1)
    assert said_of(parts) == said_of(whole)


def said_of(parts: list[chunks.Read]) -> tuple[list[object], list[object]]:
    places: list[object] = []
    for part in parts:
        assert isinstance(part, Batch)
        places += positions.places(part, part.numbers).items()
    return places, [(each.record, each.reason) for each in problems_of(parts)]


def events_of_any(parts: list[chunks.Read]) -> int:
    return sum(len(part.records) for part in parts if isinstance(part, Batch))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_the_whole_corpus_is_read_and_accounted_for() -> None:
    events = digests = 0
    problems: list[Unreadable] = []
    for found in files.find([str(CORPUS)]):
        assert isinstance(found, Input)
        parts = list(files.read(found))
        for part in parts:
            if isinstance(part, Batch):
                events += len(part.records)
                places = positions.places(part, part.numbers)
                assert len(places) == len(part.records)
                decoded = [formats.decode(record) for record in part.records]
                assert all(isinstance(each, dict) for each in decoded)
            digests += isinstance(part, formats.Digest)
        problems += problems_of(parts)
    assert events == 1422 + 223  # Panther keeps events in its cases
    assert digests == 0
    # Events of other services, and a table of techniques.
    assert {Path(problem.uri).name for problem in problems} == {
        "panther_tests.jsonl",
        "stratus_techniques.csv",
    }
    assert len(problems) == 3


def test_files_of_other_kinds_are_counted(tmp_path: Path) -> None:
    for name in ("a.json", "b.csv", "c.tgz", "d.json.gz.1", "e.txt", "f.txt"):
        (tmp_path / name).write_bytes(b"{}")
    said: list[str] = []

    found = list(files.find([str(tmp_path)], said.append))

    assert [Path(each.uri).name for each in found] == ["a.json", "b.csv"]
    (text,) = said
    assert text.startswith("4 files of other kinds were left out (.txt 2, ")
    assert ".tgz 1" in text


def test_a_folder_of_other_kinds_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")

    (found,) = files.find([str(tmp_path)])

    assert isinstance(found, Unreadable)
    assert "1 file of another kind was left out (.parquet 1)" in found.reason


def test_members_of_a_zip_that_overlap_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b'{"eventName":"X"}' * 100)
        # A second entry for the bytes of the first, under another name.
        again = zipfile.ZipInfo("b.json")
        first = archive.infolist()[0]
        for name in ("compress_type", "CRC", "compress_size", "file_size"):
            setattr(again, name, getattr(first, name))
        again.header_offset = first.header_offset
        archive.filelist.append(again)

    ((found,),) = [list(files.read(each)) for each in files.find([str(path)])]  # type: ignore[arg-type]  # one file, no problem

    assert isinstance(found, Unreadable)
    assert "overlap" in found.reason
