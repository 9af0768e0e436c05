"""What does not fit into memory comes back in order all the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import SourceError
from checker.evaluate.correlation import Signal, in_order
from checker.spill import external_sort
from checker.spill.external_sort import Sorter

texts = st.text(st.characters(categories=("L", "Cs", "N")), max_size=3)
hits = st.builds(
    Signal,
    time=st.integers(-3, 30) | st.integers(0, 2**62),
    event=texts,
    rule=st.sampled_from("ab"),
    origin=st.sampled_from("ab"),
    keys=st.tuples(st.none() | texts | st.integers() | st.floats(allow_nan=False)),
    shared=st.none() | texts,
    uri=texts,
    record=st.integers(0, 2**40),
    about=st.just(()) | st.tuples(st.none() | texts),
    place=st.just(()) | st.tuples(st.none() | st.integers(0, 2**40)),
)


@given(
    some=st.lists(hits, max_size=40), most=st.integers(1, 9), block=st.integers(1, 4)
)
def test_hits_come_back_as_they_were_in_the_order_of_time(
    some: list[Signal], most: int, block: int
) -> None:
    sorter = Sorter(most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(external_sort, "BLOCK", block)
        sorter.add(some[::2])
        sorter.add(some[1::2])
        found = list(sorter.drain())

    def place(hit: Signal) -> tuple[object, ...]:
        return hit.time, hit.event, hit.rule, hit.origin

    assert [place(hit) for hit in found] == sorted(place(hit) for hit in some)
    assert sorted(map(repr, found)) == sorted(map(repr, some))


def test_what_is_alike_in_all_that_orders_is_still_sorted() -> None:
    one = Signal(1, "e", "a", "a", (None,))

    assert len(in_order([one, one._replace(keys=("x",)), one])) == 3


def test_little_never_touches_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    sorter = Sorter(most=3)

    sorter.add([Signal(2, "e", "a", "a", ()), Signal(1, "e", "a", "a", ())])

    assert [hit.time for hit in sorter.drain()] == [1, 2]


def test_a_disk_that_refuses_is_an_error_that_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    sorter = Sorter(most=1)

    with pytest.raises(SourceError, match=r"none: .*TMPDIR"):
        sorter.add([Signal(1, "e", "a", "a", ())])
