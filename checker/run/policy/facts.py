"""What is known of a finding, for exceptions to be held against.

Each fact is a tuple of everything that an exception has to cover: all events of a
correlation, all values of a list.  An empty one means that the answer is not known, or
not whole; no exception matches that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from checker import secrets
from checker.conditions import UnknownValue
from checker.evaluate.correlation import Burst
from checker.evaluate.detection.evidence import (
    MOST_ENTRIES,
    MOST_TEXT,
    compile_field,
)
from checker.model import DetectionRule, Resource
from checker.rules.exceptions import Scalar

RESOURCES: Final = "resources"
ISSUER: Final = "userIdentity.sessionContext.sessionIssuer.arn"
"""The role that a session is of.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

_IDENTITIES: Final = ("userIdentity.arn", ISSUER)


class Facts(msgspec.Struct, frozen=True):
    """What a finding says of itself; of each identity any of its names will do."""

    identities: tuple[tuple[str, ...], ...]
    resources: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    addresses: tuple[str, ...]
    field: Callable[[str], tuple[Scalar, ...]]


def of_event(
    rule: DetectionRule, subject: Mapping[str, Any], evidence: Mapping[str, Any]
) -> Facts:
    """Return the facts of a match: its subject, and the fields in its evidence.

    Those that exceptions ask about are among these (`Exceptions.prepared`).
    """

    def field(path: str) -> tuple[Scalar, ...]:
        # A selection of that name is shown where the field would be.
        if path in rule.detection.selections or path in rule.lowered_by:
            return ()
        return _values(evidence.get(path))

    names = [subject["principal"], *field(ISSUER)]
    identity = tuple(name for name in names if _is_whole(name))
    return Facts(
        identities=(identity,) if identity else (),
        resources=_arns(evidence.get(RESOURCES)),
        accounts=_texts([subject["accountId"]]),
        regions=_texts([subject["awsRegion"]]),
        addresses=_texts([subject["sourceIPAddress"]]),
        field=field,
    )


def of_burst(burst: Burst) -> Facts:
    """Return the facts of a correlation: those of all its events, or of its group."""
    group = burst.group
    # What is not listed, or is a match of another correlation, is not known.
    whole = burst.count <= len(burst.events) and not any(
        hit.burst is not None for hit in burst.events
    )
    events = [hit.subject() for hit in burst.events] if whole else []

    def field(path: str) -> tuple[Scalar, ...]:
        return _values(group.get(path))

    def each(key: str, path: str) -> tuple[str, ...]:
        known = _texts(field(path))
        return known or _texts([event[key] for event in events])

    names = _texts(name for path in _IDENTITIES for name in field(path))
    principals = _texts([event["principal"] for event in events])
    identities = tuple((name, *names) for name in principals)
    return Facts(
        identities=identities or ((names,) if names else ()),
        resources=(),
        accounts=each("accountId", "recipientAccountId"),
        regions=each("awsRegion", "awsRegion"),
        addresses=each("sourceIPAddress", "sourceIPAddress"),
        field=field,
    )


def of_resource(resource: Resource) -> Facts:
    """Return the facts of a resource; what could not be collected is not known."""

    def field(path: str) -> tuple[Scalar, ...]:
        try:
            return _values(compile_field(path)(resource.body), shown=False)
        except UnknownValue:
            return ()

    return Facts(
        identities=(),
        resources=_texts([resource.id]),
        accounts=_texts([resource.account]),
        regions=_texts([resource.region]),
        addresses=(),
        field=field,
    )


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    """Return all of some texts; none, unless all of them are known."""
    found = list(values)
    if not all(map(_is_whole, found)):
        return ()
    return tuple(dict.fromkeys(map(str, found)))


def _is_whole(value: object) -> bool:
    """Return whether a value is a text, and not empty, cut, or hidden in part."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= MOST_TEXT
        and secrets.MASK not in value
    )


def _values(value: object, *, shown: bool = True) -> tuple[Scalar, ...]:
    """Return what a field has: a value, or those of a list that is whole."""
    values: Sequence[object] = value if isinstance(value, list) else [value]
    if shown and len(values) >= MOST_ENTRIES:
        return ()
    known = all(
        _is_whole(each) if isinstance(each, str) else isinstance(each, int | float)
        for each in values
    )
    return tuple(values) if known else ()  # type: ignore[arg-type] # scalars


def _arns(resources: object) -> tuple[str, ...]:
    """Return the ARN of each resource of an event; none where one has no ARN.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    if not isinstance(resources, list) or not 0 < len(resources) < MOST_ENTRIES:
        return ()
    return _texts(
        entry.get("ARN") if isinstance(entry, Mapping) else None for entry in resources
    )
