"""Cases over lists of settings: each row a patch over the first that stands there."""

from __future__ import annotations

from typing import Any

from checker.cases.read import _with_rows

SNAPSHOT: dict[str, Any] = {
    "iam": {"credential_report": [{"user": "alice", "mfa_active": True}]},
    "user_pools": [
        {"Id": "a", "clients": [{"ClientId": "1", "Units": {"a": 1, "b": 2}}]},
        {"Id": "b", "clients": []},
    ],
}


def test_rows_of_a_section_stand_over_its_first_row() -> None:
    rows = _with_rows(SNAPSHOT, "user_pools", [{"Id": "c"}, {"clients": None}])

    assert [row["Id"] for row in rows["user_pools"]] == ["c", "a"]
    assert "clients" not in rows["user_pools"][1]
    assert SNAPSHOT["user_pools"][0]["Id"] == "a"


def test_a_path_goes_through_objects_and_the_first_row_of_lists() -> None:
    users = _with_rows(SNAPSHOT, "iam.credential_report", [{}, {"user": "bob"}])
    clients = _with_rows(SNAPSHOT, "user_pools.clients", [{"Units": {"b": None}}])

    assert [u["user"] for u in users["iam"]["credential_report"]] == ["alice", "bob"]
    assert clients["user_pools"][0]["clients"] == [{"ClientId": "1", "Units": {"a": 1}}]
    assert clients["user_pools"][1] == SNAPSHOT["user_pools"][1]


def test_a_list_can_be_emptied_and_begun() -> None:
    assert _with_rows(SNAPSHOT, "user_pools", [])["user_pools"] == []
    assert _with_rows({}, "buckets", [{"name": "x"}]) == {"buckets": [{"name": "x"}]}
