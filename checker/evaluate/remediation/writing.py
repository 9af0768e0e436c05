"""Write the event selectors that add what is wanted.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checker.aws.resource_types import BASIC_TYPES
from checker.evaluate.remediation.present import OPERATORS, Selector, field, unused
from checker.evaluate.remediation.wanted import SelectorSpec, is_start

MAX_VALUES = 500
"""How many values all advanced event selectors of a trail may have together."""

MAX_BASIC = 5
"""How many basic event selectors a trail may have."""

MAX_BASIC_VALUES = 250
"""How many data resource values all basic event selectors may have together."""

_MAX_NAME = 1000


def advanced(
    wanted: Sequence[SelectorSpec], beside: Iterable[Selector]
) -> list[Selector]:
    """Write advanced event selectors, with names that those beside do not have."""
    taken = [each.get("Name") for each in beside]
    found: list[Selector] = []
    for one in wanted:
        words = one.words()
        name = unused(words[:1].upper() + words[1 : _MAX_NAME - 10], taken)
        taken.append(name)
        found.append({"Name": name, "FieldSelectors": _fields(one)})
    return found


def _fields(one: SelectorSpec) -> list[Selector]:
    fields = [field("eventCategory", "Equals", one.category)]
    if one.resource_type:
        fields.append(field("resources.type", "Equals", one.resource_type))
    if one.source:
        fields.append(field("eventSource", "Equals", one.source))
    if one.excluded:
        fields.append(field("eventSource", "NotEquals", *one.excluded))
    if one.names:
        fields.append(field("eventName", "Equals", *one.names))
    if one.access != "All":
        read = "true" if one.access == "Read" else "false"
        fields.append(field("readOnly", "Equals", read))
    if one.arns:
        starts = [arn.rstrip("*") for arn in one.arns if is_start(arn)]
        whole = [arn for arn in one.arns if not is_start(arn)]
        fields.append(
            {"Field": "resources.ARN"}
            | ({"Equals": whole} if whole else {})
            | ({"StartsWith": starts} if starts else {})
        )
    return fields


def basic(wanted: Sequence[SelectorSpec], partition: str) -> list[Selector] | None:
    """Write basic event selectors; None when they cannot express it exactly."""
    found: dict[tuple[str, tuple[str, ...]], Selector] = {}
    for one in wanted:
        kind = one.resource_type
        # What is left out of management events concerns no data resource.
        left_out = one.excluded if kind is None else ()
        access = {"Read": "ReadOnly", "Write": "WriteOnly"}.get(one.access, "All")
        selector = found.setdefault(
            (access, left_out),
            {
                "ReadWriteType": access,
                "IncludeManagementEvents": False,
                "DataResources": [],
                "ExcludeManagementEventSources": list(left_out),
            },
        )
        if one.names or one.source or one.category not in ("Management", "Data"):
            return None
        if kind is None:
            selector["IncludeManagementEvents"] = True
            continue
        values = _values(one, partition)
        if values is None:
            return None
        selector["DataResources"].append({"Type": kind, "Values": values})
    return list(found.values())


def _values(one: SelectorSpec, partition: str) -> list[str] | None:
    """Return the values of a data resource: starts for S3, else whole ARNs."""
    kind = one.resource_type
    if kind is None or kind not in BASIC_TYPES:
        return None
    if not one.arns:
        service = kind.split("::")[1].lower()
        return [f"arn:{partition}:{service}"]
    starts = kind == "AWS::S3::Object"
    for arn in one.arns:
        if is_start(arn) is not starts or (starts and "/" not in arn.rstrip("*")):
            return None
    return [arn.rstrip("*") for arn in one.arns]


def over_limit(selectors: Sequence[Selector]) -> str | None:
    """Describe which of AWS's limits the selectors of a trail break; None for none."""
    if any("FieldSelectors" in each for each in selectors):
        count = sum(
            len(one.get(operator) or ())
            for each in selectors
            for one in each["FieldSelectors"]
            for operator in OPERATORS
        )
        if count > MAX_VALUES:
            return f"it would need {count} values, and AWS takes {MAX_VALUES}"
        return None
    if len(selectors) > MAX_BASIC:
        count = len(selectors)
        return f"it would need {count} basic event selectors; AWS takes {MAX_BASIC}"
    count = sum(
        len(resource["Values"])
        for each in selectors
        for resource in each["DataResources"]
    )
    if count > MAX_BASIC_VALUES:
        return f"it would need {count} values; AWS takes {MAX_BASIC_VALUES}"
    return None
