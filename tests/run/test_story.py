"""Tests of `story`: a chain of roles is followed by its access keys."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from checker.cli import main
from checker.errors import UsageError
from checker.run.policy.known import load_baseline

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
ALICE = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/Alice",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    "userName": "Alice",
}


def role(name: str, key: str, account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}-session",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{name}-session",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": f"arn:aws:iam::{account}:role/{name}",
                "userName": name,
            }
        },
    }


def event(
    caller: dict[str, Any], name: str, minute: int, **more: Any
) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": caller,
        "eventTime": f"2026-11-20T10:{minute:02}:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2.0",
        "eventID": f"00000000-0000-4000-8000-{minute:012}",
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        **more,
    }


def assume(caller: dict[str, Any], name: str, key: str, minute: int) -> dict[str, Any]:
    answer = {
        "credentials": {"accessKeyId": key, "expiration": "Nov 20, 2026, 11:00:00 AM"},
        "assumedRoleUser": {
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{name}-session"
        },
    }
    return event(
        caller,
        "AssumeRole",
        minute,
        eventSource="sts.amazonaws.com",
        responseElements=answer,
    )


FIRST, SECOND = "ASIAIOSFODNN7EXAMPL1", "ASIAIOSFODNN7EXAMPL2"
MINE = [
    event(ALICE, "ListBuckets", 0),
    assume(ALICE, "First", FIRST, 1),
    event(role("First", FIRST), "ListBuckets", 2),
    assume(role("First", FIRST), "Second", SECOND, 3),
    event(
        role("Second", SECOND),
        "StopLogging",
        4,
        eventSource="cloudtrail.amazonaws.com",
        requestParameters={"name": "main"},
    ),
    event(role("Second", SECOND), "GetObject", 5, errorCode="AccessDenied"),
]
OTHERS = [
    event(role("Second", "ASIAIOSFODNN7EXAMPL3"), "DeleteBucket", 6),
    event({**ALICE, "accessKeyId": "AKIAIOSFODNN7EXAMPL9", "userName": "Bob"}, "A", 7),
]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    records = [*MINE, *OTHERS]
    random.Random(1).shuffle(records)
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(3):
        part = {"Records": records[number::3]}
        (folder / f"{number}.json").write_text(json.dumps(part), encoding="utf-8")
    return folder


def told(identity: str, logs: Path, *options: str) -> Any:
    arguments = ["story", identity, str(logs), "--format", "json", *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    schema = json.loads((ROOT / "schemas" / "story.json").read_text("utf-8"))
    jsonschema.validate(value, schema)
    return value


def test_a_chain_of_roles_is_followed_whatever_the_order(logs: Path) -> None:
    story = told("AKIAIOSFODNN7EXAMPLE", logs)

    assert [call["eventID"] for call in story["calls"]] == [
        each["eventID"] for each in MINE
    ]
    sessions = {one["name"]: one for one in story["sessions"]}
    assert sessions[FIRST]["parent"] == "AKIAIOSFODNN7EXAMPLE"
    assert sessions[SECOND]["parent"] == FIRST
    assert sessions[SECOND]["issued_by"] == "AssumeRole"
    assert (story["events"], story["denied"]) == (6, 1)


def test_the_findings_on_the_way_are_named(logs: Path) -> None:
    story = told("AKIAIOSFODNN7EXAMPLE", logs)

    (stop,) = [call for call in story["calls"] if call["eventName"] == "StopLogging"]
    assert any(found["level"] == "high" for found in stop["findings"])
    assert sum(one["events"] for one in story["findings"]) == sum(
        len(call["findings"]) for call in story["calls"]
    )


@pytest.mark.parametrize(
    ("identity", "kind", "minutes"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "access key", [0, 1, 2, 3, 4, 5]),
        (FIRST, "access key", [2, 3, 4, 5]),
        (f"arn:aws:iam::{ACCOUNT}:role/Second", "ARN", [4, 5, 6]),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/First/First-session",
            "ARN",
            [2, 3, 4, 5],
        ),
        ("First", "name", [2, 3, 4, 5]),
        ("First-session", "name", [2, 3, 4, 5]),
        ("Alice", "name", [0, 1, 2, 3, 4, 5, 7]),
        ("Bob", "name", [7]),
        (ACCOUNT, "account", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("192.0.2.0/24", "address", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("192.0.2.11", "address", []),
        ("nobody", "name", []),
    ],
)
def test_every_way_to_name_an_identity(
    identity: str, kind: str, minutes: list[int], logs: Path
) -> None:
    story = told(identity, logs)

    assert story["kind"] == kind
    assert [int(call["time"][14:16]) for call in story["calls"]] == minutes


def test_a_copy_counts_once(logs: Path) -> None:
    first = (logs / "0.json").read_text("utf-8")
    (logs / "copy.json").write_text(first, encoding="utf-8")

    assert told("AKIAIOSFODNN7EXAMPLE", logs)["events"] == 6


def test_keys_that_lead_in_a_circle_have_an_end(tmp_path: Path) -> None:
    records = [
        assume(role("First", FIRST), "Second", SECOND, 1),
        assume(role("Second", SECOND), "First", FIRST, 2),
    ]
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"Records": records}), encoding="utf-8")

    assert told(FIRST, path)["events"] == 2
    text = CliRunner().invoke(main, ["story", FIRST, str(path)])
    assert text.exit_code == 0


def test_text_and_page_show_hostile_records_harmlessly(tmp_path: Path) -> None:
    agent = "<script>alert(1)</script>\x1b[2J\u202e"
    record = {**MINE[0], "userAgent": agent, "eventName": agent}
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"Records": [record]}), encoding="utf-8")

    text = CliRunner().invoke(main, ["story", "Alice", str(path)]).stdout
    page = CliRunner().invoke(main, ["story", "Alice", str(path), "-f", "html"]).stdout

    for shown in (text, page):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_text_names_the_chain_and_fits_the_width(logs: Path) -> None:
    text = CliRunner().invoke(main, ["story", "Alice", str(logs)]).stdout

    assert f"by AssumeRole of {FIRST}" in " ".join(text.split())
    assert "StopLogging" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_text_says_nothing_twice_and_cuts_no_user_agent(tmp_path: Path) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    agents = [f"Mozilla/5.0 ({'X11; ' * 20}Linux) {name}" for name in ("One", "Two")]
    records = [
        event({"type": "Root", "arn": arn}, "ListBuckets", n, userAgent=agent)
        for n, agent in enumerate(agents)
    ]
    path = tmp_path / "root.json"
    path.write_text(json.dumps({"Records": records}), encoding="utf-8")
    done = CliRunner().invoke(main, ["story", arn, str(path)], env={"COLUMNS": "80"})
    assert "sessions" not in done.stdout
    assert all(agent in " ".join(done.stdout.split()) for agent in agents)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert f"next: trailcheck story {arn} {path} --format html" in done.stderr


def test_what_cannot_be_read_is_exit_code_3(logs: Path) -> None:
    (logs / "broken.json").write_text('{"Records": [', encoding="utf-8")

    result = CliRunner().invoke(main, ["story", "Alice", str(logs), "-f", "json"])

    assert result.exit_code == 3
    assert json.loads(result.stdout)["events"] == 7


def test_standard_input_cannot_be_read_twice() -> None:
    result = CliRunner().invoke(main, ["story", "Alice", "-"], input="{}")

    assert result.exit_code == 2
    assert "save it to a file" in result.output


def test_credentials_from_before_the_period_are_followed(logs: Path) -> None:
    since = "2026-11-20T10:04:00Z"
    story = told("AKIAIOSFODNN7EXAMPLE", logs, "--since", since)

    assert [int(call["time"][14:16]) for call in story["calls"]] == [4, 5]
    assert [one["parent"] for one in story["sessions"]] == [FIRST]


def saved(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "log.json"
    path.write_text(json.dumps({"Records": records}), encoding="utf-8")
    return path


def test_credentials_of_roles_anywhere_are_followed(tmp_path: Path) -> None:
    given = {
        "credentials": {"accessKeyId": FIRST},
        "assumedRoleUser": {"arn": "arn:aws:sts::123456789012:assumed-role/First/x"},
    }
    answer = {"credentialSet": [given]}
    call = event(ALICE, "CreateSession", 1, responseElements=answer)
    path = saved(tmp_path, call, event(role("First", FIRST), "ListBuckets", 2))

    story = told("Alice", path)
    assert story["events"] == 2
    issued = story["calls"][0]["issued"]
    assert issued["arn"] == given["assumedRoleUser"]["arn"]


def test_times_are_read_before_they_are_compared(tmp_path: Path) -> None:
    times = ["yesterday", "2026-11-20T12:30:00+02:00", "2026-11-20T10:20:00Z"]
    calls = [
        event(ALICE, "A", minute, eventTime=time) for minute, time in enumerate(times)
    ]

    story = told("Alice", saved(tmp_path, *calls))

    assert [call["time"] for call in story["calls"]] == [times[2], times[1], times[0]]
    assert (story["first"], story["last"]) == (times[2], times[1])
    (one,) = story["sessions"]
    assert (one["first"], one["last"]) == (times[2], times[1])
    assert any("eventTime cannot be read: 1;" in note for note in story["notes"])


def test_an_account_id_that_is_a_number_is_one(tmp_path: Path) -> None:
    caller = {**ALICE, "accountId": 12345678901}

    story = told("012345678901", saved(tmp_path, event(caller, "A", 1)))
    assert story["events"] == 1


def test_a_story_is_no_baseline(tmp_path: Path, logs: Path) -> None:
    path = tmp_path / "story.json"
    path.write_text(json.dumps(told("nobody", logs)), encoding="utf-8")

    with pytest.raises(UsageError, match="the story of an identity"):
        load_baseline(str(path))
