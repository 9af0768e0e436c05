"""The proof speaks against a change that breaks a promise."""

from __future__ import annotations

from typing import Any

import pytest

from checker.evaluate.recording.need import Need
from checker.evaluate.remediation import offers, present, wanted
from checker.evaluate.remediation.proof import UnprovedError, prove
from tests.evaluate.recording.trails import (
    COGNITO,
    LAMBDA,
    OTHER_ACCOUNT,
    S3,
    TABLE,
    data,
    field,
    selector,
    trail,
)
from tests.evaluate.remediation.remedies import (
    COGNITO_ALL,
    MANAGEMENT,
    of_management,
)

LOST = trail(advanced=[data(COGNITO), of_management()])


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ([data(COGNITO)], "no longer be recorded"),
        ([*LOST["event_selectors"]["AdvancedEventSelectors"], data(S3)], "unasked"),
        (
            [
                *LOST["event_selectors"]["AdvancedEventSelectors"],
                data(TABLE),
                selector("Data"),
            ],
            "might newly be recorded",
        ),
    ],
    ids=["lost", "unasked", "unsure"],
)
def test_the_proof_fails_on_what_is_lost_unasked_or_unsure(
    after: list[dict[str, Any]], words: str
) -> None:
    new = offers.changed(LOST, "AdvancedEventSelectors", after)
    asked = wanted.SelectorSpec(category="Data", resource_type=TABLE)
    with pytest.raises(UnprovedError, match=words):
        prove(LOST, new, [], [COGNITO_ALL], [asked])


def test_the_proof_fails_on_a_need_that_stays_open() -> None:
    with pytest.raises(UnprovedError, match="would not be covered"):
        prove(LOST, LOST, [], [Need("Data", resource_type=S3)], [])


def test_the_proof_looks_at_resources_of_other_accounts_too() -> None:
    foreign = f"arn:aws:lambda:eu-west-1:{OTHER_ACCOUNT}:function:pay"
    old = trail(advanced=[data(LAMBDA, field("resources.ARN", Equals=foreign))])
    new = offers.changed(old, "AdvancedEventSelectors", [of_management()])
    with pytest.raises(UnprovedError, match="no longer be recorded"):
        prove(old, new, [], [MANAGEMENT], [wanted.SelectorSpec(category="Management")])


def test_selectors_are_sent_back_without_empty_members() -> None:
    raw = trail(
        advanced=[
            {
                "Name": None,
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": "Data", "NotEquals": []},
                    {"Field": "resources.type", "Equals": [S3], "StartsWith": None},
                ],
            }
        ]
    )
    assert present.present(raw) == present.Present(advanced=(data(S3),))
