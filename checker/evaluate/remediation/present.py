"""Read what event selectors a trail has, ready to be sent back.

Basic event selectors are converted to advanced ones that select exactly the same; a
trail without any has AWS's default written out.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.conditions.unknown import Unknown
from checker.evaluate.recording import field_selector
from checker.evaluate.recording.event_selector import is_every
from checker.evaluate.recording.verdict import part

Selector = dict[str, Any]

OPERATORS = (
    "Equals",
    "StartsWith",
    "EndsWith",
    "NotEquals",
    "NotStartsWith",
    "NotEndsWith",
)


@dataclass(frozen=True, slots=True)
class Present:
    """The selectors of a trail: of the one kind, or of the other."""

    basic: tuple[Selector, ...] = ()
    advanced: tuple[Selector, ...] = ()


class NotConvertibleError(Exception):
    """No advanced event selector surely selects what a basic one does."""


def present(trail: Mapping[str, Any]) -> Present | Unknown:
    """Read a trail's selectors; `Unknown` when anything of them is not known."""
    raw = part(trail, "event_selectors")
    gap = _unknown(raw)
    if gap is not None:
        return gap
    raw = raw or {}
    if raw.get("AdvancedEventSelectors"):
        return Present(advanced=tuple(map(_clean, raw["AdvancedEventSelectors"])))
    basic = raw.get("EventSelectors") or [{}]
    return Present(basic=tuple(map(_complete, basic)))


def _unknown(value: Any) -> Unknown | None:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return next((gap for gap in map(_unknown, value) if gap is not None), None)
    return None


def _clean(raw: Mapping[str, Any]) -> Selector:
    """Return an advanced selector as PutEventSelectors takes it: no empty members."""
    fields = [_field(each) for each in raw.get("FieldSelectors") or ()]
    name = raw.get("Name")
    return {**({"Name": name} if name else {}), "FieldSelectors": fields}


def _field(raw: Mapping[str, Any]) -> Selector:
    values = {name: list(field_selector.values(raw.get(name))[0]) for name in OPERATORS}
    return {"Field": raw.get("Field")} | {
        name: found for name, found in values.items() if found
    }


def _complete(raw: Mapping[str, Any]) -> Selector:
    """Return a basic selector with AWS's defaults written out."""
    return {
        "ReadWriteType": raw.get("ReadWriteType") or "All",
        "IncludeManagementEvents": raw.get("IncludeManagementEvents") is not False,
        "DataResources": [
            {"Type": each.get("Type"), "Values": list(each.get("Values") or ())}
            for each in raw.get("DataResources") or ()
        ],
        "ExcludeManagementEventSources": list(
            raw.get("ExcludeManagementEventSources") or ()
        ),
    }


def convert(basic: Sequence[Selector]) -> list[Selector]:
    """Convert basic event selectors; raises `NotConvertibleError`."""
    found: list[Selector] = []
    for selector in basic:
        for words, fields in _converted(selector):
            if all(fields != other["FieldSelectors"] for other in found):
                name = unused(words, (other["Name"] for other in found))
                found.append({"Name": name, "FieldSelectors": fields})
    return found


def unused(name: str, taken: Iterable[object]) -> str:
    """Return the name, numbered when it is taken."""
    names = set(taken)
    free = name
    number = 2
    while free in names:
        free = f"{name} ({number})"
        number += 1
    return free


def field(name: str, operator: str, *values: str) -> Selector:
    """Write one field selector."""
    return {"Field": name, operator: list(values)}


def _converted(selector: Selector) -> Iterator[tuple[str, list[Selector]]]:
    access = {"ReadOnly": "true", "WriteOnly": "false"}.get(selector["ReadWriteType"])
    read_only = [field("readOnly", "Equals", access)] if access else []
    prefix = {"true": "Read-only ", "false": "Write "}.get(access or "", "")
    if selector["IncludeManagementEvents"]:
        excluded = selector["ExcludeManagementEventSources"]
        left_out = [field("eventSource", "NotEquals", *excluded)] if excluded else []
        words = f"{prefix}management events".capitalize()
        yield (
            words,
            [field("eventCategory", "Equals", "Management"), *read_only, *left_out],
        )
    for resource in selector["DataResources"]:
        arns = _arns(resource["Type"], resource["Values"])
        if arns is not None:
            yield (
                f"{prefix}{resource['Type']} data events",
                [
                    field("eventCategory", "Equals", "Data"),
                    field("resources.type", "Equals", resource["Type"]),
                    *read_only,
                    *arns,
                ],
            )


def _arns(kind: str, values: Sequence[str]) -> list[Selector] | None:
    """Return the condition on the ARN: none for all; None where nothing is selected."""
    if any(is_every(value) for value in values):
        return []
    if not values:
        return None
    if kind != "AWS::S3::Object":
        return [field("resources.ARN", "Equals", *values)]
    for value in values:
        if "/" not in value:
            raise NotConvertibleError(
                f"AWS does not say what the basic value {value}, without a slash after "
                "the bucket, selects, so no advanced selector surely says the same"
            )
    return [field("resources.ARN", "StartsWith", *values)]
