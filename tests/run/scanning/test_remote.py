"""The commands read inputs in AWS as they read files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import jsonschema
import pytest
from click.testing import CliRunner, Result

from checker import resources, rules, run
from checker.cli import main
from checker.sources.events.inputs import InputFilter
from checker.sources.events.period import Period
from checker.sources.events.remote import logs, lookup, query
from checker.sources.events.remote.pages import Pace
from tests.sources.events.remote.buckets import (
    ACCOUNT,
    BUCKET,
    OTHER,
    account,
    answer,
    calls,
    event,
    key,
    log_file,
    put,
    refusal,
)

NAME = "root_console_login_without_mfa"
RULE = str(resources.root() / f"rules/detections/signin/{NAME}.yml")
ROOT = f"s3://{BUCKET}"


def sign_in(number: int, time: str = "2026-11-20T12:00:00Z") -> dict[str, Any]:
    return event(
        number,
        time,
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MFAUsed": "No"},
        recipientAccountId=ACCOUNT,
    )


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    monkeypatch.setattr(lookup, "Pace", lambda each: Pace(each, sleep=lambda _: None))
    monkeypatch.setattr(logs, "Pace", lambda each: Pace(each, sleep=lambda _: None))
    with account(monkeypatch) as opened:
        # The commands open their own.
        monkeypatch.setattr(
            "checker.sources.api.session.open_session", lambda *_: opened, raising=True
        )
        yield opened


def scan(*arguments: str) -> tuple[Result, dict[str, Any]]:
    result = CliRunner().invoke(
        main,
        ["scan", *arguments, "--rules", RULE, "--format", "json"],
        catch_exceptions=False,
    )
    return result, json.loads(result.stdout) if result.exit_code != 2 else {}


@pytest.fixture
def bucket(session: boto3.Session) -> list[str]:
    names = [
        key(day, account=each, time=time)
        for each in (ACCOUNT, OTHER)
        for day in ("2026-11-19", "2026-11-20")
        for time in ("1200", "1205")
    ]
    for number, name in enumerate(names):
        minute = f"2026-11-{name.split('/')[6]}T11:59"
        events = (sign_in(10 * number + n, f"{minute}:5{n}Z") for n in range(3))
        put(session, name, log_file(*events))
    return names


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bucket_gives_what_a_copy_of_it_gives(
    session: boto3.Session, bucket: list[str], tmp_path: Path, jobs: str
) -> None:
    for name in bucket:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            session.client("s3").get_object(Bucket=BUCKET, Key=name)["Body"].read()
        )

    result, remote = scan(ROOT, "--jobs", jobs)
    _, local = scan(str(tmp_path))

    assert result.exit_code == 1
    for report, root in ((remote, f"{ROOT}/"), (local, f"{tmp_path}/")):
        for finding in report["findings"]:
            place = finding["location"]
            place["uri"] = place["uri"].removeprefix(root)
    assert remote == local
    assert remote["statistics"]["events"] == 24
    assert len(remote["findings"]) == 24
    assert remote["findings"][4]["location"]["record"] is not None


def test_accounts_and_times_are_chosen(
    session: boto3.Session, bucket: list[str]
) -> None:
    made = calls(session, "s3")
    options = ("--since", "2026-11-20T11:59:51Z", "--until", "2026-11-20T11:59:52Z")

    result, report = scan(ROOT, "--account", OTHER, *options)

    assert result.exit_code == 1
    assert [f["subject"]["id"] for f in report["findings"]] == ["id-61", "id-71"]
    statistics = report["statistics"]
    assert (statistics["inputs"], statistics["events"]) == (2, 2)
    assert statistics["outside"] == 4
    assert not [row for _, row in made if "2026/11/19" in str(row)]
    schema = json.loads((resources.root() / "schemas/report.json").read_text())
    jsonschema.validate(report, schema)


def test_the_period_holds_for_files_too(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    times = ["11:59:59", "12:00:00", "12:59:59", "13:00:00"]
    path.write_bytes(
        log_file(*(sign_in(n, f"2026-11-20T{t}Z") for n, t in enumerate(times)))
    )
    options = ("--since", "2026-11-20T12:00:00Z", "--until", "2026-11-20T13:00:00Z")

    result, report = scan(str(path), *options)

    assert [f["subject"]["id"] for f in report["findings"]] == ["id-1", "id-2"]
    assert [f["location"]["record"] for f in report["findings"]] == [1, 2]
    assert result.exit_code == 1
    result = CliRunner().invoke(main, ["scan", str(path), "--rules", RULE, *options])
    assert "2 events outside the time" in result.stdout


def test_what_cannot_be_read_is_a_problem_and_nothing_else_is_lost(
    session: boto3.Session, bucket: list[str]
) -> None:
    def give(request: dict[str, Any]) -> dict[str, Any] | None:
        bad = request["path"].endswith(bucket[2])
        return refusal("AccessDenied", "Access Denied") if bad else None

    answer(session, "s3.GetObject", give)

    result, report = scan(ROOT, "--jobs", "2")
    partial, _ = scan(ROOT, "--allow-partial")

    assert (result.exit_code, partial.exit_code) == (3, 1)
    (problem,) = report["problems"]
    assert problem["uri"] == f"{ROOT}/{bucket[2]}"
    assert "allow s3:GetObject" in problem["reason"]
    assert len(report["findings"]) == 21


def test_findings_in_a_bucket_are_valid_sarif(
    session: boto3.Session, bucket: list[str]
) -> None:
    arguments = ["scan", ROOT, "--rules", RULE, "--format", "sarif"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)

    (told,) = json.loads(result.stdout)["runs"]
    place = told["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] in bucket
    base = told["originalUriBaseIds"][place["uriBaseId"]]
    assert base["uri"] == f"{ROOT}/"


def history(session: boto3.Session) -> None:
    def give(request: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {"EventId": f"id-{n}", "CloudTrailEvent": json.dumps(sign_in(n))}
            for n in range(3)
        ]
        return {"Events": [] if request.get("EventCategory") else rows}

    answer(session, "cloudtrail.LookupEvents", give)


def group(session: boto3.Session) -> None:
    messages = [{"message": json.dumps(sign_in(n))} for n in range(3)]
    answer(session, "logs.FilterLogEvents", lambda _: {"events": messages})


@pytest.mark.parametrize(
    ("fill", "address", "uri"),
    [
        (history, "lookup-events://us-east-1", "lookup-events://us-east-1"),
        (group, "logs://trail", "logs://trail?region=us-east-1"),
    ],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_apis_give_findings_with_the_number_of_the_event(
    session: boto3.Session,
    fill: Callable[[boto3.Session], None],
    address: str,
    uri: str,
    jobs: str,
) -> None:
    fill(session)

    result, report = scan(address, "--jobs", jobs)

    assert result.exit_code == 1
    places = [finding["location"] for finding in report["findings"]]
    assert [(each["uri"], each["record"]) for each in places] == [
        (uri, number) for number in range(3)
    ]
    assert [each["startLine"] for each in places] == [1, 2, 3]


def test_what_event_history_lacks_is_said(session: boto3.Session) -> None:
    history(session)

    result = CliRunner().invoke(
        main, ["scan", "lookup-events://us-east-1", "--rules", RULE]
    )

    assert "never holds data events" in " ".join(result.stdout.split())


def test_a_period_that_has_ended_says_how_late_a_delivery_was_looked_for(
    session: boto3.Session, bucket: list[str]
) -> None:
    arguments = ["scan", ROOT, "--until", "2020-01-01", "--rules", RULE]
    result = CliRunner().invoke(main, arguments)
    later = CliRunner().invoke(main, [*arguments, "--late", "30d"])

    assert result.exit_code == 3  # nothing was read, which is no all-clear
    assert "after 2020-01-02T00:00:00Z was not looked at" in result.stdout
    assert "after 2020-01-31T00:00:00Z was not looked at" in later.stdout


def test_events_are_counted_and_learned_as_well(
    session: boto3.Session, bucket: list[str], tmp_path: Path
) -> None:
    options = ["--since", "2026-11-20", "--account", ACCOUNT]
    counted = CliRunner().invoke(
        main, ["top", ROOT, "--by", "eventName", "--format", "json", *options]
    )
    path = tmp_path / "known.json"
    learned = CliRunner().invoke(main, ["learn", str(path), ROOT, *options])

    told = json.loads(counted.stdout)
    assert [(each["values"], each["count"]) for each in told["groups"]] == [
        (["ConsoleLogin"], 6)
    ]
    assert learned.exit_code == 0, learned.output
    assert json.loads(path.read_text())["rules"]


def test_a_growing_bucket_is_read_only_where_it_grew(
    session: boto3.Session, bucket: list[str], tmp_path: Path
) -> None:
    options = (ROOT, "--resume", str(tmp_path / "state"))
    _, first = scan(*options)
    made = calls(session, "s3")
    more = key("2026-11-20", time="1210")
    put(session, more, log_file(sign_in(100)))
    put(session, bucket[0], log_file(sign_in(101)))

    _, second = scan(*options)
    _, third = scan(*options)

    read = [row["path"] for name, row in made if name == "GetObject"]
    assert sorted(read) == sorted([f"/{bucket[0]}", f"/{more}"])  # side by side
    assert len(first["findings"]) == 24
    told = [finding["subject"]["id"] for finding in second["findings"]]
    assert sorted(told) == ["id-100", "id-101"]
    assert third["findings"] == []


def test_what_lay_outside_of_one_period_is_not_lost_to_the_next(
    session: boto3.Session, bucket: list[str], tmp_path: Path
) -> None:
    def found(until: str) -> list[str]:
        state = str(tmp_path / "state")
        since = ("--since", "2026-11-20T11:59:50Z", "--account", ACCOUNT)
        _, report = scan(ROOT, "--resume", state, *since, "--until", until)
        return sorted(finding["subject"]["id"] for finding in report["findings"])

    assert found("2026-11-20T11:59:51Z") == ["id-20", "id-30"]
    assert found("2026-11-20T11:59:53Z") == ["id-21", "id-22", "id-31", "id-32"]
    assert found("2026-11-20T11:59:53Z") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["logs/", "--since", "soon"], "write a time"),
        (["logs/", "--late", "soon"], "--late soon: write a span"),
        (["logs/", "--account", ACCOUNT], "--account chooses folders of s3://"),
        (["logs/", "--region", "eu-west-1"], "--region goes with inputs in AWS"),
        (["logs/", "--since", "1h", "--until", "2h"], "is not before"),
    ],
)
def test_wrong_options_are_refused(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["scan", *arguments, "--rules", RULE])

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_profile_that_does_not_exist_is_an_error() -> None:
    arguments = ["scan", "s3://b", "--profile", "no-such-profile", "--rules", RULE]
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 3
    assert "no-such-profile" in result.stderr


ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket"}
"""The Service Authorization Reference's name for each call that has another."""

