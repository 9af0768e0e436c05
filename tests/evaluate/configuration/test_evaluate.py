"""Configuration rules on a snapshot: every outcome, and never a silent pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.conditions.settings import SETTINGS
from checker.conditions.unknown import Unknown
from checker.evaluate.configuration import evaluate
from checker.evaluate.configuration.evaluate import Outcome
from checker.evaluate.recording.need import Need
from checker.model import Configuration, ConfigurationRule, Level, Status

TRAIL = {
    "TrailARN": "arn:aws:cloudtrail:us-east-1:123456789012:trail/main",
    "Name": "main",
    "HomeRegion": "us-east-1",
    "IsMultiRegionTrail": True,
    "LogFileValidationEnabled": True,
    "status": {"IsLogging": True},
    "event_selectors": {
        "AdvancedEventSelectors": [
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
        ]
    },
}


def judged(
    condition: str,
    trails: Any,
    applies: str | None = None,
    resource: str = "AWS::CloudTrail::Trail",
) -> list[Outcome]:
    rule = ConfigurationRule(
        path="it.yml",
        line=1,
        title="It is not so",
        name="it",
        id="4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a01",
        level=Level.HIGH,
        status="test",
        configuration=Configuration(
            resource,
            conditions.parse(condition, SETTINGS),
            conditions.parse(applies, SETTINGS) if applies else None,
        ),
    )
    snapshot = {"account": {"id": "123456789012"}, "trails": trails}
    return evaluate.evaluate(rule, snapshot)


def status(condition: str, **changes: Any) -> Status:
    (outcome,) = judged(condition, [{**TRAIL, **changes}])
    return outcome.status


def test_a_requirement_that_holds_passes_and_one_that_does_not_fails() -> None:
    assert status("LogFileValidationEnabled") is Status.PASS
    assert status("LogFileValidationEnabled", LogFileValidationEnabled=False) is (
        Status.FAIL
    )


def test_what_is_absent_fails() -> None:
    assert status("KmsKeyId") is Status.FAIL


def test_a_rule_that_does_not_apply_says_so() -> None:
    (outcome,) = judged("KmsKeyId", [TRAIL], applies="IsOrganizationTrail")

    assert outcome.status is Status.NOT_APPLICABLE


DENIED = Unknown("status: denied")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("status.IsLogging", Status.UNKNOWN),
        ("!(status.IsLogging)", Status.UNKNOWN),
        ("status == `null`", Status.UNKNOWN),
        ("length(status) > `0`", Status.UNKNOWN),
        ("status", Status.UNKNOWN),
        ("status.IsLogging && LogFileValidationEnabled", Status.UNKNOWN),
        ("LogFileValidationEnabled || status.IsLogging", Status.PASS),
        ("status.IsLogging || LogFileValidationEnabled", Status.PASS),
        ("status.IsLogging && KmsKeyId", Status.FAIL),
        ("KmsKeyId && status.IsLogging", Status.FAIL),
        ("KmsKeyId || status.IsLogging", Status.UNKNOWN),
        ("!(status.IsLogging && KmsKeyId)", Status.PASS),
    ],
)
def test_what_was_denied_is_unknown_unless_the_rest_decides(
    condition: str, expected: Status
) -> None:
    (outcome,) = judged(condition, [{**TRAIL, "status": DENIED}])

    assert outcome.status is expected
    assert (outcome.reason == "status: denied") == (expected is Status.UNKNOWN)


def test_a_section_not_collected_is_unknown_and_an_empty_one_not_applicable() -> None:
    (denied,) = judged("KmsKeyId", Unknown("trails: denied"))
    (missing,) = judged("KmsKeyId", None)
    (empty,) = judged("KmsKeyId", [])

    assert (denied.status, denied.reason) == (Status.UNKNOWN, "trails: denied")
    assert (missing.status, missing.reason) == (
        Status.UNKNOWN,
        "trails: not collected",
    )
    assert empty.status is Status.NOT_APPLICABLE


def test_a_rule_that_does_not_apply_names_the_values_that_say_so() -> None:
    trail = {**TRAIL, "IsOrganizationTrail": False}
    (outcome,) = judged("KmsKeyId", [trail], applies="IsOrganizationTrail")
    (blank,) = judged("KmsKeyId", [trail], applies="`false`")

    assert outcome.status is Status.NOT_APPLICABLE
    assert outcome.reason == "IsOrganizationTrail is false"
    assert outcome.evidence == {"IsOrganizationTrail": False}
    assert blank.reason == "does not apply"


def test_coverage_is_asked_and_its_reason_given() -> None:
    condition = "coverage({category: 'Management'}).verdict == 'full'"

    (full,) = judged(condition, [TRAIL], resource="AWS::::Account")
    (none,) = judged(
        condition,
        [{**TRAIL, "status": {"IsLogging": False}}],
        resource="AWS::::Account",
    )
    (unknown,) = judged(
        condition,
        [{**TRAIL, "event_selectors": Unknown("event_selectors: denied")}],
        resource="AWS::::Account",
    )

    assert (full.status, full.reason) == (Status.PASS, "recorded by main")
    assert none.status is Status.FAIL
    assert "main" in none.reason
    assert unknown.status is Status.UNKNOWN
    assert "denied" in unknown.reason


@pytest.mark.parametrize(
    "function",
    ["dead_selectors", "hidden_callers", "own_deliveries", "selector_values"],
)
def test_selector_functions_take_a_trail_and_give_null_for_anything_else(
    function: str,
) -> None:
    def type_of(argument: str, **changes: Any) -> Status:
        return status(f"type({function}({argument})) == 'array'", **changes)

    assert type_of("@") is Status.PASS
    assert type_of("Name") is Status.FAIL
    assert type_of("status", status=Unknown("denied")) is Status.UNKNOWN
    if function != "own_deliveries":
        unread = Unknown("denied")
        assert type_of("@", event_selectors=unread) is Status.UNKNOWN


def test_the_reason_names_the_selectors_that_a_rule_comes_upon() -> None:
    odd = {
        "Name": "odd",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "readOnly", "Equals": ["TRUE"]},
        ],
    }
    selectors = {"AdvancedEventSelectors": [odd]}

    (dead,) = judged("!(dead_selectors(@))", [{**TRAIL, "event_selectors": selectors}])
    (value,) = judged(
        "!(selector_values(@)[?value == 'TRUE'])",
        [{**TRAIL, "event_selectors": selectors}],
    )
    (fine,) = judged("!(dead_selectors(@))", [TRAIL])

    assert dead.status is value.status is Status.FAIL
    assert dead.reason.startswith("selector 'odd' selects nothing: readOnly Equals")
    assert value.reason == "selector 'odd': readOnly Equals TRUE"
    assert (fine.status, fine.reason) == (Status.PASS, "nothing speaks against it")


def test_the_needs_that_are_not_fully_covered_come_with_the_outcome() -> None:
    both = (
        "coverage({category: 'Management'}).verdict == 'full' "
        "&& coverage({category: 'Data', resourceType: 'AWS::S3::Object'})"
        ".verdict == 'full'"
    )

    (outcome,) = judged(both, [TRAIL], resource="AWS::::Account")

    missing = Need("Data", resource_type="AWS::S3::Object", account="123456789012")
    assert (outcome.status, outcome.needs) == (Status.FAIL, (missing,))


def test_each_resource_is_named_with_its_account_and_region() -> None:
    (outcome,) = judged("KmsKeyId", [TRAIL])

    resource = outcome.resource
    assert resource.id == TRAIL["TrailARN"]
    assert (resource.account, resource.region) == ("123456789012", "us-east-1")
    assert resource.pointer == "/trails/0"


truths = st.sampled_from(["yes", "no", "maybe"])
sentences = st.recursive(
    truths,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=8,
)


@given(sentences)
def test_unknown_is_the_answer_just_when_both_answers_are_possible(text: str) -> None:
    """Weaker than it could be only where one unknown stands in two places."""
    given_ = {**TRAIL, "yes": True, "no": False}
    (outcome,) = judged(text, [{**given_, "maybe": Unknown("maybe: denied")}])
    (if_true,) = judged(text, [{**given_, "maybe": True}])
    (if_false,) = judged(text, [{**given_, "maybe": False}])

    if outcome.status is not Status.UNKNOWN:
        assert outcome.status is if_true.status is if_false.status
    elif text.count("maybe") == 1:
        assert if_true.status is not if_false.status
