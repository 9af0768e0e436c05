"""Remediation only adds, adds what was asked for, and proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from checker.change import NoChange
from checker.evaluate.recording.need import Need
from tests.evaluate.recording.trails import (
    COGNITO,
    LAMBDA,
    POOL,
    S3,
    data,
    field,
    selector,
    trail,
)
from tests.evaluate.remediation.remedies import (
    KMS,
    MANAGEMENT,
    changed,
    of_management,
    refused,
)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    trail: dict[str, Any]
    need: Need
    added: list[dict[str, Any]]


CASES = (
    Case(
        "the trail that the Cognito guide's own command leaves without management",
        trail(advanced=[data(COGNITO)]),
        MANAGEMENT,
        [of_management()],
    ),
    Case(
        "GetId dropped by NotEquals",
        trail(advanced=[data(COGNITO, field("eventName", NotEquals="GetId"))]),
        Need("Data", resource_type=COGNITO, names=("GetId",)),
        [data(COGNITO, field("eventName", Equals="GetId"))],
    ),
    Case(
        "all five names are the whole type, and all five write",
        trail(advanced=[of_management()]),
        Need(
            "Data",
            source="cognito-identity.amazonaws.com",
            resource_type=COGNITO,
            names=(
                "GetId",
                "GetOpenIdToken",
                "GetCredentialsForIdentity",
                "GetOpenIdTokenForDeveloperIdentity",
                "UnlinkIdentity",
            ),
            access="Write",
        ),
        [data(COGNITO)],
    ),
    Case(
        "one pool only",
        trail(advanced=[of_management()]),
        Need("Data", resource_type=COGNITO, arn=POOL, regions=("eu-west-1",)),
        [data(COGNITO, field("resources.ARN", Equals=POOL))],
    ),
    Case(
        "reads of a type whose calls AWS does not list completely",
        trail(advanced=[of_management()]),
        Need("Data", resource_type=S3, access="Read"),
        [data(S3, field("readOnly", Equals="true"))],
    ),
    Case(
        "a folder of a bucket",
        trail(advanced=[of_management()]),
        Need("Data", resource_type=S3, arn="arn:aws:s3:::shop/in/"),
        [data(S3, field("resources.ARN", StartsWith="arn:aws:s3:::shop/in/"))],
    ),
    Case(
        "a type that names no source, of one source",
        trail(advanced=[of_management()]),
        Need("Data", source="sqs.amazonaws.com", resource_type="AWS::SWF::Domain"),
        [data("AWS::SWF::Domain", field("eventSource", Equals="sqs.amazonaws.com"))],
    ),
    Case(
        "one call cannot be selected among management events; KMS stays left out",
        trail(
            advanced=[
                of_management(
                    field("readOnly", Equals="true"),
                    field("eventSource", NotEquals=KMS),
                )
            ]
        ),
        Need("Management", source="iam.amazonaws.com", access="Write"),
        [
            of_management(
                field("eventSource", NotEquals=KMS), field("readOnly", Equals="false")
            )
        ],
    ),
    Case(
        "KMS that is left out, and asked for",
        trail(advanced=[of_management(field("eventSource", NotEquals=KMS))]),
        Need("Management", source=KMS),
        [of_management()],
    ),
    Case(
        "network activity of a service",
        trail(advanced=[of_management()]),
        Need("NetworkActivity", source=KMS, names=("Decrypt",)),
        [
            selector(
                "NetworkActivity",
                field("eventSource", Equals=KMS),
                field("eventName", Equals="Decrypt"),
            )
        ],
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_smallest_selector_is_added_and_the_others_stay(case: Case) -> None:
    change = changed(case.trail, needs=case.need)

    before = case.trail["event_selectors"]["AdvancedEventSelectors"]
    assert change.member == "AdvancedEventSelectors"
    assert [*change.selectors] == [*before, *change.added]
    assert [each["FieldSelectors"] for each in change.added] == [
        each["FieldSelectors"] for each in case.added
    ]
    assert not change.converted


def test_what_is_recorded_needs_no_change() -> None:
    answer = refused(trail(), needs=MANAGEMENT, outcome="covered")
    assert answer.commands == ()


def test_a_need_that_no_event_fits_is_said_to_be_one() -> None:
    need = Need("Data", resource_type=COGNITO, access="Read")
    answer = refused(trail(), needs=need)
    assert answer == NoChange(
        "AWS documents no event that fits the need", (), "blocked"
    )


def test_the_proof_counts_what_was_asked_and_says_it() -> None:
    change = changed(trail(advanced=[data(COGNITO)]), needs=MANAGEMENT)

    assert (
        change.proof.covered == "all 6 kinds of events asked for are recorded after it"
    )
    assert "all 4 kinds of events that main records today" in change.proof.kept
    assert "the 6 newly recorded" in change.proof.nothing_else


def test_needs_of_one_shape_share_a_selector_and_wide_ones_swallow_narrow_ones() -> (
    None
):
    whole = trail(advanced=[of_management()])
    names = [
        Need("Data", resource_type=COGNITO, names=(name,))
        for name in ("GetId", "UnlinkIdentity")
    ]
    reads = [Need("Data", resource_type=S3, access=each) for each in ("Read", "Write")]
    narrow = Need("Data", resource_type=LAMBDA, names=("Invoke",))

    together = changed(whole, needs=names)
    both = changed(whole, needs=reads)
    wide = changed(whole, needs=[narrow, Need("Data", resource_type=LAMBDA)])

    (one,) = together.added
    assert one["FieldSelectors"][-1]["Equals"] == ["GetId", "UnlinkIdentity"]
    assert [each["FieldSelectors"] for each in both.added] == [
        data(S3)["FieldSelectors"]
    ]
    assert [each["FieldSelectors"] for each in wide.added] == [
        data(LAMBDA)["FieldSelectors"]
    ]
