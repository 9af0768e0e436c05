"""A listing in units finds what one listing finds, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from checker.errors import UsageError
from checker.model import Unreadable
from checker.sources.events import inputs, units
from checker.sources.events.inputs import InputFilter
from checker.sources.events.period import Period
from checker.sources.events.units import Survey, Told, list_unit
from tests.sources.events.remote.buckets import (
    ACCOUNT,
    BUCKET,
    OTHER,
    account,
    answer,
    key,
    put,
    refusal,
)

ROOT = f"s3://{BUCKET}"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    with account(monkeypatch) as opened:
        for day in ("2026-11-19", "2026-11-20"):
            for owner in (ACCOUNT, OTHER):
                put(opened, key(day, account=owner), b"{}")
                put(opened, key(day, account=owner, region="eu-west-1"), b"{}")
        put(opened, f"AWSLogs/{ACCOUNT}/CloudTrail/notes.txt", b"")
        put(opened, f"AWSLogs/{ACCOUNT}/vpcflowlogs/x.gz", b"")
        put(opened, "elsewhere/x.json", b"{}")
        yield opened


def whole(given: list[str], wanted: InputFilter) -> tuple[list[str], list[Unreadable]]:
    found = list(inputs.find(given, wanted))
    return (
        [each.uri for each in found if not isinstance(each, Unreadable)],
        [each for each in found if isinstance(each, Unreadable)],
    )


def in_units(
    given: list[str], wanted: InputFilter
) -> tuple[list[str], list[Unreadable]]:
    survey = Survey(given, wanted)
    told: dict[int, Told] = {}
    listed: dict[int, list[Any]] = {}
    for number, unit in enumerate(survey.units):
        for each in list_unit(unit, wanted):
            if isinstance(each, Told):
                told[number] = each
            else:
                listed.setdefault(number, []).append(each)
    counts = {number: len(some) for number, some in listed.items()}
    for number, problem in survey.conclude(told, counts):
        listed.setdefault(number, []).append(problem)
    every = [each for number in sorted(listed) for each in listed[number]]
    return (
        [units.uri(each) for each in every if not isinstance(each, Unreadable)],
        [each for each in every if isinstance(each, Unreadable)],
    )


@pytest.mark.parametrize(
    ("addresses", "chosen"),
    [
        ([ROOT], {}),
        ([ROOT], {"accounts": (ACCOUNT,), "regions": ("eu-west-1",)}),
        ([ROOT], {"accounts": ("999999999999",)}),
        ([ROOT], {"period": Period(datetime(2026, 11, 20, 13, tzinfo=UTC))}),
        ([f"{ROOT}/elsewhere/", f"{ROOT}/AWSLogs/{OTHER}/"], {}),
        ([f"{ROOT}/nothing/", "s3://no-such-bucket", "s3://"], {}),
        ([f"{ROOT}/{key('2026-11-20')}"], {}),
    ],
)
def test_the_objects_of_a_bucket_are_those_of_one_listing(
    session: boto3.Session, addresses: list[str], chosen: dict[str, Any]
) -> None:
    said: list[list[str]] = [[], []]
    one, two = (
        InputFilter(session=lambda: session, remark=some.append, **chosen)
        for some in said
    )

    assert in_units(addresses, two) == whole(addresses, one)
    assert said[1] == said[0]


def test_a_folder_that_cannot_be_listed_is_a_problem(session: boto3.Session) -> None:
    denied = f"AWSLogs/{OTHER}/CloudTrail/"
    answer(
        session,
        "s3.ListObjectsV2",
        lambda asked: (
            refusal("AccessDenied") if asked.get("prefix") == denied else None
        ),
    )
    wanted = InputFilter(session=lambda: session)

    names, problems = in_units([ROOT], wanted)

    assert (names, problems) == whole([ROOT], wanted)
    assert len(names) == 4
    assert "s3:ListBucket" in problems[0].reason


def test_a_surveyed_bucket_is_held_in_few_units(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "MOST_UNITS", 1)
    wanted = InputFilter(session=lambda: session)

    assert len(Survey([ROOT], wanted).units) == 2
    assert in_units([ROOT], wanted) == whole([ROOT], wanted)


def test_files_are_one_unit(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "c.txt"):
        (tmp_path / name).touch()
    remarks: list[str] = []
    given = [str(tmp_path), str(tmp_path / "a.json"), "gone"]

    found = in_units(given, InputFilter(remark=remarks.append))

    assert found == whole(given, InputFilter())
    assert "1 file of another kind was left out" in remarks[0]


@pytest.mark.parametrize("given", ["-", "lookup-events://", "logs://group"])
def test_what_one_machine_alone_can_read_has_no_units(given: str) -> None:
    with pytest.raises(UsageError, match="a cluster reads files and s3:// inputs"):
        Survey([given], InputFilter())
