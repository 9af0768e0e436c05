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
from checker.evaluate.detection.remembered import Remembered, names_read
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
    def lowering(self) -> Remembered[dict[str, Any]]:
        """What lowers the level of a finding of the rule (`evidence.Lowering`)."""
        names = names_read(*self.rule.lowered_by.values())
        return Remembered(Lowering(self.rule).of, names, self.room)

    @functools.cached_property
    def keys(self) -> tuple[Remembered[Key], ...]:
        """What the hits of the rule carry, in the order of `carried`."""
        return tuple([self._key(path) for path in self.carried or ()])

    def _key(self, path: str) -> Remembered[Key]:
        names = names_read(parse_field(path))
        if names is not None:
            names |= frozenset(beside(path))
        read = _carrying(compared(path, compile_field(path)))
        return Remembered(read, names, self.room)


def _carrying(field: Callable[[Any], Any]) -> Callable[[Any], Key]:
    return lambda event: carried(field(event))
