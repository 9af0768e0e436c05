"""This module files compiled rules by what each requires of an event.

Of every event only its source and name are known at first.  They choose the rules that
could match; for a rule that does not name both, a text that must stand in the event's
bytes decides whether it is worth decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions.witness import hidden, witnesses
from checker.model import DetectionRule

Test: TypeAlias = Callable[[object], object]
Key: TypeAlias = tuple[str | None, str | None]
Wanted: TypeAlias = tuple[tuple[str, frozenset[Any]], ...]
"""Fields of the header, by name, and the values of which one is required."""

_REMEMBERED = 100_000
_FILED_BY = (("eventSource",), ("eventName",))
_TOLD = ("errorCode", "eventType")
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Compiled:
    """One rule, ready to run: its condition and what to show when it holds.

    `position` is the rule's place in the order given.  `carried` are the fields that
    correlations need of it, None when there are none; `reports` is false for a rule
    that only feeds correlations.
    """

    position: int
    rule: DetectionRule
    wanted: Wanted
    holds: Test
    selections: tuple[tuple[str, Test], ...]
    shown: tuple[tuple[str, Test], ...]
    witnesses: tuple[bytes, ...]
    carried: tuple[Test, ...] | None
    reports: bool


@dataclass(frozen=True, slots=True)
class Loose:
    """Rules that do not name both source and name, and want the same of an event."""

    wanted: Wanted
    witnesses: tuple[bytes, ...]
    rules: tuple[Compiled, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """The rules that could match an event of one source and name.

    `exact` require both; `loose` name only one of them.
    """

    exact: tuple[Compiled, ...]
    loose: tuple[Loose, ...]


@dataclass(frozen=True, slots=True)
class Detector:
    """Compiled rules, filed by the (eventSource, eventName) that each requires.

    A key's None stands for "any"; `anywhere` holds the rules that require neither.
    """

    index: Mapping[Key, tuple[Compiled, ...]]
    anywhere: tuple[Loose, ...]
    _answers: dict[Key, Filed | None] = field(default_factory=dict, repr=False)

    def filed(self, source: str | None, name: str | None) -> Filed | None:
        """Give the rules for an event, without those of `anywhere`; None for none.

        The answer for each source and name is worked out once.
        """
        key = source, name
        try:
            return self._answers[key]
        except KeyError:
            pass
        if len(self._answers) >= _REMEMBERED:
            self._answers.clear()
        # What is absent must not be None here, which means "any" in the index.
        source, name = source or "", name or ""
        exact = self.index.get((source, name), ())
        loose = self.index.get((source, None), ()) + self.index.get((None, name), ())
        answer = Filed(exact, _grouped(loose)) if exact or loose else None
        self._answers[key] = answer
        return answer


class Scent:
    """Tells which rules may match the events of one text, going by their witnesses.

    The text is searched as a whole for a witness that was asked for several times: one
    that is nowhere in it is in none of its events.
    """

    def __init__(self, text: bytes | None) -> None:
        """Take the text that all events stand in as they are, None if there is none."""
        self._text = text
        self._asked: dict[tuple[bytes, ...], int] = {}
        self._escapes = text is None or hidden(text)

    def nowhere(self, found: tuple[bytes, ...]) -> bool:
        """Tell whether no event of the text has one of the witnesses."""
        if not found or self._text is None or self._escapes:
            return False
        return not any(witness in self._text for witness in found)

    def on(self, found: tuple[bytes, ...], record: bytes) -> bool:
        """Tell whether one event may have one of the witnesses."""
        if not found:
            return True
        asked = self._asked.get(found, 0)
        if asked < 0:
            return False
        if asked == _TRIES and self.nowhere(found):
            self._asked[found] = -1
            return False
        if asked <= _TRIES:
            self._asked[found] = asked + 1
        for witness in found:
            if witness in record:
                return True
        return self._escapes and hidden(record)


def compile_rules(
    rules: Sequence[DetectionRule],
    carried: Mapping[str, Sequence[str]] | None = None,
    quiet: Collection[str] = (),
) -> Detector:
    """Compile rules into a detector; the order of matches is that of the rules.

    `carried` names the fields that correlations need of each rule that feeds them, and
    `quiet` the rules that report nothing of their own (`correlation.plan`).
    """
    index: dict[Key, list[Compiled]] = {}
    anywhere: list[Compiled] = []
    for position, rule in enumerate(rules):
        required = conditions.required(rule.detection.condition)
        fields = (carried or {}).get(rule.name)
        wanted = tuple((name, required[name,]) for name in _TOLD if (name,) in required)
        reports = rule.name not in quiet
        compiled = _compile(position, rule, wanted, fields, reports=reports)
        sources = _texts(required.get(("eventSource",)))
        names = _texts(required.get(("eventName",)))
        if sources is None and names is None:
            anywhere.append(compiled)
            continue
        for source in (None,) if sources is None else sources:
            for name in (None,) if names is None else names:
                index.setdefault((source, name), []).append(compiled)
    filed = {key: tuple(bucket) for key, bucket in index.items()}
    return Detector(filed, _grouped(anywhere))


def _grouped(rules: Iterable[Compiled]) -> tuple[Loose, ...]:
    groups: dict[tuple[Wanted, tuple[bytes, ...]], list[Compiled]] = {}
    for rule in rules:
        groups.setdefault((rule.wanted, rule.witnesses), []).append(rule)
    return tuple(Loose(*wants, tuple(several)) for wants, several in groups.items())


def _compile(
    position: int,
    rule: DetectionRule,
    wanted: Wanted,
    carried: Sequence[str] | None,
    *,
    reports: bool,
) -> Compiled:
    detection = rule.detection
    shown = dict.fromkeys([*conditions.paths(detection.condition), *rule.fields])
    return Compiled(
        position=position,
        rule=rule,
        wanted=wanted,
        holds=conditions.closure(detection.condition),
        selections=tuple(
            (name, conditions.closure(node))
            for name, node in detection.selections.items()
        ),
        shown=tuple((path, conditions.compile(path)) for path in shown),
        witnesses=() if wanted else witnesses(detection.condition, _FILED_BY),
        carried=None if carried is None else tuple(map(conditions.compile, carried)),
        reports=reports,
    )


def _texts(values: frozenset[Any] | None) -> tuple[str, ...] | None:
    """Give the required values when each is text: only those can be an index key."""
    if values is None or not all(isinstance(value, str) for value in values):
        return None
    return tuple(sorted(values))
