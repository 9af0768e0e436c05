"""The table's part on which events reach a trail at all."""

from __future__ import annotations

from typing import Any

from checker.conditions.unknown import Unknown
from tests.evaluate.recording.rows import (
    CONCEPTS,
    DATA_EVENTS,
    NETWORK,
    NO,
    OPEN,
    PUT,
    RECORD,
    SILENT,
    SNAPSHOT,
    STATUS,
    TRAIL,
    YES,
    Row,
)
from tests.evaluate.recording.trails import (
    COGNITO,
    OTHER_ACCOUNT,
    POOL,
    S3,
    data,
    delivery,
    event,
    field,
    get_id,
    put_object,
    selector,
    trail,
    vpce,
    without,
)


def denied(part: str) -> dict[str, Any]:
    made = without(trail(), part)
    return {**made, "_state": {**made["_state"], part: "denied"}}


ONLY_MANAGEMENT = selector("Management", name="Management events selector")
SINGLE: dict[str, Any] = {"IsMultiRegionTrail": False}
CREATE_USER = event("iam.amazonaws.com", "CreateUser", awsRegion="us-east-1")


def sts(host: str | None, region: str = "us-east-1") -> dict[str, Any]:
    tls = {"tlsDetails": {"clientProvidedHostHeader": host}} if host else {}
    return event(
        "sts.amazonaws.com", "AssumeRole", awsRegion=region, readOnly=True, **tls
    )


def sign_in(region: str) -> dict[str, Any]:
    return event(
        "signin.amazonaws.com",
        "ConsoleLogin",
        awsRegion=region,
        eventType="AwsConsoleSignIn",
    )


