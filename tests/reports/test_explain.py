"""Tests of explanations: they agree with the evaluation, and they can be read."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions, rules
from checker.authoring import explain as explaining
from checker.authoring.branches import branches
from checker.conditions import Unknown, UnknownValue, tree
from checker.conditions.access import Closure
from checker.errors import SourceError, UsageError
from checker.evaluate.configuration import evaluate
from checker.evaluate.configuration.three_valued import truth
from checker.model import ConfigurationRule, DetectionRule, Status
from checker.reports import segments
from checker.reports.explain import Branch, decisive, explain, lines

ROOT = Path(__file__).parents[2]
EVENTS = sorted((ROOT / "rules" / "events").glob("*.json"))[::24]
NAMES = ("a", "b", "c", "d")

values = st.sampled_from([None, True, False, 0, 1, "", "x", [], ["x"]])
clauses = st.sampled_from(
    ["a", "b == 'x'", "c != `true`", "contains(d, 'x')", "a < `1`", "missing"]
).map(conditions.parse)


def _trees(*, selections: bool) -> st.SearchStrategy[tree.Node]:
    def grow(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        grown = inner.map(tree.Not) | several.map(tree.And) | several.map(tree.Or)
        return grown | inner.map(_named) if selections else grown

    return st.recursive(clauses, grow, max_leaves=12)


def _named(node: tree.Node) -> tree.Node:
    return tree.Selection("named", node)


documents = st.dictionaries(st.sampled_from(NAMES), values)


def shown(branch: Branch, *, unicode: bool = True) -> str:
    return "".join(segments.plain(lines(branch, unicode=unicode)))


def text(condition: str, document: dict[str, Any]) -> str:
    return shown(explain(conditions.parse(condition), document))


@given(_trees(selections=True), documents)
def test_the_root_says_what_the_evaluation_says(
    node: tree.Node, document: dict[str, Any]
) -> None:
    expected = conditions.holds(conditions.closure(node)(document))
    branch = explain(node, document)
    assert branch.holds is expected
    assert decisive(branch).holds is expected


@given(_trees(selections=False), documents, st.sets(st.sampled_from(NAMES)))
def test_what_nobody_knows_is_put_together_as_the_evaluation_does(
    node: tree.Node, document: dict[str, Any], unknown: set[str]
) -> None:
    document |= {name: Unknown("denied") for name in unknown}
    expected: bool | None
    try:
        expected = truth(node, document, conditions.STANDARD, [])
    except UnknownValue:
        expected = None
    assert explain(node, document).holds is expected


@pytest.mark.parametrize("turn", range(len(EVENTS)), ids=lambda n: EVENTS[n].stem)
def test_every_rule_of_the_pack_is_explained_as_it_is_evaluated(turn: int) -> None:
    event = json.loads(EVENTS[turn].read_text(encoding="utf-8"))
    for number, (rule, test) in enumerate(_detections()):
        holds = conditions.holds(test(event))
        # Few match: all of those, and of the others each on every fourth event.
        if holds or (number + turn) % 4 == 0:
            branch = explain(rule.detection.condition, event)
            assert branch.holds is holds, rule.name


@functools.cache
def _detections() -> list[tuple[DetectionRule, Closure]]:
    return [
        (rule, conditions.closure(rule.detection.condition))
        for rule in rules.load()
        if isinstance(rule, DetectionRule)
    ]


def test_configuration_rules_are_explained_as_they_are_evaluated() -> None:
    path = ROOT / "rules" / "settings" / "one_multi_region_trail.json"
    snapshot = explaining._snapshot(str(path))
    outcome_of = {True: Status.PASS, False: Status.FAIL, None: Status.UNKNOWN}
    judged = 0
    for rule in rules.load():
        if not isinstance(rule, ConfigurationRule):
            continue
        for outcome in evaluate.evaluate(rule, snapshot):
            parts = dict(branches(rule, outcome.resource, snapshot))
            if "applies" in parts and parts["applies"].holds is False:
                assert outcome.status is Status.NOT_APPLICABLE
            elif parts:
                assert outcome.status is outcome_of[parts["condition"].holds]
                judged += 1
    assert judged > 3


def test_absent_fields_are_named_and_nulls_told_apart() -> None:
    said = text("a.b && c == 'x'", {"c": None})
    assert "a.b is absent" in said
    assert "c is null" in said


def test_values_that_decided_are_shown() -> None:
    said = text("a[?b == 'x']", {"a": [{"b": "y"}, {"b": "z"}]})
    assert 'a[].b is ["y", "z"]' in said
    assert "a is absent" in text("a[?b == 'x']", {})


def test_marks_fall_back_to_ascii() -> None:
    branch = explain(conditions.parse("a && !b || 'ü' == c"), {"a": 1, "c": "ü"})
    assert "✓" in shown(branch)
    assert shown(branch, unicode=False).isascii()


def test_only_what_decided_is_kept() -> None:
    branch = explain(conditions.parse("a && b && (c || d)"), {"a": 1, "b": 0, "d": 1})
    said = shown(decisive(explain(conditions.parse("a && (b || c)"), {"a": 1})))
    assert "a is" not in said
    assert "b is absent" in said
    assert branch.holds
    assert "c is absent" not in shown(decisive(branch))


def test_control_characters_are_escaped() -> None:
    said = text("a == 'x'", {"a": "\x1b[2J\u202e"})
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_a_selection_is_shown_by_its_name() -> None:
    rule = explaining.find_rules("root_console_login_without_mfa")[0]
    assert isinstance(rule, DetectionRule)
    event = explaining.record("console_login_root_without_mfa", rule)
    said = "".join(segments.plain(explaining.explain_event(rule, event)))
    assert said.startswith("root_console_login_without_mfa matches ConsoleLogin")
    assert "✓ sign_in: all of" in said


def test_a_record_of_several_is_chosen_by_number(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps({"Records": [{"eventName": "A"}, {"eventName": "B"}]}))
    rule = explaining.find_rules("trail_deleted")[0]
    assert explaining.record(f"{file}#1", rule)["eventName"] == "B"
    with pytest.raises(UsageError, match="contains 2 records"):
        explaining.record(str(file), rule)
    with pytest.raises(UsageError, match="contains 2 records"):
        explaining.record(f"{file}#2", rule)
    file.write_text('{"Records": []}')
    with pytest.raises(UsageError, match="contains no record"):
        explaining.record(str(file), rule)


def test_visibility_is_explained_beside_the_record() -> None:
    rule = explaining.find_rules("trail_deleted")[0]
    settings = str(ROOT / "rules" / "settings" / "one_multi_region_trail.json")
    said = "".join(segments.plain(explaining.explain(rule, "delete_trail", settings)))
    assert "this event is recorded" in said


def test_a_rule_that_reports_an_event_in_the_place_of_another_is_named() -> None:
    general, *others = explaining.find_rules("iam_managed_policy_attached")
    event = "iam_attach_user_policy"
    said = "".join(segments.plain(explaining.explain(general, event, others=others)))
    assert said.startswith("iam_managed_policy_attached matches AttachUserPolicy")
    assert "iam_admin_policy_attached_to_user matches too, and reports" in said


@pytest.mark.parametrize(
    "hostile",
    [b"\x00\xff\xfe", b"[" * 100_000, b'{"a":' * 10_000, b"[1, 2]", b"", b"\x1f\x8bxx"],
)
def test_a_hostile_record_is_a_message(tmp_path: Path, hostile: bytes) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(hostile)
    rule = explaining.find_rules("trail_deleted")[0]
    with pytest.raises((SourceError, UsageError)):
        list(explaining.explain(rule, str(file)))


def test_an_unknown_rule_is_met_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'trail_deleted'"):
        explaining.find_rules("trail_delete")
