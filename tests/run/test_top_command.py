"""`trailcheck top` on files: copies, corrections, processes, formats, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from checker import resources, rules, run
from checker.cli import main
from checker.errors import UsageError
from checker.run.top import rank

ROOT = Path(__file__).parent.parent.parent
POOL = "eventSource == 'cognito-idp.amazonaws.com'"


def failures(count: int) -> list[dict[str, Any]]:
    file = resources.root() / "rules/events/cognito_initiate_auth_failed.json"
    base = json.loads(file.read_text(encoding="utf-8"))
    return [
        {
            **base,
            "eventID": f"00000000-0000-4000-8000-{n:012}",
            "eventTime": f"2026-11-20T09:{n:02}:00Z",
            "sourceIPAddress": f"192.0.2.{n % 3}",
        }
        for n in range(count)
    ]


def write(folder: Path, events: list[dict[str, Any]], files: int = 1) -> Path:
    folder.mkdir()
    for n in range(files):
        text = json.dumps({"Records": events[n::files]})
        (folder / f"{n}.json").write_text(text)
    return folder


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["top", *map(str, arguments)])


def counts(found: Any) -> dict[Any, int]:
    return {group.values[0]: group.count for group in found.groups}


def test_the_seeds_question_of_addresses_is_answered(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(10))
    where = f"{POOL} && errorCode == 'NotAuthorizedException'"

    result = command(
        folder, "--by", "sourceIPAddress", "--by", "eventName", "--where", where
    )

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["count", "sourceIPAddress", "eventName"]
    assert lines[1].split() == ["4", "40.0", "%", "192.0.2.0", "InitiateAuth"]
    assert lines[2].split() == ["3", "30.0", "%", "192.0.2.1", "InitiateAuth"]
    assert "counted     10 of 10 events" in lines


def test_files_processes_copies_and_order_change_nothing(tmp_path: Path) -> None:
    events = failures(30)
    once = rank(["sourceIPAddress"], [str(write(tmp_path / "a", events))])
    twice = write(tmp_path / "b", list(reversed(events * 2)), 7)

    spread = rank(["sourceIPAddress"], [str(twice)], jobs=2)

    assert spread.groups == once.groups
    assert spread.counted == once.counted == 30
    assert spread.statistics.duplicates == 30


@pytest.mark.parametrize("turned", [False, True])
def test_a_corrected_event_is_taken_back(tmp_path: Path, *, turned: bool) -> None:
    first, second = failures(2)
    second["addendum"] = {
        "reason": "UPDATED_DATA",
        "originalEventID": first["eventID"],
    }
    both = [second, first] if turned else [first, second]

    found = rank(["sourceIPAddress"], [str(write(tmp_path / "a", both))])

    assert counts(found) == {"192.0.2.1": 1}
    assert (found.counted, found.statistics.events) == (1, 1)
    assert found.statistics.duplicates == 1


def test_matches_of_rules_are_those_of_a_scan(tmp_path: Path) -> None:
    folder = str(write(tmp_path / "logs", failures(10)))
    demo = str(ROOT / "demo" / "events")
    pack = rules.load()
    chosen = rules.choose(pack, ["root_console_login*", "cognito_sign_in_failed"], [])
    scanned = run.scan(chosen, [folder, demo])

    found = rank(["eventID"], [folder, demo], rules=chosen, most=1_000)

    assert counts(found).keys() == {each.subject["id"] for each in scanned.findings}
    assert found.counted > 10


def test_a_word_for_many_rules_means_the_detections_among_them(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(3))

    result = command(folder, "--rule", "cognito_*", "--by", "eventName", "-f", "csv")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == ["count,eventName", "3,InitiateAuth"]


def test_json_follows_its_schema(tmp_path: Path) -> None:
    events = failures(3)
    events[0]["sourceIPAddress"] = None
    events[1]["sourceIPAddress"] = ["a"]
    folder = write(tmp_path / "logs", events)
    (folder / "bad.json").write_text("{")

    result = command(
        folder, "--by", "sourceIPAddress", "--bucket", "15m", "--format", "json"
    )

    assert result.exit_code == 3
    document = json.loads(result.stdout)
    schema = json.loads((ROOT / "schemas/top.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert [g["values"] for g in document["groups"]] == [[None], ["192.0.2.2"], [["a"]]]
    assert document["groups"][0]["buckets"] == [
        {"eventTime": "2026-11-20T09:00:00Z", "count": 1}
    ]
    assert document["bucket"] == 900
    assert len(document["problems"]) == 1


HOSTILE = (
    *("=1+1", "+1", "-1", "@x", "\t=1", "a,b", 'say "x"', "\x1b[2J", "\u202ex"),
    *("a;=1", "\uff1d1", "##[error]x", "##vso[x]"),
)


def test_csv_holds_no_formula_and_no_escape(tmp_path: Path) -> None:
    events = failures(len(HOSTILE))
    for event, agent in zip(events, HOSTILE, strict=True):
        event["userAgent"] = agent
    folder = write(tmp_path / "logs", events)

    result = command(folder, "--by", "userAgent", "--format", "csv", "--bucket", "1h")

    header, *rows = csv.reader(io.StringIO(result.stdout))
    assert header == ["count", "eventTime", "userAgent"]
    assert {row[1] for row in rows} == {"2026-11-20T09:00:00Z"}
    assert {row[2] for row in rows} == {
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\\x09=1",
        "a,b",
        'say "x"',
        "\\x1b[2J",
        "\\u202ex",
        "a;'=1",
        "'\uff1d1",
        "#\\x23[error]x",
        "#\\x23vso[x]",
    }
    assert "counted" in result.stderr


def test_text_moves_no_cursor(tmp_path: Path) -> None:
    events = failures(1)
    events[0]["userAgent"] = "\x1b[2J\nx"
    result = command(write(tmp_path / "logs", events), "--by", "userAgent")

    assert "\x1b" not in result.stdout
    assert "\\x1b[2J\\x0ax" in result.stdout


def test_without_a_field_the_events_are_counted_by_time(tmp_path: Path) -> None:
    result = command(write(tmp_path / "logs", failures(40)), "--bucket", "30m", "-q")

    assert [line.split() for line in result.stdout.splitlines()] == [
        ["count"],
        ["40", "100.0", "%"],
        ["30", "2026-11-20T09:00:00Z"],
        ["10", "2026-11-20T09:30:00Z"],
    ]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(40))

    shown = command(folder, "--by", "eventTime", "--top", "2")
    full = rank(["eventTime"], [str(folder)], most_keys=10)

    assert "and 38 more groups of 38 events" in shown.stdout
    assert full.low > 0
    assert "may be up to" in full.notes[0]
    assert full.counted == 40


def test_unreadable_input_gives_3_unless_allowed(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(1))
    (folder / "bad.json").write_text("{")

    assert command(folder, "--by", "eventName").exit_code == 3
    assert command(folder, "--by", "eventName", "--allow-partial").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "a b"), "--by a b"),
        (("--where", "eventName =="), "--where"),
        (("--where", "!userIdentity.type"), "'!' binds before '.'"),
        (("--bucket", "1 fortnight"), "write a timespan"),
        (("--bucket", "0h"), "write a timespan"),
        (("--rule", "no_such_rule"), "--rule no_such_rule: no rule has that name"),
        (("--rule", "cognito_sign_in_failures_from_address"), "only the matches of"),
        (("--rules", "rules"), "name one with --select"),
        (("--format", "sarif"), "sarif"),
        (("--output", "/no/such/folder/x"), "cannot be written"),
    ],
)
def test_mistakes_of_the_command_give_2(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = command(write(tmp_path / "logs", failures(1)), *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_the_same_key_twice_in_the_header_is_no_trouble(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", failures(4))

    found = rank(["awsRegion", "awsRegion"], [str(folder)])

    assert len(found.groups) == 1
    with pytest.raises(UsageError):
        rank(["a["], [str(folder)])
