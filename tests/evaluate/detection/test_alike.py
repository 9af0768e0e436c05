"""What was found of an event is found again by what the event says."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from checker.evaluate.detection.alike import Alike
from checker.evaluate.detection.identities import BYTES_OF_UNIT, MemoryBudget
from checker.model import Header
from checker.model.columns import Coded, Combinations, EventIds, HeaderColumns


class Texts:
    """Codes of texts: the plainest thing that is like the compiled reader's.

    The kind of a text is its length.  Those that begin with a dash have no code.
    """

    def __init__(self) -> None:
        self.known: dict[tuple[int, str], int] = {}
        self.over: set[int] = set()
        self.subjects: list[Sequence[str]] = [()]

    @property
    def count(self) -> int:
        return len(self.known) + 1

    @property
    def size(self) -> int:
        return sum(len(text) for _, text in self.known)

    def add(self, names: Sequence[str]) -> int | None:
        if "absent" in names:
            return None
        self.subjects.append(names)
        return len(self.subjects) - 1

    def codes(
        self, source: Any, positions: Sequence[int], subjects: Sequence[int]
    ) -> list[int]:
        return [
            self._code(subject, source[at])
            for at, subject in zip(positions, subjects, strict=True)
        ]

    def _code(self, subject: int, text: str) -> int:
        if not subject or text.startswith("-"):
            return 0
        return self.known.setdefault((subject, text), len(self.known) + 1)

    def of_kinds(
        self, source: Any, subjects: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        asked = [at for at, text in enumerate(source) if subjects[len(text)]]
        codes = self.codes(source, asked, [subjects[len(source[at])] for at in asked])
        left = [
            pair for pair in zip(asked, codes, strict=True) if pair[1] not in self.over
        ]
        return [at for at, _ in left], [code for _, code in left]

    def pass_over(self, code: int) -> None:
        self.over.add(code)

    def clear(self) -> None:
        self.known.clear()
        self.over.clear()


TABLE: Callable[[], Combinations] = Texts


def columns(*texts: str) -> HeaderColumns:
    number = len(texts)
    return HeaderColumns(
        Header,
        lambda _: Header(),
        Coded([len(text) for text in texts], [()] * 9),
        Coded([0] * number, [b"{}"]),
        {},
        (),
        EventIds(uuid.UUID(int=0).bytes * number),
        TABLE,
        texts,
    )


def ask(alike: Alike[str], subject: str, *texts: str) -> list[Any]:
    """Return what is known of each text, and keep its capitals where nothing is."""
    read = columns(*texts)
    number = alike.number(subject)
    if number is None:
        number = alike.add(subject, ["a"], read)
    codes = alike.codes(read, range(len(texts)), [number] * len(texts))
    found = [alike.values[code] for code in codes]
    for code, text in zip(codes, texts, strict=True):
        alike.keep(code, text.upper())
    return found


def test_what_is_said_again_is_known() -> None:
    alike = Alike[str](MemoryBudget(), 0)

    assert ask(alike, "one", "x", "y", "x") == [None, None, None]
    assert ask(alike, "one", "y", "z", "x") == ["Y", None, "X"]
    assert ask(alike, "other", "y", "z") == [None, None]
    assert ask(alike, "other", "z", "y") == ["Z", "Y"]


def test_what_has_no_code_is_never_known() -> None:
    alike = Alike[str](MemoryBudget(), 0)

    assert ask(alike, "one", "-", "y") == [None, None]
    assert ask(alike, "one", "-", "y") == [None, "Y"]


def test_what_is_known_takes_room_until_it_is_forgotten() -> None:
    room = MemoryBudget()
    alike = Alike[str](room, 30)

    ask(alike, "one", "x", "y", "x")
    assert room.taken == 2 * 31
    ask(alike, "one", "x", "y")
    assert room.taken == 2 * 31
    ask(alike, "one", *[f"{n:08}" for n in range(BYTES_OF_UNIT)])
    assert room.taken == (2 + BYTES_OF_UNIT) * 31 + 8

    room.clear()

    assert room.taken == 0
    assert ask(alike, "one", "x", "y") == [None, None]
    assert ask(alike, "one", "x", "y") == ["X", "Y"]


def test_subjects_are_forgotten_with_their_numbers() -> None:
    alike = Alike[str](MemoryBudget(), 0)
    ask(alike, "one", "x")
    ask(alike, "other", "x")
    assert len(alike) == 2

    alike.reset()

    assert len(alike) == 0
    assert alike.number("one") is None
    assert ask(alike, "other", "x", "y") == [None, None]
    assert ask(alike, "other", "x", "y") == ["X", "Y"]


def test_of_a_subject_that_may_read_anything_nothing_is_known() -> None:
    alike = Alike[str](MemoryBudget(), 0)

    assert alike.add("anything", None, columns("x")) == 0
    assert alike.add("other", ["a", "absent"], columns("x")) == 0
    assert alike.number("anything") == 0
    assert alike.codes(columns("x", "y"), [0, 1], [0, 0]) == (0, 0)


def test_events_are_found_by_their_kind_but_for_those_of_which_nothing_was_found() -> (
    None
):
    alike = Alike[str](MemoryBudget(), 0)
    read = columns("x", "xx", "y", "x")
    number = alike.add("one", ["a"], read)
    subjects = [0, number, *[0] * 7]

    positions, codes = alike.of_kinds(read, subjects)
    assert positions == [0, 2, 3]
    assert codes[0] == codes[2] != codes[1]

    alike.keep(codes[0], "")
    alike.keep(codes[1], "Y")
    assert alike.of_kinds(read, subjects) == ([2], [codes[1]])
    assert alike.of_kinds(read, [0] * 9) == ((), ())

    alike.forget()
    assert alike.of_kinds(read, subjects)[0] == [0, 2, 3]
