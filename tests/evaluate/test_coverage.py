from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selector_strategies import NAMES, SOURCES, TYPES, advanced_selectors
from trails import (
    ACCOUNT,
    ALICE,
    COGNITO,
    LAMBDA,
    OTHER_ACCOUNT,
    POOL,
    S3,
    basic,
    data,
    event,
    field,
    put_object,
    resources,
    selector,
    store,
    trail,
)

from checker.conditions.unknown import Unknown
from checker.evaluate.coverage import Coverage, Need, coverage
from checker.evaluate.selectors import records

REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")
MANAGEMENT = Need("Management")
S3_ALL = Need("Data", resource_type=S3)
S3_WRITES = Need("Data", resource_type=S3, access="Write")
COGNITO_ALL = Need("Data", resource_type=COGNITO)
SINGLE = {"IsMultiRegionTrail": False}
READS = field("readOnly", Equals="true")
WRITES = field("readOnly", Equals="false")
NO_KMS = selector("Management", field("eventSource", NotEquals="kms.amazonaws.com"))
ALL_S3 = data(S3)
STOPPED = {"status": {"IsLogging": False}}


def on_arn(**operators: str | list[str]) -> list[dict[str, Any]]:
    return [trail(advanced=[data(S3, field("resources.ARN", **operators))])]


@dataclass(frozen=True)
class Case:
    """One mistake that other checkers make, or its counterpart."""

    name: str
    trails: list[dict[str, Any]]
    need: Need
    verdict: str
    gap: str = ""


