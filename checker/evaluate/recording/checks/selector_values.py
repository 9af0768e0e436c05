"""List what the event selectors of a trail say, value by value.

Rules look here for what is wrong with a value as such, a wildcard or an unknown type.
Whether something is recorded is never read from here: that is for `selectors.records`.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.aws.resource_types import RESOURCE_TYPES
from checker.conditions.unknown import Unknown
from checker.evaluate.recording.verdict import part

OPERATORS = (
    "Equals",
    "StartsWith",
    "EndsWith",
    "NotEquals",
    "NotStartsWith",
    "NotEndsWith",
)


def written(holder: Mapping[str, Any]) -> tuple[bool, Any]:
    """Return whether a trail's (or store's) selectors are advanced ones, and them.

    They are a list, empty where AWS's default counts, or `Unknown`.
    """
    if "EventDataStoreArn" in holder:
        return True, _list(part(holder, "AdvancedEventSelectors"))
    both = part(holder, "event_selectors")
    if both.__class__ is Unknown:
        return True, both
    both = both or {}
    advanced = _list(both.get("AdvancedEventSelectors"))
    if advanced.__class__ is Unknown or advanced:
        return True, advanced
    return False, _list(both.get("EventSelectors"))


def rows(holder: Mapping[str, Any]) -> list[Any] | Unknown:
    """Return one row for each value of each operator of each event selector.

    A row has `selector` (how it is called), `category`, `type` (the resource type that
    the selector is about), `field`, `operator`, `value`, `basic`, `known` (for a
    resource type: whether AWS's table has it) and `reason`, the whole in words.
    """
    advanced, raw = written(holder)
    if raw.__class__ is Unknown:
        return Unknown(raw.reason, raw.cause)
    read = _advanced if advanced else _basic
    return [row for number, one in enumerate(raw, 1) for row in read(number, one)]


def _list(value: Any) -> Any:
    return value if value.__class__ is Unknown else value or []


def _advanced(number: int, raw: Any) -> Iterator[Any]:
    if raw.__class__ is Unknown:
        yield _any_rows(raw)
        return
    name = raw.get("Name")
    label = f"selector '{name}'" if name.__class__ is str and name else None
    fields = _list(raw.get("FieldSelectors"))
    about = {"eventCategory": None, "resources.type": None}
    for one in () if fields.__class__ is Unknown else fields:
        if one.__class__ is not Unknown and one.get("Field").__class__ is str:
            equals = _values(one.get("Equals"))
            if one["Field"] in about and equals:
                about[one["Field"]] = equals[0]
    if fields.__class__ is Unknown:
        yield _any_rows(fields)
        return
    for one in fields:
        if one.__class__ is Unknown or one.get("Field").__class__ is Unknown:
            yield _any_rows(one if one.__class__ is Unknown else one["Field"])
            continue
        for operator in OPERATORS:
            for value in _values(one.get(operator)):
                yield _row(
                    label or f"selector {number}",
                    (about["eventCategory"], about["resources.type"]),
                    (str(one["Field"]), operator, value),
                    basic=False,
                )


def _basic(number: int, raw: Any) -> Iterator[Any]:
    if raw.__class__ is Unknown:
        yield _any_rows(raw)
        return
    label = f"selector {number}"
    for value in _values(raw.get("ExcludeManagementEventSources")):
        said = ("eventSource", "NotEquals", value)
        yield _row(label, ("Management", None), said, basic=True)
    for resource in _values(raw.get("DataResources")):
        if resource.__class__ is Unknown:
            yield _any_rows(resource)
            continue
        kind = resource.get("Type")
        about = ("Data", kind)
        yield _row(label, about, ("resources.type", "Equals", kind), basic=True)
        whole = kind.__class__ is str and kind != "AWS::S3::Object"
        operator = "Equals" if whole else "StartsWith"
        for value in _values(resource.get("Values")):
            yield _row(label, about, ("resources.ARN", operator, value), basic=True)


def _any_rows(value: Unknown) -> Unknown:
    """Return what stands for the rows of something that is written in another form."""
    return Unknown(value.reason, value.cause)


def _row(
    label: str, about: tuple[Any, Any], said: tuple[str, str, Any], *, basic: bool
) -> dict[str, Any]:
    field, operator, value = said
    category, kind = about
    known: object = None
    if field == "resources.type" and isinstance(value, Unknown):
        known = _any_rows(value)
    elif field == "resources.type" and value.__class__ is str:
        known = value in RESOURCE_TYPES
    return {
        "selector": label,
        "category": category,
        "type": kind,
        "field": field,
        "operator": operator,
        "value": value,
        "basic": basic,
        "known": known,
        "reason": f"{label}: {field} {operator} {value}",
    }


def _values(raw: Any) -> Sequence[Any]:
    if raw is None:
        return ()
    return raw if isinstance(raw, list) else (raw,)
