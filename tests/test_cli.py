"""The commands: what they print where, and how they exit."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker import rules
from checker.cli import main

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "demo"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def report(*arguments: object) -> tuple[int, dict[str, Any]]:
    result = run(*arguments, "--format", "json")
    return result.exit_code, json.loads(result.stdout)


def event(**fields: Any) -> dict[str, Any]:
    base: dict[str, Any] = json.loads(
        (ROOT / "rules/events/console_login_root_without_mfa.json").read_text()
    )
    return {**base, **fields}


def write(path: Path, *events: Any) -> Path:
    path.write_text(json.dumps({"Records": list(events)}))
    return path


def test_the_seed_records_are_judged_as_a_security_engineer_would() -> None:
    code, found = report("scan", DEMO / "events" / "console-sign-in.json")

    by_record: dict[int, dict[str, str]] = {}
    for finding in found["findings"]:
        rules = by_record.setdefault(finding["location"]["record"], {})
        rules[finding["rule"]["name"]] = finding["rule"]["level"]
    serious = {
        record: {name for name, level in rules.items() if level in SERIOUS}
        for record, rules in by_record.items()
    }
    assert code == 1
    assert by_record[5]["root_console_login_without_mfa"] == "critical"
    assert by_record[0]["iam_user_console_login_without_mfa"] in SERIOUS
    for quiet in (1, 2, 3, 4):  # with MFA, a failure, and two CheckMfa
        assert not serious.get(quiet), by_record.get(quiet)
    assert by_record[6]["root_console_login"] in SERIOUS
    assert by_record[7]["root_console_login_failed"] in SERIOUS
    assert any("mfa" in name for name in serious[8])
    assert any("password" in name for name in serious[9])
    for federated_or_failed in (2, 7, 10, 11):
        assert not any("without_mfa" in n for n in by_record[federated_or_failed])
    assert not serious.get(11)


SERIOUS = ("medium", "high", "critical")


def test_findings_fail_the_run_at_their_level_and_above(tmp_path: Path) -> None:
    log = write(tmp_path / "x.json", event())

    assert run("scan", log).exit_code == 1
    assert run("scan", log, "--fail-on", "critical").exit_code == 1
    assert run("scan", log, "--fail-on", "never").exit_code == 0
    assert run("scan", log, "--ignore", "critical").exit_code == 0


def test_input_that_is_incomplete_wins_over_findings(tmp_path: Path) -> None:
    log = write(tmp_path / "x.json", event())
    bad = tmp_path / "bad.json.gz"
    bad.write_bytes(gzip.compress(log.read_bytes())[:-20])

    code, found = report("scan", log, bad)

    assert code == 3
    assert len(found["findings"]) >= 1
    assert [problem["uri"].endswith("bad.json.gz") for problem in found["problems"]]
    assert found["statistics"]["unreadable_inputs"] == 1
    assert run("scan", log, bad, "--allow-partial").exit_code == 1


def test_usage_and_rule_errors_win_over_everything(tmp_path: Path) -> None:
    log = write(tmp_path / "x.json", event())
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "bad.yml").write_text("title: x\n")

    broken = run("scan", log, "--rules", tmp_path / "rules")

    assert broken.exit_code == 2
    assert "bad.yml:1:1" in broken.stderr
    assert run("scan", log, "--select", "nothing_like_it").exit_code == 2
    assert run("scan", log, "--format", "xml").exit_code == 2
    assert run("scan").exit_code == 2


def test_a_missing_path_is_incomplete_input_and_says_so(tmp_path: Path) -> None:
    result = run("scan", tmp_path / "nowhere")

    assert result.exit_code == 3
    assert "nowhere" in result.stdout


def test_an_output_that_cannot_be_written_is_said_before_the_work(
    tmp_path: Path,
) -> None:
    log = write(tmp_path / "x.json", event())

    assert run("scan", log, "--output", tmp_path).exit_code == 2
    assert run("scan", log, "--output", tmp_path / "no" / "x.json").exit_code == 2


def test_a_report_goes_to_the_file_and_nothing_to_standard_output(
    tmp_path: Path,
) -> None:
    log = write(tmp_path / "x.json", event())
    out = tmp_path / "found.sarif"

    result = run("scan", log, "--format", "sarif", "--output", out)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert json.loads(out.read_text())["version"] == "2.1.0"


def test_copies_of_an_event_count_once_in_any_file(tmp_path: Path) -> None:
    first = write(tmp_path / "a.json", event(), event())
    second = write(tmp_path / "b.json", event(), event(eventID="other"))

    _, found = report("scan", first, second)

    statistics = found["statistics"]
    assert (statistics["events"], statistics["duplicates"]) == (2, 2)
    critical = [f for f in found["findings"] if f["rule"]["level"] == "critical"]
    assert len(critical) == 2


def test_processes_change_nothing(tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path / f"{number}.json", event(), event(eventID=f"e{number}"))

    alone = run("scan", tmp_path, "--format", "json", "--jobs", 1).stdout
    together = run("scan", tmp_path, "--format", "json", "--jobs", 2).stdout

    assert alone == together


def test_a_second_run_prints_the_same_bytes(tmp_path: Path) -> None:
    settings = ("--settings", DEMO / "settings.json")
    scan = ("scan", DEMO / "events", *settings)
    runs = []
    for number in range(2):
        files = [tmp_path / f"{number}.{name}" for name in ("json", "sarif")]
        others = ("--also", f"json={files[0]}", "--also", f"sarif={files[1]}")
        texts = [run(*scan, "--format", "text", *others).stdout]
        # Lines come while the scan goes on, the others after it.
        texts.append(run(*scan, "--format", "jsonl").stdout)
        runs.append([*texts, *(file.read_text() for file in files)])

    assert all(runs[0])
    assert runs[0] == runs[1]


def test_audit_lists_every_outcome() -> None:
    code, found = report("audit", DEMO / "settings.json", "--fail-on", "critical")

    statuses = {f["rule"]["name"]: f["status"] for f in found["findings"]}
    assert code == 0
    assert statuses["identity_pool_data_events_not_recorded"] == "fail"
    assert statuses["trail_not_logging"] == "pass"
    assert statuses["trail_data_selector_without_management_selector"] == (
        "not_applicable"
    )


def test_visibility_names_the_blind_rules_and_what_is_missing() -> None:
    code, found = report("visibility", "--settings", DEMO / "settings.json")

    blind = [f for f in found["findings"] if f["status"] == "blind"]
    assert code in (0, 1)
    assert "cognito_guest_credentials_issued" in {f["rule"]["name"] for f in blind}
    assert "no trail records AWS::Cognito::IdentityPool data events" in {
        f["evidence"]["missing"] for f in blind
    }
    text = run("scan", DEMO / "events", "--settings", DEMO / "settings.json").stdout
    assert "could not have fired" in text


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_help_and_version_load_next_to_nothing(arguments: list[str]) -> None:
    loaded = modules_after(arguments)

    assert not loaded & {"boto3", "botocore", "jsonschema", "rich", "yaml", "msgspec"}


def test_a_command_loads_no_other_command() -> None:
    loaded = modules_after(["scan", "--help"])

    assert "checker.cli.scan" in loaded
    assert not loaded & {"checker.cli.audit", "checker.cli.lint", "checker.framework"}
    assert not loaded & {"checker.model", "checker.conditions", "checker.secrets"}


def test_scanning_a_file_loads_nothing_that_reads_rules_or_asks_aws() -> None:
    rules.load()  # and keep them
    loaded = modules_after(["scan", str(DEMO / "events"), "--format", "json"])

    assert not loaded & {"boto3", "botocore", "jinja2", "rich"}
    assert not loaded & {"jmespath", "jsonschema", "yaml"}
    assert not loaded & {"checker.run.scanning.writing", "importlib.resources"}


def modules_after(arguments: list[str]) -> set[str]:
    script = (
        "import sys\n"
        "from checker.cli import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return set(done.stderr.split())


def test_members_of_an_archive_number_their_records_for_themselves(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "logs.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("a", "b"):
            records = json.dumps({"Records": [event(eventID=name), event(eventID="c")]})
            file.writestr(f"{name}.json", records)

    _, found = report("scan", archive)

    critical = [f for f in found["findings"] if f["rule"]["level"] == "critical"]
    statistics = found["statistics"]
    assert [each["subject"]["id"] for each in critical] == ["a", "b", "c"]
    assert (statistics["events"], statistics["duplicates"]) == (3, 1)


def test_standard_input_is_read_beside_files_in_any_number_of_processes(
    tmp_path: Path,
) -> None:
    log = write(tmp_path / "x.json", event())
    command = [
        sys.executable,
        "-m",
        "checker",
        "scan",
        str(log),
        "-",
        "--format",
        "json",
    ]
    outputs = {
        subprocess.run(
            [*command, "--jobs", jobs],
            input=json.dumps(event(eventID="other")),
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        ).stdout
        for jobs in ("1", "2")
    }

    (output,) = outputs
    assert json.loads(output)["statistics"]["events"] == 2


def test_a_file_that_was_cut_off_is_one_unreadable_input_whose_events_count(
    tmp_path: Path,
) -> None:
    events = [event(eventID=str(number)) for number in range(2000)]
    whole = gzip.compress(json.dumps({"Records": events}).encode())
    (tmp_path / "x.json.gz").write_bytes(whole[: len(whole) // 2])

    code, found = report("scan", tmp_path)

    statistics = found["statistics"]
    assert code == 3
    assert statistics["inputs"] == statistics["unreadable_inputs"] == 1
    assert 0 < statistics["events"] < 2000


SIGNAL = """\
title: Object read
name: object_looked_at
id: 7a2b7c0e-53a5-4f3e-9c0b-0b3f1d1f6a10
status: test
level: informational
description: Somebody read an object.
logsource: {product: aws, service: cloudtrail}
detection:
  read: {eventSource: s3.amazonaws.com, eventName: GetObject}
  condition: read