CASES = (
    Case("the default is all management events", [trail()], MANAGEMENT, "full"),
    Case("no trail is nothing", [], MANAGEMENT, "none", "no trail"),
    Case("a stopped trail is nothing", [trail(**STOPPED)], MANAGEMENT, "none",
         "IsLogging false"),
    Case("a data-only trail has no management events", [trail(advanced=[ALL_S3])],
         MANAGEMENT, "none", "management"),
    Case("a display name makes no selector",
         [trail(advanced=[data(S3, name="Management events selector")])], MANAGEMENT,
         "none"),
    Case("a name is not needed", [trail(advanced=[selector("Management")])], MANAGEMENT,
         "full"),
    Case("basic read-only management", [trail(basic=[basic("ReadOnly")])], MANAGEMENT,
         "partial", "ReadWriteType ReadOnly"),
    Case("advanced read-only management",
         [trail(advanced=[selector("Management", READS)])], MANAGEMENT, "partial",
         "readOnly Equals true"),
    Case("one selector for reads and one for writes",
         [trail(advanced=[selector("Management", READS),
                          selector("Management", WRITES)])], MANAGEMENT, "full"),
    Case("basic reads and writes", [trail(basic=[basic("ReadOnly"), basic("WriteOnly")])],
         MANAGEMENT, "full"),
    Case("reads in one trail, writes in another",
         [trail(name="r", basic=[basic("ReadOnly")]),
          trail(name="w", basic=[basic("WriteOnly")])], MANAGEMENT, "full"),
    Case("the trail with the writes is stopped",
         [trail(name="r", basic=[basic("ReadOnly")]),
          trail(name="w", basic=[basic("WriteOnly")], **STOPPED)], MANAGEMENT, "partial"),
    Case("KMS is excluded by a basic selector",
         [trail(basic=[basic(ExcludeManagementEventSources=["kms.amazonaws.com"])])],
         MANAGEMENT, "partial", "kms.amazonaws.com"),
    Case("KMS is excluded by an advanced selector", [trail(advanced=[NO_KMS])],
         MANAGEMENT, "partial", "eventSource NotEquals kms.amazonaws.com"),
    Case("KMS is excluded, and only KMS is needed", [trail(advanced=[NO_KMS])],
         Need("Management", source="kms.amazonaws.com"), "none"),
    Case("KMS is excluded, and IAM is needed", [trail(advanced=[NO_KMS])],
         Need("Management", source="iam.amazonaws.com"), "full"),
    Case("a single-Region trail is no other Region", [trail(**SINGLE)], MANAGEMENT,
         "partial", "single-Region trail of us-east-1"),
    Case("a single-Region trail is its own Region", [trail(**SINGLE)],
         Need("Management", source="ec2.amazonaws.com", regions=("us-east-1",)), "full"),
    Case("two single-Region trails are both Regions",
         [trail(**SINGLE), trail(region="eu-west-1", name="eu", **SINGLE)],
         Need("Management", regions=("us-east-1", "eu-west-1")), "full"),
    Case("a trail in us-east-1 records IAM", [trail(**SINGLE)],
         Need("Management", source="iam.amazonaws.com"), "full"),
    Case("a trail elsewhere does not", [trail(region="eu-west-1", **SINGLE)],
         Need("Management", source="iam.amazonaws.com", regions=("eu-west-1",)), "none"),
    Case("without global services IAM is missing",
         [trail(IncludeGlobalServiceEvents=False, **SINGLE)],
         Need("Management", regions=("us-east-1",)), "partial", "global service"),
    Case("the global STS endpoint is recorded in us-east-1",
         [trail(region="eu-west-1", **SINGLE)],
         Need("Management", source="sts.amazonaws.com", regions=("eu-west-1",)), "full"),
    Case("another account's trail is nothing", [trail()],
         Need("Management", account=OTHER_ACCOUNT), "none", OTHER_ACCOUNT),
    Case("an organization trail is every account", [trail(IsOrganizationTrail=True)],
         Need("Management", account=OTHER_ACCOUNT), "full"),
    Case("two accounts need two trails",
         [trail(basic=[basic("ReadOnly")]),
          trail(account=OTHER_ACCOUNT, basic=[basic("WriteOnly")])], MANAGEMENT,
         "partial"),
    Case("a denied status is unknown", [trail(status=Unknown("status: denied"))],
         MANAGEMENT, "unknown", "status: denied"),
    Case("a denied trail does not matter beside a full one",
         [trail(status=Unknown("status: denied")), trail(name="b")], MANAGEMENT, "full"),
    Case("a denied trail may fill the gap of another",
         [trail(status=Unknown("status: denied")), trail(name="b", **SINGLE)],
         MANAGEMENT, "unknown", "status: denied"),
    Case("all S3 objects, basic", [trail(basic=[basic(**resources(S3, "arn:aws:s3"))])],
         S3_ALL, "full"),
    Case("all S3 objects, advanced", [trail(advanced=[ALL_S3])], S3_ALL, "full"),
    Case("all S3 objects by prefix", on_arn(StartsWith="arn:aws:s3:::"), S3_ALL, "full"),
    Case("S3 reads are not S3 writes", [trail(advanced=[data(S3, READS)])], S3_WRITES,
         "none", "readOnly Equals true"),
    Case("S3 writes are S3 writes", [trail(advanced=[data(S3, WRITES)])], S3_WRITES,
         "full"),
    Case("S3 reads and S3 writes",
         [trail(advanced=[data(S3, READS), data(S3, WRITES)])], S3_ALL, "full"),
    Case("S3 without its log bucket", on_arn(NotStartsWith="arn:aws:s3:::audit-logs/"),
         S3_ALL, "partial", "resources.ARN NotStartsWith arn:aws:s3:::audit-logs/"),
    Case("S3 without one object", on_arn(NotEquals="arn:aws:s3:::a/b"), S3_ALL,
         "partial", "resources.ARN NotEquals arn:aws:s3:::a/b"),
    Case("S3 without some endings", on_arn(NotEndsWith=".log"), S3_ALL, "partial",
         "NotEndsWith .log"),
    Case("one bucket is not all", on_arn(StartsWith="arn:aws:s3:::shop/"), S3_ALL,
         "partial", "StartsWith arn:aws:s3:::shop/"),
    Case("one bucket is that bucket", on_arn(StartsWith="arn:aws:s3:::shop/"),
         Need("Data", resource_type=S3, arn="arn:aws:s3:::shop/"), "full"),
    Case("a folder is not its bucket", on_arn(StartsWith="arn:aws:s3:::shop/in/"),
         Need("Data", resource_type=S3, arn="arn:aws:s3:::shop/"), "partial"),
    Case("a bucket is not its neighbour", on_arn(StartsWith="arn:aws:s3:::shop/"),
         Need("Data", resource_type=S3, arn="arn:aws:s3:::shop2/"), "none"),
    Case("a bucket without its slash has unknown neighbours",
         [trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop"))])],
         Need("Data", resource_type=S3, arn="arn:aws:s3:::shop2/"), "unknown",
         "without a slash"),
    Case("excluding everything that begins so is excluding all",
         on_arn(NotStartsWith="arn:aws:s3"), S3_ALL, "none", "NotStartsWith arn:aws:s3"),
    Case("two complementary ARN selectors are all",
         [trail(advanced=[
             data(S3, field("resources.ARN", StartsWith="arn:aws:s3:::audit-logs/")),
             data(S3, field("resources.ARN", NotStartsWith="arn:aws:s3:::audit-logs/")),
         ])], S3_ALL, "full"),
    Case("one call is not all",
         [trail(advanced=[data(S3, field("eventName", Equals="PutObject"))])], S3_WRITES,
         "partial", "eventName Equals PutObject"),
    Case("one call is that call",
         [trail(advanced=[data(S3, field("eventName", Equals="PutObject"))])],
         Need("Data", source="s3.amazonaws.com", names=("PutObject",), resource_type=S3),
         "full"),
    Case("calls that begin so are excluded",
         [trail(advanced=[data(S3, field("eventName", NotStartsWith="Delete"))])],
         S3_ALL, "partial", "NotStartsWith Delete"),
    Case("one caller is excluded",
         [trail(advanced=[data(S3, field("userIdentity.arn", NotEquals=ALICE))])],
         S3_ALL, "partial", f"userIdentity.arn NotEquals {ALICE}"),
    Case("callers who begin so leave out those without an ARN",
         [trail(advanced=[data(S3, field("userIdentity.arn", StartsWith="arn:aws:"))])],
         S3_ALL, "partial", "no userIdentity.arn"),
    Case("console sessions are excluded",
         [trail(advanced=[data(S3, field("sessionCredentialFromConsole",
                                         NotEquals="true"))])],
         S3_ALL, "partial", "sessionCredentialFromConsole"),
    Case("service events are excluded",
         [trail(advanced=[data(S3, field("eventType", Equals="AwsApiCall"))])], S3_ALL,
         "partial", "eventType"),
    Case("the one source of a type is no narrowing",
         [trail(advanced=[data(S3, field("eventSource", Equals="s3.amazonaws.com"))])],
         S3_ALL, "full"),
    Case("a management trail records no data", [trail()], S3_ALL, "none"),
    Case("one function is not all",
         [trail(basic=[basic(**resources(LAMBDA, "arn:aws:lambda:us-east-1:1:function:x"))])],
         Need("Data", resource_type=LAMBDA), "none"),
    Case("all functions",
         [trail(basic=[basic(**resources(LAMBDA, "arn:aws:lambda"))])],
         Need("Data", resource_type=LAMBDA), "full"),
    Case("Cognito's pools", [trail(advanced=[data(COGNITO)])], COGNITO_ALL, "full"),
    Case("Cognito without GetId",
         [trail(advanced=[data(COGNITO, field("eventName", NotEquals="GetId"), name="x")])],
         COGNITO_ALL, "partial",
         "GetId is excluded by selector 'x': eventName NotEquals GetId"),
    Case("Cognito's reads are nothing", [trail(advanced=[data(COGNITO, READS)])],
         COGNITO_ALL, "none"),
    Case("Cognito's writes are all", [trail(advanced=[data(COGNITO, WRITES)])],
         COGNITO_ALL, "full"),
    Case("Cognito's five calls by name",
         [trail(advanced=[data(COGNITO, field("eventName", Equals=[
             "GetCredentialsForIdentity", "GetId", "GetOpenIdToken",
             "GetOpenIdTokenForDeveloperIdentity", "UnlinkIdentity"]))])],
         COGNITO_ALL, "full"),
    Case("an unsigned call has no caller to exclude",
         [trail(advanced=[data(COGNITO, field("userIdentity.arn", NotEquals=ALICE))])],
         Need("Data", source="cognito-identity.amazonaws.com", names=("GetId",),
              resource_type=COGNITO), "full"),
    Case("one pool", [trail(advanced=[data(COGNITO, field("resources.ARN",
                                                          Equals=POOL))])],
         Need("Data", resource_type=COGNITO, arn=POOL, regions=("eu-west-1",)), "full"),
    Case("one pool is not all", [trail(advanced=[data(COGNITO, field("resources.ARN",
                                                                     Equals=POOL))])],
         COGNITO_ALL, "partial", POOL),
    Case("the pools of a Region in a trail of that Region",
         [trail(region="eu-west-1", advanced=[data(COGNITO)], **SINGLE)],
         Need("Data", resource_type=COGNITO, regions=("eu-west-1",)), "full"),
    Case("the pools of another Region",
         [trail(region="eu-west-1", advanced=[data(COGNITO)], **SINGLE)],
         Need("Data", resource_type=COGNITO, regions=("us-east-1",)), "none"),
    Case("an event data store counts", [store(data(COGNITO))], COGNITO_ALL, "full"),
    Case("all types of data events", [trail(advanced=[ALL_S3, data(COGNITO)])],
         Need("Data"), "partial", "resources.type"),
    Case("network activity of one source",
         [trail(advanced=[selector("NetworkActivity",
                                   field("eventSource", Equals="s3.amazonaws.com"))])],
         Need("NetworkActivity", source="s3.amazonaws.com"), "full"),
    Case("network activity that was denied",
         [trail(advanced=[selector("NetworkActivity",
                                   field("eventSource", Equals="s3.amazonaws.com"),
                                   field("errorCode", Equals="VpceAccessDenied"))])],
         Need("NetworkActivity", source="s3.amazonaws.com"), "partial", "errorCode"),
    Case("network activity without one endpoint",
         [trail(advanced=[selector("NetworkActivity",
                                   field("eventSource", Equals="s3.amazonaws.com"),
                                   field("vpcEndpointId", NotEquals="vpce-0a1"))])],
         Need("NetworkActivity", source="s3.amazonaws.com"), "partial", "vpce-0a1"),
    Case("both Insights types",
         [trail(insight_selectors=[{"InsightType": "ApiCallRateInsight"},
                                   {"InsightType": "ApiErrorRateInsight"}])],
         Need("Insight"), "full"),
    Case("one Insights type", [trail(insight_selectors=[
        {"InsightType": "ApiCallRateInsight"}])], Need("Insight"), "partial",
        "ApiErrorRateInsight is not enabled"),
    Case("a read of a call that AWS documents as a write", [trail(advanced=[ALL_S3])],
         Need("Data", source="s3.amazonaws.com", names=("PutObject",), resource_type=S3,
              access="Read"), "none"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_coverage_is_what_the_trails_record(case: Case) -> None:
    found = coverage(case.trails, case.need)
    assert found.verdict == case.verdict, found
    assert case.gap in " ".join(found.gaps)
    assert bool(found.gaps) == (found.verdict != "full") or not found.trails
    assert found.reason


def test_coverage_names_the_trails_that_record_something() -> None:
    main = trail(basic=[basic("ReadOnly")])
    idle = trail(name="idle", **STOPPED)
    found = coverage([idle, main], MANAGEMENT)
    assert found == Coverage("partial", (main["TrailARN"],), found.gaps, found.gaps[0])
    assert found.gaps[0].endswith(
        "main: any other eventName is excluded by selector 1: "
        "ReadWriteType ReadOnly (the event has false)"
    )


def test_a_clause_that_excludes_many_calls_is_one_gap() -> None:
    names = [f"Get{number}" for number in range(100)]
    narrow = data(S3, field("eventName", NotEquals=names))
    found = coverage([trail(advanced=[narrow])], S3_ALL)
    assert len(found.gaps) == 1
    assert "and 97 more" in found.gaps[0]


def test_too_many_different_conditions_are_unknown_and_not_guessed() -> None:
    several = [
        data(
            S3,
            field("eventName", NotEquals=f"N{number}"),
            field("resources.ARN", NotEquals=f"arn:aws:s3:::b/{number}"),
            field(
                "userIdentity.arn", NotEquals=f"arn:aws:iam::{ACCOUNT}:user/{number}"
            ),
        )
        for number in range(40)
    ]
    found = coverage([trail(advanced=several)], S3_ALL)
    assert found.verdict == "unknown"
    assert "more than" in found.reason


@st.composite
def needs(draw: st.DrawFn) -> Need:
    category = draw(st.sampled_from(("Management", "Data")))
    kind = draw(st.sampled_from(TYPES)) if category == "Data" else None
    arn = None
    if kind:
        arn = draw(st.sampled_from([None, "arn:aws:s3:::shop/", POOL]))
    return Need(
        category,
        source=draw(st.sampled_from([None, *SOURCES])),
        names=draw(st.sampled_from([(), ("GetObject",), ("GetId", "PutObject")])),
        resource_type=kind,
        arn=arn,
        access=draw(st.sampled_from(("All", "Read", "Write"))),
        regions=draw(st.sampled_from([None, ("eu-west-1",), REGIONS])),
        account=ACCOUNT,
    )


@st.composite
def several_trails(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for name in ("one", "two")[: draw(st.integers(1, 2))]:
        selectors = draw(st.lists(advanced_selectors(), max_size=3))
        single = draw(st.sampled_from([None, "us-east-1", "eu-west-1"]))
        made.append(
            trail(
                name=name,
                advanced=selectors,
                region=single or "us-east-1",
                IsMultiRegionTrail=single is None,
            )
        )
    return made


@st.composite
def fitting(draw: st.DrawFn, need: Need) -> dict[str, Any]:
    """An event of the need, as AWS documents such events."""
    source = need.source or draw(st.sampled_from(SOURCES))
    name = draw(st.sampled_from(need.names or NAMES))
    if need.resource_type == COGNITO:
        source = need.source or "cognito-identity.amazonaws.com"
        name = draw(st.sampled_from(need.names or ("GetId", "GetOpenIdToken")))
    elif need.resource_type == S3:
        source = need.source or "s3.amazonaws.com"
    read = {"Read": True, "Write": False}.get(need.access)
    caller = draw(st.sampled_from([ALICE, f"arn:aws:iam::{ACCOUNT}:user/z", None]))
    region = draw(st.sampled_from(need.regions or (*REGIONS, "sa-east-1")))
    made = event(
        source,
        name,
        awsRegion=region,
        readOnly=draw(st.booleans()) if read is None else read,
        userIdentity={"arn": caller} if caller else {"type": "Unknown"},
        eventCategory=need.category,
    )
    known = {
        ("s3.amazonaws.com", "GetObject"): True,
        ("s3.amazonaws.com", "PutObject"): False,
        ("s3.amazonaws.com", "DeleteObject"): False,
        ("cognito-identity.amazonaws.com", "GetId"): False,
        ("cognito-identity.amazonaws.com", "GetOpenIdToken"): False,
    }.get((source, name))
    if need.category == "Data":
        if known is not None:
            made["readOnly"] = known
        if source.startswith("cognito") and name in ("GetId", "GetOpenIdToken"):
            made["userIdentity"] = {"type": "Unknown"}
        made["resources"] = [
            {"type": need.resource_type, "ARN": draw(_arn(need, region))}
        ]
    return made


def _arn(need: Need, region: str) -> st.SearchStrategy[str]:
    if need.arn and need.arn.endswith("/"):
        return st.sampled_from(["a", "Object", "x/b"]).map(
            lambda key: f"{need.arn}{key}"
        )
    if need.arn:
        return st.just(need.arn)
    if need.resource_type == S3:
        keys = ("shop/a", "shop2/b", "audit-logs/x", "z/q")
        return st.sampled_from(keys).map(lambda key: f"arn:aws:s3:::{key}")
    head = f"arn:aws:cognito-identity:{region}:{ACCOUNT}:identitypool/"
    pools = ("eu-west-1:0da1", "eu-west-1:ffff")
    return st.sampled_from(pools).map(lambda pool: f"{head}{pool}")


@given(several_trails(), needs(), st.data())
@settings(max_examples=300, deadline=None)
def test_coverage_agrees_with_records_on_events_that_fit(
    held: list[dict[str, Any]], need: Need, draw: st.DataObject
) -> None:
    found = coverage(held, need)
    for _ in range(5):
        record = draw.draw(fitting(need))
        if need.access != "All" and record["readOnly"] != (need.access == "Read"):
            continue
        recorded = any(records(one, record).verdict for one in held)
        if found.verdict == "full":
            assert recorded, (record, found)
        if found.verdict == "none":
            assert not recorded, (record, found)


@given(several_trails(), needs())
@settings(deadline=None)
def test_the_union_of_trails_covers_what_any_of_them_covers(
    held: list[dict[str, Any]], need: Need
) -> None:
    together = coverage(held, need).verdict
    alone = {coverage([one], need).verdict for one in held}
    if "full" in alone:
        assert together == "full"
    if alone == {"none"}:
        assert together == "none"


def test_coverage_is_full_only_if_every_probe_is_recorded_by_some_trail() -> None:
    one = trail(name="one", advanced=[data(S3, READS)])
    two = trail(name="two", advanced=[data(S3, WRITES)])
    assert coverage([one, two], S3_ALL).verdict == "full"
    for record in (put_object(), put_object(readOnly=True, eventName="GetObject")):
        verdicts = [records(each, record).verdict for each in (one, two)]
        assert sorted(map(bool, verdicts)) == [False, True]
