"""Find the values of a field that no field selector can tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from checker.evaluate.recording.event_selector import EventSelector
from checker.evaluate.recording.field_selector import FieldSelector
from checker.evaluate.recording.made_up import MadeUp


@dataclass(frozen=True, slots=True)
class Value:
    """A class of values of one field: one that stands for it, and how to call it.

    None stands for a field that is absent.  `fresh` says that the value is made up.
    """

    value: str | None
    label: str
    fresh: bool = False

    @property
    def written(self) -> str | None:
        """The value as it is in an event, with its label if it is made up."""
        if self.value and self.fresh:
            return MadeUp.of(self.value, self.label)
        return self.value


class Boundaries:
    """The field selectors of several trails, by the field that they test."""

    def __init__(self, event_selectors: Iterable[EventSelector]) -> None:
        self._by_field: dict[str, list[FieldSelector]] = {}
        for event_selector in event_selectors:
            for one in event_selector.boundaries():
                self._by_field.setdefault(one.field, []).append(one)

    def named(self, field: str) -> tuple[set[str], set[str], set[str]]:
        """Return the values named as a whole, as a start and as an end."""
        whole: set[str] = set()
        starts: set[str] = set()
        ends: set[str] = set()
        for one in self._by_field.get(field, ()):
            more = one.boundaries()
            whole |= more[0]
            starts |= more[1]
            ends |= more[2]
        return whole, starts, ends

    def values(
        self,
        field: str,
        head: str = "",
        fits: Callable[[str], bool] = lambda _: True,
    ) -> list[Value]:
        """Return one value for each class of values that begin with `head`.

        Of the values that are named as a whole, those count that `fits`.
        """
        whole, starts, ends = self.named(field)
        mark = _unused(whole | starts | ends, field)
        found = [
            Value(
                f"{start}{mark}{end}",
                _other(field, "" if start == head else start, end),
                fresh=True,
            )
            for start in sorted({head} | {s for s in starts if s.startswith(head)})
            for end in ("", *sorted(ends))
        ]
        found += [Value(v, v) for v in sorted(whole) if v.startswith(head) and fits(v)]
        return self.merge(field, found)

    def merge(
        self,
        field: str,
        values: Iterable[Value],
        beside: Mapping[str, object] | None = None,
    ) -> list[Value]:
        """Merge values that no field selector tells apart.

        `beside` maps a value to what else about it must not be merged.
        """
        classes: dict[tuple[object, ...], list[Value]] = {}
        for one in values:
            passed = self.passed(field, one.value)
            other = (beside or {}).get(one.value or "")
            classes.setdefault((passed, other), []).append(one)
        return [
            Value(same[0].value, _label(same), same[0].fresh)
            for same in classes.values()
        ]

    def passed(self, field: str, value: str | None) -> tuple[bool | None, ...]:
        """Return which field selectors a value passes: all that tells it apart."""
        return tuple([test.test(value) for test in self._by_field.get(field, ())])


def _unused(values: Iterable[str], field: str) -> str:
    """Return text that begins and ends with a character that no value holds."""
    used = set("".join(values))
    candidates = map(chr, itertools.chain((126,), range(0xE000, 0xF8FF)))
    mark = next(candidate for candidate in candidates if candidate not in used)
    return f"{mark}{field}{mark}"


def _other(field: str, start: str, end: str) -> str:
    """Name a class by the start and end that its values have."""
    return f"{field} {start}…{end}" if start or end else f"any other {field}"


def _label(same: Sequence[Value]) -> str:
    shown = ", ".join(one.label for one in same[:3])
    return f"{shown} and {len(same) - 3} more" if len(same) > 3 else shown
