"""What is collected of the services that watch an account beside CloudTrail."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from checker import documents
from checker.conditions.unknown import Cause, Unknown
from checker.sources.settings import account as accounts
from checker.sources.settings import snapshot as snapshots
from checker.sources.settings.account import observability, services
from checker.sources.settings.account.calls import Caller
from tests.sources.settings.test_account import (
    ACCOUNT,
    MANAGEMENT,
    REGIONS,
    SINK,
    Asked,
    Parsed,
    answer,
    fill_gaps,
    new_session,
    refusal,
)

DENIED = refusal("AccessDeniedException")
EAST, WEST = sorted(REGIONS, reverse=True)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    opened = new_session()
    fill_gaps(opened)
    return opened


def caller(session: boto3.Session) -> Caller:
    found = Caller(session, attempts=1, home=EAST)
    found.account = ACCOUNT
    return found


def settled(section: str, rows: list[Any], asking: Caller) -> list[Any]:
    """Return a section as rules see it, after a look at the schema."""
    body = {
        "kind": "cloudtrail-settings-snapshot",
        "schema_version": 1,
        "trails": [],
        section: rows,
        "errors": asking.errors,
    }
    document = documents.load_json("s.json", snapshots.write(body))
    assert documents.check(document, "snapshot") == []
    found: list[Any] = snapshots.settle(body)[section]
    return found


def only(region: str, give: Parsed, otherwise: Parsed) -> Any:
    return lambda asked: give if asked.region == region else otherwise


def test_each_region_has_a_row_with_its_detector_and_status(
    session: boto3.Session,
) -> None:
    asking = caller(session)
    found = only(EAST, {"DetectorIds": ["1"]}, {"DetectorIds": []})
    answer(session, "guardduty.ListDetectors", found)
    detector = {"ServiceRole": "role", "Status": "DISABLED"}
    answer(session, "guardduty.GetDetector", detector)
    rows, state = services.guardduty(asking, REGIONS, None)
    west, east = settled("guardduty", rows, asking)

    assert state == "ok"
    assert west["detectors"] == []
    assert [each["Status"] for each in east["detectors"]] == ["DISABLED"]


def test_a_detector_that_is_refused_is_unknown_alone(session: boto3.Session) -> None:
    asking = caller(session)
    answer(session, "guardduty.ListDetectors", {"DetectorIds": ["1"]})
    answer(session, "guardduty.GetDetector", DENIED)
    rows, _ = services.guardduty(asking, [EAST], None)
    ((detector,),) = (row["detectors"] for row in settled("guardduty", rows, asking))

    assert isinstance(detector["Status"], Unknown)
    assert detector["Status"].cause is Cause.DENIED
    assert "AccessDeniedException" in detector["Status"].reason


def test_a_region_without_security_hub_is_told_from_one_that_refuses(
    session: boto3.Session,
) -> None:
    asking = caller(session)
    off = refusal("InvalidAccessException")
    answer(session, "securityhub.DescribeHub", only(WEST, DENIED, off))
    rows, _ = services.security_hub(asking, REGIONS, None)
    west, east = settled("security_hub", rows, asking)

    assert east["hub"] is None
    assert isinstance(west["hub"], Unknown)
    assert west["hub"].cause is Cause.DENIED


def test_analyzers_and_aggregators_are_collected_region_by_region(
    session: boto3.Session,
) -> None:
    asking = caller(session)
    analyzer = {
        "arn": f"arn:aws:access-analyzer:{EAST}:{ACCOUNT}:analyzer/a",
        "name": "a",
        "type": "ACCOUNT",
        "status": "ACTIVE",
        "createdAt": "2026-11-20T10:00:00Z",
    }
    none: Parsed = {"analyzers": []}
    answer(
        session,
        "accessanalyzer.ListAnalyzers",
        lambda asked: none if asked.region == WEST else {"analyzers": [analyzer]},
    )
    aggregators = {"ConfigurationAggregators": [{"ConfigurationAggregatorName": "o"}]}
    event = "config.DescribeConfigurationAggregators"
    answer(session, event, only(WEST, DENIED, aggregators))
    rows, _ = services.access_analyzers(asking, REGIONS, None)
    west, east = settled("access_analyzers", rows, asking)
    found, state = services.config_aggregators(asking, REGIONS, None)

    assert west["analyzers"] == []
    assert [each["type"] for each in east["analyzers"]] == ["ACCOUNT"]
    assert [row["region"] for row in found] == [EAST]
    assert state == "denied"


def test_a_sink_has_its_policy_and_a_link_its_sink(session: boto3.Session) -> None:
    asking = caller(session)
    sink = {"Arn": SINK, "Id": "EXAMPLE", "Name": "main"}
    answer(session, "oam.ListSinks", only(EAST, {"Items": [sink]}, {"Items": []}))
    policy = '{"Version": "2012-10-17", "Statement": []}'
    answer(session, "oam.GetSinkPolicy", {"SinkArn": SINK, "Policy": policy})
    link = {"Arn": "l", "SinkArn": SINK, "ResourceTypes": ["AWS::Logs::LogGroup"]}
    answer(session, "oam.ListLinks", only(EAST, {"Items": [link]}, DENIED))
    sinks, _ = observability.sinks(asking, REGIONS, None)
    (found,) = settled("oam_sinks", sinks, asking)
    links, state = observability.links(asking, REGIONS, None)

    assert found["policy"] == {"Version": "2012-10-17", "Statement": []}
    assert [each["SinkArn"] for each in links] == [SINK]
    assert state == "denied"


def test_a_sink_without_a_policy_is_told_from_one_that_refuses(
    session: boto3.Session,
) -> None:
    asking = caller(session)
    answer(session, "oam.ListSinks", {"Items": [{"Arn": SINK, "Name": "main"}]})
    none = refusal("ResourceNotFoundException")
    answer(session, "oam.GetSinkPolicy", only(WEST, DENIED, none))
    rows, _ = observability.sinks(asking, REGIONS, None)

    assert {row["region"]: row["_state"]["policy"] for row in rows} == {
        EAST: "absent",
        WEST: "denied",
    }


def test_administrators_are_asked_for_by_service(session: boto3.Session) -> None:
    asking = caller(session)

    def give(asked: Asked) -> Parsed:
        if asked.body["ServicePrincipal"] == "config.amazonaws.com":
            return DENIED
        return {"DelegatedAdministrators": [{"Id": MANAGEMENT}]}

    answer(session, "organizations.ListDelegatedAdministrators", give)
    rows = services.delegated_administrators(asking)
    found = settled("delegated_administrators", rows, asking)
    by_service = {row["service"]: row["administrators"] for row in found}

    assert tuple(by_service) == services.DELEGATED
    assert by_service["guardduty.amazonaws.com"] == [MANAGEMENT]
    assert isinstance(by_service["config.amazonaws.com"], Unknown)


@pytest.mark.parametrize(
    ("organization", "asked"),
    [
        ({"Id": "o-exampleorgid", "MasterAccountId": ACCOUNT}, True),
        ({"Id": "o-exampleorgid", "MasterAccountId": MANAGEMENT}, False),
        (None, False),
    ],
)
def test_only_the_management_account_asks_for_administrators(
    session: boto3.Session, organization: Parsed | None, *, asked: bool
) -> None:
    answer(
        session,
        "organizations.ListDelegatedAdministrators",
        {"DelegatedAdministrators": []},
    )
    body: Parsed = {"account": {"organization": organization}}
    accounts._services(caller(session), body, [EAST], None)

    assert ("delegated_administrators" in body) is asked
