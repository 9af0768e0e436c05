"""Collect which security services are on, Region by Region, and who administers them.

https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetDetector.html
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html
https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationAggregators.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    overall,
    place,
)

# "Either Security Hub is not enabled for the account, or …": API_DescribeHub.
_NO_HUB = frozenset({"InvalidAccessException", "ResourceNotFoundException"})

DELEGATED = (
    "access-analyzer.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "guardduty.amazonaws.com",
    "securityhub.amazonaws.com",
)
"""The services whose delegated administrators are asked for.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services_list.html
"""


def guardduty(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect a row for each Region, with its detectors: AWS allows one."""

    def collect(region: str) -> Body:
        section = "guardduty.detectors"
        question = Question("guardduty", "list_detectors", region, section, region)
        listed = caller.rows(question, "DetectorIds")
        found = [_detector(caller, str(each), region) for each in listed.rows]
        body: Body = {"region": region}
        place(body, "detectors", listed.state, found if listed.state == "ok" else None)
        return body

    return at_once(collect, sorted(regions), "GuardDuty by Region", progress), "ok"


def security_hub(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect a row for each Region, with its hub; absent where Security Hub is off."""

    def collect(region: str) -> Body:
        section = "security_hub.hub"
        question = Question(
            "securityhub", "describe_hub", region, section, region, _NO_HUB
        )
        answer = caller.ask(question)
        body: Body = {"region": region}
        place(body, "hub", answer.state, answer.body or None)
        return body

    return at_once(collect, sorted(regions), "Security Hub by Region", progress), "ok"


def access_analyzers(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect a row for each Region, with its analyzers of every type."""

    def collect(region: str) -> Body:
        section = "access_analyzers.analyzers"
        question = Question("accessanalyzer", "list_analyzers", region, section, region)
        listed = caller.rows(question, "analyzers")
        rows = sorted(listed.rows, key=lambda row: str(row.get("arn")))
        body: Body = {"region": region}
        place(body, "analyzers", listed.state, rows if listed.state == "ok" else None)
        return body

    return at_once(collect, sorted(regions), "analyzers by Region", progress), "ok"


def config_aggregators(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect the configuration aggregators of every Region."""

    def collect(region: str) -> tuple[str, list[Body]]:
        question = Question(
            "config",
            "describe_configuration_aggregators",
            region,
            "config_aggregators",
        )
        listed = caller.rows(question, "ConfigurationAggregators")
        return listed.state, [row | {"region": region} for row in listed.rows]

    results = at_once(collect, sorted(regions), "aggregators by Region", progress)
    rows = [row for _, found in results for row in found]
    rows.sort(key=lambda row: (row["region"], str(row["ConfigurationAggregatorName"])))
    return rows, overall(state for state, _ in results)


def delegated_administrators(caller: Caller) -> list[Body]:
    """Collect a row for each service, with the accounts that administer it.

    Only the management account and delegated administrators may ask.
    """

    def collect(service: str) -> Body:
        section = "delegated_administrators.administrators"
        question = Question(
            "organizations",
            "list_delegated_administrators",
            caller.home,
            section,
            service,
        )
        listed = caller.rows(
            question, "DelegatedAdministrators", ServicePrincipal=service
        )
        accounts = sorted(str(row["Id"]) for row in listed.rows)
        body: Body = {"service": service}
        known = accounts if listed.state == "ok" else None
        place(body, "administrators", listed.state, known)
        return body

    return at_once(collect, DELEGATED, "delegated administrators", None)


def _detector(caller: Caller, detector: str, region: str) -> Body:
    section = "guardduty.detectors.Status"
    name = f"{region}/{detector}"
    question = Question("guardduty", "get_detector", region, section, name)
    answer = caller.ask(question, DetectorId=detector)
    body: Body = {"DetectorId": detector}
    place(body, "Status", answer.state, answer.body.get("Status"))
    return body
