"""A bucket is walked without listing what is not wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.sources.events.period import Period
from checker.sources.events.remote.listing import Entry, Listing, find_objects
from checker.sources.events.remote.query import InputFilter
from tests.sources.events.remote.buckets import ACCOUNT, OTHER, key


class Bucket:
    """A bucket that remembers what was listed of it."""

    def __init__(self, *keys: str, broken: Sequence[str] = ()) -> None:
        self.keys = sorted(keys)
        self.listed: list[str] = []
        self.broken = broken

    def __call__(self, prefix: str, *, flat: bool, token: str | None = None) -> Listing:
        assert token is None
        self.listed.append(prefix + "*" * flat)
        if prefix in self.broken:
            return Listing([], [], "it cannot be listed: it is denied")
        entries: list[Entry] = []
        folders: dict[str, None] = {}
        for each in self.keys:
            if each.startswith(prefix):
                head, slash, _ = each[len(prefix) :].partition("/")
                if slash and not flat:
                    folders[prefix + head + slash] = None
                else:
                    entries.append(Entry(each, 1, ""))
        return Listing(entries, list(folders))

    def find(self, prefix: str = "", **wanted: Any) -> list[str]:
        found = list(find_objects(self, prefix, InputFilter(**wanted)))
        self.problems = [each for each in found if not isinstance(each, Entry)]
        return [each.key for each in found if isinstance(each, Entry)]


def between(since: str | None, until: str | None = None) -> Period:
    times = (
        datetime.fromisoformat(f"{t}T00:00Z") if t else None for t in (since, until)
    )
    return Period(*times)


DAYS = [f"2026-{month}-{day:02}" for month in ("10", "11") for day in range(1, 29)]
ROOTS = ["AWSLogs", "own/prefix/AWSLogs", "AWSLogs/o-exampleorgid"]


@pytest.mark.parametrize("root", ROOTS)
def test_of_two_months_two_days_are_listed(root: str) -> None:
    keys = [
        key(day, account=account, region=region, root=root)
        for day in DAYS
        for account in (ACCOUNT, OTHER)
        for region in ("us-east-1", "eu-west-1")
    ]
    bucket = Bucket(*keys)

    found = bucket.find(
        period=between("2026-11-20", "2026-11-21"),
        accounts=(ACCOUNT,),
        regions=("eu-west-1",),
    )

    days = ("2026-11-20", "2026-11-21")
    assert found == [key(day, region="eu-west-1", root=root) for day in days]
    assert not bucket.problems
    below = f"{root}/{ACCOUNT}/CloudTrail/eu-west-1/2026/"
    inside = [each for each in bucket.listed if each.startswith(below)]
    assert sorted(inside) == [
        below,
        f"{below}11/",
        *(f"{below}11/{day}/*" for day in ("20", "21", "22")),
    ]
    assert not any(OTHER in each or "us-east-1" in each for each in bucket.listed)
    assert len(bucket.listed) < 16


def test_whole_months_and_years_are_listed_at_once() -> None:
    keys = [
        key(f"{year}-{month:02}-05") for year in (2024, 2025, 2026) for month in (1, 6)
    ]
    bucket = Bucket(*keys)

    found = bucket.find(period=between("2024-06-03"))

    assert found == keys[1:]
    below = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/"
    assert sorted(bucket.listed[-3:]) == [
        f"{below}2024/06/05/*",
        f"{below}2025/*",
        f"{below}2026/*",
    ]


def test_without_choice_each_account_is_listed_at_once() -> None:
    keys = sorted(key(day, account=each) for day in DAYS for each in (ACCOUNT, OTHER))
    bucket = Bucket(*keys)

    assert bucket.find() == keys
    assert len(bucket.listed) == 6


def test_digests_insights_and_config_are_left_alone() -> None:
    wanted = [key("2026-11-20"), key("2026-11-20", folder="CloudTrail-NetworkActivity")]
    folders = ["CloudTrail-Digest", "CloudTrail-Insight", "Config", "vpcflowlogs"]
    others = [key("2026-11-20", folder=folder) for folder in folders]
    bucket = Bucket(
        *wanted, *others, "AWSLogs/aws-waf-logs/x.json", "athena/result.json"
    )

    assert bucket.find() == sorted(wanted)
    left = [*folders, "aws-waf-logs"]
    assert not [each for each in bucket.listed for part in left if f"/{part}/" in each]


def test_several_prefixes_and_layouts_of_one_bucket_are_found() -> None:
    others = ("team/AWSLogs", "MyAWSLogs/AWSLogs")
    keys = sorted(key("2026-11-20", root=root) for root in (*ROOTS, *others))

    assert Bucket(*keys).find() == keys


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("parts", range(1, 8))
def test_a_prefix_may_point_anywhere_in_the_layout(parts: int, slash: str) -> None:
    wanted = [key("2026-11-20"), key("2026-11-20", time="1205")]
    bucket = Bucket(*wanted, key("2025-10-19", account=OTHER, region="eu-west-1"))
    prefix = "/".join(wanted[0].split("/")[:parts]) + slash

    found = bucket.find(prefix, period=between("2026-11-20"))

    assert found == wanted
    assert not bucket.problems


def test_a_prefix_that_was_pruned_is_never_an_all_clear() -> None:
    bucket = Bucket(key("2026-11-20"))
    prefix = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/20/"

    assert bucket.find(prefix, period=between("2026-11-25")) == []
    ((_, reason),) = bucket.problems
    assert "check --account, --region, --since and --until" in reason


@pytest.mark.parametrize(
    "folder",
    ["Config", "elasticloadbalancing", "my-copies"],
)
def test_a_bucket_without_a_folder_of_cloudtrail_is_never_an_all_clear(
    folder: str,
) -> None:
    bucket = Bucket(f"AWSLogs/{ACCOUNT}/{folder}/x.json.gz", "archive/y.json")

    assert bucket.find() == []
    ((_, reason),) = bucket.problems
    assert f"no CloudTrail folder with log files is below AWSLogs, only {folder}" in (
        reason
    )
    assert "not looked at: archive/" in reason


@pytest.mark.parametrize("above", ["", "a/", "a/b/", "a/b/c/", "a/b/c/d/"])
def test_four_folders_may_stand_above(above: str) -> None:
    near = key("2026-11-20")
    bucket = Bucket(near, above + key("2026-11-21"))

    assert set(bucket.find()) == {near, above + key("2026-11-21")}


def test_the_start_of_names_will_do() -> None:
    bucket = Bucket(*(key(day) for day in ("2026-11-09", "2026-11-20", "2026-11-21")))
    prefix = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/2"

    assert bucket.find(prefix) == [key("2026-11-20"), key("2026-11-21")]


def test_one_object_is_taken_whatever_its_name() -> None:
    bucket = Bucket("logs/events.txt", "logs/events.txt.json")

    assert bucket.find("logs/events.txt") == ["logs/events.txt"]
    assert bucket.listed == ["logs/events.txt"]


def test_digests_that_are_named_are_read() -> None:
    folder = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/"
    bucket = Bucket(f"{folder}us-east-1/2026/11/20/digest.json.gz")

    assert bucket.find(folder) == bucket.keys


def test_a_bucket_without_layout_is_walked() -> None:
    keys = ["a.json", "b/c/d/e/f/g.json.gz", "b/firehose-1", "z.jsonl"]
    bucket = Bucket(*keys, "b/readme.txt", "b/.hidden/", "c/")

    assert bucket.find() == keys
    assert bucket.find("b/") == keys[1:3]
    assert bucket.find("b") == keys[1:3]


def test_accounts_and_regions_cannot_be_chosen_without_layout() -> None:
    bucket = Bucket("logs/a.json")

    assert bucket.find("logs/", regions=("eu-west-1",)) == []
    ((prefix, reason),) = bucket.problems
    assert prefix == "logs/"
    assert "leave --account and --region out" in reason


def test_an_account_or_region_that_is_nowhere_is_a_problem() -> None:
    bucket = Bucket(key("2026-11-20"))

    assert bucket.find(accounts=(ACCOUNT, OTHER)) == [key("2026-11-20")]
    assert bucket.problems == [("", f"there is no folder of account {OTHER}")]
    assert bucket.find(regions=("us-east-1", "eu-west-9")) == [key("2026-11-20")]
    assert bucket.problems == [("", "there is no folder of Region eu-west-9")]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ([], "check the bucket and the prefix"),
        (["notes.txt", "b.parquet"], "2 files of other kinds were left out"),
        (["a/"], "check the bucket and the prefix"),
    ],
)
def test_a_prefix_without_event_files_is_a_problem(keys: list[str], words: str) -> None:
    bucket = Bucket(*keys)

    assert bucket.find() == []
    ((prefix, reason),) = bucket.problems
    assert prefix == ""
    assert "no event file is there" in reason
    assert words in reason


def test_a_pattern_is_no_prefix() -> None:
    bucket = Bucket("logs/a.json")

    assert bucket.find("logs/*.json") == []
    assert "the start of names here and no pattern" in bucket.problems[0][1]


def test_few_objects_of_a_large_bucket_are_held() -> None:
    pages: list[str | None] = []

    def lister(prefix: str, *, flat: bool, token: str | None = None) -> Listing:
        if not flat:
            return Listing([], [prefix + folders[prefix]])
        pages.append(token)
        number = int(token or 0)
        entries = [
            Entry(f"{prefix}{number:03}-{each:04}.gz", 1, "") for each in range(9)
        ]
        return Listing(entries, [], token=str(number + 1) if number < 99 else None)

    account = f"AWSLogs/{ACCOUNT}/"
    folders = {"": "AWSLogs/", "AWSLogs/": f"{ACCOUNT}/", account: "CloudTrail/"}
    found = find_objects(lister, "", InputFilter())

    first = next(found)
    assert pages == [None]
    assert isinstance(first, Entry)
    assert first.key == f"{account}CloudTrail/000-0000.gz"
    rest = list(found)

    keys = [each.key for each in (first, *rest) if isinstance(each, Entry)]
    assert len(keys) == 900
    assert keys == sorted(keys)


def test_a_folder_that_cannot_be_listed_costs_no_other() -> None:
    broken = f"AWSLogs/{OTHER}/"
    bucket = Bucket(
        key("2026-11-20"), key("2026-11-20", account=OTHER), broken=[broken]
    )

    assert bucket.find() == [key("2026-11-20")]
    assert bucket.problems == [(broken, "it cannot be listed: it is denied")]


def test_a_bucket_with_very_many_folders_is_not_searched_to_the_end() -> None:
    many = [f"folder-{number:03}/x.json" for number in range(150)]
    alone, mixed = Bucket(*many), Bucket(*many, key("2026-11-20"))

    assert len(alone.find()) == 150
    assert mixed.find() == [key("2026-11-20")]
    ((_, reason),) = mixed.problems
    assert "too many folders" in reason
    assert len(mixed.listed) < 10


@given(
    files=st.sets(
        st.tuples(
            st.sampled_from([ACCOUNT, OTHER]),
            st.sampled_from(["us-east-1", "eu-west-1"]),
            st.dates(datetime(2025, 12, 1).date(), datetime(2026, 3, 1).date()),  # noqa: DTZ001 - a day
        ),
        min_size=1,
        max_size=12,
    ),
    since=st.dates(datetime(2025, 12, 1).date(), datetime(2026, 3, 1).date()),  # noqa: DTZ001 - a day
    length=st.integers(1, 60),
)
def test_pruning_loses_no_file_that_may_hold_an_event_of_the_period(
    files: set[Any], since: Any, length: int
) -> None:
    keys = {
        key(day.isoformat(), account=account, region=region): day
        for account, region, day in files
    }
    until = since.fromordinal(since.toordinal() + length)
    bucket = Bucket(*keys)

    found = bucket.find(period=between(since.isoformat(), until.isoformat()))

    # Delivered at noon: from the first day on, until a day after the last has ended.
    assert set(found) == {each for each, day in keys.items() if since <= day <= until}
