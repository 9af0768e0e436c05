"""Selectors that do not do what they seem to: dead ones, hidden callers, loops."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from checker.conditions.unknown import Unknown
from checker.evaluate.recording.checks import (
    excluded_identities,
    recursive_logging,
    selector_values,
    unmatchable_selectors,
)
from checker.evaluate.recording.coverage import Need, coverage
from tests.evaluate.recording.selector_strategies import advanced_selectors
from tests.evaluate.recording.trails import (
    ACCOUNT,
    ALICE,
    COGNITO,
    LAMBDA,
    OTHER_ACCOUNT,
    S3,
    basic,
    data,
    field,
    resources,
    selector,
    store,
    trail,
)

FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay"
MANAGEMENT = selector("Management")
ONE_REGION: dict[str, Any] = {
    "IsMultiRegionTrail": False,
    "IncludeGlobalServiceEvents": False,
}


def reasons(found: Any) -> list[str]:
    assert isinstance(found, list), found
    return [row["reason"] for row in found]


DEAD = [
    (data(COGNITO, field("readOnly", Equals="true")), "readOnly Equals true"),
    (data(COGNITO, field("eventName", Equals="Get*")), "eventName Equals Get*"),
    (data(COGNITO, field("eventName", StartsWith="Create")), "eventName StartsWith"),
    (data(S3, field("resources.ARN", Equals="arn:aws:s3:::shop")), "resources.ARN"),
    (data(S3, field("resources.ARN", StartsWith="s3://shop")), "resources.ARN"),
    (data(S3, field("resources.ARN", StartsWith=FUNCTION)), "resources.ARN"),
    (data(S3, field("resources.ARN", NotStartsWith="arn:aws:s3")), "NotStartsWith"),
    (data(S3, field("eventSource", Equals="sqs.amazonaws.com")), "eventSource Equals"),
    (data(S3, field("userIdentity.arn", StartsWith="AROA")), "userIdentity.arn"),
    (data(S3, field("eventName", Equals="X", NotEquals="X")), "eventName Equals X"),
    (data(S3, field("eventType", Equals="AwsConsoleSignIn")), "eventType Equals"),
    (selector("Management", field("readOnly", Equals="True")), "readOnly Equals True"),
    (
        selector(
            "NetworkActivity",
            field("eventSource", Equals="s3.amazonaws.com"),
            field("errorCode", Equals="AccessDenied"),
        ),
        "errorCode Equals AccessDenied",
    ),
    ({"FieldSelectors": [field("eventCategory", Equals="A", NotEquals="A")]}, "no ev"),
]


@pytest.mark.parametrize(("dead", "why"), DEAD)
def test_a_selector_that_no_event_can_pass_is_dead(
    dead: dict[str, Any], why: str
) -> None:
    (reason,) = reasons(unmatchable_selectors.rows(trail(advanced=[MANAGEMENT, dead])))

    assert reason.startswith("selector 2 selects nothing: ")
    assert why in reason


@pytest.mark.parametrize(
    "alive",
    [
        MANAGEMENT,
        selector("Management", field("eventSource", NotEquals="kms.amazonaws.com")),
        data(COGNITO),
        data(COGNITO, field("userIdentity.arn", StartsWith="arn:aws:sts")),
        data("AWS::New::Thing", field("eventName", Equals="Whatever")),
        data(S3, field("eventName", Equals="SomethingNew")),
        data(S3, field("resources.ARN", StartsWith="arn:aws:s3:::shop")),
        data(S3, field("resources.ARN", Equals=["arn:aws:s3:::a", "arn:aws:s3:::a/b"])),
        data(S3, field("resources.ARN", EndsWith=".pdf")),
        data(LAMBDA, field("resources.ARN", Equals=FUNCTION)),
        data(LAMBDA, field("resources.ARN", StartsWith="arn:aws:lambda:eu-")),
        data(
            LAMBDA,
            field("resources.ARN", Equals=FUNCTION.replace(ACCOUNT, OTHER_ACCOUNT)),
        ),
        data(
            "AWS::CloudFront::KeyValueStore",
            field(
                "resources.ARN",
                Equals=f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/routes",
            ),
        ),
        selector("NetworkActivity", field("eventSource", Equals="s3.amazonaws.com")),
    ],
)
@pytest.mark.parametrize("organization", [False, True])
def test_a_selector_that_some_event_may_pass_is_not_dead(
    alive: dict[str, Any],
    organization: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    held = trail(advanced=[alive], IsOrganizationTrail=organization)

    assert unmatchable_selectors.rows(held) == []


def test_an_arn_of_another_region_is_dead_in_a_trail_of_one_region() -> None:
    there = data(LAMBDA, field("resources.ARN", Equals=FUNCTION), name="pay")

    (reason,) = reasons(
        unmatchable_selectors.rows(trail(advanced=[there], **ONE_REGION))
    )
    here = trail(advanced=[there], region="eu-west-1", **ONE_REGION)

    assert reason.startswith("selector 'pay' selects nothing: resources.ARN Equals")
    assert unmatchable_selectors.rows(here) == []


def test_each_part_of_a_basic_selector_is_judged() -> None:
    held = trail(
        basic=[
            basic(),
            basic(**resources(S3)),
            basic(**resources(LAMBDA, "*")),
            basic(**resources(S3, "arn:aws:s3:::shop/")),
            basic(IncludeManagementEvents=False),
        ]
    )

    two, three, five = reasons(unmatchable_selectors.rows(held))

    assert two.startswith("selector 2 selects nothing: DataResources AWS::S3::Object")
    assert three.startswith("selector 3 selects nothing: DataResources AWS::Lambda")
    assert five == (
        "selector 5 selects nothing: it has neither management events nor data "
        "resources"
    )


def test_no_selectors_are_the_default_ones_and_unread_ones_unknown() -> None:
    assert unmatchable_selectors.rows(trail()) == []
    for function in (unmatchable_selectors.rows, selector_values.rows):
        found = function(trail(event_selectors=Unknown("denied")))
        assert isinstance(found, Unknown)
        assert found.reason == "denied"
    hidden = excluded_identities.rows(trail(event_selectors=Unknown("denied")), [])
    assert isinstance(hidden, Unknown)


def test_a_value_not_known_yet_is_unknown_unless_the_rest_decides() -> None:
    later = Unknown("known after apply")
    unsure = data(S3, field("resources.ARN", Equals=[later]))
    sure = data(COGNITO, field("readOnly", Equals="true"), name="pools")

    found = unmatchable_selectors.rows(trail(advanced=[unsure]))

    assert isinstance(found, Unknown)
    assert found.reason == "known after apply"
    assert len(reasons(unmatchable_selectors.rows(trail(advanced=[unsure, sure])))) == 1


def test_a_store_takes_callers_of_management_events() -> None:
    odd = selector("Management", field("userIdentity.arn", Equals="alice"))
    fine = selector("Management", field("userIdentity.arn", Equals=ALICE))

    (reason,) = reasons(unmatchable_selectors.rows(store(odd, fine)))

    assert reason.startswith("selector 1 selects nothing: userIdentity.arn Equals")


@given(advanced_selectors())
def test_a_dead_selector_covers_nothing(raw: dict[str, Any]) -> None:
    held = trail(advanced=[raw])
    found = unmatchable_selectors.rows(held)
    fields = {one["Field"]: one for one in raw["FieldSelectors"]}
    category = fields["eventCategory"]["Equals"][0]

    verdict = coverage([held], Need(category, account=ACCOUNT)).verdict

    if found:
        assert verdict == "none"
    elif verdict != "unknown" and not {"resources.ARN", "eventName"} & {*fields}:
        # A call that no API model has yet is none that anybody can need.
        assert verdict != "none"


NOT_ALICE = data(S3, field("userIdentity.arn", NotEquals=ALICE), name="quiet")


def test_a_caller_whom_no_trail_records_is_hidden() -> None:
    held = trail(advanced=[MANAGEMENT, NOT_ALICE])

    (reason,) = reasons(excluded_identities.rows(held, [held]))
    assert reason == (
        f"selector 'quiet': userIdentity.arn NotEquals {ALICE}, and no trail records "
        "their AWS::S3::Object data events"
    )


@pytest.mark.parametrize(
    "other",
    [
        trail(advanced=[data(S3)], name="all"),
        trail(advanced=[data(S3, field("userIdentity.arn", Equals=ALICE))]),
        store(data(S3)),
    ],
)
def test_a_caller_whom_another_selector_records_is_not_hidden(
    other: dict[str, Any],
) -> None:
    held = trail(advanced=[NOT_ALICE])

    assert excluded_identities.rows(held, [held, other]) == []


def test_a_caller_is_hidden_when_the_other_trail_records_less() -> None:
    held = trail(advanced=[NOT_ALICE])
    reads = trail(advanced=[data(S3, field("readOnly", Equals="true"))], name="reads")
    off = trail(advanced=[data(S3)], name="off", status={"IsLogging": False})
    unread = trail(name="unread", event_selectors=Unknown("denied"))

    assert len(reasons(excluded_identities.rows(held, [reads, off]))) == 1
    assert isinstance(excluded_identities.rows(held, [unread]), Unknown)


def test_whom_an_exclusion_hides_can_depend_on_what_nobody_knows() -> None:
    later = field("resources.ARN", Equals=[Unknown("known after apply")])
    unsure = trail(
        advanced=[data(S3, later, field("userIdentity.arn", NotEquals=ALICE))]
    )
    unread = trail(advanced=[NOT_ALICE], status=Unknown("denied"))

    for held in (unsure, unread):
        assert isinstance(excluded_identities.rows(held, []), Unknown)


@pytest.mark.parametrize("operator", ["NotEquals", "NotStartsWith", "NotEndsWith"])
def test_every_operator_that_drops_can_hide(operator: str) -> None:
    held = trail(advanced=[data(S3, field("userIdentity.arn", **{operator: ALICE}))])

    (reason,) = reasons(excluded_identities.rows(held, []))

    assert f"userIdentity.arn {operator} {ALICE}" in reason


def test_what_selects_callers_or_logs_nothing_hides_none() -> None:
    selects = trail(advanced=[data(S3, field("userIdentity.arn", Equals=ALICE))])
    silent = trail(advanced=[NOT_ALICE], status={"IsLogging": False})

    assert excluded_identities.rows(selects, []) == []
    assert excluded_identities.rows(silent, []) == []


def test_a_store_can_hide_callers_of_management_events() -> None:
    held = store(selector("Management", field("userIdentity.arn", NotEquals=ALICE)))

    (reason,) = reasons(excluded_identities.rows(held, [held]))

    assert reason.endswith("no trail records their management events")
    assert excluded_identities.rows(held, [held, trail()]) == []


LOOPS = trail(advanced=[data(S3, name="objects")])


def test_a_trail_that_records_its_bucket_records_its_own_deliveries() -> None:
    assert reasons(recursive_logging.rows(LOOPS, {})) == [
        "each log file delivered to audit-logs is selected by selector 'objects'"
    ]


LOGS = "arn:aws:s3:::audit-logs/"


@pytest.mark.parametrize(
    "held",
    [
        trail(),
        trail(advanced=[data(S3)], RecursiveLogging=False),
        trail(advanced=[data(S3, field("resources.ARN", NotStartsWith=LOGS))]),
        trail(advanced=[data(S3, field("readOnly", Equals="true"))]),
        trail(advanced=[data(S3, field("eventName", Equals="DeleteObject"))]),
        trail(advanced=[data(S3)], status={"IsLogging": False}),
        trail(advanced=[data(S3)], S3BucketName=None),
        trail(basic=[basic(**resources(S3, "arn:aws:s3:::shop/"))]),
    ],
)
def test_a_trail_that_leaves_its_bucket_out_has_no_loop(held: dict[str, Any]) -> None:
    assert recursive_logging.rows(held, {}) == []


def test_the_region_of_the_bucket_counts_for_a_trail_of_one_region() -> None:
    held = {**LOOPS, **ONE_REGION}

    def found(*regions: str) -> Any:
        buckets = [{"name": "audit-logs", "region": region} for region in regions]
        return recursive_logging.rows(held, {"buckets": buckets})

    assert len(reasons(found("us-east-1"))) == 1
    assert found("eu-west-1") == []
    assert found().reason == "the Region of the bucket audit-logs is not known"


def test_a_prefix_of_the_bucket_is_followed() -> None:
    held = trail(
        advanced=[data(S3, field("resources.ARN", StartsWith=f"{LOGS}team/"))],
        S3KeyPrefix="team",
    )

    assert len(reasons(recursive_logging.rows(held, {}))) == 1
    assert recursive_logging.rows({**held, "S3KeyPrefix": "other"}, {}) == []


def test_what_a_delivery_depends_on_can_be_unknown() -> None:
    unread = trail(event_selectors=Unknown("denied"))
    unnamed = trail(
        advanced=[data(S3, field("resources.ARN", StartsWith=f"{LOGS}team/"))],
        S3BucketName=Unknown("known after apply"),
    )
    assert recursive_logging.rows({**unnamed, "event_selectors": {}}, {}) == []

    assert "denied" in recursive_logging.rows(unread, {}).reason  # type: ignore[union-attr]  # it is unknown
    assert isinstance(recursive_logging.rows(unnamed, {}), Unknown)


def test_every_value_has_a_row() -> None:
    held = trail(
        advanced=[
            MANAGEMENT,
            data(
                "AWS::S3::Objects", field("eventName", NotEquals=["A", "B"]), name="x"
            ),
        ]
    )

    found = selector_values.rows(held)

    assert reasons(found) == [
        "selector 1: eventCategory Equals Management",
        "selector 'x': eventCategory Equals Data",
        "selector 'x': resources.type Equals AWS::S3::Objects",
        "selector 'x': eventName NotEquals A",
        "selector 'x': eventName NotEquals B",
    ]
    assert isinstance(found, list)
    assert [row["known"] for row in found] == [None, None, False, None, None]
    assert {row["type"] for row in found[1:]} == {"AWS::S3::Objects"}
    assert [row["category"] for row in found] == ["Management"] + ["Data"] * 4


def test_basic_values_have_rows_as_well() -> None:
    held = trail(
        basic=[
            basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
            basic(**resources(S3, "arn:aws:s3:::shop/")),
            basic(**resources(LAMBDA, "arn:aws:lambda")),
        ]
    )

    assert reasons(selector_values.rows(held)) == [
        "selector 1: eventSource NotEquals kms.amazonaws.com",
        "selector 2: resources.type Equals AWS::S3::Object",
        "selector 2: resources.ARN StartsWith arn:aws:s3:::shop/",
        "selector 3: resources.type Equals AWS::Lambda::Function",
        "selector 3: resources.ARN Equals arn:aws:lambda",
    ]
