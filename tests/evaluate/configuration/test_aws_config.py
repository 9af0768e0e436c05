"""In which Regions AWS Config does not record every resource, and how that is said."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import Unknown
from checker.evaluate.configuration import aws_config as recorders

EVERYTHING = {"allSupported": True, "includeGlobalResourceTypes": True}
DENIED = Unknown("denied")


def recorder(**parts: Any) -> dict[str, Any]:
    status = {"recording": True, "lastStatus": "SUCCESS"}
    return {
        "name": "default",
        "recordingGroup": EVERYTHING,
        "status": status,
        **parts,
    }


def snapshot(*held: list[Any] | Unknown, **account: Any) -> dict[str, Any]:
    regions = ["us-east-1", "eu-west-1"]
    rows = [
        {"region": region, "recorders": recorders}
        for region, recorders in zip(regions, held, strict=False)
    ]
    known = {"regions_enabled": regions, **account}
    return {"account": known, "config_recorders": rows}


def reasons(body: dict[str, Any]) -> list[str]:
    found = recorders.rows(body)
    assert isinstance(found, list), found
    return [row["reason"] for row in found]


def reason(body: dict[str, Any]) -> str:
    found = recorders.rows(body)
    assert isinstance(found, Unknown), found
    return found.reason


def test_a_recorder_of_everything_in_each_region_leaves_no_gap() -> None:
    assert reasons(snapshot([recorder()], [recorder()])) == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"status": {"recording": False}}, "does not record (recording is false)"),
        ({"status": None}, "does not record (recording is false)"),
        (
            {"status": {"recording": True, "lastStatus": "Failure"}},
            "fails to deliver (lastStatus is Failure, lastErrorCode is absent)",
        ),
        (
            {
                "status": {
                    "recording": True,
                    "lastStatus": "FAILURE",
                    "lastErrorCode": "AccessDenied",
                }
            },
            "fails to deliver (lastStatus is FAILURE, lastErrorCode is AccessDenied)",
        ),
        (
            {"recordingGroup": {"allSupported": False, "resourceTypes": ["A", "B"]}},
            "records 2 resource types only (allSupported is false)",
        ),
        (
            {
                "recordingGroup": {
                    "allSupported": False,
                    "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                    "exclusionByResourceTypes": {
                        "resourceTypes": ["AWS::S3::Bucket", "AWS::IAM::Role"]
                    },
                }
            },
            "leaves out AWS::S3::Bucket",
        ),
    ],
)
def test_each_fault_of_a_recorder_is_named(parts: dict[str, Any], said: str) -> None:
    body = snapshot([recorder()], [recorder(**parts)])
    assert reasons(body) == [f"the recorder default of eu-west-1 {said}"]


def test_a_region_without_a_recorder_of_the_account_is_a_gap() -> None:
    linked = recorder(servicePrincipal="securityhub.amazonaws.com")
    for held in ([], [linked]):
        said = "eu-west-1 has no configuration recorder of the account"
        assert reasons(snapshot([recorder()], held)) == [said]


def test_one_region_is_enough_for_the_global_types() -> None:
    regional = {"allSupported": True, "includeGlobalResourceTypes": False}
    without = recorder(recordingGroup=regional)
    assert reasons(snapshot([recorder()], [without])) == []
    (said,) = reasons(snapshot([without], [recorder(recordingGroup=None)]))
    assert said.startswith("no Region records the IAM types")
    strategy = {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}
    excluding = {
        "recordingStrategy": strategy,
        "exclusionByResourceTypes": {"resourceTypes": ["AWS::IAM::User"]},
    }
    some = recorder(recordingGroup=excluding)
    assert len(reasons(snapshot([without], [some]))) == 1
    all_types = recorder(recordingGroup={"recordingStrategy": strategy})
    assert reasons(snapshot([without], [all_types])) == []


def test_what_nobody_knows_of_one_region_hides_no_gap_of_another() -> None:
    assert reason(snapshot(DENIED, [recorder()])) == "denied"
    assert len(reasons(snapshot(DENIED, []))) == 1
    unsure = recorder(status=DENIED)
    assert reason(snapshot([recorder()], [unsure])) == "denied"


def test_an_enabled_region_that_was_not_scanned_is_not_known() -> None:
    assert reason(snapshot([recorder()])) == "eu-west-1 was not scanned"
    scanned = {"regions_enabled": None, "regions_scanned": ["us-east-1"]}
    assert reasons(snapshot([recorder()], **scanned)) == []
    assert reason(snapshot([], [], regions_enabled=DENIED)) == "denied"


def test_a_snapshot_of_before_says_nothing() -> None:
    assert reason({"account": {}}) == "config_recorders: not collected"
    assert reason({"config_recorders": DENIED}) == "denied"
    assert reason({"config_recorders": []}).startswith("the Regions that the")
