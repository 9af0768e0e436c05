"""Test one field of an event against one field selector.

Inside a field selector the operators that select (Equals, StartsWith, EndsWith) are
alternatives, over all their values; the operators that deselect (NotEquals,
NotStartsWith, NotEndsWith) drop the event on any hit; and both groups must pass.  There
are no wildcards, and case counts.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker.conditions.unknown import Cause, Unknown
from checker.evaluate.recording.made_up import shown

Verdict: TypeAlias = bool | None
"""True, False, or None where neither AWS nor the snapshot says."""

SHOWN = 3
"""How many values of a long list a reason names."""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: object) -> str | None:
    """Return "true" or "false": LookupEvents and Athena give a flag as text."""
    if value.__class__ is bool:
        return "true" if value else "false"
    return value.lower() if isinstance(value, str) else None


def _caller(event: Mapping[str, Any]) -> str | None:
    identity = event.get("userIdentity")
    return _text(identity.get("arn")) if isinstance(identity, Mapping) else None


READERS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "readOnly": lambda event: _flag(event.get("readOnly")),
    "eventSource": lambda event: _text(event.get("eventSource")),
    "eventName": lambda event: _text(event.get("eventName")),
    "eventType": lambda event: _text(event.get("eventType")),
    "userIdentity.arn": _caller,
    "sessionCredentialFromConsole": lambda event: _flag(
        event.get("sessionCredentialFromConsole")
    ),
    "errorCode": lambda event: _text(event.get("errorCode")),
    "vpcEndpointId": lambda event: _text(event.get("vpcEndpointId")),
}
"""How to read each selectable field that is not part of `resources`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSelector:
    """One field's operators with their values.

    `vague` holds prefixes of which AWS does not say what they match.
    `unknown_select` and `unknown_deselect` say why an operator has values that are not
    knows yet.  `wording` and `exclusion` are how a basic event selector says the same.
    """

    field: str
    equals: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    not_equals: frozenset[str] = frozenset()
    not_starts: tuple[str, ...] = ()
    not_ends: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    selects: bool = False
    unknown_select: str | None = None
    unknown_deselect: str | None = None
    wording: str | None = None
    exclusion: str | None = None
    cause: Cause = Cause.UNDECIDABLE

    @property
    def is_unknown(self) -> bool:
        """Whether an operator has values that are not known."""
        return bool(self.unknown_select or self.unknown_deselect)

    @property
    def only_equals(self) -> bool:
        """Return whether nothing but the values of Equals can pass."""
        others = (self.starts, self.ends, self.vague, self.unknown_select)
        return self.selects and not any(others)

    def test(self, value: str | None) -> Verdict:
        """Return whether the value passes; None stands for a field that is absent.

        An absent field is selected by nothing and dropped by nothing.
        """
        if value is None:
            if self.selects:
                return False
            return None if self.unknown_select else True
        if (
            value in self.not_equals
            or value.startswith(self.not_starts)
            or value.endswith(self.not_ends)
        ):
            return False
        if (self.selects or self.unknown_select) and not (
            value in self.equals
            or value.startswith(self.starts)
            or value.endswith(self.ends)
        ):
            if self.unknown_select or value.startswith(self.vague):
                return None
            return False
        return None if self.unknown_deselect else True

    def why(self, value: str | None) -> str:
        """Describe which operator and values decide that the value does not pass."""
        unknown = self.unknown_select or self.unknown_deselect
        if unknown and self.test(value) is None:
            return (
                f"{self.field} is compared with a value that is not known ({unknown})"
            )
        if self.wording:
            return f"{self.wording} ({self._has(value)})"
        if value is not None:
            if value in self.not_equals:
                return f"{self.exclusion or f'{self.field} NotEquals'} {shown(value)}"
            for operator, values, hit in (
                ("NotStartsWith", self.not_starts, value.startswith),
                ("NotEndsWith", self.not_ends, value.endswith),
            ):
                for end in values:
                    if hit(end):
                        return f"{self.field} {operator} {end}"
        chosen = " or ".join(
            f"{operator} {shorten(values)}"
            for operator, values in (
                ("Equals", self.equals),
                ("StartsWith", self.starts),
                ("EndsWith", self.ends),
            )
            if values
        )
        return f"{self.field} {chosen} ({self._has(value)})"

    def _has(self, value: str | None) -> str:
        if value is None:
            return f"the event has no {self.field}"
        return f"the event has {shown(value)}"

    def boundaries(self) -> tuple[set[str], set[str], set[str]]:
        """Return the values at which `test` can change: whole, start, end."""
        whole = set(self.equals | self.not_equals)
        starts = {*self.starts, *self.not_starts, *self.vague}
        return whole, starts, {*self.ends, *self.not_ends}


def parse(raw: Mapping[str, Any], named: str | None = None) -> FieldSelector:
    """Read one `FieldSelectors[]` entry of an advanced event selector.

    `named` is how a basic event selector calls the same exclusion.
    """
    read = {
        operator: values(raw.get(operator))
        for operator in (
            "Equals",
            "StartsWith",
            "EndsWith",
            "NotEquals",
            "NotStartsWith",
            "NotEndsWith",
        )
    }
    known = {operator: found for operator, (found, _) in read.items()}
    unknown = {operator: reason for operator, (_, reason) in read.items()}
    return FieldSelector(
        field=str(raw.get("Field")),
        exclusion=named,
        equals=frozenset(known["Equals"]),
        starts=known["StartsWith"],
        ends=known["EndsWith"],
        not_equals=frozenset(known["NotEquals"]),
        not_starts=known["NotStartsWith"],
        not_ends=known["NotEndsWith"],
        selects=bool(known["Equals"] or known["StartsWith"] or known["EndsWith"]),
        cause=cause_of([*raw.values()]),
        unknown_select=unknown["Equals"]
        or unknown["StartsWith"]
        or unknown["EndsWith"],
        unknown_deselect=unknown["NotEquals"]
        or unknown["NotStartsWith"]
        or unknown["NotEndsWith"],
    )


def values(raw: Any) -> tuple[tuple[str, ...], str | None]:
    """Return an operator's known values, and why others (or all) are not known."""
    if raw.__class__ is Unknown:
        return (), raw.reason
    if raw is None:
        return (), None
    known: list[str] = []
    reason = None
    for value in (raw,) if isinstance(raw, str) else raw:
        if value.__class__ is Unknown:
            reason = value.reason
        else:
            known.append(str(value).lower() if isinstance(value, bool) else str(value))
    return tuple(known), reason


def cause_of(values: Iterable[Any]) -> Cause:
    """Return the cause of the first value, or value in a list, that is not known."""
    for value in values:
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, Unknown):
                return one.cause
    return Cause.UNDECIDABLE


def shorten(values: Iterable[str]) -> str:
    """List the first values in order, and how many more there are."""
    ordered = sorted(values)
    more = len(ordered) - SHOWN
    shown = ", ".join(ordered[:SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
