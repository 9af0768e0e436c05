"""What a rule needs recorded: the product of its sources and names, as AWS has them."""

from __future__ import annotations

from typing import Any

import pytest

from checker import conditions
from checker.aws import api_calls, data_events
from checker.aws.event_categories import category_of
from checker.evaluate.recording import rule_needs, visibility
from checker.evaluate.recording.coverage import coverage
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.recorder import Recorders
from checker.model import Detection, DetectionRule, Level, Status
from tests.evaluate.recording.test_visibility import (
    MANAGEMENT,
    data,
    everything,
    pack,
    snapshot,
)

__all__ = ["pack"]

Pack = dict[str, tuple[DetectionRule, list[Any]]]
S3 = "AWS::S3::Object"
TABLE = "AWS::DynamoDB::Table"


def rule(condition: str) -> DetectionRule:
    return DetectionRule(
        title="Something happened",
        name="something_happened",
        id="5e0c1a53-4dc5-4f0c-9a4e-0f4a5d6f9c11",
        level=Level.HIGH,
        status="test",
        path="rules/something_happened.yml",
        line=1,
        detection=Detection({}, conditions.parse(condition)),
    )


def one_of(field: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"one_of({field}, [{listed}])"


def calls(sources: str, names: str, more: str = "") -> DetectionRule:
    hosts = [f"{source}.amazonaws.com" for source in sources.split()]
    parts = [one_of("eventSource", *hosts), one_of("eventName", *names.split())]
    return rule(" && ".join([*parts, *([more] if more else [])]))


def event(source: str, name: str, category: str = "Management", **more: Any) -> Any:
    return {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventCategory": category,
        **more,
    }


def needed(one: DetectionRule, *samples: Any) -> set[tuple[str, str, str]]:
    """Return the category, the source's first part and the name of each need."""
    return {
        (need.category, str(need.source).split(".")[0], name)
        for need in rule_needs.needs(one, samples, {})
        for name in need.names or ("*",)
    }


@pytest.mark.parametrize(
    ("one", "samples", "expected"),
    [
        pytest.param(
            calls("s3 ec2", "PutBucketPolicy RunInstances"),
            [],
            {
                ("Management", "s3", "PutBucketPolicy"),
                ("Management", "ec2", "RunInstances"),
            },
            id="pairs that no service has are not needed",
        ),
        pytest.param(
            calls("s3 dynamodb", "PutObject PutItem"),
            [],
            {("Data", "s3", "PutObject"), ("Data", "dynamodb", "PutItem")},
            id="the models say which calls are data events",
        ),
        pytest.param(
            calls("s3 kms", "PutBucketPolicy DeleteBucket DisableKey"),
            [event("s3", "PutBucketPolicy")],
            {
                ("Management", "s3", "PutBucketPolicy"),
                ("Management", "s3", "DeleteBucket"),
                ("Management", "kms", "DisableKey"),
            },
            id="a case for one name leaves the others needed",
        ),
        pytest.param(
            calls("s3 ec2", "PutObject RunInstances", "eventType == 'AwsVpceEvent'"),
            [],
            {
                ("NetworkActivity", "s3", "PutObject"),
                ("NetworkActivity", "ec2", "RunInstances"),
            },
            id="what is written of the event type says the category",
        ),
        pytest.param(
            calls("s3", "PutObject PutBucketPolicy", "managementEvent == `true`"),
            [],
            {("Management", "s3", "PutBucketPolicy")},
            id="a data event is no management event",
        ),
        pytest.param(
            rule(
                "(eventSource == 's3.amazonaws.com' && eventName == 'DeleteBucket') || "
                "(eventSource == 'iam.amazonaws.com' && eventName == 'CreateUser')"
            ),
            [],
            {("Management", "s3", "DeleteBucket"), ("Management", "iam", "CreateUser")},
            id="an alternative needs its own pairs, not the product",
        ),
        pytest.param(
            rule("eventName == 'StopLogging'"),
            [],
            {("Management", "cloudtrail", "StopLogging")},
            id="without a source, whoever has the name",
        ),
        pytest.param(
            rule(
                "eventSource == 'cloudtrail.amazonaws.com' && "
                "starts_with(eventName, 'StopL')"
            ),
            [],
            {("Management", "cloudtrail", "StopLogging")},
            id="a start stands for the calls that have it",
        ),
        pytest.param(
            calls("account", "PutAlternateContact SomethingNew"),
            [],
            {
                ("Management", "account", "PutAlternateContact"),
                ("Management", "account", "SomethingNew"),
            },
            id="a source that is not published may have any name",
        ),
        pytest.param(
            calls("s3 ec2", "PutObject RunInstances SomethingNew"),
            [
                event("ec2", "PutObject", "NetworkActivity"),
                event("ec2", "SomethingNew"),
            ],
            {
                ("Data", "s3", "PutObject"),
                ("Management", "ec2", "RunInstances"),
                ("Management", "ec2", "SomethingNew"),
            },
            id="a case shows a new call, and not that a service has another's",
        ),
        pytest.param(
            rule("userIdentity.type == 'Root'"),
            [event("iam", "CreateUser")],
            {("Management", "iam", "CreateUser")},
            id="where the rule names nothing the cases do",
        ),
        pytest.param(
            rule("eventSource == 'kms.amazonaws.com'"),
            [],
            {("Management", "kms", "*")},
            id="a source alone is all of its calls",
        ),
    ],
)
def test_the_needs_of_a_rule(
    one: DetectionRule, samples: list[Any], expected: set[tuple[str, str, str]]
) -> None:
    assert needed(one, *samples) == expected


def test_a_full_data_trail_is_no_partial_one_for_pairs_that_do_not_occur() -> None:
    one = calls("s3 dynamodb", "PutObject PutItem")
    settings = snapshot(data(kind=S3), data(kind=TABLE))

    assert visibility.of_detection(one, [], settings).status is Status.VISIBLE


def test_write_calls_are_seen_by_a_trail_of_write_events() -> None:
    one = calls("iam kms", "CreateUser DisableKey AttachUserPolicy")
    writes = {"Field": "readOnly", "Equals": ["false"]}
    fields = [*MANAGEMENT["FieldSelectors"], writes]

    found = visibility.of_detection(one, [], snapshot({"FieldSelectors": fields}))

    assert found.status is Status.VISIBLE


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (calls("ec2", "PutObject"), "AWS has none of the events it names"),
        (rule("eventName == 'A' && eventName == 'B'"), "its condition never holds"),
        (rule("sourceIPAddress == '192.0.2.1'"), "the rule names no event"),
    ],
)
def test_a_rule_without_needs_is_unknown_and_says_why(
    one: DetectionRule, reason: str
) -> None:
    found = visibility.of_detection(one, [], everything())

    assert found.status is Status.UNKNOWN
    assert reason in found.reason


