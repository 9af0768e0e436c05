"""A rule, ready to run; what only a match needs is compiled at the first."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checker.conditions.parts import reads
from checker.evaluate.correlation.hit import Key, carried
from checker.evaluate.correlation.keys import beside, compared
from checker.evaluate.detection.evidence import (
    Evidence,
    Lowering,
    compile_field,
    parse_field,
)
from checker.evaluate.detection.header import Names
from checker.evaluate.detection.identities import MemoryBudget
from checker.evaluate.detection.remembered import (
    Remembered,
    names_read,
    of_event,
    together,
)
from checker.model import DetectionRule


@dataclass(frozen=True)
class Compiled:
    """One rule, and the room for what is remembered of it.

    `carried` are the paths of the fields that correlations need of it, None when there
    are none; `reports` is false for a rule that only feeds correlations.
    """

    rule: DetectionRule
    room: MemoryBudget
    carried: tuple[str, ...] | None
    reports: bool

    @functools.cached_property
    def evidence(self) -> Evidence:
        """What to show of an event on which the rule holds."""
        return Evidence(self.rule)

    @property
    def paths(self) -> Iterator[Names]:
        """The paths that are read of an event besides those of the condition."""
        nodes = (*map(parse_field, self.carried or ()), *self.rule.lowered_by.values())
        for node in nodes:
            yield from reads(node) or ()

    @functools.cached_property
    def names(self) -> frozenset[str] | None:
        """The fields that its findings and hits show; None where that is open."""
        shown = (self.evidence.names, self._lowered_by) if self.reports else ()
        return together([*shown, *map(_names_of_key, self.carried or ())])

    @functools.cached_property
    def lowering(self) -> Remembered[dict[str, Any]]:
        """What lowers the level of a finding of the rule (`evidence.Lowering`)."""
        return of_event(Lowering(self.rule).of, self._lowered_by, self.room)

    @property
    def _lowered_by(self) -> frozenset[str] | None:
        return names_read(*self.rule.lowered_by.values())

    @functools.cached_property
    def keys(self) -> tuple[Remembered[Key], ...]:
        """What the hits of the rule carry, in the order of `carried`."""
        return tuple(
            [
                of_event(_carrying(path), _names_of_key(path), self.room)
                for path in self.carried or ()
            ]
        )


@functools.lru_cache(maxsize=4096)
def _names_of_key(path: str) -> frozenset[str] | None:
    return together([names_read(parse_field(path)), frozenset(beside(path))])


def _carrying(path: str) -> Callable[[Any], Key]:
    field = compared(path, compile_field(path))
    return lambda event: carried(field(event))