"""


def test_signals_are_reported_to_whoever_asks_for_them(tmp_path: Path) -> None:
    read = event(eventSource="ce.amazonaws.com", eventName="GetCostAndUsage")
    events = write(tmp_path / "events.json", read)

    def levels(*arguments: object) -> set[str]:
        _, found = report("scan", events, *arguments)
        return {each["rule"]["level"] for each in found["findings"]}

    assert "informational" not in levels()
    assert "informational" in levels("--level", "informational")
    assert levels("--select", "costs_read") == {"informational"}
    assert "low" not in levels("--level", "medium")


def test_rules_of_ones_own_are_all_looked_for(tmp_path: Path) -> None:
    (tmp_path / "object_looked_at.yml").write_text(SIGNAL)
    read = event(eventSource="s3.amazonaws.com", eventName="GetObject")
    events = write(tmp_path / "events.json", read)
    rules = ("--rules", tmp_path / "object_looked_at.yml")

    _, found = report("scan", events, *rules)
    _, low = report("scan", events, *rules, "--level", "low")

    assert [each["rule"]["name"] for each in found["findings"]] == ["object_looked_at"]
    assert low["findings"] == []


def test_the_process_ends_with_the_code_and_all_that_was_said(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "checker"]
    out = tmp_path / "out.txt"
    with out.open("w") as file:
        found = subprocess.run(
            [*command, "scan", str(DEMO / "events")], stdout=file, cwd=ROOT, check=False
        )
    wrong = subprocess.run(
        [*command, "scn"], cwd=ROOT, check=False, capture_output=True
    )
    said = subprocess.run(
        [*command, "--version"], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert found.returncode == 1
    assert any(line.startswith("findings") for line in out.read_text().splitlines())
    assert wrong.returncode == 2
    assert said.stdout.startswith("trailcheck")
    assert "events are read by Python" in said.stdout


@pytest.mark.parametrize(
    "command",
    [
        "list",
        "explain root_console_login_without_mfa console_login_root_without_mfa",
        "remediate --settings demo/settings.json",
        "test rules/detections/signin",
        "redact rules/events/console_login_root_without_mfa.json",
    ],
)
def test_a_reader_that_goes_away_is_no_error(command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "checker", *command.split()],
            cwd=ROOT,
            check=False,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(writer)

    assert (done.returncode, done.stderr) == (0, "")
