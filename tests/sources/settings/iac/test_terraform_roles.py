"""Which managed policies a role of a plan surely has."""

from __future__ import annotations

import json
from typing import Any

from checker.conditions import Unknown
from checker.sources.settings.iac.declarations import Settings
from checker.sources.settings.iac.terraform import plan as plans
from tests.sources.settings.iac.plans import UNKNOWN, Res, plan, ref, res

ARN = "aws_iam_policy.wide.arn"
DOCUMENT = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policies(*attached: Res, **of_role: Any) -> list[Any]:
    found = plans.read(
        "plan.json",
        plan(
            res("aws_iam_role", "guest", name="guest", **of_role),
            res("aws_iam_policy", "wide", name="wide", policy=json.dumps(DOCUMENT)),
            res("aws_cognito_identity_pool", "pool", identity_pool_name="pool"),
            res(
                "aws_cognito_identity_pool_roles_attachment",
                "pool",
                identity_pool_id=ref("aws_cognito_identity_pool.pool.id"),
                roles={"unauthenticated": ref("aws_iam_role.guest.arn")},
            ),
            *attached,
        ),
    )
    assert isinstance(found, Settings), found
    (pool,) = found.snapshot["identity_pools"]
    return list(pool["guest_role"]["policies"])


def document(row: Any) -> Any:
    return row if isinstance(row, Unknown) else row["PolicyDocument"]


def test_a_role_without_policies_has_none() -> None:
    assert policies() == []


def test_an_attachment_to_several_roles_is_one_of_the_role() -> None:
    attachment = res(
        "aws_iam_policy_attachment",
        "all",
        name="all",
        policy_arn=ref(ARN),
        roles=[ref("aws_iam_role.guest.name")],
    )

    (row,) = policies(attachment)
    assert document(row) == DOCUMENT


def test_a_policy_that_the_role_names_is_one_of_it() -> None:
    (row,) = policies(managed_policy_arns=[ref(ARN)])

    assert document(row) == DOCUMENT


def test_what_the_role_names_and_is_not_known_may_be_any_policy() -> None:
    rows = policies(managed_policy_arns=UNKNOWN)

    assert [isinstance(document(row), Unknown) for row in rows] == [True]