DEFAULTS = (
    Row("the default records a management write", trail(), event(), YES, "default",
        f"{PUT}: all read and write management events, no data events"),
    Row("the default records a management read", trail(), event(readOnly=True), YES,
        "default", PUT),
    Row("the default records no data event", trail(), put_object(), NO,
        "AWS::S3::Object data", PUT),
    Row("the default records no network activity", trail(), vpce(), NO,
        "network activity", NETWORK),
    Row("absent selectors are the default", {**trail(), "event_selectors": None,
        "_state": {"event_selectors": "absent"}}, event(), YES, "default", PUT),
    Row("denied selectors are unknown", denied("event_selectors"), event(), OPEN,
        "event_selectors: denied", SNAPSHOT),
    Row("selectors that nobody collected are unknown", without(trail(),
        "event_selectors", "_state"), event(), OPEN, "not collected", SNAPSHOT),
    Row("selectors that are Unknown in memory are unknown",
        trail(event_selectors=Unknown("event_selectors: throttled")), event(), OPEN,
        "throttled", SNAPSHOT),
)  # fmt: skip
LOGGING = (
    Row("a stopped trail records nothing", trail(status={"IsLogging": False}),
        event(), NO, "IsLogging false", STATUS),
    Row("a denied status is unknown", denied("status"), event(), OPEN,
        "status: denied", SNAPSHOT),
    Row("a denied status does not hide that nothing selects the event",
        denied("status"), put_object(), NO, "no event selector", PUT),
    Row("a status that is Unknown in memory is unknown",
        trail(status=Unknown("status: throttled")), event(), OPEN, "throttled",
        SNAPSHOT),
    Row("IsLogging that is Unknown is unknown",
        trail(status={"IsLogging": Unknown("not known before apply")}), event(), OPEN,
        "not known before apply", SNAPSHOT),
    Row("a status without IsLogging is unknown", trail(status={}), event(), OPEN,
        "IsLogging", SNAPSHOT),
)  # fmt: skip
ACCOUNTS = (
    Row("another account's event is not the trail's", trail(),
        event(recipientAccountId=OTHER_ACCOUNT), NO, OTHER_ACCOUNT,
        f"{RECORD}: recipientAccountId"),
    Row("an organization trail records its members", trail(IsOrganizationTrail=True),
        event(recipientAccountId=OTHER_ACCOUNT), YES, "default",
        "UG creating-trail-organization"),
    Row("an organization trail seen from a member, selectors denied",
        {**denied("event_selectors"), "IsOrganizationTrail": True, "owned": False},
        event(recipientAccountId=OTHER_ACCOUNT), OPEN, "denied",
        "UG creating-trail-organization"),
    Row("an event without recipientAccountId is of the trail's account", trail(),
        without(event(), "recipientAccountId"), YES, "default",
        f"{RECORD}: since 1.02"),
    Row("an unknown organization flag leaves another account's event open",
        trail(IsOrganizationTrail=Unknown("x")),
        event(recipientAccountId=OTHER_ACCOUNT), OPEN, "IsOrganizationTrail",
        SNAPSHOT),
    Row("an unknown ARN leaves the account open",
        trail(TrailARN=Unknown("known after apply")), event(), OPEN, "ARN",
        SNAPSHOT),
)  # fmt: skip
REGIONS = (
    Row("a multi-Region trail records every Region", trail(),
        event(awsRegion="ap-southeast-2"), YES, "default", TRAIL),
    Row("a single-Region trail records its home Region", trail(region="eu-west-1",
        **SINGLE), event(), YES, "default", TRAIL),
    Row("a single-Region trail misses another Region", trail(**SINGLE), event(), NO,
        "single-Region trail of us-east-1", TRAIL),
    Row("a single-Region trail misses data events elsewhere whatever its ARNs",
        trail(advanced=[data(COGNITO, field("resources.ARN", Equals=POOL))],
        **SINGLE), get_id(), NO, "single-Region",
        f"{DATA_EVENTS}: single-Region trail"),
    Row("an unknown multi-Region flag leaves another Region open",
        trail(IsMultiRegionTrail=Unknown("x")), event(), OPEN, "IsMultiRegionTrail",
        SNAPSHOT),
    Row("an unknown multi-Region flag does not matter at home",
        trail(IsMultiRegionTrail=Unknown("x")), event(awsRegion="us-east-1"), YES,
        "default", TRAIL),
    Row("an unknown home Region leaves the Region open", trail(HomeRegion=None,
        TrailARN=None, **SINGLE), without(event(), "recipientAccountId"), OPEN,
        "home Region", SNAPSHOT),
    Row("the home Region may come from the ARN", trail(HomeRegion=None, **SINGLE),
        event(awsRegion="us-east-1"), YES, "default", TRAIL),
)  # fmt: skip
GLOBAL = (
    Row("IAM is recorded in us-east-1", trail(**SINGLE), CREATE_USER, YES, "default",
        CONCEPTS),
    Row("IncludeGlobalServiceEvents brings nothing to a trail elsewhere",
        trail(region="eu-west-1", **SINGLE), CREATE_USER, NO, "single-Region",
        f"{TRAIL}: only if multi-Region or at home in the leader Region"),
    Row("a trail without global services misses IAM",
        trail(IncludeGlobalServiceEvents=False, **SINGLE), CREATE_USER, NO,
        "IncludeGlobalServiceEvents false", TRAIL),
    Row("and CloudFront", trail(IncludeGlobalServiceEvents=False, **SINGLE),
        event("cloudfront.amazonaws.com", "CreateDistribution",
        awsRegion="us-east-1"), NO, "global service", CONCEPTS),
    Row("but not EC2", trail(IncludeGlobalServiceEvents=False, **SINGLE),
        event(awsRegion="us-east-1"), YES, "default", CONCEPTS),
    Row("and the global STS endpoint", trail(IncludeGlobalServiceEvents=False,
        **SINGLE), sts("sts.amazonaws.com"), NO, "global service", CONCEPTS),
    Row("but not a regional STS endpoint", trail(IncludeGlobalServiceEvents=False,
        **SINGLE), sts("sts.us-east-1.amazonaws.com"), YES, "default", CONCEPTS),
    Row("an STS call that does not say its host is unknown",
        trail(IncludeGlobalServiceEvents=False, **SINGLE), sts(None), OPEN,
        "clientProvidedHostHeader", SILENT),
    Row("the STS host does not matter when global services are included",
        trail(**SINGLE), sts(None), YES, "default", CONCEPTS),
    Row("a regional STS endpoint is of its Region", trail(region="eu-west-1",
        **SINGLE), sts("sts.eu-west-1.amazonaws.com", "eu-west-1"), YES, "default",
        CONCEPTS),
    Row("AWS refuses a multi-Region trail without global services",
        trail(IncludeGlobalServiceEvents=False), CREATE_USER, OPEN, "refuses", TRAIL),
    Row("an unknown global flag leaves IAM open",
        trail(IncludeGlobalServiceEvents=Unknown("x"), **SINGLE), CREATE_USER, OPEN,
        "IncludeGlobalServiceEvents", SNAPSHOT),
    Row("a root sign-in is of us-east-1", trail(**SINGLE), sign_in("us-east-1"), YES,
        "default", "UG cloudtrail-event-reference-aws-console-sign-in-events"),
    Row("a sign-in with an alias cookie is recorded elsewhere", trail(**SINGLE),
        sign_in("eu-north-1"), NO, "eu-north-1",
        "UG cloudtrail-event-reference-aws-console-sign-in-events"),
)  # fmt: skip
RECURSION = (
    Row("CloudTrail's own deliveries are recorded by default",
        trail(advanced=[data(S3)]), delivery(), YES, "selector 1",
        f"{TRAIL}: RecursiveLogging is true by default"),
    Row("RecursiveLogging false suppresses them", trail(advanced=[data(S3)],
        RecursiveLogging=False), delivery(), NO, "RecursiveLogging false", TRAIL),
    Row("but not another trail's deliveries", trail(advanced=[data(S3)],
        RecursiveLogging=False), delivery("their-logs"), YES, "selector 1",
        f"{TRAIL}: your trail's destinations"),
    Row("nor a person's writes to the same bucket", trail(advanced=[data(S3)],
        RecursiveLogging=False), put_object("audit-logs/x"), YES, "selector 1",
        f"{TRAIL}: events generated by CloudTrail"),
    Row("a delivery that does not say where is unknown", trail(advanced=[data(S3)],
        RecursiveLogging=False), delivery(requestParameters=None), OPEN,
        "destination", SILENT),
)  # fmt: skip

REACH = DEFAULTS + LOGGING + ACCOUNTS + REGIONS + GLOBAL + RECURSION
