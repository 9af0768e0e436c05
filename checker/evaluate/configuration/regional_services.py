"""Determine in which Regions a security service is not on.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_AnalyzerSummary.html
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from checker.conditions import Cause, Unknown
from checker.evaluate.configuration.aws_config import used_regions


class Service(enum.Enum):
    """A service that is on in each Region or not; the value is its section."""

    GUARDDUTY = "guardduty"
    SECURITY_HUB = "security_hub"
    ACCESS_ANALYZER = "access_analyzers"


_NAMES = {
    Service.GUARDDUTY: "GuardDuty",
    Service.SECURITY_HUB: "Security Hub",
    Service.ACCESS_ANALYZER: "an IAM Access Analyzer for external access",
}
_EXTERNAL = frozenset({"ACCOUNT", "ORGANIZATION"})
"""The types of analyzers that find what outsiders may reach."""


def rows(
    snapshot: Mapping[str, Any], section: object
) -> list[dict[str, str]] | Unknown | None:
    """Return a row with `region` and `reason` for each Region without the service.

    Every Region that is enabled counts, or, where those are not known, every Region
    that was scanned; a Region that does not have the service does not.  Null for what
    is no service's section.
    """
    if section not in {service.value for service in Service}:
        return section if isinstance(section, Unknown) else None
    service = Service(section)
    held = snapshot.get(service.value)
    if isinstance(held, Unknown):
        return held
    if not isinstance(held, list):
        return Unknown(f"{service.value}: not collected", Cause.NOT_COLLECTED)
    regions = used_regions(snapshot)
    if isinstance(regions, Unknown):
        return regions
    found = {row["region"]: row for row in held if isinstance(row, Mapping)}
    answers = {region: _on(service, found.get(region), region) for region in regions}
    off = [
        {"region": region, "reason": f"{_NAMES[service]} is not on in {region}"}
        for region, answer in answers.items()
        if answer is False
    ]
    doubts = [answer for answer in answers.values() if isinstance(answer, Unknown)]
    doubts += [row for row in held if isinstance(row, Unknown)]
    open_ = [doubt for doubt in doubts if doubt.cause is not Cause.UNSUPPORTED]
    # Where no Region has the service, nothing is known to be on.
    nowhere = not any(answer is True for answer in answers.values())
    if off:
        return off
    return (open_ or doubts)[0] if doubts and (open_ or nowhere) else []


def everywhere(snapshot: Mapping[str, Any], section: object) -> str:
    """Describe what holds where `rows` has none."""
    regions = used_regions(snapshot)
    where = ", ".join(regions) if isinstance(regions, list) else "every Region"
    known = {service.value: name for service, name in _NAMES.items()}
    return f"{known.get(str(section), 'the service')} is on in {where}"


def _on(service: Service, row: Mapping[str, Any] | None, region: str) -> bool | Unknown:
    """Return whether a service is on in a Region."""
    if row is None:
        return Unknown(f"{region} was not scanned", Cause.NOT_COLLECTED)
    match service:
        case Service.GUARDDUTY:
            return _any(row.get("detectors"), _is_enabled, region)
        case Service.SECURITY_HUB:
            hub = row.get("hub")
            return hub if isinstance(hub, Unknown) else hub is not None
        case Service.ACCESS_ANALYZER:
            return _any(row.get("analyzers"), _is_active, region)
        case _:
            assert_never(service)


def _is_enabled(detector: Mapping[str, Any]) -> bool | Unknown:
    status = detector.get("Status")
    return status if isinstance(status, Unknown) else status == "ENABLED"


def _is_active(analyzer: Mapping[str, Any]) -> bool | Unknown:
    return analyzer.get("type") in _EXTERNAL and analyzer.get("status") == "ACTIVE"


def _any(
    listed: object, test: Callable[[Mapping[str, Any]], bool | Unknown], region: str
) -> bool | Unknown:
    """Return whether any of a Region's things passes; a missing list says nothing."""
    if isinstance(listed, Unknown):
        return listed
    if not isinstance(listed, list):
        return Unknown(f"{region} was not asked", Cause.NOT_COLLECTED)
    answers = [
        each if isinstance(each, Unknown) else isinstance(each, Mapping) and test(each)
        for each in listed
    ]
    if any(answer is True for answer in answers):
        return True
    return next((each for each in answers if isinstance(each, Unknown)), False)
