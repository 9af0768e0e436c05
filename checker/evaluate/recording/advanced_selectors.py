"""Read a trail's advanced event selectors.

A field that AWS does not accept for the category and holder, or a field that AWS
requires and that is missing, makes the selector one that AWS would refuse: what then is
recorded nobody says, and the selector's answer is unknown unless another of its fields
excludes the event.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from checker.conditions.unknown import Cause, Unknown
from checker.evaluate.recording import field_selector
from checker.evaluate.recording.event_selector import EventSelector
from checker.evaluate.recording.field_selector import READERS, FieldSelector

Holder: TypeAlias = Literal["trail", "event data store"]

_RESOURCE_FIELDS = frozenset({"resources.type", "resources.ARN"})
_DATA_FIELDS = frozenset(
    {
        "eventCategory",
        "readOnly",
        "eventSource",
        "eventName",
        "eventType",
        "resources.type",
        "resources.ARN",
        "sessionCredentialFromConsole",
        "userIdentity.arn",
    }
)
_NETWORK_FIELDS = frozenset(
    {"eventCategory", "eventSource", "eventName", "errorCode", "vpcEndpointId"}
)
_CATEGORY_ONLY = frozenset({"eventCategory"})
FIELDS: Mapping[Holder, Mapping[str, frozenset[str]]] = {
    "trail": {
        "Management": frozenset({"eventCategory", "readOnly", "eventSource"}),
        "Data": _DATA_FIELDS,
        "NetworkActivity": _NETWORK_FIELDS | {"userIdentity.arn"},
    },
    "event data store": {
        "Management": _DATA_FIELDS - _RESOURCE_FIELDS,
        "Data": _DATA_FIELDS,
        "NetworkActivity": _NETWORK_FIELDS,
        "Insight": _CATEGORY_ONLY,
        "ConfigurationItem": _CATEGORY_ONLY,
        "Evidence": _CATEGORY_ONLY,
        "ActivityAuditLog": _CATEGORY_ONLY,
    },
}
"""The fields that AWS accepts, by holder of the selector and event category."""

_REQUIRED = {"Data": "resources.type", "NetworkActivity": "eventSource"}


def parse(
    raw: Sequence[Any], holder: Holder, first: int = 1
) -> Iterator[EventSelector]:
    """Read `AdvancedEventSelectors`, in order; `first` is the number of the first."""
    for number, selector in enumerate(raw, start=first):
        label = f"selector {number}"
        if selector.__class__ is Unknown:
            yield EventSelector(
                label=label,
                category=None,
                doubt=selector.reason,
                cause=selector.cause,
            )
            continue
        name = selector.get("Name")
        if isinstance(name, str) and name:
            label = f"selector '{name}'"
        fields = selector.get("FieldSelectors")
        if fields.__class__ is Unknown:
            yield EventSelector(
                label=label, category=None, doubt=fields.reason, cause=fields.cause
            )
        else:
            yield from _advanced(label, fields or (), holder)


def _advanced(
    label: str, raw: Sequence[Any], holder: Holder
) -> Iterator[EventSelector]:
    parsed: list[FieldSelector] = []
    doubt = None
    cause = Cause.UNDECIDABLE
    for entry in raw:
        if entry.__class__ is Unknown or entry.get("Field").__class__ is Unknown:
            unknown = entry if entry.__class__ is Unknown else entry["Field"]
            doubt = f"a field selector is not known ({unknown.reason})"
            cause = unknown.cause
        else:
            parsed.append(field_selector.parse(entry))
    on_category = [one for one in parsed if one.field == "eventCategory"]
    categories = {value for one in on_category for value in one.equals}
    if not categories or any(one.unknown_select for one in on_category):
        reason = doubt or "it does not say which eventCategory, which AWS requires"
        yield EventSelector(label=label, category=None, doubt=reason, cause=cause)
        return
    others = [one for one in parsed if one.field != "eventCategory"]
    for category in sorted(categories):
        if all(one.test(category) for one in on_category):
            one = _for_category(label, category, others, holder, doubt)
            yield replace(one, cause=cause)


def _for_category(
    label: str,
    category: str,
    parsed: list[FieldSelector],
    holder: Holder,
    doubt: str | None,
) -> EventSelector:
    accepted = FIELDS[holder].get(category, frozenset())
    for one in parsed:
        if one.field not in accepted:
            doubt = f"AWS accepts no {one.field} for {category} events of a {holder}"
    required = _REQUIRED.get(category)
    if required and all(one.field != required for one in parsed):
        doubt = doubt or f"it has no {required}, which AWS requires for {category}"
    kept = [one for one in parsed if one.field in accepted]
    types = [one for one in kept if one.field == "resources.type"]
    return EventSelector(
        label=label,
        category=category,
        fields=tuple((READERS[one.field], one) for one in kept if one.field in READERS),
        types=types[0] if types else None,
        arns=tuple(one for one in kept if one.field == "resources.ARN"),
        doubt=doubt if len(types) <= 1 else "it has several resources.type",
    )
