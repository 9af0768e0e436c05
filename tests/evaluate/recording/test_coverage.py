from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.aws import api_calls
from checker.conditions.unknown import Unknown
from checker.evaluate.recording.coverage import Need, coverage
from checker.evaluate.recording.need import Access
from checker.evaluate.recording.recorder import records
from tests.evaluate.recording.coverage_table import (
    CASES,
    MANAGEMENT,
    READS,
    S3_ALL,
    STOPPED,
    WRITES,
    Case,
)
from tests.evaluate.recording.selector_strategies import (
    NAMES,
    SOURCES,
    TYPES,
    advanced_selectors,
)
from tests.evaluate.recording.trails import (
    ACCOUNT,
    ALICE,
    COGNITO,
    OTHER_ACCOUNT,
    POOL,
    S3,
    basic,
    data,
    event,
    field,
    put_object,
    trail,
)

REGIONS = ("us-east-1", "eu-west-1", "eu-central-1")


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
    assert (found.verdict, found.trails) == ("partial", (main["TrailARN"],))
    assert found.reason == found.gaps[0]
    assert "idle" not in found.gaps[0]
    assert found.gaps[0].endswith(
        "main: any other eventName is excluded by selector 1: "
        "ReadWriteType ReadOnly (the event has false)"
    )


UNSURE: dict[str, Any] = {"status": {"IsLogging": Unknown("status: denied")}}


@pytest.mark.parametrize(
    ("others", "access", "possible"),
    [
        ([], "All", {"full", "none"}),
        ([], "ReadOnly", {"partial", "none"}),
        ([basic("ReadOnly")], "All", {"full", "partial"}),
        ([basic("ReadOnly")], "ReadOnly", {"partial"}),
        ([basic()], "All", {"full"}),
    ],
)
def test_what_a_trail_that_may_be_idle_leaves_open_is_said(
    others: list[Any], access: str, possible: set[str]
) -> None:
    sure = [trail(name="sure", basic=others)] if others else []
    trails = [*sure, trail(basic=[basic(access)], **UNSURE)]

    found = coverage(trails, MANAGEMENT)
    assert possible <= found.possible
    # None of several events may be recorded, or only a part of them.
    assert found.possible - possible <= ({"partial"} if not sure else set())
    assert (found.verdict == "unknown") is (len(found.possible) > 1)


def test_for_one_resource_of_several_each_answer_is_possible() -> None:
    one = trail(
        advanced=[data(COGNITO, field("resources.ARN", Equals=[POOL]))],
    )
    found = coverage([one], Need("Data", resource_type=COGNITO, account=ACCOUNT))
    assert found.verdict == "partial"
    assert set(found.of_one) == {"full", "none"}


def test_trails_that_nobody_knows_make_every_need_unknown() -> None:
    trails: Any = Unknown("trails: denied")
    found = coverage(trails, MANAGEMENT)
    assert (found.verdict, found.trails) == ("unknown", ())
    assert "denied" in found.reason


def test_a_clause_that_excludes_many_calls_is_one_gap() -> None:
    real = api_calls.known_names("s3.amazonaws.com") or ()
    names = sorted(name for name in real if name.startswith("GetBucket"))
    narrow = data(S3, field("eventName", NotEquals=names))
    found = coverage([trail(advanced=[narrow])], S3_ALL)
    assert len(found.gaps) == 1
    assert f"and {len(names) - 3} more" in found.gaps[0]


