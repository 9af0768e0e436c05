"""`instead_of`: one act is reported once, by the rule that says most of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from msgspec import structs

from checker.evaluate.detection import detector as detection
from checker.model import DetectionRule, Level
from tests.evaluate.detection.test_detector import SIGN_IN, batch, rule

GENERAL = rule("eventName == 'ConsoleLogin'", name="general")
OF_ROOT = structs.replace(
    rule("eventName && userIdentity.type == 'Root'", name="of_root"),
    instead_of=("general", "not_here"),
)
WITHOUT_MFA = structs.replace(
    rule("eventName && noMfa", name="without_mfa"), instead_of=("of_root",)
)
USER = {**SIGN_IN, "userIdentity": {"type": "IAMUser"}}


def reported(rules: Sequence[DetectionRule], *events: object) -> list[tuple[int, str]]:
    found = detection.evaluate(detection.compile_rules(rules), batch(*events))
    return [(match.place[1], match.rule) for match in found.matches]


@pytest.mark.parametrize("rules", [(GENERAL, OF_ROOT), (OF_ROOT, GENERAL)])
def test_a_rule_reports_nothing_of_an_event_that_another_reports_in_its_place(
    rules: tuple[DetectionRule, ...],
) -> None:
    assert reported(rules, SIGN_IN, USER) == [(0, "of_root"), (1, "general")]


def test_without_the_other_rule_it_reports() -> None:
    assert reported([GENERAL], SIGN_IN) == [(0, "general")]


@pytest.mark.parametrize(
    "rules", [*itertools.permutations([GENERAL, OF_ROOT, WITHOUT_MFA])]
)
def test_a_rule_that_is_replaced_itself_still_replaces_others(
    rules: tuple[DetectionRule, ...],
) -> None:
    event = {**SIGN_IN, "noMfa": True}

    assert reported(rules, event) == [(0, "without_mfa")]


def test_correlations_count_the_matches_of_both() -> None:
    compiled = detection.compile_rules(
        [GENERAL, OF_ROOT], carried={"general": ("eventName",)}
    )

    found = detection.evaluate(compiled, batch(SIGN_IN))

    assert [match.rule for match in found.matches] == ["of_root"]
    assert [hit.rule for hit in found.hits] == ["general"]


def test_a_rule_that_only_feeds_correlations_stands_in_for_none() -> None:
    compiled = detection.compile_rules([GENERAL, OF_ROOT], quiet={"of_root"})

    found = detection.evaluate(compiled, batch(SIGN_IN))

    assert [match.rule for match in found.matches] == ["general"]


def test_a_rule_replaces_nothing_that_is_more_severe() -> None:
    severe = structs.replace(GENERAL, level=Level.CRITICAL)
    mild = structs.replace(OF_ROOT, level=Level.LOW)

    assert reported([severe, mild], SIGN_IN) == [(0, "general"), (0, "of_root")]


class Failing:
    def of(self, _: object) -> dict[str, object]:
        raise RecursionError


def test_what_cannot_be_shown_of_one_rule_does_not_bring_back_another() -> None:
    other = rule("recipientAccountId", name="other")
    compiled = detection.compile_rules([GENERAL, OF_ROOT, other])
    vars(compiled.rules[2])["evidence"] = Failing()

    found = detection.evaluate(compiled, batch(SIGN_IN))

    assert [match.rule for match in found.matches] == ["of_root"]
    assert "other" in found.problems[0].reason