KEYS = {"kms:Decrypt"}
"""What S3 asks for on the caller's behalf, for objects that a KMS key encrypts."""


def test_the_shipped_policy_allows_exactly_the_calls_made(
    session: boto3.Session, bucket: list[str]
) -> None:
    made: set[str] = set()

    def record(model: Any, **_: Any) -> None:
        made.add(f"{model.service_model.service_name}:{model.name}")

    session.events.register("before-parameter-build", record)
    history(session)
    group(session)
    regions = [{"RegionName": "us-east-1"}]
    answer(session, "ec2.DescribeRegions", lambda _: {"Regions": regions})
    asked = InputFilter(
        session=lambda: session, period=Period(datetime(2026, 11, 20, tzinfo=UTC))
    )
    run.scan(
        rules.load([RULE]),
        [ROOT, "lookup-events://", "logs://trail"],
        wanted=asked,
    )

    file = Path(query.__file__).with_name("events-policy.json")
    policy = json.loads(file.read_text(encoding="utf-8"))
    allowed = {
        action for statement in policy["Statement"] for action in statement["Action"]
    }
    assert allowed == {ACTIONS.get(name, name) for name in made} | KEYS


def test_the_page_on_inputs_names_options_that_exist() -> None:
    page = (Path(__file__).parents[3] / "docs/inputs.md").read_text(encoding="utf-8")
    known = {name for each in main.commands["scan"].params for name in each.opts}

    named = set(re.findall(r"--[a-z][a-z-]+", page))

    assert named - known == set()
    assert {"--since", "--until", "--late", "--request-payer", "--account"} <= named
    for target in re.findall(r"\]\((\.\./[^)]+)\)", page):
        assert (Path(__file__).parents[3] / "docs" / target).exists()
    assert "`eventTime`" in page
