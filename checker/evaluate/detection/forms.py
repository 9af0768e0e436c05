"""Work out once what events say alike.

Most events of a log say, but for their time and their id, what others have said: the
same caller, from the same address, with the same parameters.  What rules find in one of
them, its findings and hits as far as they are the same in all, is its form.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

import msgspec

from checker.evaluate.correlation.hit import Key, interned
from checker.evaluate.detection.alike import Alike
from checker.evaluate.detection.compiled import Compiled
from checker.evaluate.detection.event_fields import EventFields
from checker.evaluate.detection.identities import MemoryBudget
from checker.evaluate.detection.remembered import ITS_OWN, Remembered, together
from checker.model.columns import HeaderColumns

Kept = TypeVar("Kept")
Row_co = TypeVar("Row_co", covariant=True)

Places: TypeAlias = tuple[int, ...]
"""The places of rules, in their order."""

SAID: Final = frozenset(
    """
    eventSource eventName awsRegion sourceIPAddress recipientAccountId userIdentity
    """.split()
)
"""The fields of which the subject of a finding is made, but for its time and id."""

MOST: Final = 5_000
"""So many sets of rules are remembered."""

_SIZE: Final = 30
"""What a form takes, with the texts of its findings, in units of room."""


_WORTH: Final = 8
"""To make a form costs so much more than to remember it."""


class Instant(NamedTuple):
    """What is an event's own: its id, its time, and its place in the input.

    The place is the input and the number of the event there; id and time need not be
    text.
    """

    event_id: object
    time: object
    place: tuple[str, int]


class Maker(Protocol[Kept, Row_co]):
    """Makes what is kept of a match: of its form first, then of each event."""

    def form(self, compiled: Compiled, fields: EventFields, /) -> Kept:
        """Return what is the same of the matches of a rule on all events of a form."""

    def row(self, kept: Kept, own: Instant, /) -> Row_co:
        """Return the match on one event."""


class Form(msgspec.Struct, Generic[Kept], frozen=True):
    """What rules find in all events of a form.

    `hits` are rules that feed correlations, each with the values it carries, and `said`
    is what a subject says of the event after its time.
    """

    matches: Sequence[Kept]
    hits: Sequence[tuple[str, tuple[Key, ...]]]
    said: tuple[str | None, ...]


_NOTHING: Final[Form[Any]] = Form((), (), ())

Judge: TypeAlias = Callable[[Places, EventFields], Form[Kept]]


class Forms(Generic[Kept]):
    """The forms of events that came, by the rules that hold on them."""

    def __init__(
        self, rules: Sequence[Compiled], judge: Judge[Kept], room: MemoryBudget
    ) -> None:
        """Begin with none; `judge` works one out."""
        self._rules = rules
        self._judge = judge
        self._room = room
        self._known: dict[Places, Remembered[Form[Kept]]] = {}
        # Those of events in columns.
        self.alike: Alike[Form[Kept]] = Alike(room, _SIZE)

    def of(self, places: Places, fields: EventFields) -> Form[Kept]:
        """Return the form of an event on which the rules at some places hold."""
        if not places:
            return _NOTHING
        found = self._known.get(places)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._known[places] = self._remembering(places)
        return found.of(fields)

    def numbers(
        self, several: Sequence[Places], columns: HeaderColumns
    ) -> Sequence[int]:
        """Return the numbers in `alike` of rules that hold on events in columns."""
        alike = self.alike
        if len(alike) > MOST:
            alike.reset()
        numbers = list(map(alike.number, several))
        if None in numbers:
            for places in dict.fromkeys(several):
                if alike.number(places) is None:
                    alike.add(places, self._names(places), columns)
            numbers = list(map(alike.number, several))
        return [number or 0 for number in numbers]

    def _remembering(self, places: Places) -> Remembered[Form[Kept]]:
        judge = self._judge
        return Remembered(
            lambda fields: judge(places, fields),
            self._names(places),
            self._room,
            _SIZE,
            _WORTH,
        )

    def _names(self, places: Places) -> frozenset[str] | None:
        """Return the fields that decide on a form; None if it is the event's own."""
        names = together(self._rules[place].names for place in places)
        if names is None or not names.isdisjoint(ITS_OWN):
            return None
        return names | SAID


def form(
    rules: Sequence[Compiled],
    places: Sequence[int],
    replaced: Collection[int],
    fields: EventFields,
    make: Callable[[Compiled, EventFields], Kept],
) -> Form[Kept]:
    """Return the form of an event on which the rules at some places hold.

    Those that are `replaced` report nothing.
    """
    matching = [rules[place] for place in places]
    return Form(
        [
            make(each, fields)
            for place, each in zip(places, matching, strict=True)
            if each.reports and place not in replaced
        ],
        [
            (each.rule.name, tuple([key.of(fields) for key in each.keys]))
            for each in matching
            if each.carried is not None
        ],
        interned(fields.said),
    )
