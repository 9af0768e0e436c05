"""Read groups and values from what the hits of a base rule carry."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from checker.evaluate.correlation.addresses import Label, nameless
from checker.evaluate.correlation.hit import Key
from checker.evaluate.correlation.plan import Base, Field, Plan, Planned
from checker.evaluate.correlation.window import Value

Group: TypeAlias = Key | tuple[Key, ...]


class Reader(msgspec.Struct, frozen=True):
    """How to read the hits of one base rule: its place in `rules`, group and value.

    Without a value to read, the place is the value.
    """

    index: int
    group: Callable[[tuple[Key, ...]], Group]
    value: Callable[[tuple[Key, ...]], Value] | None


def reader(
    planned: Planned, base: Base, origin: str, plan: Plan, label: Label = nameless
) -> Reader:
    """Make the reader of a base rule's hits that come from detection rule `origin`."""
    carried = plan.carried[origin]
    places = {path: index for index, path in enumerate(carried)}
    index = planned.bases.index(base)
    value = _pick(base.field, places, label) if base.field else None
    group = _pick(base.group, places, label)
    return Reader(index, group, value)


def _pick(
    fields: tuple[Field, ...], places: Mapping[str, int], label: Label
) -> Callable[[tuple[Key, ...]], Group]:
    """Make a function that picks values by their place, and looks labels up.

    One value stands alone, and is None when it is absent; so are several of which some
    label is not known.
    """
    if not fields:
        return lambda _: ()
    chosen = [places[field.path] for field in fields]
    labelled = [field.labelled for field in fields]
    if not any(labelled):
        return operator.itemgetter(*chosen)

    def pick(keys: tuple[Key, ...]) -> Group:
        values: list[Key] = []
        for place, has_label in zip(chosen, labelled, strict=True):
            value = label(keys[place]) if has_label else keys[place]
            if has_label and value is None:
                return None
            values.append(value)
        return values[0] if len(values) == 1 else tuple(values)

    return pick
