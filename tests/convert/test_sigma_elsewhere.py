"""Tests of Sigma's that any element of an array passes, in targets that can say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from checker import convert, rules
from checker.authoring.importing.translate import in_our_dialect
from checker.convert import Conversion, Options, Refused
from checker.evaluate.detection.detector import holds
from checker.model import DetectionRule
from checker.run.convert import subject
from tests.convert import engines

TEXTS = ["abc", "ABC", "xabcx", "abcx", "xabc", "443", "true", ""]
SCALARS = [*TEXTS, 443, 443.0, 44, True, False, None]
VALUES: list[Any] = [*SCALARS, [], {}, *([each] for each in SCALARS), ["x", "abc"]]
VALUES += [{"b": each} for each in VALUES]
VALUES += [[{"b": "x"}, {"b": each}] for each in (*SCALARS, ["abc"], {"b": "abc"})]
RECORDS: list[dict[str, Any]] = [{"requestParameters": {"a": each}} for each in VALUES]
RECORDS += [{"requestParameters": each} for each in (None, {}, {"b": "abc"})]


def loaded(folder: Path, selection: Any, condition: str) -> DetectionRule:
    """Load a rule about a call that no model describes."""
    detection = {"s": selection, "condition": condition}
    logsource = {"product": "aws", "service": "cloudtrail"}
    text = yaml.safe_dump(
        {"title": "R", "logsource": logsource, "detection": detection}
    )
    (folder / "r.yml").write_text(text, encoding="utf-8")
    [rule] = rules.load([folder])
    assert isinstance(rule, DetectionRule)
    return rule


def converted(rule: DetectionRule, target: str) -> Conversion:
    given = in_our_dialect(rule)
    assert isinstance(given, DetectionRule)
    made = convert.convert(subject(given), target)
    assert isinstance(made, Conversion), made
    return made


SAID: list[dict[str, Any]] = [
    {"requestParameters.a": "Abc"},
    {"requestParameters.a": ["443", "abc"]},
    {"requestParameters.a|cased": "abc"},
    {"requestParameters.a": True},
    {"requestParameters.a|startswith": "aB"},
    {"requestParameters.a|endswith|cased": "bc"},
    {"requestParameters.a|contains|cased": "bc"},
    {"requestParameters.a.b": ["abc", 443]},
]
SAID_IN_SQL: list[dict[str, Any]] = [
    {"requestParameters.a|contains": "bc"},
    {"requestParameters.a": "*Abc*"},
    {"requestParameters.a.b|contains|all": ["a", "c"]},
    {"requestParameters.a.b|endswith": "4"},
]


@pytest.mark.parametrize("condition", ["s", "not s"])
@pytest.mark.parametrize("selection", [*SAID, *SAID_IN_SQL], ids=str)
def test_any_element_is_any_element_in_athena(
    tmp_path: Path, selection: Any, condition: str
) -> None:
    rule = loaded(tmp_path, selection, condition)

    made = converted(rule, "athena")

    assert engines.athena(made, RECORDS) == [holds(rule, each) for each in RECORDS]


@pytest.mark.parametrize("selection", SAID, ids=str)
def test_any_element_is_any_element_in_eventbridge(
    tmp_path: Path, selection: Any
) -> None:
    rule = loaded(tmp_path, selection, "s")

    made = converted(rule, "eventbridge")

    assert engines.eventbridge(made, RECORDS) == [holds(rule, x) for x in RECORDS]


@pytest.mark.parametrize(
    ("selection", "condition", "why"),
    [
        ({"requestParameters.a": "b"}, "not s", "no element of an array is so"),
        ({"requestParameters.a|contains": "b"}, "s", "no wildcard in any case"),
        ({"requestParameters.a|startswith": "4"}, "s", "does not compare a number"),
        ({"requestParameters.a": "a?c"}, "s", "no document has a single text there"),
        ({"requestParameters": "a"}, "s", "no document has a single text there"),
    ],
)
def test_what_eventbridge_cannot_say_of_elements_is_refused(
    tmp_path: Path, selection: Any, condition: str, why: str
) -> None:
    given = in_our_dialect(loaded(tmp_path, selection, condition))
    assert isinstance(given, DetectionRule)
    made = convert.convert(subject(given), "eventbridge")

    assert isinstance(made, Refused)
    assert why in str(made.reason)


def test_what_cannot_be_said_is_left_out_of_a_superset(tmp_path: Path) -> None:
    selection = {"eventName": "RunTask", "requestParameters.a|contains": "b"}
    given = in_our_dialect(loaded(tmp_path, selection, "s"))
    assert isinstance(given, DetectionRule)
    made = convert.convert(subject(given), "eventbridge", Options(superset=True))

    assert isinstance(made, Conversion)
    assert [str(each.why) for each in made.dropped] == [
        "EventBridge has no wildcard in any case"
    ]
