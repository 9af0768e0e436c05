"""Whose events a story has: the ways in which people name an identity."""

from __future__ import annotations

from typing import Any

import pytest

from checker.evaluate.story import call_of, identity, matches

ROLE = "arn:aws:iam::123456789012:role/service-role/Admin"
SESSION = "arn:aws:sts::123456789012:assumed-role/Admin/alice"


def of_role(**more: Any) -> dict[str, Any]:
    issuer = {"type": "Role", "arn": ROLE, "userName": "Admin"}
    caller = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:alice",
        "arn": SESSION,
        "accountId": "123456789012",
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {"sessionIssuer": issuer},
    }
    return {"userIdentity": {**caller, **more}, "sourceIPAddress": "192.0.2.7"}


def of_user() -> dict[str, Any]:
    arn = "arn:aws:iam::123456789012:user/people/Anaya"
    caller = {"type": "IAMUser", "arn": arn, "userName": "Anaya"}
    return {"userIdentity": {**caller, "accountId": "123456789012"}}


def of_root() -> dict[str, Any]:
    arn = "arn:aws:iam::123456789012:root"
    return {"userIdentity": {"type": "Root", "arn": arn, "accountId": "123456789012"}}


@pytest.mark.parametrize(
    "name",
    [
        ROLE,
        "arn:aws:iam::123456789012:role/Admin",
        "arn:aws:sts::123456789012:assumed-role/Admin",
        SESSION,
        "Admin",
        "Admin/alice",
        "assumed-role/Admin/alice",
        "alice",
        "AROAEXAMPLE",
        "AROAEXAMPLE:alice",
        "ASIAIOSFODNN7EXAMPLE",
        "123456789012",
        "192.0.2.7",
        "192.0.2.0/24",
    ],
)
def test_a_session_of_a_role_has_many_names(name: str) -> None:
    assert matches(identity(name), (), of_role())


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:iam::210987654321:role/Admin",
        "arn:aws:iam::123456789012:role/Administrator",
        "arn:aws:iam::123456789012:user/Admin",
        "arn:aws:sts::123456789012:assumed-role/Admin/bob",
        "root",
        "admin",
        "service-role",
        "198.51.100.0/24",
        "210987654321",
    ],
)
def test_others_are_left_out(name: str) -> None:
    assert not matches(identity(name), (), of_role())


def test_a_role_is_known_where_the_event_has_no_issuer() -> None:
    event = of_role(sessionContext=None)

    assert matches(identity("arn:aws:iam::123456789012:role/Admin"), (), event)
    assert matches(identity("Admin"), (), event)


@pytest.mark.parametrize(
    "name",
    ["Anaya", "user/people/Anaya", "arn:aws:iam::123456789012:user/Anaya"],
)
def test_a_user_is_known_with_and_without_its_path(name: str) -> None:
    assert matches(identity(name), (), of_user())


@pytest.mark.parametrize("name", ["root", "Root", "arn:aws:iam::123456789012:root"])
def test_the_root_user_has_a_name(name: str) -> None:
    assert matches(identity(name), (), of_root())
    assert not matches(identity(name), (), of_user())


def test_a_sign_in_that_failed_counts_as_an_error() -> None:
    answer = {"ConsoleLogin": "Failure"}
    event = {"eventName": "ConsoleLogin", "responseElements": answer}

    assert call_of(event, None, ()).error == "Failure"
    event = {
        "eventName": "ConsoleLogin",
        "responseElements": {"ConsoleLogin": "Success"},
    }
    assert call_of(event, None, ()).error is None
