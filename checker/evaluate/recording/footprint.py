"""Find the kinds of events on which a condition may hold.

They are what the index of a scan files the condition under: event sources and names,
the product of what it names of each, less the pairs on which it cannot hold.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from checker import conditions
from checker.conditions import tree
from checker.conditions.outline import Key, outline
from checker.conditions.parts import necessary
from checker.evaluate.recording.need import Access

Kinds: TypeAlias = Mapping[str, Access]
"""Event categories, with the readOnly values that the condition admits of each."""

_TYPES: Final = {
    "Management": (
        "AwsApiCall",
        "AwsServiceEvent",
        "AwsConsoleAction",
        "AwsConsoleSignIn",
    ),
    "Data": ("AwsApiCall", "AwsServiceEvent"),
    # The guide's text and its samples differ: AwsVpceEvents, AwsVpceEvent.
    "NetworkActivity": ("AwsVpceEvent", "AwsVpceEvents"),
}
_FIELDS: Final = frozenset(
    (name,)
    for name in (
        "eventSource",
        "eventName",
        "eventType",
        "eventCategory",
        "managementEvent",
        "readOnly",
    )
)


class Footprint:
    """What a condition requires of an event's source, name, category and readOnly."""

    def __init__(self, condition: tree.Node) -> None:
        self.pairs: tuple[Key, ...] = outline(condition).keys
        self._node = necessary(condition, _FIELDS)

    @functools.cached_property
    def _holds(self) -> Callable[[Any], Any] | None:
        return None if self._node is None else conditions.closure(self._node)

    def kinds(self, source: str, name: str) -> Kinds:
        """Return the categories in which an event of a source and name may match."""
        found: dict[str, Access] = {}
        for category in _TYPES:
            values = {
                event["readOnly"]
                for event in _events(source, name, category)
                if self._holds is None or conditions.holds(self._holds(event))
            }
            if values:
                found[category] = (
                    "All" if len(values) > 1 else "Read" if True in values else "Write"
                )
        return found


def _events(source: str, name: str, category: str) -> Iterator[dict[str, Any]]:
    for kind, read_only in itertools.product(_TYPES[category], (True, False)):
        yield {
            "eventSource": source,
            "eventName": name,
            "eventType": kind,
            "eventCategory": category,
            "managementEvent": category == "Management",
            "readOnly": read_only,
        }
