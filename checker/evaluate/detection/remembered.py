"""Remember what was worked out of some fields of an event, by their values.

Those of one caller, program or address come again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from checker.conditions import tree
from checker.conditions.parts import reads
from checker.evaluate.detection.identities import Key, MemoryBudget

if TYPE_CHECKING:
    from checker.evaluate.detection.event_fields import EventFields

Value = TypeVar("Value")

_UNKNOWN: Final[Any] = object()

ITS_OWN: Final = frozenset({"eventTime", "eventID", "requestID", "sharedEventID"})
"""Fields that are different in each event."""

_PATIENCE: Final = 500
"""So many values are remembered before it is asked whether most come again."""


class Remembered(Generic[Value]):
    """A function of an event, with what it gave for the fields that it reads.

    Without `names` it may read any, and is asked every time.
    """

    __slots__ = (
        "__weakref__",
        "_came",
        "_function",
        "_known",
        "_missed",
        "_names",
        "_room",
        "_size",
        "_worth",
    )

    def __init__(
        self,
        function: Callable[[EventFields], Value],
        names: Iterable[str] | None,
        room: MemoryBudget,
        size: int = 0,
        worth: int = 1,
    ) -> None:
        """Take the function, and the fields that it reads.

        What it gives takes so much room (`MemoryBudget`), if it is no text, and to work
        it out costs `worth` times what it costs to remember it.
        """
        self._function = function
        self._names = tuple(sorted(names)) if names else None
        self._known: dict[tuple[Key, ...], Value] = {}
        self._room = room
        self._size = size
        self._worth = worth
        self._came = self._missed = 0
        room.share(self)

    def forget(self) -> None:
        """Forget what it gave, and how often that was of use."""
        self._known.clear()
        self._came = self._missed = 0

    def of(self, fields: EventFields) -> Value:
        """Return what it gives of an event."""
        missed, worth = self._missed, self._worth
        if self._names is None or (
            missed > _PATIENCE * worth and missed > self._came * worth
        ):
            return self._function(fields)
        try:
            values = fields.stored(self._names)
        except KeyError:
            return self._function(fields)
        found: Value = self._known.get(values, _UNKNOWN)
        if found is _UNKNOWN:
            self._missed += 1
            found = self._function(fields)
            if self._room.take((*values, found)):
                self._room.taken += self._size
                self._known[values] = found
        else:
            self._came += 1
        return found


def of_event(
    function: Callable[[Any], Value], names: Iterable[str] | None, room: MemoryBudget
) -> Remembered[Value]:
    """Return a function of an event that has some fields at least; all if None."""
    needed = None if names is None else tuple(sorted(names))
    return Remembered(lambda fields: function(fields.having(needed)), needed, room)


def names_read(*nodes: tree.Node) -> frozenset[str] | None:
    """Return the names of the fields that some nodes read; None where that is open."""
    return together(map(_names, nodes))


def together(several: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return all of some names; None where some are open."""
    known: frozenset[str] = frozenset()
    for names in several:
        if names is None:
            return None
        known |= names
    return known


def _names(node: tree.Node) -> frozenset[str] | None:
    read = reads(node)
    if read is None or () in read:
        return None
    return frozenset(names[0] for names in read)
