"""What the outcomes of rules say of a framework's requirements."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.conditions.tree import Literal
from checker.evaluate.configuration import frameworks
from checker.framework import Answer, Framework, Judged, Requirement
from checker.model import (
    Acceptance,
    Configuration,
    ConfigurationRule,
    Finding,
    Level,
    Parameter,
    Status,
)

RULE = ConfigurationRule(
    path="rules/a.yml",
    line=1,
    title="A thing is wrong",
    name="a",
    id="5f7c4a4e-54b2-4b1f-8a54-3ad7d3f6f0aa",
    level=Level.LOW,
    status="test",
    configuration=Configuration("AWS::CloudTrail::Trail", Literal(value=True)),
)
OTHER = structs.replace(RULE, name="b")
TABLE = Framework(
    name="ACME",
    title="Ours",
    publisher="",
    complete=True,
    sources={"us": "https://example.com/"},
    requirements=(),
)
PLAIN = Requirement(id="1", title="Something", source="us")
OUTCOMES = [Status.FAIL, Status.PASS, Status.NOT_APPLICABLE, Status.UNKNOWN]
P, F, U, E, N = (
    Status.PASS,
    Status.FAIL,
    Status.UNKNOWN,
    Status.ERROR,
    Status.NOT_APPLICABLE,
)


def finding(rule: ConfigurationRule, status: Status) -> Finding:
    return Finding(
        rule=rule,
        status=status,
        subject={"type": "AWS::CloudTrail::Trail", "id": "t"},
        location=None,
        evidence={},
        message="",
        fingerprint="",
    )


def judged(
    found: Sequence[tuple[ConfigurationRule, Status]],
    *,
    requirement: Requirement = PLAIN,
    rules: Sequence[ConfigurationRule] = (RULE, OTHER),
    ran: Sequence[str] = ("a", "b"),
) -> Judged:
    table = structs.replace(TABLE, requirements=(requirement,))
    findings = [finding(rule, status) for rule, status in found]
    (one,) = frameworks.judge(
        table, {requirement.id: rules}, ran, findings
    ).requirements
    return one


@pytest.mark.parametrize(
    ("statuses", "answer", "reason"),
    [
        ([P], Answer.PASS, "1 check passes"),
        ([P, P, N], Answer.PASS, "2 checks pass"),
        ([P, F, U], Answer.FAIL, "1 check fails"),
        ([P, U], Answer.UNKNOWN, "1 check could not be judged"),
        ([P, E, U], Answer.UNKNOWN, "2 checks could not be judged"),
        ([N, N], Answer.NOT_APPLICABLE, "it applies to nothing in the settings"),
        ([], Answer.UNKNOWN, "no settings were read"),
    ],
)
def test_the_worst_outcome_decides(
    statuses: list[Status], answer: Answer, reason: str
) -> None:
    one = judged([(RULE, status) for status in statuses])
    assert (one.answer, one.reason) == (answer, reason)


def test_a_failure_that_is_accepted_fails_and_says_who_accepted_it() -> None:
    accepted = Acceptance("ticket 12", "security team", "2027-02-28")
    covered = [
        structs.replace(finding(RULE, Status.FAIL), suppressed=accepted)
        for _ in range(2)
    ]
    table = structs.replace(TABLE, requirements=(PLAIN,))
    (one,) = frameworks.judge(table, {"1": [RULE]}, ["a"], covered).requirements
    assert one.answer is Answer.FAIL
    assert one.reason == (
        "2 checks fail; accepted by security team until 2027-02-28: ticket 12"
    )


@given(st.lists(st.tuples(st.sampled_from([RULE, OTHER]), st.sampled_from(OUTCOMES))))
def test_a_failure_anywhere_fails_and_only_a_failure_does(
    found: list[tuple[ConfigurationRule, Status]],
) -> None:
    fails = any(status is Status.FAIL for _, status in found)
    assert (judged(found).answer is Answer.FAIL) is fails


@given(st.permutations([(RULE, P), (OTHER, U), (RULE, F), (OTHER, N)]))
def test_the_order_of_outcomes_changes_nothing(
    found: list[tuple[ConfigurationRule, Status]],
) -> None:
    assert judged(found).answer is Answer.FAIL


def test_one_more_pass_never_makes_an_answer_worse() -> None:
    order = list(Answer)
    for size in range(1, 3):
        for each in itertools.product(OUTCOMES, repeat=size):
            before = judged([(RULE, status) for status in each]).answer
            after = judged([(RULE, status) for status in (*each, P)]).answer
            if before is not Answer.NOT_APPLICABLE:
                assert order.index(after) >= order.index(before)


def test_a_rule_that_was_left_out_leaves_the_answer_open() -> None:
    one = judged([(RULE, P)], ran=["a"])
    assert (one.answer, one.reason) == (Answer.UNKNOWN, "left out: b")
    # What fails already fails, whatever the other would say.
    assert judged([(RULE, F)], ran=["a"]).answer is Answer.FAIL


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        (structs.replace(PLAIN, manual="somebody has to ask"), "somebody has to ask"),
        (structs.replace(PLAIN, unjudged="nobody looks"), "nobody looks"),
        (PLAIN, "no rule looks at it"),
    ],
)
def test_what_no_rule_looks_at_is_manual(requirement: Requirement, reason: str) -> None:
    one = judged([(RULE, P)], requirement=requirement, rules=())
    assert (one.answer, one.reason) == (Answer.MANUAL, reason)


def test_a_part_that_passes_is_no_pass_of_the_whole() -> None:
    partly = structs.replace(PLAIN, partly="only buckets of trails")
    one = judged([(RULE, P)], requirement=partly)
    assert one.answer is Answer.MANUAL
    assert one.reason == "only buckets of trails; those pass"
    none = judged([(RULE, N)], requirement=partly)
    assert none.reason == "only buckets of trails; there are none of these"
    assert judged([(RULE, F)], requirement=partly).answer is Answer.FAIL
    assert judged([(RULE, U)], requirement=partly).answer is Answer.UNKNOWN


def test_thresholds_that_are_not_the_defaults_are_said() -> None:
    days = Parameter("integer", 365, "Days.", 90)
    block = structs.replace(RULE.configuration, parameters={"min_days": days})
    loose = structs.replace(RULE, configuration=block)
    one = judged([(loose, P)], rules=[loose], ran=["a"])
    assert one.answer is Answer.PASS
    assert one.reason == "1 check passes; a with min_days 90 instead of 365"
    assert one.rules[0].parameters == {"min_days": (90, 365)}


def test_outcomes_are_counted_for_each_rule() -> None:
    one = judged([(RULE, P), (RULE, P), (OTHER, F)])
    assert [(each.rule, each.outcomes) for each in one.rules] == [
        ("a", {"pass": 2}),
        ("b", {"fail": 1}),
    ]
