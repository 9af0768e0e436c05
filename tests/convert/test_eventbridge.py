"""EventBridge patterns, by the words of AWS's pages, and their resources."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec import structs

from checker import conditions, convert
from checker.convert import Conversion, Events, Fidelity, Kinds, Options, Refused, Shape
from checker.convert.subject import Subject
from checker.model import Detection, DetectionRule, Level


def rule(condition: str) -> DetectionRule:
    return DetectionRule(
        path="rules/x.yml",
        line=1,
        title="Trail deleted",
        name="trail_deleted",
        id="7f4b0c53-8b2e-4e55-9c1f-6f0f5d6d2a10",
        level=Level.HIGH,
        status="stable",
        detection=Detection({}, conditions.parse(condition)),
    )


def made(
    condition: str,
    *,
    samples: tuple[dict[str, Any], ...] = (),
    events: Events | None = None,
    **options: Any,
) -> Conversion | Refused:
    written = rule(condition)
    subject = Subject(
        written,
        convert.normal(written.detection.condition),
        Kinds((), samples),
        events or Events(),
    )
    return convert.convert(subject, "eventbridge", Options(**options))


def detail(condition: str, **given: Any) -> Any:
    outcome = made(condition, **given)
    assert isinstance(outcome, Conversion), outcome
    return json.loads(outcome.core)["detail"]


def refusal(condition: str, **given: Any) -> str:
    outcome = made(condition, **given)
    assert isinstance(outcome, Refused), outcome
    return str(outcome.reason)


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("eventName == 'A'", {"eventName": ["A"]}),
        ("one_of(eventName, ['A', 'B'])", {"eventName": ["A", "B"]}),
        ("eventName == 'A' || eventName == 'B'", {"eventName": ["A", "B"]}),
        (
            "eventName != 'A'",
            {"eventName": [{"anything-but": "A"}, {"exists": False}]},
        ),
        (
            "!errorCode",
            {"errorCode": ["", False, None, {"exists": False}]},
        ),
        ("errorCode", {"errorCode": [{"anything-but": ""}]}),
        ("readOnly == `true`", {"readOnly": [True]}),
        ("starts_with(eventName, 'Get')", {"eventName": [{"prefix": "Get"}]}),
        (
            "!ends_with(eventName, 'x') && eventName != 'A'",
            {
                "eventName": [
                    {"anything-but": {"wildcard": ["*x", "A"]}},
                    {"exists": False},
                ]
            },
        ),
        (
            "contains(userAgent, 'a*b\\\\')",
            {"userAgent": [{"wildcard": "*a\\*b\\\\\\\\*"}]},
        ),
        (
            "lower(userAgent) == 'curl'",
            {"userAgent": [{"equals-ignore-case": "curl"}]},
        ),
        (
            "matches(userAgent, '^(kali|pacu)/')",
            {"userAgent": [{"prefix": "kali/"}, {"prefix": "pacu/"}]},
        ),
        (
            "requestParameters.n >= `5`",
            {"requestParameters": {"n": [{"numeric": [">=", 5]}]}},
        ),
        (
            "eventName == 'A' && (errorCode == 'x' || readOnly == `false`)",
            {"eventName": ["A"], "$or": [{"errorCode": ["x"]}, {"readOnly": [False]}]},
        ),
        (
            "requestParameters.items[?key == 'a' && value == 'b']",
            {"requestParameters": {"items": {"key": ["a"], "value": ["b"]}}},
        ),
    ],
)
def test_conditions_become_patterns(condition: str, wanted: Any) -> None:
    assert detail(condition) == wanted


def test_no_field_is_tested_outside_and_inside_an_or() -> None:
    # The later list would silently replace the first (vectors e103 to e115).
    found = detail("starts_with(eventName, 'Get') && (eventName == 'GetX' || readOnly)")

    assert found == {
        "$or": [
            {"eventName": ["GetX"]},
            {"eventName": [{"prefix": "Get"}], "readOnly": [True, "true", "false"]},
        ]
    }


def test_two_alternatives_lie_within_each_other() -> None:
    found = detail(
        "(eventName == 'A' || errorCode == 'B') && "
        "(awsRegion == 'C' || userAgent == 'D')"
    )

    inner = [{"awsRegion": ["C"]}, {"userAgent": ["D"]}]
    assert found == {
        "$or": [
            {"eventName": ["A"], "$or": inner},
            {"errorCode": ["B"], "$or": inner},
        ]
    }


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("responseElements", "cannot tell"),
        ("!(requestParameters.x)", "cannot tell an object from nothing"),
        ("contains(requestParameters.x, 'a')", "not known to be a text"),
        ("userIdentity.accountId == recipientAccountId", "constants alone"),
        ("matches(userAgent, '^a[0-9]+$')", "no regular expressions"),
        ("contains(lower(userAgent), 'a')", "no wildcard in any case"),
        ("cidr_contains('10.0.0.0/8', sourceIPAddress)", "IPv6"),
        ("!(requestParameters.x[?a == 'b'])", "no element"),
        ("requestParameters.x[?a != 'b']", "all elements at once"),
        ("length(requestParameters.x) > `3`", "nothing that says it"),
        ("starts_with(userAgent, 'a') && contains(userAgent, 'b')", "two tests"),
        (
            "requestParameters.x[?a == 'b'] && requestParameters.x[?c == 'd']",
            "ties all tests below",
        ),
        ("requestParameters.n > `99999999999999999999`", "exactly"),
        ("eventType == 'AwsVpceEvent'", "no events of the type"),
        ("eventName == 'A' && eventName == 'B'", "never holds"),
    ],
)
def test_what_a_pattern_cannot_say_is_refused(condition: str, why: str) -> None:
    assert why in refusal(condition)


def test_a_refusal_names_the_part_and_its_place() -> None:
    said = refusal("eventName == 'A' && contains(lower(userAgent), 'x')")

    assert "`contains(lower(userAgent), 'x')` (condition, character 21)" in said


def test_a_superset_leaves_out_what_cannot_be_said() -> None:
    outcome = made("eventName == 'A' && contains(lower(userAgent), 'x')", superset=True)

    assert isinstance(outcome, Conversion)
    assert json.loads(outcome.core)["detail"] == {"eventName": ["A"]}
    assert outcome.fidelity is Fidelity.SUPERSET
    assert "contains(lower(userAgent)" in str(outcome.dropped[0])


def test_a_superset_never_matches_everything() -> None:
    assert "no wildcard" in refusal("contains(lower(userAgent), 'x')", superset=True)


def test_a_pattern_that_is_too_long_is_refused() -> None:
    names = ", ".join(f"'EventNumber{number:04}'" for number in range(200))

    assert "2,048" in refusal(f"one_of(eventName, [{names}])")


def test_cases_show_the_type_of_a_field_that_no_model_knows() -> None:
    condition = "contains(requestParameters.x, 'a')"
    text = {"requestParameters": {"x": "abc"}}
    array = {"requestParameters": {"x": ["a", "c"]}}

    assert detail(condition, samples=(text,)) == {
        "requestParameters": {"x": [{"wildcard": "*a*"}]}
    }
    assert detail(condition, samples=(array,)) == {"requestParameters": {"x": ["a"]}}
    assert "not known" in refusal(condition, samples=(text, array))


def test_detail_types_are_those_of_the_event_type() -> None:
    outcome = made("eventType == 'AwsConsoleSignIn'")

    assert isinstance(outcome, Conversion)
    assert json.loads(outcome.core)["detail-type"] == [
        "AWS Console Sign In via CloudTrail",
        "AWS Console Signin via CloudTrail",
    ]


READS = Events(
    frozenset({"Management"}),
    reads=True,
    only_reads=True,
    sources=("iam.amazonaws.com",),
)


def test_a_template_has_the_rule_its_topic_policy_and_a_notification() -> None:
    outcome = made(
        "eventName == 'A' && eventType == 'AwsServiceEvent'",
        events=READS,
        shape=Shape.CLOUDFORMATION,
    )

    assert isinstance(outcome, Conversion)
    resources = json.loads(outcome.text)["Resources"]
    assert {name: each["Type"] for name, each in resources.items()} == {
        "Topic": "AWS::SNS::Topic",
        "TopicPolicy": "AWS::SNS::TopicPolicy",
        "Rule": "AWS::Events::Rule",
        "Notification": "AWS::Notifications::NotificationConfiguration",
        "NotificationRule": "AWS::Notifications::EventRule",
    }
    properties = resources["Rule"]["Properties"]
    assert properties["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert properties["EventPattern"] == json.loads(outcome.core)
    [statement] = resources["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    notified = resources["NotificationRule"]["Properties"]
    assert notified["Source"] == "aws.iam"
    assert notified["EventType"] == "AWS Service Event via CloudTrail"
    found = json.loads(notified["EventPattern"])
    assert found == {"detail": json.loads(outcome.core)["detail"]}


@pytest.mark.parametrize(
    ("event_type", "source", "wanted"),
    [
        ("AwsApiCall", "iam", ["AWS API Call via CloudTrail"]),
        ("AwsServiceEvent", "signin", ["AWS Service Event via CloudTrail"]),
        ("AwsConsoleSignIn", "signin", ["AWS Console Sign In via CloudTrail"]),
        (
            None,
            "iam",
            [
                "AWS API Call via CloudTrail",
                "AWS Console Action via CloudTrail",
                "AWS Service Event via CloudTrail",
            ],
        ),
    ],
)
def test_each_detail_type_has_a_notification_rule(
    event_type: str | None, source: str, wanted: list[str]
) -> None:
    pinned = f" && eventType == '{event_type}'" if event_type else ""
    outcome = made(
        f"eventName == 'A'{pinned}",
        events=Events(sources=(f"{source}.amazonaws.com",)),
        shape=Shape.CLOUDFORMATION,
    )

    assert isinstance(outcome, Conversion)
    resources = json.loads(outcome.text)["Resources"]
    notified = [
        each["Properties"]
        for each in resources.values()
        if each["Type"] == "AWS::Notifications::EventRule"
    ]
    assert [each["EventType"] for each in notified] == wanted
    assert {each["Source"] for each in notified} == {f"aws.{source}"}


@pytest.mark.parametrize("shape", [Shape.CLOUDFORMATION, Shape.TERRAFORM])
def test_a_rule_without_a_source_says_that_it_notifies_nobody(shape: Shape) -> None:
    outcome = made("eventName == 'A'", shape=shape)

    assert isinstance(outcome, Conversion)
    assert "otification" not in outcome.text
    assert any("no User Notifications rule" in note for note in outcome.notes)


def test_terraform_has_the_same_and_begins_no_template() -> None:
    outcome = made(
        "eventName == '${x}' || eventName == '%{y}'",
        shape=Shape.TERRAFORM,
        events=READS,
    )

    assert isinstance(outcome, Conversion)
    assert '"$${x}"' in outcome.text
    assert '"%%{y}"' in outcome.text
    for kind in ("event_rule", "event_target"):
        assert f'resource "aws_cloudwatch_{kind}" "trail_deleted"' in outcome.text
    assert 'resource "aws_sns_topic_policy"' in outcome.text
    assert '"${aws_sns_topic.trail_deleted.arn}"' in outcome.text


def test_terraform_declares_nothing_that_another_rule_does() -> None:
    outcome = made("eventName == 'A'", shape=Shape.TERRAFORM, events=READS)

    assert isinstance(outcome, Conversion)
    declared = re.findall(
        r'^(?:data|resource|variable) .*"(.*)" \{', outcome.text, re.MULTILINE
    )
    assert all(label.startswith("trail_deleted") for label in declared)
    assert "data.aws_region.trail_deleted.region" in outcome.text


def test_notes_say_what_the_bus_sees() -> None:
    data = Events(frozenset({"Data"}), regions=("us-east-1",))
    outcome = made("contains(userAgent, 'x')", events=data)

    assert isinstance(outcome, Conversion)
    notes = "\n".join(outcome.notes)
    assert "data events reach EventBridge only while a trail" in notes
    assert "us-east-1" in notes
    assert "30 rules" in notes


def test_long_names_that_begin_alike_stay_two_in_an_account() -> None:
    names = set()
    for end, id_ in (("one", "7f4b0c53-8b2e"), ("two", "1a2b3c4d-8b2e")):
        written = structs.replace(
            rule("eventName == 'X' && eventSource == 'iam.amazonaws.com'"),
            name=f"{'a' * 70}_{end}",
            id=id_,
        )
        form = convert.normal(written.detection.condition)
        events = Events(sources=("iam.amazonaws.com",))
        subject = Subject(
            written, form, convert.kinds(written.detection.condition, ()), events
        )
        found = convert.convert(
            subject, "eventbridge", Options(shape=Shape("terraform"))
        )
        assert isinstance(found, Conversion)
        shown = set(re.findall(r'^  name = "(.*)"', found.text, re.MULTILINE))
        assert {len(name) for name in shown} == {64}
        names |= shown
    assert len(names) == 2
