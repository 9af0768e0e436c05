"""Hold the links of the chain from a trail to a subscriber, and how they combine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from checker.conditions import Cause, Unknown, UnknownValue

Body: TypeAlias = Mapping[str, Any]


class Link(msgspec.Struct, frozen=True):
    """How far a chain holds: to its end or not (None: not known), and why.

    `reached` counts the links: 0 trail, 1 metric filter, 2 alarm, 3 action.  `cause`
    says why it is not known.
    """

    verdict: bool | None
    reason: str
    reached: int
    cause: Cause = Cause.UNDECIDABLE


def works(reason: str, reached: int) -> Link:
    """Make a link that holds."""
    return Link(verdict=True, reason=reason, reached=reached)


def broken(reason: str, reached: int) -> Link:
    """Make a link that does not hold."""
    return Link(verdict=False, reason=reason, reached=reached)


def doubt(unknown: Unknown | str, reached: int) -> Link:
    """Return a link of which it is not known whether it holds.

    Text is the reason where no answer of AWS's would decide.
    """
    known = Unknown(unknown) if isinstance(unknown, str) else unknown
    return Link(None, known.reason, reached, known.cause)


class Watch(msgspec.Struct, frozen=True):
    """The alarms, topics and keys of an account, and how many events must be enough.

    `account` is its id, or what stands for it.
    """

    alarms: Sequence[Body]
    topics: Sequence[Body]
    keys: Sequence[Body]
    account: object
    events: int


def same(one: object, other: object) -> bool | None:
    """Return whether two values are the same; None where that is not known."""
    if one is None or other is None:
        return False
    try:
        return bool(one == other)
    except UnknownValue:
        return None


def weakened(link: Link, *doubts: object) -> Link:
    """Return a link that holds only if what is not known of it turns out well.

    `doubts` are answers, of which None is "not known", and existences.
    """
    if link.verdict is False:
        return link
    for each in doubts:
        if isinstance(each, Unknown):
            return doubt(each, link.reached)
        if each is None:
            return doubt(
                f"whether it belongs to the chain: {link.reason}", link.reached
            )
    return link


def best(links: Sequence[Link]) -> Link | None:
    """Choose the chain that holds, else one in doubt, else the one that gets furthest.

    None when there is no chain at all.
    """
    order = {True: 2, None: 1, False: 0}
    return max(
        links, key=lambda link: (order[link.verdict], link.reached), default=None
    )


def written(value: object) -> str | None:
    """Return a text, with marks for the parts of it that are not known yet.

    Equal marks stand for equal parts.  None for what is not known at all.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, Unknown) or value.sketch is None:
        return None
    return "".join(str(part) for part in value.sketch)


def shown(value: object) -> str:
    """Return a name for a sentence."""
    return written(value) or "that is not named yet"
