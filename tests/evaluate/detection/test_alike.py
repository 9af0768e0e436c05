"""What was found of an event is found again by what the event says."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from checker.evaluate.detection.alike import Alike
from checker.evaluate.detection.identities import BYTES_OF_UNIT, MemoryBudget
from checker.model import Header
from checker.model.columns import Coded, Combinations, EventIds, HeaderColumns

LONGEST = 40


class Texts:
    """Codes of texts: the plainest thing that is like the compiled reader's."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.asked = 0

    @property
    def size(self) -> int:
        return sum(map(len, self.known))

    def codes(self, source: Any, positions: Sequence[int]) -> list[int]:
        self.asked += 1
        texts = [source[at] for at in positions]
        return [
            self.known.setdefault(text, len(self.known) + 1)
            if len(text) <= LONGEST
            else 0
            for text in texts
        ]

    def clear(self) -> None:
        self.known.clear()


def columns(texts: Sequence[str], table: Combinations | None) -> HeaderColumns:
    number = len(texts)
    return HeaderColumns(
        Header,
        lambda _: Header(),
        Coded([0] * number, [()]),
        Coded([0] * number, [b"{}"]),
        {},
        (),
        EventIds(uuid.UUID(int=0).bytes * number),
        lambda _: table,
        texts,
    )


def ask(alike: Alike[str], texts: Sequence[str], table: Combinations) -> list[Any]:
    """Return what is known of each text, and keep its capitals where nothing is."""
    codes = alike.codes(columns(texts, table), range(len(texts)))
    if codes is None:
        return []
    found = [alike.values[code] for code in codes]
    for code, text in zip(codes, texts, strict=True):
        if code:
            alike.values[code] = text.upper()
    return found


def test_what_is_said_again_is_known() -> None:
    alike, table = Alike[str](["a"], MemoryBudget(), 0), Texts()

    assert ask(alike, ["x", "y", "x"], table) == [None, None, None]
    assert ask(alike, ["y", "z", "x"], table) == ["Y", None, "X"]


def test_what_is_too_long_is_never_known() -> None:
    alike, table = Alike[str](["a"], MemoryBudget(), 0), Texts()
    long = "x" * (LONGEST + 1)

    assert ask(alike, [long, "y"], table) == [None, None]
    assert ask(alike, [long, "y"], table) == [None, "Y"]


def test_what_is_known_takes_room_until_it_is_forgotten() -> None:
    room = MemoryBudget()
    alike, table = Alike[str](["a"], room, 30), Texts()

    ask(alike, ["x", "y", "x"], table)
    assert room.taken == 2 * 31
    ask(alike, ["x", "y"], table)
    assert room.taken == 2 * 31
    ask(alike, [f"{n:030}" for n in range(BYTES_OF_UNIT)], table)
    assert room.taken == (2 + BYTES_OF_UNIT) * 31 + 30

    room.clear()

    assert room.taken == 0
    assert ask(alike, ["x", "y"], table) == [None, None]
    assert ask(alike, ["x", "y"], table) == ["X", "Y"]


def test_nothing_is_looked_up_where_hardly_anything_comes_again() -> None:
    room = MemoryBudget()
    alike, table = Alike[str](["a"], room, 0), Texts()
    for number in range(0, 2_000, 10):
        ask(alike, [str(number + n) for n in range(10)], table)

    assert alike.codes(columns(["x"], table), [0]) is None
    assert table.asked < 60

    room.clear()
    assert ask(alike, ["x", "x"], table) == [None, None]
    assert ask(alike, ["x"], table) == ["X"]


def test_long_texts_are_looked_up_no_more_likewise() -> None:
    alike, table = Alike[str](["a"], MemoryBudget(), 0), Texts()
    for _ in range(600):
        ask(alike, ["x" * (LONGEST + 1)], table)

    assert alike.codes(columns(["x"], table), [0]) is None


def test_most_that_come_again_are_looked_up_forever() -> None:
    alike, table = Alike[str](["a"], MemoryBudget(), 0), Texts()
    for number in range(2_000):
        ask(alike, [str(number), "x", "y", "z"], table)

    assert ask(alike, ["x", "7"], table) == ["X", "7"]


def test_without_a_column_of_each_field_nothing_is_known() -> None:
    of_no_field = Alike[str](None, MemoryBudget(), 0)
    assert of_no_field.codes(columns(["x"], Texts()), [0]) is None

    of_others = Alike[str](["a"], MemoryBudget(), 0)
    assert of_others.codes(columns(["x"], None), [0]) is None
    assert of_others.codes(columns(["x"], Texts()), [0]) is None
