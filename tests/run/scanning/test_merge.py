"""A scan in parts: whoever scans which input, merged it is one scan."""

from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checker import reports, run
from checker.run.scanning.job import make_job
from checker.run.scanning.merge import merge
from checker.run.scanning.worker import Scanner
from tests.run.scanning.splits import PACK, some_files, write

SCANNER = Scanner(pickle.loads(pickle.dumps(make_job(PACK))))


@settings(max_examples=settings().max_examples // 3)
@given(files=some_files, data=st.data())
def test_any_split_merges_to_the_report_of_one_scan(
    files: list[Any], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        whole = run.scan(PACK, [folder])
        parts: list[list[Any]] = [[] for _ in range(data.draw(st.integers(1, 4)))]
        for number, file in enumerate(sorted(Path(folder).iterdir())):
            pieces = SCANNER.scan(str(file), file.read_bytes())
            part = data.draw(st.sampled_from(parts))
            part += [(number, piece) for piece in pickle.loads(pickle.dumps(pieces))]

        merged = merge(PACK, data.draw(st.permutations(parts)))

    assert text(merged) == text(whole)
    assert merged == whole


def test_the_pure_call_says_the_same_twice_and_raises_nothing() -> None:
    for data in (b"", b"{", b"\x1f\x8b broken", b'{"Records": [{}, 1, "\xff"]}'):
        assert SCANNER.scan("x", data) == SCANNER.scan("x", data)
        assert [piece.last for piece in SCANNER.scan("x", data)] == [True]


def test_pieces_of_one_input_come_together_whatever_its_length() -> None:
    events = [{"eventName": "a", "eventID": str(n)} for n in range(2_500)]
    pieces = SCANNER.scan("x", json.dumps({"Records": events}).encode())

    assert sum(len(piece.matches) for piece in pieces) == 2_500
    assert [piece.last for piece in pieces] == [*[False] * (len(pieces) - 1), True]


def text(report: Any) -> str:
    return "".join(reports.FORMATS["json"](report))
