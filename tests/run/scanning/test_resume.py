"""Scans that go on from earlier ones: `scan --resume`."""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec import structs

from checker import resources, rules, run
from checker.cli import main
from checker.errors import UsageError
from checker.evaluate.correlation.hit import SignalBuilder, located
from checker.evaluate.detection.subject import said_of
from checker.model import AnyRule, Finding, Level, Report, Status
from checker.run.scanning import state as states
from checker.run.scanning.scan import open_state

ROOT = Path(__file__).parents[3]
PACK = resources.root() / "rules"
ROOT_SIGN_IN = "root_console_login_without_mfa"
FAILURES = "cognito_sign_in_failures_from_address"


def event(name: str, number: int, **more: Any) -> dict[str, Any]:
    text = (PACK / "events" / f"{name}.json").read_text(encoding="utf-8")
    guid = f"00000000-0000-4000-8000-{number:012}"
    record: dict[str, Any] = {**json.loads(text), "eventID": guid, **more}
    return record


def sign_in(number: int, **more: Any) -> dict[str, Any]:
    return event("console_login_root_without_mfa", number, **more)


def failure(number: int, **more: Any) -> dict[str, Any]:
    time = f"2026-11-20T09:00:{number:02}Z"
    name = "cognito_initiate_auth_failed"
    return event(name, number, **{"eventTime": time, **more})


def write(path: Path, *events: dict[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"Records": events}))
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@functools.cache
def everything() -> list[AnyRule]:
    return rules.load()


def scan(folder: Path, path: str, *names: str, finish: bool = True) -> Report:
    pack = everything()
    chosen = rules.choose(pack, names or (ROOT_SIGN_IN,), [])
    with open_state(path) as opened:
        report = run.scan(chosen, [str(folder)], bases=pack, state=opened)
        if finish:
            opened.finish()
        return report


def ids(report: Report) -> list[int]:
    return sorted(int(each.subject["id"][-12:]) for each in report.findings)


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["scan", *map(str, arguments)])


def test_a_second_run_reads_and_reports_only_what_is_new(
    logs: Path, state: str
) -> None:
    write(logs / "a.json", sign_in(1))
    first = scan(logs, state)
    write(logs / "b.json", sign_in(2), sign_in(1))
    second = scan(logs, state)
    third = scan(logs, state)

    assert (ids(first), ids(second), ids(third)) == ([1], [2], [])
    statistics = second.statistics
    assert (statistics.inputs, statistics.skipped, statistics.repeated) == (1, 1, 1)
    assert third.statistics.skipped == 2


def test_a_file_that_grew_is_read_again_and_tells_only_what_is_new(
    logs: Path, state: str
) -> None:
    write(logs / "a.json", sign_in(1))
    scan(logs, state)
    write(logs / "a.json", sign_in(1), sign_in(2))

    assert ids(scan(logs, state)) == [2]


def test_findings_of_events_without_an_id_are_told_once(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1, eventID=None))
    assert len(scan(logs, state).findings) == 1
    write(logs / "a.json", sign_in(1, eventID=None), sign_in(2))

    assert ids(scan(logs, state)) == [2]


def test_a_kept_match_without_an_event_id_stays_without_one(state: str) -> None:
    event = {"eventTime": "2026-11-21T09:00:00Z", "eventName": "ConsoleLogin"}
    found = [
        SignalBuilder({**event, **more}, said_of(event), ("a.json", 3)).hit("a", ())
        for more in ({}, {"eventID": "0b0e0d0c-0000-0000-0000-000000000001"})
    ]
    hits = [located(hit, (1, 20, 30)) for hit in found if hit is not None]
    with open_state(state) as first:
        for key, hit in enumerate(hits):
            first.keep_hit(bytes([key] * 16), hit)
        first.finish()

    with open_state(state) as second:
        kept = [hit for _, hit, _ in second.hits({"a": 0})]

    assert kept == hits
    assert [hit.subject()["id"] for hit in kept] == [None, hits[1].event]


