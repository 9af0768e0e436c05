"""Read a trail's basic event selectors.

A basic event selector becomes one `EventSelector` for management events and one for
each data resource.  An S3 value is the start of an ARN; a Lambda or DynamoDB value is a
whole ARN, or `arn:aws:lambda` and `arn:aws:dynamodb` for all.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DataResource.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from checker.aws.resource_types import BASIC_TYPES
from checker.conditions.unknown import Unknown
from checker.evaluate.recording import field_selector as field_selectors
from checker.evaluate.recording.event_selector import Event, EventSelector, is_every
from checker.evaluate.recording.field_selector import READERS, FieldSelector, shorten

_Fields: TypeAlias = tuple[tuple[Callable[[Event], str | None], FieldSelector], ...]


def parse(raw: Sequence[Any], first: int = 1) -> Iterator[EventSelector]:
    """Read `EventSelectors`, in order; the defaults are AWS's.

    `first` is the number of the first.
    """
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
        fields, doubt = _access(selector.get("ReadWriteType"))
        resources = selector.get("DataResources")
        rows = resources if isinstance(resources, list) else [resources]
        types = [row.get("Type") for row in rows if isinstance(row, Mapping)]
        cause = field_selectors.cause_of([*selector.values(), *types])
        for one in (
            *_management(label, selector, fields, doubt),
            *_data(label, resources, fields, doubt),
        ):
            yield replace(one, cause=cause)


def _access(value: Any) -> tuple[_Fields, str | None]:
    if value.__class__ is Unknown:
        return (), f"ReadWriteType is not known ({value.reason})"
    if value not in ("ReadOnly", "WriteOnly"):
        return (), None
    field_selector = FieldSelector(
        field="readOnly",
        equals=frozenset({"true" if value == "ReadOnly" else "false"}),
        selects=True,
        wording=f"ReadWriteType {value}",
    )
    return ((READERS["readOnly"], field_selector),), None


def _management(
    label: str, raw: Mapping[str, Any], fields: _Fields, doubt: str | None
) -> Iterator[EventSelector]:
    included = raw.get("IncludeManagementEvents")
    if included.__class__ is Unknown:
        doubt = f"IncludeManagementEvents is not known ({included.reason})"
    elif included is False:
        return
    exclude = field_selectors.parse(
        {"Field": "eventSource", "NotEquals": raw.get("ExcludeManagementEventSources")},
        named="ExcludeManagementEventSources",
    )
    yield EventSelector(
        label=label,
        category="Management",
        fields=(*fields, (READERS["eventSource"], exclude)),
        doubt=doubt,
    )


def _data(
    label: str, resources: Any, fields: _Fields, doubt: str | None
) -> Iterator[EventSelector]:
    if resources.__class__ is Unknown:
        doubt = f"DataResources are not known ({resources.reason})"
        yield EventSelector(label=label, category="Data", fields=fields, doubt=doubt)
        return
    for resource in resources or ():
        if resource.__class__ is Unknown or resource.get("Type").__class__ is Unknown:
            unknown = resource if resource.__class__ is Unknown else resource["Type"]
            reason = f"a data resource is not known ({unknown.reason})"
            yield EventSelector(
                label=label, category="Data", fields=fields, doubt=reason
            )
        else:
            yield _resource(label, resource, fields, doubt)


def _resource(
    label: str, raw: Mapping[str, Any], fields: _Fields, doubt: str | None
) -> EventSelector:
    kind = str(raw.get("Type"))
    if kind not in BASIC_TYPES:
        doubt = f"AWS accepts no {kind} in a basic event selector"
    return EventSelector(
        label=label,
        category="Data",
        fields=fields,
        types=FieldSelector(
            field="resources.type",
            equals=frozenset({kind}),
            selects=True,
            wording=f"DataResources {kind}",
        ),
        arns=(_arns(kind, raw.get("Values")),),
        doubt=doubt,
    )


def _arns(kind: str, raw: Any) -> FieldSelector:
    """Read the values; a bucket without a slash surely holds its own objects.

    Whether such a value also matches the buckets whose names begin with it is not
    documented, so those are `vague`.
    """
    values, unknown = field_selectors.values(raw)
    every = tuple(value for value in values if is_every(value))
    whole: list[str] = []
    starts: list[str] = []
    vague: list[str] = []
    for value in values:
        if value in every:
            starts.append(value)
        elif kind != "AWS::S3::Object":
            whole.append(value)
        elif "/" in value:
            starts.append(value)
        else:
            starts.append(f"{value}/")
            vague.append(value)
    return FieldSelector(
        field="resources.ARN",
        equals=frozenset(whole),
        starts=tuple(starts),
        vague=tuple(vague),
        selects=unknown is None,
        cause=field_selectors.cause_of([raw]),
        unknown_select=unknown,
        wording=f"DataResources {kind} {shorten(values) or 'without values'}",
    )
