"""Find the event selectors that can select nothing.

Each is put to the probes that its own values call for (see `probes`), of the accounts
and Regions that reach its trail: it is dead when it surely passes over all of them.
What AWS leaves open counts for the selector.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checker.conditions.unknown import Unknown
from checker.evaluate.recording import advanced_selectors, basic_selectors
from checker.evaluate.recording.checks.selector_values import written
from checker.evaluate.recording.event_selector import EventSelector
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import Probe, probes
from checker.evaluate.recording.scope import Scope, scope

LIMIT = 20_000
"""How many probes a selector is put to; one with more different conditions lives."""

_CATEGORIES = frozenset({"Management", "Data", "NetworkActivity"})


def rows(holder: Mapping[str, Any]) -> list[dict[str, str]] | Unknown:
    """Return a row with `selector` and `reason` for each that can select nothing.

    An advanced event selector is judged as a whole, a basic one by each of its data
    resources.  `Unknown` when none is surely dead and one may be.
    """
    advanced, raw = written(holder)
    if raw.__class__ is Unknown:
        return Unknown(raw.reason, raw.cause)
    own = scope(holder)
    found: list[dict[str, str]] = []
    doubt: Unknown | None = None
    for number, one in enumerate(raw, start=1):
        for label, pieces in _parts(one, number, own, advanced=advanced):
            reasons = [_dead(piece, own) for piece in pieces]
            if None not in reasons:
                why = reasons[0] if reasons else _EMPTY[advanced]
                said = f"{label} selects nothing: {why}"
                found.append({"selector": label, "reason": said})
            elif doubt is None:
                doubt = _unknown(one)
    return doubt if doubt is not None and not found else found


_EMPTY = {
    True: "no event has the eventCategory that it asks for",
    False: "it has neither management events nor data resources",
}


def _parts(
    raw: Any, number: int, own: Scope, *, advanced: bool
) -> Iterator[tuple[str, Sequence[EventSelector]]]:
    """Return what is judged as one: the selector, or each part of a basic one."""
    if advanced:
        pieces = [*advanced_selectors.parse([raw], own.holder, number)]
        name = None if raw.__class__ is Unknown else raw.get("Name")
        label = f"selector '{name}'" if isinstance(name, str) and name else None
        yield label or f"selector {number}", pieces
        return
    pieces = [*basic_selectors.parse([raw], number)]
    if not pieces:
        yield f"selector {number}", []
    for piece in pieces:
        yield piece.label, [piece]


def _dead(piece: EventSelector, own: Scope) -> str | None:
    """Describe why a selector passes over every event; None when it may select one."""
    if piece.category not in _CATEGORIES:
        return None
    best: tuple[int, str] | None = None
    for count, probe in enumerate(_probes(piece, own)):
        if piece.decide(probe.event) is not False or count >= LIMIT:
            return None
        missed = _missed(piece, probe)
        if best is None or missed < best[0]:
            best = (missed, _why(piece, probe))
    return best[1] if best else "AWS has no event that fits it"


def _probes(piece: EventSelector, own: Scope) -> Iterator[Probe]:
    """Return the probes of every account and Region whose events reach the holder.

    An ARN can name another account than the one whose trail it is, and no Region.
    """
    category = str(piece.category)
    arns = [
        value.split(":")
        for one in piece.arns
        for values in one.boundaries()
        for value in values
    ]
    accounts = {pieces[4] for pieces in arns if len(pieces) > 4} | {own.account}
    regions: tuple[tuple[str, ...] | None, ...] = (None, ("",))
    if own.multi_region is False and own.region:
        regions = ((own.region,), ("",))
    for account, places in itertools.product(sorted(accounts, key=str), regions):
        need = Need(category, account=account or None, regions=places)
        yield from probes(need, [own], [piece], newer=True)


def _missed(piece: EventSelector, probe: Probe) -> int:
    """Count the fields that do not pass: the fewest make the clearest reason."""
    event = probe.event
    values = [(one, read(event)) for read, one in piece.fields]
    for resource in event.get("resources") or ():
        values += [(one, resource.get("ARN")) for one in piece.arns]
        if piece.types is not None:
            values += [(piece.types, resource.get("type"))] * 3
    return sum(one.test(value) is False for one, value in values)


def _why(piece: EventSelector, probe: Probe) -> str:
    text = piece.obstacle(probe.event).text
    return text.replace("(the event has ", "(such events have ")


def _unknown(value: Any) -> Unknown | None:
    """Find an unknown value in what was written."""
    if value.__class__ is Unknown:
        return Unknown(value.reason, value.cause)
    inner = value.values() if isinstance(value, Mapping) else value
    if not isinstance(inner, Iterable) or isinstance(inner, str):
        return None
    found = (_unknown(one) for one in inner)
    return next((one for one in found if one is not None), None)