def test_what_could_not_be_read_is_tried_again(logs: Path, state: str) -> None:
    whole = json.dumps({"Records": [sign_in(n) for n in range(5)]})
    (logs / "a.json").write_text(whole[: len(whole) // 2])
    first = scan(logs, state)
    (logs / "b.json").write_text("no JSON at all")
    second = scan(logs, state)

    assert first.problems
    assert second.statistics.skipped == 0
    assert second.statistics.repeated == len(first.findings)
    assert second.statistics.unreadable_inputs == 2


def test_findings_of_a_run_whose_report_was_not_written_come_with_the_next(
    logs: Path, state: str
) -> None:
    write(logs / "a.json", sign_in(1))
    pack = everything()
    chosen = rules.choose(pack, [ROOT_SIGN_IN], [])
    with open_state(state) as opened:
        run.scan(chosen, [str(logs)], bases=pack, state=opened)
        opened.step(now=True)  # and then it is killed
    write(logs / "b.json", sign_in(2))
    second = scan(logs, state)

    assert ids(second) == [1, 2]
    assert second.statistics.skipped == 1
    assert any("ended before" in note for note in second.notes)
    assert ids(scan(logs, state)) == []


def test_what_did_not_come_to_a_step_is_done_again(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1))
    assert ids(scan(logs, state, finish=False)) == [1]
    assert ids(scan(logs, state)) == [1]


def test_a_burst_that_reaches_over_runs_is_found_once(logs: Path, state: str) -> None:
    found = []
    for n, numbers in enumerate((range(6), range(6, 12), range(12, 14), ())):
        if numbers:
            write(logs / f"{n}.json", *map(failure, numbers))
        found.append(len(scan(logs, state, FAILURES).findings))

    assert found == [0, 1, 0, 0]


def test_a_burst_that_a_late_event_completes_is_found(logs: Path, state: str) -> None:
    write(logs / "a.json", *map(failure, range(1, 10)))
    assert not scan(logs, state, FAILURES).findings
    write(logs / "b.json", failure(0))

    assert len(scan(logs, state, FAILURES).findings) == 1


def test_a_burst_of_a_run_that_was_killed_is_found_by_the_next(
    logs: Path, state: str
) -> None:
    write(logs / "a.json", *map(failure, range(12)))
    pack = everything()
    chosen = rules.choose(pack, [FAILURES], [])
    with open_state(state) as opened:
        for scanned_and_killed in ("a", "b"):
            del scanned_and_killed
            run.scan(chosen, [], bases=pack, state=opened)
        report = run.scan(chosen, [str(logs)], bases=pack, state=opened)
        assert len(report.findings) == 1
        opened._do("DELETE FROM told")  # it had not come to correlations
        opened.step(now=True)

    assert len(scan(logs, state, FAILURES).findings) == 1


def test_matches_that_no_window_reaches_are_forgotten(logs: Path, state: str) -> None:
    write(logs / "a.json", *map(failure, range(9)))
    scan(logs, state, FAILURES)
    write(logs / "b.json", failure(30, eventTime="2026-12-24T09:00:00Z"))
    scan(logs, state, FAILURES)

    with sqlite3.connect(state) as table:
        kept = table.execute("SELECT count(*) FROM hits").fetchone()
    table.close()
    assert kept == (1,)


def test_other_rules_scan_nothing_again_and_say_so(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1), *map(failure, range(9)))
    scan(logs, state, ROOT_SIGN_IN)
    other = scan(logs, state, ROOT_SIGN_IN, FAILURES)

    assert other.statistics.skipped == 1
    assert any("the rules are not those" in note for note in other.notes)
    assert not scan(logs, state, ROOT_SIGN_IN, FAILURES).notes


