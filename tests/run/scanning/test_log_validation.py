"""Evidence whose log file does not stand validation: `scan --verify`."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker import resources
from checker.cli import main
from tests.digest_chains import BUCKET, START, Chain, log_key

PACK = resources.root() / "rules"
RULE = PACK / "detections" / "signin" / "root_console_login_without_mfa.yml"


@functools.cache
def record() -> str:
    file = PACK / "events" / "console_login_root_without_mfa.json"
    return file.read_text(encoding="utf-8")


def hour(made: Chain, number: int, event: str) -> str:
    """Add an hour with one log file that holds a finding; gives the file's key."""
    start = START + dt.timedelta(hours=number)
    key = log_key(start + dt.timedelta(minutes=5))
    text = json.dumps({"Records": [{**json.loads(record()), "eventID": event}]})
    made.put(key, text.encode())
    value = hashlib.sha256(text.encode()).hexdigest()
    file = {
        "s3Bucket": BUCKET,
        "s3Object": key,
        "hashValue": value,
        "hashAlgorithm": "SHA-256",
    }
    previous = made.digests[-1] if made.digests else None
    made.seal(start, start + dt.timedelta(hours=1), [file], previous)
    return key


@pytest.fixture
def copy(tmp_path: Path) -> tuple[Path, Path, list[Path]]:
    """A copy of a bucket, its keys, and its log files: valid, valid, unverifiable."""
    made = Chain()
    keys = [hour(made, number, f"event-{number}") for number in range(3)]
    root = made.write(tmp_path / "copy")
    return root, made.keys(tmp_path / "keys.json"), [root / key for key in keys]


def scan(*arguments: object) -> tuple[Result, dict[str, Any]]:
    result = CliRunner().invoke(
        main, ["scan", *map(str, arguments), "--rules", str(RULE), "--format", "json"]
    )
    return result, json.loads(result.stdout) if result.stdout else {}


def flags(report: dict[str, Any]) -> dict[str, str | None]:
    return {
        each["subject"]["id"]: each["evidence"].get("logFile", {}).get("verdict")
        for each in report["findings"]
        if each["subject"]["type"] == "event"
    }


def test_findings_say_whether_their_log_file_is_vouched_for(
    copy: tuple[Path, Path, list[Path]],
) -> None:
    root, keys, _ = copy
    _, plain = scan(root)
    _, report = scan(root, "--verify", "--keys", keys)

    assert set(flags(plain).values()) == {None}
    assert flags(report) == {
        "event-0": None,
        "event-1": None,
        "event-2": "unverifiable",
    }


def test_a_log_file_that_was_changed_is_a_finding_and_flags_its_own(
    copy: tuple[Path, Path, list[Path]],
) -> None:
    root, keys, logs = copy
    text = gzip.decompress(logs[0].read_bytes()).replace(b"event-0", b"event-X")
    logs[0].write_bytes(gzip.compress(text))
    result, report = scan(root, "--verify", "--keys", keys)

    assert flags(report)["event-X"] == "modified"
    names = {each["rule"]["name"] for each in report["findings"]}
    assert "log_file_modified" in names
    assert result.exit_code == 1


def test_a_changed_log_file_is_told_though_nothing_is_found_in_it(
    copy: tuple[Path, Path, list[Path]],
) -> None:
    root, keys, logs = copy
    logs[0].write_bytes(gzip.compress(b'{"Records":[]}'))
    _, report = scan(root, "--verify", "--keys", keys)

    assert sorted(flags(report)) == ["event-1", "event-2"]
    assert "log_file_modified" in {f["rule"]["name"] for f in report["findings"]}


def test_what_is_refused_is_no_finding_but_a_problem(
    copy: tuple[Path, Path, list[Path]],
) -> None:
    root, keys, _ = copy
    result, report = scan(root, "--refuse-unverified", "--keys", keys)

    assert flags(report) == {"event-0": None, "event-1": None}
    (problem,) = report["problems"]
    assert "refused, as unverifiable" in problem["reason"]
    statistics = report["statistics"]
    assert (statistics["events"], statistics["unreadable_inputs"]) == (2, 1)
    assert result.exit_code == 3


def test_inputs_that_no_digest_can_name_are_flagged(
    copy: tuple[Path, Path, list[Path]], tmp_path: Path
) -> None:
    root, keys, _ = copy
    loose = tmp_path / "loose.json"
    loose.write_text(record())
    piped = CliRunner().invoke(
        main,
        [
            "scan",
            "-",
            str(root),
            "--verify",
            "--keys",
            str(keys),
            "--rules",
            str(RULE),
            "--format",
            "json",
        ],
        input=record(),
    )
    _, report = scan(loose, root, "--verify", "--keys", keys)

    assert list(flags(report).values()).count("unverifiable") == 2
    assert list(flags(json.loads(piped.stdout)).values()).count("unverifiable") == 2


def test_lines_carry_the_flags_too(copy: tuple[Path, Path, list[Path]]) -> None:
    root, keys, _ = copy
    result = CliRunner().invoke(
        main,
        [
            "scan",
            str(root),
            "--verify",
            "--keys",
            str(keys),
            "--rules",
            str(RULE),
            "--format",
            "jsonl",
        ],
    )
    told = [json.loads(line) for line in result.stdout.splitlines()]

    assert flags({"findings": told})["event-2"] == "unverifiable"
    assert "failed log file validation" in result.stderr
