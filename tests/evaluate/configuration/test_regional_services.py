"""In which Regions a security service is not on, and where that is not known."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import Cause, Unknown
from checker.evaluate.configuration import regional_services

DENIED = Unknown("denied", Cause.DENIED)
NOT_THERE = Unknown("not available", Cause.UNSUPPORTED)
ON = [{"Status": "ENABLED"}]


def rows(found: dict[str, Any], enabled: list[str] | None = None) -> Any:
    held = [{"region": name, "detectors": value} for name, value in found.items()]
    account = {"regions_scanned": list(found)}
    if enabled is not None:
        account["regions_enabled"] = enabled
    snapshot = {"account": account, "guardduty": held}
    answer = regional_services.rows(snapshot, "guardduty")
    assert answer is not None
    return answer if isinstance(answer, Unknown) else [row["region"] for row in answer]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"a": ON, "b": ON}, []),
        ({"a": ON, "b": []}, ["b"]),
        ({"a": ON, "b": [{"Status": "DISABLED"}]}, ["b"]),
        ({"a": [{"Status": DENIED}], "b": []}, ["b"]),
        ({"a": DENIED, "b": []}, ["b"]),
        ({"a": ON, "b": NOT_THERE}, []),
        ({"a": [], "b": NOT_THERE}, ["a"]),
        ({"a": ON, "b": DENIED}, DENIED),
        ({"a": ON, "b": [{"Status": DENIED}]}, DENIED),
        ({"a": NOT_THERE}, NOT_THERE),
        ({"a": NOT_THERE, "b": DENIED}, DENIED),
    ],
)
def test_a_gap_decides_and_a_refusal_is_never_taken_for_on(
    found: dict[str, Any], expected: object
) -> None:
    answer = rows(found)
    assert answer is expected if isinstance(expected, Unknown) else answer == expected


def test_enabled_regions_count_that_were_not_scanned() -> None:
    answer = rows({"a": ON}, ["a", "b"])
    assert isinstance(answer, Unknown)
    assert "b was not scanned" in answer.reason
    assert rows({"a": ON, "b": []}, ["a"]) == []


def test_a_section_that_is_missing_or_no_service_says_nothing() -> None:
    snapshot = {"account": {"regions_scanned": ["a"]}}
    missing = regional_services.rows(snapshot, "security_hub")
    assert isinstance(missing, Unknown)
    assert missing.cause is Cause.NOT_COLLECTED
    assert regional_services.rows(snapshot, "trails") is None
