"""Determine in which Regions AWS Config does not record every resource.

https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html
https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationRecorderStatus.html
https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.conditions import Cause, Unknown

GLOBAL_TYPES = frozenset(
    {"AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"}
)
"""The global types that one Region is enough for: select-resources.html."""

_EXCEPT = "EXCLUSION_BY_RESOURCE_TYPES"


def rows(snapshot: Mapping[str, Any]) -> list[dict[str, str]] | Unknown:
    """Return a row with `region` and `reason` for each gap.

    Every Region that is enabled counts, or, where those were not listed, every Region
    that was scanned.  Recorders that a service made for itself do not count.
    """
    held = snapshot.get("config_recorders")
    if isinstance(held, Unknown):
        return held
    if not isinstance(held, list):
        return Unknown("config_recorders: not collected", Cause.NOT_COLLECTED)
    regions = used_regions(snapshot)
    if isinstance(regions, Unknown):
        return regions
    found = {
        row["region"]: row.get("recorders") for row in held if isinstance(row, Mapping)
    }
    doubts = [row for row in held if isinstance(row, Unknown)]
    gaps: list[dict[str, str]] = []
    for region in regions:
        gap = _gap(
            region,
            found.get(
                region, Unknown(f"{region} was not scanned", Cause.NOT_COLLECTED)
            ),
        )
        if isinstance(gap, Unknown):
            doubts.append(gap)
        elif gap is not None:
            gaps.append(gap)
    if gaps:
        return gaps
    return doubts[0] if doubts else _without_global_types(found)


def complete(snapshot: Mapping[str, Any]) -> str:
    """Describe what holds where there is no gap."""
    regions = used_regions(snapshot)
    where = ", ".join(regions) if isinstance(regions, list) else "every Region"
    return f"AWS Config records every resource in {where}"


def used_regions(snapshot: Mapping[str, Any]) -> list[str] | Unknown:
    """Return the enabled Regions, or the scanned ones where those are not known."""
    account = snapshot.get("account")
    known = account if isinstance(account, Mapping) else {}
    for part in ("regions_enabled", "regions_scanned"):
        value = known.get(part)
        if isinstance(value, (Unknown, list)):
            return value
    return Unknown(
        "the Regions that the account uses: not collected", Cause.NOT_COLLECTED
    )


def _gap(region: str, recorders: object) -> dict[str, str] | Unknown | None:
    """Describe what the recorders of one Region leave out, if anything."""
    if isinstance(recorders, Unknown):
        return recorders
    own = list(_own(recorders))
    if not own:
        return _row(region, f"{region} has no configuration recorder of the account")
    said: list[str] = []
    for recorder in own:
        fault = _fault(recorder, region)
        if fault is None or isinstance(fault, Unknown):
            return fault
        said.append(fault)
    return _row(region, "; ".join(said))


def _own(recorders: object) -> Iterator[Mapping[str, Any]]:
    for recorder in recorders if isinstance(recorders, list) else ():
        if isinstance(recorder, Mapping) and not recorder.get("servicePrincipal"):
            yield recorder


def _fault(recorder: Mapping[str, Any], region: str) -> str | Unknown | None:
    """Return what is wrong with one recorder: off, failing, or its scope."""
    name = f"the recorder {recorder.get('name')} of {region}"
    status = recorder.get("status")
    if isinstance(status, Unknown):
        return status
    told = status if isinstance(status, Mapping) else {}
    if told.get("recording") is not True:
        return f"{name} does not record (recording is false)"
    if str(told.get("lastStatus")).upper() == "FAILURE":
        return (
            f"{name} fails to deliver (lastStatus is {told['lastStatus']}, "
            f"lastErrorCode is {told.get('lastErrorCode') or 'absent'})"
        )
    left_out = _left_out(recorder.get("recordingGroup"))
    return f"{name} {left_out}" if left_out else None


def _left_out(group: object) -> str | None:
    """Describe what a recording group leaves out beside the global types.

    Without a group everything is recorded: API_ConfigurationRecorder.
    """
    if not isinstance(group, Mapping) or group.get("allSupported") is True:
        return None
    if _strategy(group) == _EXCEPT:
        others = sorted(_excluded(group) - GLOBAL_TYPES)
        return f"leaves out {', '.join(others)}" if others else None
    types = group.get("resourceTypes")
    count = len(types) if isinstance(types, list) else 0
    return f"records {count} resource types only (allSupported is false)"


def _without_global_types(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a row when no Region records IAM's own resources."""
    if any(_global(each) for held in found.values() for each in _own(held)):
        return []
    reason = (
        "no Region records the IAM types (includeGlobalResourceTypes is true in none)"
    )
    return [_row("", reason)]


def _global(recorder: Mapping[str, Any]) -> bool:
    group = recorder.get("recordingGroup")
    if not isinstance(group, Mapping):
        return False
    if _strategy(group) == _EXCEPT:
        return not _excluded(group) & GLOBAL_TYPES
    return group.get("includeGlobalResourceTypes") is True


def _strategy(group: Mapping[str, Any]) -> object:
    strategy = group.get("recordingStrategy")
    return strategy.get("useOnly") if isinstance(strategy, Mapping) else None


def _excluded(group: Mapping[str, Any]) -> frozenset[str]:
    excluded = group.get("exclusionByResourceTypes")
    types = excluded.get("resourceTypes") if isinstance(excluded, Mapping) else None
    return frozenset(types if isinstance(types, list) else ())


def _row(region: str, reason: str) -> dict[str, str]:
    return {"region": region, "reason": reason}
