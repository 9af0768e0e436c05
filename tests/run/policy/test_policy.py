"""Exceptions and a baseline in whole runs: what is covered, counted, and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker import resources
from checker.cli import main

RULES = """
title: Bucket deleted
name: {name}
id: 4c0f6e0e-3c9b-4d0c-8b0f-0d1c6d5b6a0{number}
status: stable
level: {level}
logsource: {{product: aws, service: cloudtrail}}
detection:
  deleted: {{eventSource: s3.amazonaws.com, eventName: {event}}}
  condition: deleted
"""
CORRELATION = """
title: Buckets deleted in bulk
name: buckets_deleted
id: 4c0f6e0e-3c9b-4d0c-8b0f-0d1c6d5b6a09
status: stable
level: high
correlation:
  type: event_count
  rules: [bucket_deleted]
  group-by: [recipientAccountId]
  timespan: 1h
  condition: {gte: 2}
"""
ARN = "arn:aws:iam::123456789012:user/"


def event(number: int, who: str, name: str = "DeleteBucket", **more: Any) -> Any:
    return {
        "eventVersion": "1.09",
        "userIdentity": {"type": "IAMUser", "arn": ARN + who},
        "eventTime": f"2026-11-30T09:00:{number:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": f"192.0.2.{number}",
        "requestParameters": {"bucketName": f"bucket-{number}"},
        "eventID": f"e{number}",
        "recipientAccountId": "123456789012",
        **more,
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rules = tmp_path / "rules"
    rules.mkdir()
    for number, (name, level, made) in enumerate(
        [("bucket_deleted", "high", "DeleteBucket"), ("bucket_read", "low", "GetAcl")]
    ):
        text = RULES.format(name=name, level=level, event=made, number=number)
        (rules / f"{name}.yml").write_text(text)
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def log(folder: Path, name: str, *events: Any) -> None:
    (folder / "logs" / name).write_text(json.dumps({"Records": list(events)}))


def accept(folder: Path, *entries: str, until: str = "2999-01-01") -> None:
    rest = f"reason: agreed, owner: me, expires: {until}"
    lines = [f"  - {{rule: {entry}, {rest}}}\n" for entry in entries]
    (folder / "exceptions.yml").write_text(f"exceptions:\n{''.join(lines)}")


def scan(*options: str) -> Result:
    words = ["scan", "logs", "--rules", "rules", *options]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def found(*options: str) -> dict[str, str]:
    """Return who each finding is about, and how it stands."""
    report = json.loads(scan("-q", "-f", "json", *options).stdout)
    statistics = report["statistics"]
    assert statistics["findings"] == len(report["findings"])
    covered = [each for each in report["findings"] if "suppressed" in each]
    assert statistics["suppressed"] == len(covered)
    return {
        each["subject"]["principal"].removeprefix(ARN)
        + ("" if each["rule"]["kind"] == "detection" else "+"): (
            "covered" if "suppressed" in each else "open"
        )
        for each in report["findings"]
    }


COVER_ANN = f"bucket_deleted, match: {{identity: {ARN}ann}}"


def test_what_is_covered_is_reported_and_does_not_count(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"))
    accept(folder, COVER_ANN)

    told = scan("--exceptions", "exceptions.yml")

    assert told.exit_code == 0
    assert "findings    none" in told.stdout
    assert "suppressed  1 by an exception" in told.stdout
    assert scan().exit_code == 1
    assert found("--exceptions", "exceptions.yml") == {"ann": "covered"}


def test_the_others_count_as_ever(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"), event(2, "bob"))
    accept(folder, COVER_ANN)

    assert found("--exceptions", "exceptions.yml") == {"ann": "covered", "bob": "open"}
    assert scan("--exceptions", "exceptions.yml").exit_code == 1


@pytest.mark.parametrize(
    "match",
    [
        "{fields: {requestParameters.bucketName: bucket-1}}",
        '{fields: {requestParameters.bucketName: "*-1"}, region: eu-west-1}',
        "{address: 192.0.2.0/31}",
        "{account: 123456789012, address: [10.0.0.0/8, 192.0.2.1]}",
    ],
)
def test_any_field_of_the_event_can_be_asked_for(folder: Path, match: str) -> None:
    log(folder, "a.json", event(1, "ann"), event(2, "bob"))
    accept(folder, f"bucket_deleted, match: {match}")

    assert found("--exceptions", "exceptions.yml") == {"ann": "covered", "bob": "open"}


def test_the_order_of_files_and_the_number_of_jobs_do_not_matter(folder: Path) -> None:
    accept(folder, COVER_ANN, "bucket_read, match: {region: eu-west-1}")
    for number in range(6):
        who = "ann" if number % 2 else "bob"
        log(
            folder,
            f"{number}.json",
            event(number, who),
            event(number + 10, "x", "GetAcl"),
        )
    options = ("--exceptions", "exceptions.yml", "-q", "-f", "json", "--level", "low")

    one, two = scan(*options, "-j", "1"), scan(*options, "-j", "2")

    assert one.stdout == two.stdout
    assert json.loads(one.stdout)["statistics"]["suppressed"] == 9
    files = [f"logs/{number}.json" for number in (3, 1, 5, 0, 2, 4)]
    words = ["scan", *files, "--rules", "rules", *options]
    turned = CliRunner().invoke(main, words)
    assert json.loads(turned.stdout)["findings"] == json.loads(one.stdout)["findings"]


def test_an_exception_that_has_ended_shows_the_finding_again(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"))
    accept(folder, COVER_ANN, until="2026-01-01")

    told = scan("--exceptions", "exceptions.yml")

    assert told.exit_code == 1
    assert "1 exception has expired: bucket_deleted (exceptions.yml:2)" in told.stdout


def test_an_exception_that_nothing_needs_is_told(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"))
    accept(folder, f"bucket_deleted, match: {{identity: {ARN}eve}}", "bucket_delted")

    told = " ".join(scan("--exceptions", "exceptions.yml").stdout.split())

    assert "1 exception covered nothing in this run: bucket_deleted" in told
    assert "1 exception names no rule: bucket_delted (exceptions.yml:3)" in told


def test_a_malformed_file_is_exit_2(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"))
    (folder / "exceptions.yml").write_text("exceptions: [{rule: x}]")

    told = scan("--exceptions", "exceptions.yml")

    assert told.exit_code == 2
    assert "exceptions.yml:1:14: 'reason' is missing" in told.stderr


def test_a_correlation_is_covered_only_if_all_its_events_are(folder: Path) -> None:
    (folder / "rules" / "buckets_deleted.yml").write_text(CORRELATION)
    accept(folder, f"buckets_deleted, match: {{identity: {ARN}ann}}")
    log(folder, "a.json", event(1, "ann"), event(2, "ann"))
    options = ("--exceptions", "exceptions.yml", "--select", "buckets_deleted")
    assert found(*options) == {"ann+": "covered"}

    log(folder, "b.json", event(3, "bob"), event(4, "ann"))
    assert found(*options) == {"ann+": "open"}

    accept(folder, "buckets_deleted, match: {fields: {recipientAccountId: '1234*'}}")
    assert found(*options) == {"ann+": "covered"}


def test_a_corrected_event_is_not_counted_as_covered(folder: Path) -> None:
    accept(folder, COVER_ANN)
    addendum = {"reason": "UPDATED_DATA", "originalEventID": "e1"}
    log(folder, "a.json", event(1, "ann"), event(2, "bob", addendum=addendum))

    assert found("--exceptions", "exceptions.yml") == {"bob": "open"}


@pytest.mark.parametrize("form", ["json", "jsonl", "sarif"])
def test_only_what_is_new_is_reported(folder: Path, form: str) -> None:
    log(folder, "a.json", event(1, "ann"))
    (folder / "old").write_text(scan("-q", "-f", form).stdout)
    assert scan("--baseline", "old").exit_code == 0

    log(folder, "b.json", event(2, "bob"))

    assert found("--baseline", "old") == {"bob": "open"}
    told = scan("--baseline", "old")
    assert told.exit_code == 1
    assert "suppressed  1 in the baseline" in told.stdout


def test_what_an_exception_covered_is_new_once_that_has_ended(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"))
    accept(folder, COVER_ANN)
    old = scan("-q", "-f", "json", "--exceptions", "exceptions.yml").stdout
    (folder / "old.json").write_text(old)

    assert found("--baseline", "old.json") == {"ann": "open"}


def test_a_run_goes_on_with_exceptions_and_a_baseline(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"), event(2, "bob"))
    accept(folder, COVER_ANN)
    (folder / "old.jsonl").write_text(scan("-q", "-f", "jsonl").stdout)
    log(folder, "b.json", event(3, "ann"), event(4, "eve"))
    options = ("--exceptions", "exceptions.yml", "--baseline", "old.jsonl")

    first = found(*options, "--resume", "state")
    again = found(*options, "--resume", "state")

    assert first == {"ann": "covered", "eve": "open"}
    assert again == {}


def test_many_findings_on_the_disk_are_counted_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checker.run.scanning import findings

    monkeypatch.setattr(findings.Spool.__init__, "__defaults__", (4096,))
    accept(folder, COVER_ANN)
    log(folder, "a.json", *(event(n, "ann" if n % 3 else "bob") for n in range(30)))

    report = json.loads(
        scan("-q", "-f", "json", "--exceptions", "exceptions.yml").stdout
    )

    assert report["statistics"]["findings"] == 30
    assert report["statistics"]["suppressed"] == 20


def test_sarif_says_that_it_was_accepted(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"), event(2, "bob"))
    accept(folder, COVER_ANN)

    run = json.loads(
        scan("-q", "-f", "sarif", "--exceptions", "exceptions.yml").stdout
    )["runs"][0]

    assert [len(each.get("suppressions", [])) for each in run["results"]] == [0, 1]
    assert run["results"][1]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "Accepted until 2999-01-01 by me: agreed",
            "properties": {"owner": "me", "expires": "2999-01-01"},
        }
    ]


def test_every_format_keeps_what_is_covered_apart(folder: Path) -> None:
    log(folder, "a.json", event(1, "ann"))
    accept(folder, COVER_ANN)
    options = ("-q", "--exceptions", "exceptions.yml", "-f")

    assert scan(*options, "csv").stdout.endswith('agreed (me, until 2999-01-01)"\n')
    junit = scan(*options, "junit").stdout
    assert 'tests="2" failures="0" errors="0" skipped="1"' in junit
    assert "Accepted until 2999-01-01 by me: agreed" in junit
    assert "nothing found" in scan(*options, "markdown").stdout
    assert '"suppressed"' in scan(*options, "html").stdout


def test_settings_are_accepted_too(tmp_path: Path) -> None:
    settings = str(resources.root() / "demo" / "settings.json")
    runner = CliRunner()

    def audit(*options: str) -> Any:
        words = ["audit", settings, "-q", "-f", "json", *options]
        return json.loads(runner.invoke(main, words).stdout)

    failed = [each for each in audit()["findings"] if each["status"] == "fail"]
    one, two = failed[0], failed[-1]
    resource = json.dumps(one["subject"]["id"])
    accept(
        tmp_path,
        f"{one['rule']['name']}, match: {{resource: {resource}}}",
        f"{two['rule']['name']}, match: {{resource: elsewhere}}",
    )
    told = audit("--exceptions", str(tmp_path / "exceptions.yml"))

    covered = [each for each in told["findings"] if "suppressed" in each]
    assert [each["fingerprint"] for each in covered] == [one["fingerprint"]]
    assert any("covered nothing in this run" in note for note in told["notes"])
    (tmp_path / "old.json").write_text(json.dumps(told))
    new = audit("--baseline", str(tmp_path / "old.json"))
    left = [each for each in new["findings"] if each["status"] == "fail"]
    assert [each["fingerprint"] for each in left] == [one["fingerprint"]]
    assert new["statistics"]["known"] == len(failed) - 1
