"""Which lifecycle rules act on log files, by their prefixes and tags."""

from __future__ import annotations

from typing import Any

import pytest

from checker.conditions import Unknown
from checker.evaluate.configuration.log_lifecycle import rows

UNSURE = Unknown("known only after apply")


def found(rule: dict[str, Any], *trails: dict[str, Any]) -> list[Any] | Unknown:
    bucket = {"name": "logs", "lifecycle": {"Rules": [{"Status": "Enabled", **rule}]}}
    return rows(bucket, {"trails": [{"S3BucketName": "logs", **one} for one in trails]})


@pytest.mark.parametrize(
    ("rule", "trail", "acts"),
    [
        ({}, {}, True),
        ({"Prefix": ""}, {}, True),
        ({"Filter": {}}, {}, True),
        ({"Prefix": "AWSLogs/"}, {}, True),
        ({"Prefix": "AWS"}, {}, True),
        ({"Filter": {"Prefix": "AWSLogs/123456789012/CloudTrail/"}}, {}, True),
        ({"Filter": {"Prefix": "tmp/"}}, {}, False),
        (
            {"Filter": {"And": {"Prefix": "AWSLogs/", "ObjectSizeLessThan": 9}}},
            {},
            True,
        ),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, {}, False),
        ({"Filter": {"And": {"Tags": [{"Key": "a", "Value": "b"}]}}}, {}, False),
        ({"Prefix": "org/"}, {"S3KeyPrefix": "org"}, True),
        ({"Prefix": "org/AWSLogs/"}, {"S3KeyPrefix": "org"}, True),
        ({"Prefix": "AWSLogs/"}, {"S3KeyPrefix": "org"}, False),
        ({"Status": "Disabled"}, {}, False),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}, {}, False),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, {}, False),
        (
            {
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
            },
            {},
            True,
        ),
        ({"Expiration": {"ExpiredObjectDeleteMarker": False, "Days": 400}}, {}, True),
    ],
)
def test_a_rule_acts_on_the_keys_of_log_files(
    rule: dict[str, Any], trail: dict[str, Any], *, acts: bool
) -> None:
    assert bool(found(rule, trail)) is acts


@pytest.mark.parametrize(
    ("rule", "trail"),
    [
        ({"Status": UNSURE}, {}),
        ({"Prefix": UNSURE}, {}),
        ({"Filter": UNSURE}, {}),
        ({"Filter": {"And": UNSURE}}, {}),
        ({"Prefix": "tmp/"}, {"S3KeyPrefix": UNSURE}),
    ],
)
def test_what_is_not_known_of_a_rule_or_trail_may_make_it_act(
    rule: dict[str, Any], trail: dict[str, Any]
) -> None:
    answer = found(rule, trail)

    assert isinstance(answer, Unknown)
    assert answer.among is not None
    nothing, something = answer.among
    assert nothing == []
    assert isinstance(something, list)
    assert isinstance(something[0], Unknown)


def test_rules_that_are_not_known_stay_so() -> None:
    assert rows({"lifecycle": UNSURE}, {}) is UNSURE
    assert rows({"lifecycle": {"Rules": UNSURE}}, {}) is UNSURE
    unsure = {"lifecycle": {"Rules": [UNSURE]}}
    assert isinstance(rows(unsure, {}), Unknown)


def test_a_bucket_without_a_trail_has_log_files_where_they_are_by_default() -> None:
    bucket = {"lifecycle": {"Rules": [{"Status": "Enabled", "Prefix": "AWSLogs/"}]}}

    assert rows(bucket, {"trails": []})


def test_the_end_is_told_in_days_or_from_a_date() -> None:
    (late,) = found({"ID": "end", "Expiration": {"Days": 400}})
    (dated,) = found({"Expiration": {"Days": 0, "Date": "2027-01-01T00:00:00Z"}})
    (moved,) = found({"Transitions": [{"Days": 90}]})

    assert late["reason"] == "the lifecycle rule end ends log files after 400 days"
    assert dated["days"] is None
    assert "2027-01-01" in dated["reason"]
    assert moved["days"] is moved["date"] is None


KEPT = {"Status": "Enabled", "Expiration": {"Days": 400}}
EARLY = {"Status": "Enabled", "Expiration": {"Days": 1}}


@pytest.mark.parametrize(
    "lifecycle",
    [
        Unknown("Fn::If", among=({"Rules": [KEPT, EARLY]}, {"Rules": [KEPT]})),
        {"Rules": Unknown("Fn::If", among=([KEPT, EARLY], [KEPT]))},
        {"Rules": [KEPT, Unknown("Fn::If", among=(EARLY, None))]},
    ],
)
def test_a_rule_that_is_perhaps_there_is_a_row_that_is_perhaps_there(
    lifecycle: Any,
) -> None:
    found = rows({"name": "logs", "lifecycle": lifecycle}, {})

    several = found.among or () if isinstance(found, Unknown) else [found]
    every = [row for one in several for row in one]  # type: ignore[attr-defined]  # lists
    unsure = [
        one for row in every if isinstance(row, Unknown) for one in row.among or ()
    ]
    assert {row["days"] for row in [*every, *unsure] if isinstance(row, dict)} == {
        1,
        400,
    }
