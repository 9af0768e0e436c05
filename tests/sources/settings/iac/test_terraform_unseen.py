"""What a plan does not hold, or holds in a form that is not read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from checker.conditions import Unknown
from checker.sources.settings.iac.declarations import Settings
from checker.sources.settings.iac.terraform import plan as plans
from tests.sources.settings.iac.plans import plan, ref, res

TRAIL = res("aws_cloudtrail", "main", name="main", s3_bucket_name="logs")


def with_resource(kind: str) -> dict[str, Any]:
    return plan(TRAIL, res(kind, "other", name="other"))


def with_forgotten(kind: str) -> dict[str, Any]:
    found = copy.deepcopy(
        plan(TRAIL, res(kind, "other", name="other", actions=("delete",)))
    )
    (change,) = [each for each in found["resource_changes"] if each["name"] == "other"]
    change["change"].update(actions=["forget"], before={"name": "other"}, after=None)
    return found


def unseen(value: dict[str, Any], section: str) -> bool:
    found = plans.read("plan.json", value)
    assert isinstance(found, Settings), found
    rows = found.snapshot[section]
    return isinstance(rows, list) and any(isinstance(row, Unknown) for row in rows)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (plan(TRAIL), False),
        (with_resource("aws_cloudformation_stack"), True),
        (with_resource("aws_cloudformation_stack_set_instance"), True),
        (with_resource("awscc_cloudtrail_trail"), True),
        (with_resource("awscc_kms_key"), False),
        (with_resource("aws_instance"), False),
        (with_forgotten("aws_cloudtrail"), True),
        (with_forgotten("aws_sns_topic"), False),
    ],
)
def test_there_may_be_more_trails_than_the_plan_declares(
    value: dict[str, Any],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert unseen(value, "trails") is expected


def test_a_client_that_aws_made_and_a_plan_manages_is_a_client() -> None:
    found = plans.read(
        "plan.json",
        plan(
            res("aws_cognito_user_pool", "pool", name="pool"),
            res(
                "aws_cognito_managed_user_pool_client",
                "client",
                user_pool_id=ref("aws_cognito_user_pool.pool.id"),
                prevent_user_existence_errors="LEGACY",
            ),
        ),
    )
    assert isinstance(found, Settings), found

    ((client,),) = [pool["clients"] for pool in found.snapshot["user_pools"]]
    assert client["PreventUserExistenceErrors"] == "LEGACY"
