"""Inputs of every kind are found in the order in which they are named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from checker.model import Unreadable
from checker.sources.events import files, inputs
from checker.sources.events.inputs import InputFilter
from checker.sources.events.period import Period
from tests.sources.events.remote.buckets import BUCKET, account, event, log_file, put

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[boto3.Session]:
    monkeypatch.chdir(tmp_path)
    with account(monkeypatch) as opened:
        yield opened


def test_they_come_in_their_order_and_each_once(session: boto3.Session) -> None:
    for name in ("a.json.gz", "b.json.gz"):
        Path(name).write_bytes(log_file(event(1)))
        put(session, name, log_file(event(2)))
    Path("c.json.gz").symlink_to("a.json.gz")
    given = ["b.json.gz", "missing", f"s3://{BUCKET}/a", ".", "logs://g", "b.json.gz"]
    wanted = InputFilter(session=lambda: session)

    found = list(inputs.find(given, wanted))

    assert [each.uri for each in found] == [
        "b.json.gz",
        "missing",
        f"s3://{BUCKET}/a.json.gz",
        "a.json.gz",
        "logs://g?region=us-east-1",
    ]
    assert isinstance(found[1], Unreadable)
    with inputs.fetching(found) as ready:
        kinds = [isinstance(each, files.Input) and each.stays for each in ready]
    assert kinds == [False, False, False, False, True]


def test_files_need_neither_credentials_nor_boto3(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")

    (found,) = inputs.find([str(tmp_path)])

    assert isinstance(found, files.Input)
    code = (
        "import sys, checker.sources.events.inputs as inputs\n"
        f"found = inputs.find([{str(tmp_path)!r}])\n"
        "with inputs.fetching(found) as ready: assert list(ready)\n"
        "sys.exit(any(name.startswith(('boto', 'concurrent')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_a_period_what_was_read_passes_as_it_is() -> None:
    parts = iter([Unreadable("x", None, "no")])

    assert inputs.inside(parts, Period()) is parts


def test_it_is_said_up_to_when_deliveries_were_looked_at() -> None:
    past = InputFilter(period=Period(until=NOW - timedelta(days=3)), now=NOW)
    recent = InputFilter(period=Period(until=NOW - timedelta(hours=3)), now=NOW)

    assert list(inputs.notes(["logs/"], past)) == []
    (note,) = inputs.notes(["s3://b"], past)
    assert note.startswith("What was delivered after 2026-11-19T00:00:00Z was not")
    assert list(inputs.notes(["s3://b"], recent)) == []


def test_who_watches_is_told() -> None:
    told: list[str] = []

    wanted = inputs.watched(
        InputFilter(accounts=("1",)), lambda _, label: told.append(label)
    )
    wanted.tell(0, "x")

    assert told == ["x"]
    assert wanted.accounts == ("1",)
    assert inputs.watched(None, None).accounts == ()


@pytest.mark.parametrize("one", ["logs", Path("logs")])
def test_one_input_alone_is_not_taken_letter_by_letter(one: str | Path) -> None:
    assert inputs.as_paths(one) == ["logs"]
    assert inputs.as_paths(iter([one, "-"])) == ["logs", "-"]
