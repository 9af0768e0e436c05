"""Collect what IAM lets people do: policies, and the roles of guests.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from checker.sources.settings.account.buckets import parsed
from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Question,
    overall,
    place,
)
from checker.sources.settings.account.trails import owned

_MANAGED = (
    "Arn",
    "PolicyName",
    "Path",
    "AttachmentCount",
    "PermissionsBoundaryUsageCount",
    "DefaultVersionId",
)
_HOLDERS = ("User", "Group", "Role")

_Asking: TypeAlias = Callable[[str], Question]

_TRUST = "AssumeRolePolicyDocument"
_ROLE = ("Arn", "RoleName", "Path", "PermissionsBoundary")


def policies(caller: Caller) -> tuple[str, list[Body]]:
    """Collect the policies that the account wrote itself, each with its document.

    Those are the customer-managed ones, in their default version, and the inline ones
    of users, groups and roles.  The ones that AWS manages are left out.
    """
    section = "iam.policies"
    question = Question(
        "iam", "get_account_authorization_details", caller.home, section
    )
    listed = caller.rows(question, "Policies", Filter=["LocalManagedPolicy"])
    states, rows = [listed.state], [_managed(caller, row) for row in listed.rows]
    for holder in _HOLDERS:
        found = caller.rows(question, f"{holder}DetailList", Filter=[holder])
        states.append(found.state)
        for row in found.rows:
            rows += [
                _inline(caller, question, row["Arn"], policy)
                for policy in row.get(f"{holder}PolicyList", [])
            ]
    return overall(states), sorted(rows, key=lambda row: str(row["id"]))


def guest_role(caller: Caller, arn: str, pool: str) -> tuple[str, Body | None]:
    """Collect the role that an identity pool gives to guests, with its policies."""
    section = "identity_pools.guest_role"
    name = arn.rpartition("/")[2]

    def question(operation: str) -> Question:
        return Question("iam", operation, caller.home, section, pool)

    known, body = trusting_role(caller, arn, pool, section)
    if body is None:
        return known, None
    inline = caller.rows(question("list_role_policies"), "PolicyNames", RoleName=name)
    attached = caller.rows(
        question("list_attached_role_policies"), "AttachedPolicies", RoleName=name
    )
    found = [
        *(_of_role(caller, question, name, str(each)) for each in inline.rows),
        *(_attached(caller, question, each) for each in attached.rows),
    ]
    state = overall([inline.state, attached.state])
    place(body, "policies", state, found)
    return "ok", body


def trusting_role(
    caller: Caller, arn: str, pool: str, section: str
) -> tuple[str, Body | None]:
    """Collect a role of an identity pool with its trust policy."""
    question = Question("iam", "get_role", caller.home, section, pool)
    if owned(caller, arn) is False:
        message = "only the account that owns a role can read its policies"
        return caller.refuse(question, "OtherAccount", message), None
    answer = caller.ask(question, RoleName=arn.rpartition("/")[2])
    if answer.state != "ok":
        return answer.state, None
    role = answer.body["Role"]
    body: Body = {key: role[key] for key in _ROLE if key in role}
    trust = role.get("AssumeRolePolicyDocument")
    return "ok", body | _document(caller, question, trust, part=_TRUST)


def _managed(caller: Caller, row: Body) -> Body:
    body: Body = {key: row[key] for key in _MANAGED if key in row}
    body["id"] = row["Arn"]
    documents = [
        version.get("Document")
        for version in row.get("PolicyVersionList", [])
        if version.get("IsDefaultVersion")
    ]
    question = Question(
        "iam",
        "get_account_authorization_details",
        caller.home,
        "iam.policies",
        row["Arn"],
    )
    document = documents[0] if documents else None
    return body | _document(caller, question, document)


def _inline(caller: Caller, question: Question, holder: str, policy: Body) -> Body:
    name = policy["PolicyName"]
    body: Body = {"id": f"{holder}#{name}", "PolicyName": name, "holder": holder}
    return body | _document(caller, question, policy.get("PolicyDocument"))


def _of_role(caller: Caller, question: _Asking, role: str, name: str) -> Body:
    asked = question("get_role_policy")
    answer = caller.ask(asked, RoleName=role, PolicyName=name)
    document = answer.body.get("PolicyDocument")
    return {"PolicyName": name} | _document(caller, asked, document, answer.state)


def _attached(caller: Caller, question: _Asking, row: Body) -> Body:
    arn = row["PolicyArn"]
    asked = question("get_policy")
    policy = caller.ask(asked, PolicyArn=arn)
    body: Body = {"PolicyName": row.get("PolicyName"), "Arn": arn}
    version = policy.body.get("Policy", {}).get("DefaultVersionId")
    state, document = policy.state, None
    if version:
        asked = question("get_policy_version")
        answer = caller.ask(asked, PolicyArn=arn, VersionId=version)
        state = answer.state
        document = answer.body.get("PolicyVersion", {}).get("Document")
    return body | _document(caller, asked, document, state)


def _document(
    caller: Caller,
    question: Question,
    document: Any,
    state: str = "ok",
    *,
    part: str = "PolicyDocument",
) -> Body:
    """Return a policy's document as a part; botocore has parsed it where it could."""
    if state == "ok" and isinstance(document, str):
        state, document = parsed(caller, question, state, document)
    if state == "ok" and document is not None:
        return {part: document}
    settled = "error" if state == "ok" else state
    return {part: None, "_state": {part: settled}}