def test_a_correction_of_an_earlier_runs_event_takes_its_finding_back(
    logs: Path, state: str
) -> None:
    write(logs / "a.json", sign_in(1))
    (told,) = scan(logs, state).findings
    first = sign_in(1)["eventID"]
    addendum = {"reason": "UPDATED_DATA", "originalEventID": first}
    write(logs / "b.json", sign_in(2, addendum=addendum))
    new, back = scan(logs, state).findings

    assert new.status is Status.FAIL
    assert (back.status, back.fingerprint) == (
        Status.NOT_APPLICABLE,
        told.fingerprint,
    )
    assert back.evidence["correctedBy"] == sign_in(2)["eventID"]


def test_the_oldest_told_findings_are_forgotten_first(
    logs: Path, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "MOST_TOLD", 3)
    for n in range(4):
        write(logs / f"{n}.json", sign_in(2 * n), sign_in(2 * n + 1))
        scan(logs, state)

    with sqlite3.connect(state) as table:
        runs = [row for (row,) in table.execute("SELECT run FROM told ORDER BY run")]
    table.close()
    assert runs == [3, 4, 4]


@pytest.mark.parametrize(
    "content", [b"{}", b"SQLite format 3\0", os.urandom(5000), b"\x1f\x8b" + bytes(99)]
)
def test_a_file_that_is_no_state_is_refused_and_left_alone(
    logs: Path, state: str, content: bytes
) -> None:
    write(logs / "a.json", sign_in(1))
    Path(state).write_bytes(content)
    result = command(logs, "--resume", state)

    assert result.exit_code == 2
    assert state in result.stderr
    assert Path(state).read_bytes() == content


def test_a_state_of_another_version_or_shape_is_refused(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1))
    scan(logs, state)
    for statement in (
        "CREATE TRIGGER t AFTER INSERT ON told BEGIN DELETE FROM told; END",
        "PRAGMA user_version = 2",
        "PRAGMA application_id = 5",
    ):
        with sqlite3.connect(state) as table:
            table.execute(statement)
        table.close()
        with pytest.raises(UsageError):
            scan(logs, state)


def test_any_damage_to_a_state_is_no_crash(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1), *map(failure, range(9)))
    pack = everything()
    chosen = rules.choose(pack, [ROOT_SIGN_IN, FAILURES], [])
    with open_state(state) as opened:
        run.scan(chosen, [str(logs)], bases=pack, state=opened)
        opened.step(now=True)
    whole = Path(state).read_bytes()
    draw = random.Random(5)
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 20))):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        Path(state).write_bytes(damaged)
        try:
            with open_state(state) as opened:
                run.scan(chosen, [str(logs)], bases=pack, state=opened)
                opened.finish()
        except UsageError:
            refused += 1

    assert refused > 0