def test_calls_that_no_service_has_are_no_gap() -> None:
    names = [f"Get{number}" for number in range(100)]
    narrow = data(S3, field("eventName", NotEquals=names))
    assert coverage([trail(advanced=[narrow])], S3_ALL).verdict == "full"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("ec2", {"Equals": ["PutObject"]}),
        ("ec2", {"Equals": ["runinstances"]}),
        ("kms", {"Equals": ["GetObject", "PutObject"]}),
        ("ec2", {"StartsWith": ["PutObject"]}),
        ("secretsmanager", {"EndsWith": ["Bucket"]}),
    ],
)
def test_a_selector_of_calls_that_a_service_does_not_have_records_nothing(
    source: str, wanted: dict[str, list[str]]
) -> None:
    dead = network(source, field("eventName", **wanted))
    found = coverage([trail(advanced=[dead])], Need("NetworkActivity"))
    assert found.verdict == "none"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("ec2", {"Equals": ["PutObject", "RunInstances"]}),
        ("s3", {"StartsWith": ["PutObj"]}),
        ("ec2", {"NotEquals": ["PutObject"]}),
    ],
)
def test_a_selector_of_calls_that_a_service_has_records_them(
    source: str, wanted: dict[str, list[str]]
) -> None:
    alive = network(source, field("eventName", **wanted))
    found = coverage([trail(advanced=[alive])], Need("NetworkActivity"))
    assert found.verdict == "partial"


def network(source: str, *fields: Any) -> dict[str, Any]:
    return {
        "FieldSelectors": [
            field("eventCategory", Equals=["NetworkActivity"]),
            field("eventSource", Equals=[f"{source}.amazonaws.com"]),
            *fields,
        ]
    }


def test_too_many_different_conditions_are_unknown_and_not_guessed() -> None:
    real = sorted(api_calls.known_names("s3.amazonaws.com") or ())
    several = [
        data(
            S3,
            field("eventName", NotEquals=real[number]),
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


CALLERS = (
    None,
    ALICE,
    f"{ALICE}-2",
    f"arn:aws:iam::{ACCOUNT}:user/mallory",
    f"arn:aws:iam::{ACCOUNT}:user/mallory-2",
    f"arn:aws:iam::{OTHER_ACCOUNT}:role/r",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s",
    f"arn:aws:sts::x{ALICE}",
    f"arn:aws:sts::xarn:aws:iam::{ACCOUNT}:user/mallory",
    "arn:aws:sts::xarn:aws:iam::",
    "arn:aws:iam::xarn:aws:iam::",
    f"{ALICE}{ALICE}",
    f"{ALICE}arn:aws:iam::{ACCOUNT}:user/mallory",
    f"arn:aws:iam::{ACCOUNT}:user/mallory{ALICE}",
    f"arn:aws:iam::x{ALICE}",
    f"arn:aws:iam::xarn:aws:iam::{ACCOUNT}:user/mallory",
    f"{ALICE}arn:aws:iam::",
    f"arn:aws:iam::{ACCOUNT}:user/malloryarn:aws:iam::",
    f"arn:aws:iam::{ACCOUNT}:user/mallory" * 2,
    "arn:aws:iam::",
)


@given(
    several_trails(),
    st.sampled_from(("ListParts", "UploadPart")),
    st.sampled_from(("arn:aws:s3:::shop/a", "arn:aws:s3:::z/Object")),
    st.sampled_from(("All", "Read", "Write")),
    st.sampled_from((("eu-west-1",), REGIONS)),
)
def test_coverage_of_one_call_on_one_object_is_exactly_what_records_says(
    held: list[dict[str, Any]],
    name: str,
    arn: str,
    access: Access,
    regions: tuple[str, ...],
) -> None:
    need = Need("Data", None, (name,), S3, arn, access, regions, ACCOUNT)
    flags = {"Read": (True,), "Write": (False,)}.get(access, (True, False))
    verdicts = [
        any(
            records(
                one,
                event(
                    "s3.amazonaws.com",
                    name,
                    eventCategory="Data",
                    awsRegion=region,
                    readOnly=flag,
                    userIdentity={"arn": caller} if caller else {},
                    resources=[{"type": S3, "ARN": arn}],
                ),
            ).verdict
            for one in held
        )
        for region in regions
        for flag in flags
        for caller in CALLERS
    ]
    expected = "full" if all(verdicts) else "partial" if any(verdicts) else "none"
    assert coverage(held, need).verdict == expected


@given(several_trails(), needs())
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
