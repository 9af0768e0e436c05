"""This module is the table of trail settings whose truth AWS's text gives.

Each row cites the page (and what it says there) that its verdict follows from.  Rows
whose verdict is None are those where the pages say nothing, or where the snapshot has
no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trails import (
    ACCOUNT,
    ALICE,
    COGNITO,
    LAMBDA,
    MALLORY,
    OTHER_ACCOUNT,
    POOL,
    S3,
    TABLE,
    basic,
    data,
    data_event,
    delivery,
    event,
    field,
    get_id,
    get_object,
    insight,
    invoke,
    list_objects,
    put_item,
    put_object,
    resources,
    selector,
    store,
    table,
    trail,
    vpce,
    without,
)

from checker.conditions.unknown import Unknown

PUT = "API_PutEventSelectors"
EVENT_SELECTOR = "API_EventSelector"
DATA_RESOURCE = "API_DataResource"
ADVANCED = "API_AdvancedFieldSelector"
FILTER = "UG filtering-data-events"
MANAGEMENT = "UG logging-management-events-with-cloudtrail"
DATA_EVENTS = "UG logging-data-events-with-cloudtrail"
NETWORK = "UG logging-network-events-with-cloudtrail"
INSIGHTS = "API_PutInsightSelectors"
TRAIL = "API_Trail"
STATUS = "API_GetTrailStatus"
CONCEPTS = "UG cloudtrail-concepts, global service events"
RECORD = "UG cloudtrail-event-reference-record-contents"
COGNITO_PAGE = "Cognito DG amazon-cognito-info-in-cloudtrail"
SILENT = "no page says"


@dataclass(frozen=True)
class Row:
    name: str
    trail: dict[str, Any]
    event: dict[str, Any]
    verdict: bool | None
    reason: str
    source: str


def denied(part: str) -> dict[str, Any]:
    made = without(trail(), part)
    return {**made, "_state": {**made["_state"], part: "denied"}}


SINGLE = {"IsMultiRegionTrail": False}
ONLY_MANAGEMENT = selector("Management", name="Management events selector")
NO_KMS = field("eventSource", NotEquals="kms.amazonaws.com")
DECRYPT = event("kms.amazonaws.com", "Decrypt", readOnly=True)
RDS_DATA = event("rdsdata.amazonaws.com", "ExecuteStatement")
CREATE_USER = event("iam.amazonaws.com", "CreateUser", awsRegion="us-east-1")
S3_READ = field("readOnly", Equals="true")
WRITES = field("readOnly", Equals="false")
LOGS = "arn:aws:s3:::audit-logs/"


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
    Row(
        "the default records a management write",
        trail(),
        event(),
        True,
        "default",
        f"{PUT}: all read and write management events, no data events",
    ),
    Row(
        "the default records a management read",
        trail(),
        event(readOnly=True),
        True,
        "default",
        PUT,
    ),
    Row(
        "the default records no data event",
        trail(),
        put_object(),
        False,
        "AWS::S3::Object data",
        PUT,
    ),
    Row(
        "the default records no network activity",
        trail(),
        vpce(),
        False,
        "network activity",
        NETWORK,
    ),
    Row(
        "absent selectors are the default",
        {**trail(), "event_selectors": None, "_state": {"event_selectors": "absent"}},
        event(),
        True,
        "default",
        PUT,
    ),
    Row(
        "denied selectors are unknown",
        denied("event_selectors"),
        event(),
        None,
        "event_selectors: denied",
        "snapshot",
    ),
    Row(
        "selectors that nobody collected are unknown",
        without(trail(), "event_selectors", "_state"),
        event(),
        None,
        "not collected",
        "snapshot",
    ),
    Row(
        "selectors that are Unknown in memory are unknown",
        trail(event_selectors=Unknown("event_selectors: throttled")),
        event(),
        None,
        "throttled",
        "snapshot",
    ),
)
LOGGING = (
    Row(
        "a stopped trail records nothing",
        trail(status={"IsLogging": False}),
        event(),
        False,
        "IsLogging false",
        STATUS,
    ),
    Row(
        "a denied status is unknown",
        denied("status"),
        event(),
        None,
        "status: denied",
        "snapshot",
    ),
    Row(
        "a denied status does not hide that nothing selects the event",
        denied("status"),
        put_object(),
        False,
        "no event selector",
        PUT,
    ),
    Row(
        "a status that is Unknown in memory is unknown",
        trail(status=Unknown("status: throttled")),
        event(),
        None,
        "throttled",
        "snapshot",
    ),
    Row(
        "IsLogging that is Unknown is unknown",
        trail(status={"IsLogging": Unknown("not known before apply")}),
        event(),
        None,
        "not known before apply",
        "snapshot",
    ),
    Row(
        "a status without IsLogging is unknown",
        trail(status={}),
        event(),
        None,
        "IsLogging",
        "snapshot",
    ),
)
ACCOUNTS = (
    Row(
        "another account's event is not the trail's",
        trail(),
        event(recipientAccountId=OTHER_ACCOUNT),
        False,
        OTHER_ACCOUNT,
        f"{RECORD}: recipientAccountId",
    ),
    Row(
        "an organization trail records its members",
        trail(IsOrganizationTrail=True),
        event(recipientAccountId=OTHER_ACCOUNT),
        True,
        "default",
        "UG creating-trail-organization",
    ),
    Row(
        "an organization trail seen from a member, selectors denied",
        {**denied("event_selectors"), "IsOrganizationTrail": True, "owned": False},
        event(recipientAccountId=OTHER_ACCOUNT),
        None,
        "denied",
        "UG creating-trail-organization",
    ),
    Row(
        "an event without recipientAccountId is of the trail's account",
        trail(),
        without(event(), "recipientAccountId"),
        True,
        "default",
        f"{RECORD}: since 1.02",
    ),
    Row(
        "an unknown organization flag leaves another account's event open",
        trail(IsOrganizationTrail=Unknown("x")),
        event(recipientAccountId=OTHER_ACCOUNT),
        None,
        "IsOrganizationTrail",
        "snapshot",
    ),
    Row(
        "an unknown ARN leaves the account open",
        trail(TrailARN=Unknown("known after apply")),
        event(),
        None,
        "ARN",
        "snapshot",
    ),
)
REGIONS = (
    Row(
        "a multi-Region trail records every Region",
        trail(),
        event(awsRegion="ap-southeast-2"),
        True,
        "default",
        TRAIL,
    ),
    Row(
        "a single-Region trail records its home Region",
        trail(region="eu-west-1", **SINGLE),
        event(),
        True,
        "default",
        TRAIL,
    ),
    Row(
        "a single-Region trail misses another Region",
        trail(**SINGLE),
        event(),
        False,
        "single-Region trail of us-east-1",
        TRAIL,
    ),
    Row(
        "a single-Region trail misses data events elsewhere whatever its ARNs",
        trail(advanced=[data(COGNITO, field("resources.ARN", Equals=POOL))], **SINGLE),
        get_id(),
        False,
        "single-Region",
        f"{DATA_EVENTS}: single-Region trail",
    ),
    Row(
        "an unknown multi-Region flag leaves another Region open",
        trail(IsMultiRegionTrail=Unknown("x")),
        event(),
        None,
        "IsMultiRegionTrail",
        "snapshot",
    ),
    Row(
        "an unknown multi-Region flag does not matter at home",
        trail(IsMultiRegionTrail=Unknown("x")),
        event(awsRegion="us-east-1"),
        True,
        "default",
        TRAIL,
    ),
    Row(
        "an unknown home Region leaves the Region open",
        trail(HomeRegion=None, TrailARN=None, **SINGLE),
        without(event(), "recipientAccountId"),
        None,
        "home Region",
        "snapshot",
    ),
    Row(
        "the home Region may come from the ARN",
        trail(HomeRegion=None, **SINGLE),
        event(awsRegion="us-east-1"),
        True,
        "default",
        TRAIL,
    ),
)
GLOBAL = (
    Row(
        "IAM is recorded in us-east-1",
        trail(**SINGLE),
        CREATE_USER,
        True,
        "default",
        CONCEPTS,
    ),
    Row(
        "IncludeGlobalServiceEvents brings nothing to a trail elsewhere",
        trail(region="eu-west-1", **SINGLE),
        CREATE_USER,
        False,
        "single-Region",
        f"{TRAIL}: only if multi-Region or at home in the leader Region",
    ),
    Row(
        "a trail without global services misses IAM",
        trail(IncludeGlobalServiceEvents=False, **SINGLE),
        CREATE_USER,
        False,
        "IncludeGlobalServiceEvents false",
        TRAIL,
    ),
    Row(
        "and CloudFront",
        trail(IncludeGlobalServiceEvents=False, **SINGLE),
        event("cloudfront.amazonaws.com", "CreateDistribution", awsRegion="us-east-1"),
        False,
        "global service",
        CONCEPTS,
    ),
    Row(
        "but not EC2",
        trail(IncludeGlobalServiceEvents=False, **SINGLE),
        event(awsRegion="us-east-1"),
        True,
        "default",
        CONCEPTS,
    ),
    Row(
        "and the global STS endpoint",
        trail(IncludeGlobalServiceEvents=False, **SINGLE),
        sts("sts.amazonaws.com"),
        False,
        "global service",
        CONCEPTS,
    ),
    Row(
        "but not a regional STS endpoint",
        trail(IncludeGlobalServiceEvents=False, **SINGLE),
        sts("sts.us-east-1.amazonaws.com"),
        True,
        "default",
        CONCEPTS,
    ),
    Row(
        "an STS call that does not say its host is unknown",
        trail(IncludeGlobalServiceEvents=False, **SINGLE),
        sts(None),
        None,
        "clientProvidedHostHeader",
        SILENT,
    ),
    Row(
        "the STS host does not matter when global services are included",
        trail(**SINGLE),
        sts(None),
        True,
        "default",
        CONCEPTS,
    ),
    Row(
        "a regional STS endpoint is of its Region",
        trail(region="eu-west-1", **SINGLE),
        sts("sts.eu-west-1.amazonaws.com", "eu-west-1"),
        True,
        "default",
        CONCEPTS,
    ),
    Row(
        "AWS refuses a multi-Region trail without global services",
        trail(IncludeGlobalServiceEvents=False),
        CREATE_USER,
        None,
        "refuses",
        TRAIL,
    ),
    Row(
        "an unknown global flag leaves IAM open",
        trail(IncludeGlobalServiceEvents=Unknown("x"), **SINGLE),
        CREATE_USER,
        None,
        "IncludeGlobalServiceEvents",
        "snapshot",
    ),
    Row(
        "a root sign-in is of us-east-1",
        trail(**SINGLE),
        sign_in("us-east-1"),
        True,
        "default",
        "UG cloudtrail-event-reference-aws-console-sign-in-events",
    ),
    Row(
        "a sign-in with an alias cookie is recorded elsewhere",
        trail(**SINGLE),
        sign_in("eu-north-1"),
        False,
        "eu-north-1",
        "UG cloudtrail-event-reference-aws-console-sign-in-events",
    ),
)
BASIC = (
    Row(
        "ReadOnly records a read",
        trail(basic=[basic("ReadOnly")]),
        event(readOnly=True),
        True,
        "selector 1",
        EVENT_SELECTOR,
    ),
    Row(
        "ReadOnly misses a write",
        trail(basic=[basic("ReadOnly")]),
        event(),
        False,
        "ReadWriteType ReadOnly (the event has false)",
        EVENT_SELECTOR,
    ),
    Row(
        "WriteOnly misses a read",
        trail(basic=[basic("WriteOnly")]),
        event(readOnly=True),
        False,
        "ReadWriteType WriteOnly",
        EVENT_SELECTOR,
    ),
    Row(
        "a missing ReadWriteType is All",
        trail(basic=[{}]),
        event(readOnly=True),
        True,
        "selector 1",
        f"{EVENT_SELECTOR}: default All, management events included",
    ),
    Row(
        "one selector reads and another writes",
        trail(basic=[basic("ReadOnly"), basic("WriteOnly")]),
        event(),
        True,
        "selector 2",
        f"{EVENT_SELECTOR}: any selector",
    ),
    Row(
        "ReadWriteType also narrows data events",
        trail(basic=[basic("ReadOnly", **resources(S3, "arn:aws:s3"))]),
        put_object(),
        False,
        "ReadWriteType ReadOnly",
        EVENT_SELECTOR,
    ),
    Row(
        "no management events when they are not included",
        trail(basic=[basic(IncludeManagementEvents=False)]),
        event(),
        False,
        "management",
        EVENT_SELECTOR,
    ),
    Row(
        "an excluded source is not recorded",
        trail(basic=[basic(ExcludeManagementEventSources=["kms.amazonaws.com"])]),
        DECRYPT,
        False,
        "ExcludeManagementEventSources kms.amazonaws.com",
        EVENT_SELECTOR,
    ),
    Row(
        "an excluded RDS Data API is not recorded",
        trail(basic=[basic(ExcludeManagementEventSources=["rdsdata.amazonaws.com"])]),
        RDS_DATA,
        False,
        "rdsdata.amazonaws.com",
        EVENT_SELECTOR,
    ),
    Row(
        "what one selector excludes another may record",
        trail(
            basic=[
                basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
                basic("ReadOnly"),
            ]
        ),
        DECRYPT,
        True,
        "selector 2",
        EVENT_SELECTOR,
    ),
    Row(
        "arn:aws:s3 is every object",
        trail(basic=[basic(**resources(S3, "arn:aws:s3"))]),
        put_object(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "arn:aws:s3::: is every object",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::"))]),
        put_object(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "arn:aws:s3 is also a listing",
        trail(basic=[basic(**resources(S3, "arn:aws:s3"))]),
        list_objects(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "a bucket with its slash is its objects",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/"))]),
        put_object(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "a bucket with its slash is no neighbour",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/"))]),
        put_object("shop2/photo"),
        False,
        "arn:aws:s3:::shop/",
        DATA_RESOURCE,
    ),
    Row(
        "a bucket without its slash holds its own objects",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop"))]),
        put_object(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "whether a bucket without its slash matches neighbours nobody says",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop"))]),
        put_object("shop2/photo"),
        None,
        "without a slash",
        SILENT,
    ),
    Row(
        "a bucket without its slash is no other bucket",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop"))]),
        put_object("bank/photo"),
        False,
        "arn:aws:s3:::shop",
        DATA_RESOURCE,
    ),
    Row(
        "a prefix is the objects that begin so",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/pho"))]),
        put_object(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "a prefix is no other object",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/pho"))]),
        put_object("shop/invoice"),
        False,
        "shop/pho",
        DATA_RESOURCE,
    ),
    Row(
        "a listing under a bucket's value is not documented",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/"))]),
        list_objects(),
        None,
        "ARNPrefix",
        SILENT,
    ),
    Row(
        "a listing of another bucket is surely not meant",
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/"))]),
        list_objects("bank"),
        False,
        "arn:aws:s3:::shop/",
        DATA_RESOURCE,
    ),
    Row(
        "a function ARN is exact",
        trail(basic=[basic(**resources(LAMBDA, invoke()["resources"][0]["ARN"]))]),
        invoke("pay2"),
        False,
        LAMBDA,
        f"{DATA_RESOURCE}: helloworld2",
    ),
    Row(
        "a function ARN is that function",
        trail(basic=[basic(**resources(LAMBDA, invoke()["resources"][0]["ARN"]))]),
        invoke(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "arn:aws:lambda is every function",
        trail(basic=[basic(**resources(LAMBDA, "arn:aws:lambda"))]),
        invoke(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "a table ARN is exact",
        trail(basic=[basic(**resources(TABLE, table()))]),
        put_item("orders2"),
        False,
        TABLE,
        DATA_RESOURCE,
    ),
    Row(
        "arn:aws:dynamodb is every table",
        trail(basic=[basic(**resources(TABLE, "arn:aws:dynamodb"))]),
        put_item(),
        True,
        "selector 1",
        DATA_RESOURCE,
    ),
    Row(
        "basic selectors know only three types",
        trail(basic=[basic(**resources(COGNITO, POOL))]),
        get_id(),
        None,
        "AWS accepts no AWS::Cognito::IdentityPool",
        DATA_RESOURCE,
    ),
    Row(
        "a basic selector never selects network activity",
        trail(basic=[basic()]),
        vpce(),
        False,
        "network activity",
        NETWORK,
    ),
    Row(
        "values not known before apply are unknown",
        trail(basic=[basic(**resources(S3, Unknown("known after apply")))]),  # type: ignore[arg-type]
        put_object(),
        None,
        "known after apply",
        "snapshot",
    ),
)
ADVANCED_MANAGEMENT = (
    Row(
        "a management selector records reads and writes",
        trail(advanced=[ONLY_MANAGEMENT]),
        event(readOnly=True),
        True,
        "'Management events selector'",
        MANAGEMENT,
    ),
    Row(
        "the selector's name does not matter",
        trail(advanced=[data(S3, name="Management events selector")]),
        event(),
        False,
        "management",
        f"{ADVANCED}: Name is descriptive",
    ),
    Row(
        "a data-only trail records no management event",
        trail(advanced=[data(COGNITO)]),
        event(),
        False,
        "no event selector",
        ADVANCED,
    ),
    Row(
        "readOnly true misses a write",
        trail(advanced=[selector("Management", S3_READ)]),
        event(),
        False,
        "readOnly Equals true (the event has false)",
        ADVANCED,
    ),
    Row(
        "readOnly may be text in the event",
        trail(advanced=[selector("Management", S3_READ)]),
        event(readOnly="true"),
        True,
        "selector 1",
        "API_LookupEvents: ReadOnly is a string",
    ),
    Row(
        "an event that does not say readOnly is unknown",
        trail(advanced=[selector("Management", S3_READ)]),
        without(event(), "readOnly"),
        None,
        "does not say whether it is readOnly",
        f"{RECORD}: readOnly since 1.01",
    ),
    Row(
        "reads and writes together need no readOnly",
        trail(
            advanced=[selector("Management", S3_READ), selector("Management", WRITES)]
        ),
        without(event(), "readOnly"),
        True,
        "selector",
        RECORD,
    ),
    Row(
        "KMS is excluded",
        trail(advanced=[selector("Management", NO_KMS)]),
        DECRYPT,
        False,
        "eventSource NotEquals kms.amazonaws.com",
        ADVANCED,
    ),
    Row(
        "and nothing else",
        trail(advanced=[selector("Management", NO_KMS)]),
        event(),
        True,
        "selector 1",
        ADVANCED,
    ),
    Row(
        "any hit of a negative operator drops the event",
        trail(
            advanced=[
                selector(
                    "Management",
                    field(
                        "eventSource",
                        NotEquals=["kms.amazonaws.com", "rdsdata.amazonaws.com"],
                    ),
                )
            ]
        ),
        RDS_DATA,
        False,
        "rdsdata.amazonaws.com",
        FILTER,
    ),
    Row(
        "another selector may still record what one excludes",
        trail(
            advanced=[
                selector("Management", NO_KMS),
                selector("Management", S3_READ, name="reads"),
            ]
        ),
        DECRYPT,
        True,
        "'reads'",
        f"{PUT}: matches any event selector",
    ),
    Row(
        "eventName is not a trail's field for management events",
        trail(
            advanced=[selector("Management", field("eventName", NotEquals="Decrypt"))]
        ),
        event(),
        None,
        "AWS accepts no eventName",
        f"{ADVANCED}: event data stores only",
    ),
    Row(
        "a selector without eventCategory is one that AWS refuses",
        trail(advanced=[{"FieldSelectors": [WRITES]}]),
        event(),
        None,
        "eventCategory",
        f"{ADVANCED}: eventCategory is required",
    ),
    Row(
        "a field that does not exist is one that AWS refuses",
        trail(advanced=[selector("Management", field("nonsense", Equals="x"))]),
        event(),
        None,
        "nonsense",
        ADVANCED,
    ),
    Row(
        "advanced selectors count before basic ones",
        trail(advanced=[data(COGNITO)], basic=[basic()]),
        event(),
        False,
        "no event selector",
        f"{EVENT_SELECTOR}: not both",
    ),
)
OLD_RECORDS = (
    Row(
        "an old record without eventCategory is a management event",
        trail(advanced=[ONLY_MANAGEMENT]),
        without(event(), "eventCategory", "managementEvent"),
        True,
        "'Management events selector'",
        f"{RECORD}: eventCategory since 1.07",
    ),
    Row(
        "managementEvent false is a data event",
        trail(advanced=[data(S3)]),
        without(put_object(), "eventCategory"),
        True,
        "selector 1",
        RECORD,
    ),
    Row(
        "a documented data event is one without either field",
        trail(),
        without(put_object(), "eventCategory", "managementEvent"),
        False,
        "data events",
        DATA_EVENTS,
    ),
    Row(
        "AwsVpceEvent is network activity",
        trail(),
        without(vpce(), "eventCategory", "managementEvent"),
        False,
        "network activity",
        RECORD,
    ),
    Row(
        "AwsCloudTrailInsight is an Insights event",
        trail(),
        without(insight(), "eventCategory"),
        False,
        "not enabled",
        RECORD,
    ),
)
DATA = (
    Row(
        "a type's data events",
        trail(advanced=[data(COGNITO)]),
        get_id(),
        True,
        "selector 1",
        COGNITO_PAGE,
    ),
    Row(
        "another type's data events",
        trail(advanced=[data(S3)]),
        get_id(),
        False,
        "AWS::Cognito::IdentityPool data",
        ADVANCED,
    ),
    Row(
        "Cognito's calls are never read-only",
        trail(advanced=[data(COGNITO, S3_READ)]),
        get_id(),
        False,
        "readOnly Equals true",
        COGNITO_PAGE,
    ),
    Row(
        "GetId is excluded by name",
        trail(
            advanced=[
                data(
                    COGNITO,
                    field("eventName", NotEquals="GetId"),
                    name="Cognito Selector",
                )
            ]
        ),
        get_id(),
        False,
        "GetId is excluded by selector 'Cognito Selector': eventName NotEquals GetId",
        FILTER,
    ),
    Row(
        "the other calls are not",
        trail(advanced=[data(COGNITO, field("eventName", NotEquals="GetId"))]),
        get_id(eventName="UnlinkIdentity"),
        True,
        "selector 1",
        FILTER,
    ),
    Row(
        "eventName Equals any of its values",
        trail(
            advanced=[data(S3, field("eventName", Equals=["GetObject", "PutObject"]))]
        ),
        put_object(),
        True,
        "selector 1",
        FILTER,
    ),
    Row(
        "eventName Equals none of its values",
        trail(advanced=[data(S3, field("eventName", Equals="DeleteObject"))]),
        put_object(),
        False,
        "eventName Equals DeleteObject (the event has PutObject)",
        FILTER,
    ),
    Row(
        "eventName StartsWith",
        trail(advanced=[data(S3, field("eventName", StartsWith="Put"))]),
        put_object(),
        True,
        "selector 1",
        FILTER,
    ),
    Row(
        "eventName EndsWith",
        trail(advanced=[data(S3, field("eventName", EndsWith="Tagging"))]),
        put_object(),
        False,
        "EndsWith Tagging",
        FILTER,
    ),
    Row(
        "eventName NotStartsWith",
        trail(advanced=[data(S3, field("eventName", NotStartsWith=["Delete", "Put"]))]),
        put_object(),
        False,
        "NotStartsWith Put",
        FILTER,
    ),
    Row(
        "eventName NotEndsWith",
        trail(advanced=[data(S3, field("eventName", NotEndsWith="Object"))]),
        put_object(),
        False,
        "NotEndsWith Object",
        FILTER,
    ),
    Row(
        "operators that select are alternatives",
        trail(
            advanced=[
                data(S3, field("eventName", Equals="GetObject", StartsWith="Put"))
            ]
        ),
        put_object(),
        True,
        "selector 1",
        f"{FILTER}: multiple conditions for a field",
    ),
    Row(
        "an operator that deselects beats one that selects",
        trail(
            advanced=[
                data(S3, field("eventName", StartsWith="Put", NotEquals="PutObject"))
            ]
        ),
        put_object(),
        False,
        "NotEquals PutObject",
        f"{FILTER}: multiple conditions for a field",
    ),
    Row(
        "wildcards are taken literally",
        trail(advanced=[data(S3, field("eventName", Equals="Put*"))]),
        put_object(),
        False,
        "Equals Put*",
        f"{ADVANCED}: no wildcards",
    ),
    Row(
        "case counts",
        trail(advanced=[data(S3, field("eventName", Equals="putobject"))]),
        put_object(),
        False,
        "Equals putobject",
        SILENT,
    ),
    Row(
        "field selectors are ANDed",
        trail(advanced=[data(S3, S3_READ, field("eventName", Equals="PutObject"))]),
        put_object(),
        False,
        "readOnly Equals true",
        FILTER,
    ),
    Row(
        "an ARN that is excluded",
        trail(advanced=[data(S3, field("resources.ARN", NotStartsWith=LOGS))]),
        put_object("audit-logs/x"),
        False,
        f"resources.ARN NotStartsWith {LOGS}",
        FILTER,
    ),
    Row(
        "an ARN that is not",
        trail(advanced=[data(S3, field("resources.ARN", NotStartsWith=LOGS))]),
        put_object("audit-logs2/x"),
        True,
        "selector 1",
        FILTER,
    ),
    Row(
        "a bucket prefix without its slash matches its neighbours",
        trail(
            advanced=[data(S3, field("resources.ARN", StartsWith="arn:aws:s3:::shop"))]
        ),
        put_object("shop2/photo"),
        True,
        "selector 1",
        f"{ADVANCED}: StartsWith",
    ),
    Row(
        "a pool's ARN is exact",
        trail(advanced=[data(COGNITO, field("resources.ARN", Equals=f"{POOL}2"))]),
        get_id(),
        False,
        f"(the event has {POOL})",
        FILTER,
    ),
    Row(
        "type and ARN hold on the same resource",
        trail(advanced=[data(S3, field("resources.ARN", Equals="arn:aws:s3:::shop"))]),
        get_object(),
        False,
        "resources.ARN Equals arn:aws:s3:::shop",
        f"{FILTER}: resources.ARN of the type",
    ),
    Row(
        "any of several resources may match",
        trail(advanced=[data(TABLE)]),
        put_item(
            eventName="GetRecords",
            resources=[
                {"type": "AWS::DynamoDB::Stream", "ARN": f"{table()}/stream/1"},
                {"type": TABLE, "ARN": table()},
            ],
        ),
        True,
        "selector 1",
        f"{DATA_EVENTS}: AWS::DynamoDB::Table logs streams too",
    ),
    Row(
        "a resource with only an ARNPrefix under an ARN condition",
        trail(
            advanced=[data(S3, field("resources.ARN", StartsWith="arn:aws:s3:::shop/"))]
        ),
        list_objects(),
        None,
        "ARNPrefix",
        SILENT,
    ),
    Row(
        "a resource with only an ARNPrefix and no ARN condition",
        trail(advanced=[data(S3)]),
        list_objects(),
        True,
        "selector 1",
        ADVANCED,
    ),
    Row(
        "a caller who is excluded",
        trail(advanced=[data(S3, field("userIdentity.arn", NotEquals=ALICE))]),
        put_object(),
        False,
        f"userIdentity.arn NotEquals {ALICE}",
        FILTER,
    ),
    Row(
        "callers who begin so are excluded",
        trail(
            advanced=[
                data(
                    S3,
                    field("userIdentity.arn", NotStartsWith=f"arn:aws:iam::{ACCOUNT}:"),
                )
            ]
        ),
        put_object(),
        False,
        "NotStartsWith",
        FILTER,
    ),
    Row(
        "only one caller is selected",
        trail(advanced=[data(S3, field("userIdentity.arn", Equals=MALLORY))]),
        put_object(),
        False,
        "userIdentity.arn Equals",
        FILTER,
    ),
    Row(
        "an absent caller is selected by nothing",
        trail(advanced=[data(COGNITO, field("userIdentity.arn", StartsWith="arn:"))]),
        get_id(),
        False,
        "the event has no userIdentity.arn",
        SILENT,
    ),
    Row(
        "an absent caller is dropped by nothing",
        trail(advanced=[data(COGNITO, field("userIdentity.arn", NotEquals=ALICE))]),
        get_id(),
        True,
        "selector 1",
        SILENT,
    ),
    Row(
        "a masked caller is absent",
        trail(advanced=[data(S3, field("userIdentity.arn", NotEquals=ALICE))]),
        put_object(userIdentity="HIDDEN_DUE_TO_SECURITY_REASONS"),
        True,
        "selector 1",
        RECORD,
    ),
    Row(
        "a console session is excluded",
        trail(
            advanced=[data(S3, field("sessionCredentialFromConsole", NotEquals="true"))]
        ),
        put_object(sessionCredentialFromConsole="true"),
        False,
        "sessionCredentialFromConsole NotEquals true",
        FILTER,
    ),
    Row(
        "only console sessions are selected",
        trail(
            advanced=[data(S3, field("sessionCredentialFromConsole", Equals="true"))]
        ),
        put_object(),
        False,
        "no sessionCredentialFromConsole",
        FILTER,
    ),
    Row(
        "an event type is excluded",
        trail(advanced=[data(S3, field("eventType", NotEquals="AwsServiceEvent"))]),
        put_object(eventType="AwsServiceEvent"),
        False,
        "eventType NotEquals",
        FILTER,
    ),
    Row(
        "an event source is selected",
        trail(advanced=[data(S3, field("eventSource", Equals="s3.amazonaws.com"))]),
        put_object(),
        True,
        "selector 1",
        FILTER,
    ),
    Row(
        "a data selector without a type is one that AWS refuses",
        trail(advanced=[selector("Data", WRITES)]),
        put_object(),
        None,
        "no resources.type",
        f"{ADVANCED}: resources.type is required",
    ),
    Row(
        "errorCode is no field of data events",
        trail(advanced=[data(S3, field("errorCode", Equals="VpceAccessDenied"))]),
        put_object(),
        None,
        "AWS accepts no errorCode",
        ADVANCED,
    ),
    Row(
        "a selected name that is not known before apply",
        trail(advanced=[data(S3, field("eventName", Equals=Unknown("x")))]),  # type: ignore[arg-type]
        put_object(),
        None,
        "not known (x)",
        "snapshot",
    ),
    Row(
        "a known value may decide beside one that is not known",
        trail(
            advanced=[data(S3, field("eventName", Equals=["PutObject", Unknown("x")]))]
        ),  # type: ignore[list-item]
        put_object(),
        True,
        "selector 1",
        "snapshot",
    ),
    Row(
        "a selector that is not known",
        trail(advanced=[Unknown("x")]),  # type: ignore[list-item]
        put_object(),
        None,
        "selector 1: x",
        "snapshot",
    ),
    Row(
        "a cross-account bucket is a matter of its ARN",
        trail(advanced=[data(S3)]),
        put_object(
            resources=[
                {"type": S3, "ARN": "arn:aws:s3:::theirs/x", "accountId": OTHER_ACCOUNT}
            ]
        ),
        True,
        "selector 1",
        f"{DATA_RESOURCE}: a bucket of another account",
    ),
)
NETWORKS = (
    Row(
        "one source's network activity",
        trail(
            advanced=[
                selector(
                    "NetworkActivity", field("eventSource", Equals="s3.amazonaws.com")
                )
            ]
        ),
        vpce(),
        True,
        "selector 1",
        NETWORK,
    ),
    Row(
        "another source's network activity",
        trail(
            advanced=[
                selector(
                    "NetworkActivity", field("eventSource", Equals="ec2.amazonaws.com")
                )
            ]
        ),
        vpce(),
        False,
        "eventSource Equals ec2.amazonaws.com",
        NETWORK,
    ),
    Row(
        "only denied calls",
        trail(
            advanced=[
                selector(
                    "NetworkActivity",
                    field("eventSource", Equals="s3.amazonaws.com"),
                    field("errorCode", Equals="VpceAccessDenied"),
                )
            ]
        ),
        vpce(errorCode=None),
        False,
        "no errorCode",
        NETWORK,
    ),
    Row(
        "one endpoint is excluded",
        trail(
            advanced=[
                selector(
                    "NetworkActivity",
                    field("eventSource", Equals="s3.amazonaws.com"),
                    field("vpcEndpointId", NotEquals="vpce-0a1"),
                )
            ]
        ),
        vpce(),
        False,
        "vpcEndpointId NotEquals vpce-0a1",
        NETWORK,
    ),
    Row(
        "a source is required",
        trail(
            advanced=[
                selector("NetworkActivity", field("vpcEndpointId", Equals="vpce-0a1"))
            ]
        ),
        vpce(),
        None,
        "no eventSource",
        NETWORK,
    ),
    Row(
        "a trail may look at the caller of network activity",
        trail(
            advanced=[
                selector(
                    "NetworkActivity",
                    field("eventSource", Equals="s3.amazonaws.com"),
                    field("userIdentity.arn", NotEquals=ALICE),
                )
            ]
        ),
        vpce(),
        False,
        "userIdentity.arn NotEquals",
        NETWORK,
    ),
)
CALL_RATE = [{"InsightType": "ApiCallRateInsight"}]
ERROR_RATE = [{"InsightType": "ApiErrorRateInsight"}]
ON_DATA = [{"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}]
DERIVED = (
    Row(
        "Insights is off by default", trail(), insight(), False, "not enabled", INSIGHTS
    ),
    Row(
        "Insights is on",
        trail(insight_selectors=CALL_RATE),
        insight(),
        True,
        "ApiCallRateInsight",
        INSIGHTS,
    ),
    Row(
        "another Insights type is on",
        trail(insight_selectors=CALL_RATE),
        insight("ApiErrorRateInsight"),
        False,
        "ApiErrorRateInsight is not enabled",
        INSIGHTS,
    ),
    Row(
        "the call rate needs write management events",
        trail(basic=[basic("ReadOnly")], insight_selectors=CALL_RATE),
        insight(),
        False,
        "needs write management events",
        INSIGHTS,
    ),
    Row(
        "the error rate is content with read management events",
        trail(basic=[basic("ReadOnly")], insight_selectors=ERROR_RATE),
        insight("ApiErrorRateInsight"),
        True,
        "ApiErrorRateInsight",
        INSIGHTS,
    ),
    Row(
        "Insights on data events only is off for management events",
        trail(insight_selectors=ON_DATA),
        insight(),
        False,
        "for Management",
        INSIGHTS,
    ),
    Row(
        "Insights on data events",
        trail(advanced=[data(S3)], insight_selectors=ON_DATA),
        insight(eventSource="s3.amazonaws.com", eventName="GetObject"),
        True,
        "Data",
        INSIGHTS,
    ),
    Row(
        "Insights on data events needs data events",
        trail(insight_selectors=ON_DATA),
        insight(eventSource="s3.amazonaws.com", eventName="GetObject"),
        False,
        "needs data events",
        INSIGHTS,
    ),
    Row(
        "denied Insights selectors are unknown",
        denied("insight_selectors"),
        insight(),
        None,
        "insight_selectors: denied",
        "snapshot",
    ),
    Row(
        "no aggregation",
        trail(),
        event(eventCategory="Aggregated"),
        False,
        "no aggregation template",
        "API_GetEventConfiguration",
    ),
    Row(
        "every aggregation template",
        trail(
            aggregation_configurations=[
                {
                    "EventCategory": "Data",
                    "Templates": ["API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"],
                }
            ]
        ),
        event(eventCategory="Aggregated"),
        True,
        "every",
        "API_GetEventConfiguration",
    ),
    Row(
        "which template an aggregated event is of nobody says",
        trail(aggregation_configurations=[{"Templates": ["API_ACTIVITY"]}]),
        event(eventCategory="Aggregated"),
        None,
        "API_ACTIVITY",
        SILENT,
    ),
    Row(
        "aggregation does not replace data events",
        trail(aggregation_configurations=[{"Templates": ["API_ACTIVITY"]}]),
        put_object(),
        False,
        "no event selector",
        "API_GetEventConfiguration",
    ),
    Row(
        "denied aggregation is unknown",
        denied("aggregation_configurations"),
        event(eventCategory="Aggregated"),
        None,
        "denied",
        "snapshot",
    ),
)
RECURSION = (
    Row(
        "CloudTrail's own deliveries are recorded by default",
        trail(advanced=[data(S3)]),
        delivery(),
        True,
        "selector 1",
        f"{TRAIL}: RecursiveLogging is true by default",
    ),
    Row(
        "RecursiveLogging false suppresses them",
        trail(advanced=[data(S3)], RecursiveLogging=False),
        delivery(),
        False,
        "RecursiveLogging false",
        TRAIL,
    ),
    Row(
        "but not another trail's deliveries",
        trail(advanced=[data(S3)], RecursiveLogging=False),
        delivery("their-logs"),
        True,
        "selector 1",
        f"{TRAIL}: your trail's destinations",
    ),
    Row(
        "nor a person's writes to the same bucket",
        trail(advanced=[data(S3)], RecursiveLogging=False),
        put_object("audit-logs/x"),
        True,
        "selector 1",
        f"{TRAIL}: events generated by CloudTrail",
    ),
    Row(
        "a delivery that does not say where is unknown",
        trail(advanced=[data(S3)], RecursiveLogging=False),
        delivery(requestParameters=None),
        None,
        "destination",
        SILENT,
    ),
)
EDS_NAMES = selector("Management", field("eventName", NotEquals="RunInstances"))
STORES = (
    Row(
        "an event data store records management events",
        store(ONLY_MANAGEMENT),
        event(),
        True,
        "'Management events selector'",
        "API_EventDataStore",
    ),
    Row(
        "it may look at eventName of management events",
        store(EDS_NAMES),
        event(),
        False,
        "eventName NotEquals RunInstances",
        ADVANCED,
    ),
    Row(
        "and at the caller",
        store(selector("Management", field("userIdentity.arn", NotEquals=ALICE))),
        event(),
        False,
        f"userIdentity.arn NotEquals {ALICE}",
        ADVANCED,
    ),
    Row(
        "and select one source",
        store(selector("Management", field("eventSource", Equals="iam.amazonaws.com"))),
        event(),
        False,
        "eventSource Equals iam.amazonaws.com",
        ADVANCED,
    ),
    Row(
        "it may not look at the caller of network activity",
        store(
            selector(
                "NetworkActivity",
                field("eventSource", Equals="s3.amazonaws.com"),
                field("userIdentity.arn", NotEquals=ALICE),
            )
        ),
        vpce(),
        None,
        "AWS accepts no userIdentity.arn",
        ADVANCED,
    ),
    Row(
        "a stopped store records nothing",
        store(ONLY_MANAGEMENT, Status="STOPPED_INGESTION"),
        event(),
        False,
        "STOPPED_INGESTION",
        "API_EventDataStore",
    ),
    Row(
        "a store that is stopping is unknown",
        store(ONLY_MANAGEMENT, Status="STOPPING_INGESTION"),
        event(),
        None,
        "STOPPING_INGESTION",
        SILENT,
    ),
    Row(
        "a store of one Region",
        store(ONLY_MANAGEMENT, MultiRegionEnabled=False),
        event(),
        False,
        "single-Region event data store",
        "API_EventDataStore",
    ),
    Row(
        "another account's event is not the store's",
        store(ONLY_MANAGEMENT),
        event(recipientAccountId=OTHER_ACCOUNT),
        False,
        OTHER_ACCOUNT,
        "API_EventDataStore",
    ),
    Row(
        "an organization's store records its members",
        store(ONLY_MANAGEMENT, OrganizationEnabled=True),
        event(recipientAccountId=OTHER_ACCOUNT),
        True,
        "selector",
        "API_EventDataStore",
    ),
    Row(
        "a store for Insights events",
        store(selector("Insight")),
        insight(),
        True,
        "selector 1",
        f"{ADVANCED}: only eventCategory",
    ),
    Row(
        "a store for configuration items",
        store(selector("ConfigurationItem")),
        event(eventCategory="ConfigurationItem"),
        True,
        "selector 1",
        ADVANCED,
    ),
    Row(
        "a store for configuration items records no API call",
        store(selector("ConfigurationItem")),
        event(),
        False,
        "no event selector",
        ADVANCED,
    ),
    Row(
        "a store whose selectors were not collected",
        without(store(), "AdvancedEventSelectors"),
        event(),
        None,
        "not collected",
        "snapshot",
    ),
    Row(
        "a store whose status was not collected",
        without(store(), "Status"),
        event(),
        None,
        "Status",
        "snapshot",
    ),
    Row(
        "SQS data events",
        store(data("AWS::SQS::Queue")),
        data_event(
            "sqs.amazonaws.com", "SendMessage", "AWS::SQS::Queue", "arn:aws:sqs:x"
        ),
        True,
        "selector 1",
        DATA_EVENTS,
    ),
)

ROWS = (
    DEFAULTS
    + LOGGING
    + ACCOUNTS
    + REGIONS
    + GLOBAL
    + BASIC
    + ADVANCED_MANAGEMENT
    + OLD_RECORDS
    + DATA
    + NETWORKS
    + DERIVED
    + RECURSION
    + STORES
)