_PLACE = ["x", 1, 1, None, None, None, None, None]
_SUBJECT = {"type": "event", "id": "e"}


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO pending VALUES ('{"a": 1}')""",
        "INSERT INTO pending VALUES ('[1, 2, 3, 4, 5]')",
        """INSERT INTO pending VALUES ('["x", {}, [], {}, ""]')""",
        "INSERT INTO pending VALUES ('null')",
        "INSERT INTO pending VALUES ('{')",
        f"INSERT INTO pending VALUES ('{'[' * 9000}')",
        "INSERT INTO pending VALUES (x'00')",
        f"INSERT INTO pending VALUES ('{json.dumps([ROOT_SIGN_IN, _SUBJECT, _PLACE, {}, 'ab'])}')",  # noqa: E501 - one statement
        "REPLACE INTO facts VALUES ('run', 'abc')",
        "REPLACE INTO facts VALUES ('run', 9223372036854775807)",
        "REPLACE INTO facts VALUES ('run', -1)",
        "REPLACE INTO facts VALUES ('run', 1.5)",
        "REPLACE INTO facts VALUES ('run', NULL)",
        "REPLACE INTO facts VALUES ('offset', 'x')",
        "REPLACE INTO facts VALUES ('rules', 7)",
        "REPLACE INTO told VALUES ('text', 1)",
        "REPLACE INTO told VALUES (x'00', 1)",
        "REPLACE INTO inputs VALUES ('uri', NULL)",
        "INSERT INTO hits VALUES (1, 'rule', x'00', '[]', 0)",
        "INSERT INTO hits VALUES (1, 'rule', zeroblob(16), '[]', 0)",
        "INSERT INTO hits VALUES (1, 'rule', zeroblob(16), '[]', 7)",
        """INSERT INTO hits VALUES (1, 'r', zeroblob(16),
           '[[99999999999999999, "e", "r", "r", []], null]', 0)""",
        """INSERT INTO hits VALUES (1, 'r', zeroblob(16),
           '[[1, "e", "r", "r", [], null, null, "", 0, ["x"]], null]', 0)""",
        "CREATE TABLE more(x)",
        "CREATE TRIGGER t AFTER INSERT ON told BEGIN DELETE FROM told; END",
        "PRAGMA user_version = 2",
        "PRAGMA application_id = 2",
        "PRAGMA journal_mode = WAL",
    ],
)
def test_a_state_of_another_hand_is_refused_and_left_as_it_is(
    logs: Path, state: str, statement: str
) -> None:
    write(logs / "a.json", sign_in(1))
    scan(logs, state)
    with sqlite3.connect(state, isolation_level=None) as table:
        table.execute(statement)
    table.close()
    before = Path(state).read_bytes()

    result = command(logs, "--resume", state)

    assert result.exit_code == 2
    assert state in result.stderr
    assert Path(state).read_bytes() == before
    assert not list(Path(state).parent.glob(f"{Path(state).name}-*"))


def test_a_run_killed_before_its_first_step_leaves_a_state_to_go_on_from(
    logs: Path, state: str
) -> None:
    write(logs / "a.json", sign_in(1))
    script = (
        "import os, sys\n"
        "from checker.run.scanning import scan, state\n"
        "from checker import rules\n"
        "opened = scan.open_state(sys.argv[1])\n"
        "opened._do('PRAGMA cache_size = 1')\n"
        "for n in range(40_000): opened.add(n.to_bytes(16, 'big'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, state], cwd=ROOT, check=False)

    assert Path(state).stat().st_size
    assert len(scan(logs, state).findings) == 1


def test_a_state_is_no_pipe(logs: Path, state: str) -> None:
    os.mkfifo(state)

    result = command(logs, "--resume", state)

    assert result.exit_code == 2
    assert "not a regular file" in result.stderr


def killed_run(logs: Path, state: str, rules: list[AnyRule]) -> None:
    """Scan, step, and die before the report is written."""
    with open_state(state) as opened:
        run.scan(rules, [str(logs)], state=opened)
        opened.step(now=True)


@pytest.mark.parametrize("now", ["other", "renamed", "gone", "same name", "old state"])
def test_findings_of_a_killed_run_are_told_whatever_the_rules_are_now(
    logs: Path, state: str, now: str
) -> None:
    write(logs / "a.json", sign_in(1))
    pack = everything()
    (rule,) = rules.choose(pack, [ROOT_SIGN_IN], [])
    killed_run(logs, state, [rule])
    others = [each for each in pack if each.name != ROOT_SIGN_IN]
    chosen, bases = others[:1], pack
    if now == "renamed":
        chosen = bases = [structs.replace(rule, name="new_name")]
    elif now == "gone":
        bases = others
    elif now == "same name":
        other = structs.replace(rule, id=str(uuid.UUID(int=7)), title="Other")
        chosen = bases = [other]
    elif now == "old state":
        with sqlite3.connect(state) as table:
            table.execute("DELETE FROM facts WHERE name GLOB 'rule*'")
        table.close()
        bases = others

    with open_state(state) as opened:
        found = run.scan(chosen, [str(logs)], bases=bases, state=opened)
        (finding,) = found.findings
        opened.finish()
    with open_state(state) as opened:
        again = run.scan(chosen, [str(logs)], bases=bases, state=opened)

    assert finding.subject["id"] == sign_in(1)["eventID"]
    assert finding.rule.level == (Level.HIGH if now == "old state" else rule.level)
    assert finding.rule.name == ("new_name" if now == "renamed" else ROOT_SIGN_IN)
    assert finding.rule.title == (
        ROOT_SIGN_IN.replace("_", " ") if now == "old state" else rule.title
    )
    assert again.findings == ()


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "sarif"])
def test_a_file_whose_name_is_not_utf_8_is_scanned_once_and_can_be_told(
    logs: Path, state: str, form: str
) -> None:
    write(logs / "a.json", sign_in(1))
    odd = logs / os.fsdecode(b"b\xff.json")
    without = {**sign_in(2)}
    del without["eventID"]
    write(odd, without)

    first = command(logs, "--resume", state, "--format", form)
    second = command(logs, "--resume", state, "--format", form)
    again = scan(logs, state)

    assert first.exit_code == 1, first.output
    assert second.exit_code == 0, second.output
    assert again.statistics.skipped == 2


def test_two_runs_cannot_use_one_state(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1))
    with open_state(state):
        result = command(logs, "--resume", state)

    assert result.exit_code == 2
    assert "another run is using it" in result.stderr


def test_a_file_of_findings_is_added_to_and_others_keep_what_they_held(
    logs: Path, state: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    rule = PACK / "detections" / "signin" / f"{ROOT_SIGN_IN}.yml"
    arguments = ("--rules", rule, "--format", "jsonl", "--output", out)
    for n in range(3):
        write(logs / f"{n}.json", sign_in(n))
        assert command(logs, *arguments, "--resume", state).exit_code == 1
        assert len(out.read_text().splitlines()) == n + 1
    assert command(logs, *arguments, "--resume", state).exit_code == 0

    assert command(logs, *arguments).exit_code == 1
    assert len(out.read_text().splitlines()) == 3


def test_lines_come_while_the_scan_goes_on_and_the_summary_goes_to_stderr(
    logs: Path,
) -> None:
    write(logs / "a.json", sign_in(1))
    result = command(logs, "--format", "jsonl")
    quiet = command(logs, "--format", "jsonl", "--quiet")

    assert {json.loads(line)["subject"]["type"] for line in result.stdout.splitlines()}
    assert "1 input" in result.stderr
    assert quiet.stderr == "exit 1: 1 finding at or above high (--fail-on)\n"
    assert quiet.stdout == result.stdout


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_scan_reports_what_it_found_and_exits_with_130(
    logs: Path, form: str, jobs: int
) -> None:
    write(logs / "a.json", sign_in(1))
    os.mkfifo(logs / "b.json")
    write(logs / "c.json", sign_in(2))
    inputs = [str(logs / f"{name}.json") for name in "abc"]
    rule = PACK / "detections" / "signin" / f"{ROOT_SIGN_IN}.yml"
    arguments = ["--rules", str(rule), "--format", form, "--jobs", str(jobs)]
    script = (
        "import signal, sys; from checker.parallel import scheduler\n"
        # A shell lets what it starts in the background ignore it (`make check &`).
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "scheduler._FILES = 1\n"
        "from checker.run.scanning.collector import ScanCollector\n"
        "take = ScanCollector.take\n"
        "def told(self, scanned):\n"
        "    take(self, scanned); print('taken', file=sys.stderr, flush=True)\n"
        "ScanCollector.take = told\n"
        "from checker.cli import main; main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, "scan", *inputs, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "taken\n"
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "Traceback" not in err
    said = out if form != "jsonl" else out + err
    assert "was interrupted" in said
    assert sign_in(1)["eventID"] in said or form == "text"
    if form == "json":
        assert len(json.loads(out)["findings"]) == 1


def test_emitted_findings_are_kept_by_no_state(logs: Path, state: str) -> None:
    write(logs / "a.json", sign_in(1))
    told: list[Finding] = []
    pack = everything()
    chosen = rules.choose(pack, [ROOT_SIGN_IN], [])
    with open_state(state) as opened:
        run.scan(chosen, [str(logs)], emit=told.append, state=opened)
        assert list(opened.pending()) == []

    assert len(told) == 1
