"""Which folders of a bucket hold what is wanted, by their names alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checker.sources.events.period import Period
from checker.sources.events.remote.layout import (
    Step,
    below,
    is_event_file,
    is_in_time,
    step,
)
from checker.sources.events.remote.query import InputFilter

ACCOUNT = "123456789012"
NAME = f"{ACCOUNT}_CloudTrail_eu-west-1_{{}}Z_Mu0KsOhtH1ar15ZZ.json.gz"


def between(since: str | None, until: str | None, late: int = 1) -> InputFilter:
    first, last = (each and datetime.fromisoformat(each) for each in (since, until))
    return InputFilter(period=Period(first or None, last or None), late=timedelta(late))


@pytest.mark.parametrize(
    ("folder", "parts"),
    [
        ("AWSLogs/", ()),
        ("own/prefix/AWSLogs/123456789012/", ("123456789012",)),
        ("AWSLogs/o-exampleorgid/123456789012/", ("123456789012",)),
        ("AWSLogs/o-exampleorgid/", ()),
        ("own/prefix/", None),
        ("AWSLogsOld/123456789012/", None),
    ],
)
def test_folders_stand_below_awslogs(folder: str, parts: tuple[str, ...]) -> None:
    assert below(folder) == parts


@pytest.mark.parametrize(
    ("parts", "wanted", "expected"),
    [
        ((), InputFilter(), Step.OPEN),
        ((ACCOUNT,), InputFilter(), Step.OPEN),
        ((ACCOUNT,), InputFilter(accounts=(ACCOUNT,)), Step.OPEN),
        ((ACCOUNT,), InputFilter(accounts=("210987654321",)), Step.PRUNE),
        (("aws-waf-logs",), InputFilter(), Step.SKIP),
        ((ACCOUNT, "CloudTrail"), InputFilter(), Step.TAKE),
        ((ACCOUNT, "CloudTrail-NetworkActivity"), InputFilter(), Step.TAKE),
        ((ACCOUNT, "CloudTrail"), InputFilter(regions=("eu-west-1",)), Step.OPEN),
        ((ACCOUNT, "CloudTrail"), between("2026-11-20T00:00Z", None), Step.OPEN),
        ((ACCOUNT, "CloudTrail-Digest"), InputFilter(), Step.SKIP),
        ((ACCOUNT, "CloudTrail-Insight"), InputFilter(), Step.SKIP),
        ((ACCOUNT, "Config"), InputFilter(), Step.SKIP),
        ((ACCOUNT, "elasticloadbalancing"), InputFilter(), Step.SKIP),
    ],
)
def test_accounts_and_products_are_chosen(
    parts: tuple[str, ...], wanted: InputFilter, expected: Step
) -> None:
    assert step(parts, wanted) is expected


@pytest.mark.parametrize(
    ("date", "since", "until", "expected"),
    [
        ("", "2026-11-20T12:00Z", None, Step.OPEN),
        ("2025", "2026-11-20T12:00Z", None, Step.PRUNE),
        ("2026", "2026-11-20T12:00Z", None, Step.OPEN),
        ("2027", "2026-11-20T12:00Z", None, Step.TAKE),
        ("2026/10", "2026-11-20T12:00Z", None, Step.PRUNE),
        ("2026/11", "2026-11-20T12:00Z", None, Step.OPEN),
        ("2026/12", "2026-11-20T12:00Z", None, Step.TAKE),
        ("2026/11/19", "2026-11-20T00:00Z", None, Step.PRUNE),
        ("2026/11/20", "2026-11-20T23:59:59Z", None, Step.TAKE),
        # An event of a day may be delivered on the next.
        ("2026/11/21", None, "2026-11-21T00:00Z", Step.TAKE),
        ("2026/11/22", None, "2026-11-21T00:00Z", Step.TAKE),
        ("2026/11/23", None, "2026-11-21T00:00Z", Step.PRUNE),
        ("2026/12", None, "2026-11-21T00:00Z", Step.PRUNE),
        ("2026/10", None, "2026-11-21T00:00Z", Step.TAKE),
        ("2027", None, "2026-12-31T12:00Z", Step.OPEN),
        ("2028", None, "2026-12-31T12:00Z", Step.PRUNE),
        # What is no date is never left out.
        ("2026/13", "2026-11-20T12:00Z", None, Step.TAKE),
        ("copies", "2026-11-20T12:00Z", None, Step.TAKE),
        ("9999/12/31", None, "2026-11-21T00:00Z", Step.TAKE),
    ],
)
def test_days_are_chosen(
    date: str, since: str | None, until: str | None, expected: Step
) -> None:
    parts = (ACCOUNT, "CloudTrail", "eu-west-1", *filter(None, date.split("/")))

    assert step(parts, between(since, until)) is expected


def test_how_late_a_delivery_may_come_is_up_to_the_user() -> None:
    parts = (ACCOUNT, "CloudTrail", "eu-west-1", "2026", "12", "20")

    assert step(parts, between(None, "2026-11-21T00:00Z", late=30)) is Step.TAKE
    assert step(parts, between(None, "2026-11-21T00:00Z", late=28)) is Step.PRUNE


@pytest.mark.parametrize(
    ("time", "since", "until", "expected"),
    [
        ("20261120T1229", "2026-11-20T12:36Z", None, False),
        ("20261120T1230", "2026-11-20T12:35:59Z", None, True),
        ("20261120T1240", "2026-11-20T12:35Z", None, True),
        ("20261121T1200", None, "2026-11-20T12:00Z", True),
        ("20261121T1201", None, "2026-11-20T12:00Z", False),
        ("20269999T9999", "2026-11-20T12:35Z", None, True),
    ],
)
def test_a_file_holds_what_came_before_the_minute_of_its_name(
    time: str, since: str | None, until: str | None, *, expected: bool
) -> None:
    assert is_in_time(f"a/{NAME.format(time)}", between(since, until)) is expected


def test_a_name_of_another_kind_is_never_out_of_time() -> None:
    assert is_in_time("a/20261120T1229Z.json", between("2026-11-21T00:00Z", None))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (NAME.format("20261120T1229"), True),
        ("copies/firehose-2026", True),
        ("copies/x.JSON", True),
        ("copies/x.zst", True),
        ("copies/", False),
        ("copies/.hidden.json", False),
        ("copies/x.csv", True),
        (f"d/{ACCOUNT}_CloudTrail-Digest_eu-west-1_t_20261120T122900Z.json.gz", False),
        (f"d/{ACCOUNT}_CloudTrail-Insight_eu-west-1_20261120T1229Z_x.json.gz", False),
        (f"d/{ACCOUNT}_Config_eu-west-1_ConfigHistory_x.json.gz", False),
    ],
)
def test_event_files_are_told_by_their_names(key: str, *, expected: bool) -> None:
    assert is_event_file(key) is expected


def test_times_are_utc() -> None:
    wanted = InputFilter(period=Period(datetime(2026, 11, 20, 23, tzinfo=UTC)))

    assert step((ACCOUNT, "CloudTrail", "x", "2026", "11", "20"), wanted) is Step.TAKE


@pytest.mark.parametrize(
    "folder",
    [
        "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/20/",
        "AWSLogs/123456789012/cloudtrail/eu-west-1/2026/11/20/",
        "awslogs/123456789012/cloudtrail/eu-west-1/2026/11/20/",
        "AWSLogs/o-exampleorgid/ou-ab12-12345678/123456789012/CloudTrail/eu-west-1/2026/11/20/",
        "AWSLogs/account=123456789012/CloudTrail/region=eu-west-1/year=2026/month=11/day=20/",
    ],
)
def test_copies_with_other_spellings_are_the_same_folders(folder: str) -> None:
    parts = below(folder)
    assert parts is not None
    assert parts[2:] == ("eu-west-1", "2026", "11", "20")
    wanted = InputFilter(regions=("eu-west-1",))
    assert [step(parts[:n], wanted) for n in (1, 2, 3)] == [
        Step.OPEN,
        Step.OPEN,
        Step.TAKE,
    ]