def test_every_need_of_the_pack_has_a_case_or_a_model_behind_it(pack: Pack) -> None:
    unfounded = []
    for name, (one, samples) in pack.items():
        shown = {(each.get("eventSource"), each.get("eventName")) for each in samples}
        for need in rule_needs.needs(one, samples, {}):
            assert need.source is not None
            unfounded += [
                (name, need.source, each)
                for each in need.names
                if (need.source, each) not in shown
                and not api_calls.occurs(need.source, each)
            ]
            unfounded += [
                (name, need.source, each)
                for each in need.names
                if api_calls.occurs(need.source, each) is False
                and api_calls.owners(each)
            ]
    assert unfounded == []


def test_a_source_with_unpublished_names_does_not_stand_for_those_of_others() -> None:
    one = calls("es vpc-lattice", "CreateDomain PutAuthPolicy NeverHeardOf")

    found = rule_needs.needs(one, [], {})

    wanted = {(need.source, name) for need in found for name in need.names}
    assert wanted == {
        ("es.amazonaws.com", "CreateDomain"),
        ("vpc-lattice.amazonaws.com", "PutAuthPolicy"),
        ("vpc-lattice.amazonaws.com", "NeverHeardOf"),
    }


SETTINGS = [
    pytest.param(everything(), id="everything"),
    pytest.param(snapshot(MANAGEMENT), id="management"),
    pytest.param(
        snapshot(
            {
                "FieldSelectors": [
                    *MANAGEMENT["FieldSelectors"],
                    {"Field": "readOnly", "Equals": ["false"]},
                ]
            },
            data({"Field": "readOnly", "Equals": ["false"]}, kind=S3),
        ),
        id="writes",
    ),
    pytest.param(
        snapshot(data({"Field": "eventName", "NotStartsWith": ["Get"]}, kind=S3)),
        id="some objects",
    ),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_each_record_of_a_need_that_is_covered_is_recorded(
    pack: Pack, settings: dict[str, Any]
) -> None:
    (trail,) = settings["trails"]
    recorders = Recorders()
    judge = recorders.of(trail)
    verdicts: dict[Any, Any] = {}
    asked, lost = 0, []
    for name, (one, samples) in pack.items():
        for need in rule_needs.needs(one, samples, settings):
            if need not in verdicts:
                verdicts[need] = coverage([trail], need, recorders).verdict
            for sample in samples if verdicts[need] == "full" else ():
                if _is_needed(sample, need):
                    asked += 1
                    if not judge(_anywhere(sample)).verdict:
                        lost.append((name, sample["eventName"]))
    assert asked
    assert lost == []


def _is_needed(sample: Any, need: Need) -> bool:
    types = {each.get("type") for each in sample.get("resources") or ()}
    access = {True: "Read", False: "Write"}.get(sample.get("readOnly"))
    return (
        category_of(sample) == need.category
        and sample.get("eventSource") == need.source
        and (not need.names or sample.get("eventName") in need.names)
        and (need.resource_type is None or need.resource_type in types)
        and need.access in ("All", access)
    )


def _anywhere(sample: Any) -> dict[str, Any]:
    """Take from a record what is no matter of selectors: the account."""
    return {key: value for key, value in sample.items() if key != "recipientAccountId"}


def test_every_documented_data_event_is_one_that_its_source_has() -> None:
    unknown = [key for key in data_events.every() if api_calls.occurs(*key) is False]
    assert unknown == []


def test_one_event_is_judged_by_itself_and_by_no_other() -> None:
    settings = snapshot(MANAGEMENT)
    sample = event("s3", "PutBucketPolicy", readOnly=False, awsRegion="us-east-1")
    other = event("s3", "PutObject", "Data", readOnly=False, awsRegion="us-east-1")

    assert visibility.of_event(sample, settings).status is Status.VISIBLE
    assert visibility.of_event(other, settings).status is Status.BLIND
    assert visibility.of_event(other, settings | {"trails": []}).status is Status.BLIND
    assert visibility.of_event(other, {}).status is Status.UNKNOWN
