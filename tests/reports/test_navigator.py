"""Layers for the ATT&CK Navigator, held against the documented format 4.5.

https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker import rules
from checker.aws.attack import table
from checker.model import AnyRule
from checker.reports import navigator
from tests.reports.samples import ROOT_NO_MFA

COLOUR = {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
PAIR = {
    "type": "object",
    "required": ["name", "value"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
}
FORMAT: dict[str, Any] = {
    "type": "object",
    "required": ["name", "domain"],
    "additionalProperties": False,
    "properties": {
        "versions": {
            "type": "object",
            "required": ["navigator", "layer"],
            "additionalProperties": False,
            "properties": {
                "attack": {"type": "string"},
                # "Must be at least 4.9.0"
                "navigator": {"type": "string", "pattern": r"^(4\.9|[5-9]\.\d+)\.\d+$"},
                "layer": {"const": "4.5"},
            },
        },
        "name": {"type": "string"},
        "description": {"type": "string"},
        "domain": {"enum": ["enterprise-attack", "mobile-attack", "ics-attack"]},
        "sorting": {"enum": [0, 1, 2, 3]},
        "layout": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "layout": {"enum": ["side", "flat", "mini"]},
                "showID": {"type": "boolean"},
                "showName": {"type": "boolean"},
                "showAggregateScores": {"type": "boolean"},
                "countUnscored": {"type": "boolean"},
                "aggregateFunction": {"enum": ["average", "min", "max", "sum"]},
                "expandedSubtechniques": {"enum": ["none", "all", "annotated"]},
            },
        },
        "hideDisabled": {"type": "boolean"},
        "techniques": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["techniqueID"],
                "additionalProperties": False,
                "properties": {
                    "techniqueID": {
                        "type": "string",
                        "pattern": r"^T\d{4}(\.\d{3})?$",
                    },
                    "tactic": {"type": "string", "pattern": "^[a-z-]+$"},
                    "comment": {"type": "string"},
                    "enabled": {"type": "boolean"},
                    "score": {"type": "number"},
                    "color": COLOUR,
                    "metadata": {"type": "array", "items": PAIR},
                    "showSubtechniques": {"type": "boolean"},
                },
            },
        },
        "gradient": {
            "type": "object",
            "required": ["colors", "minValue", "maxValue"],
            "additionalProperties": False,
            "properties": {
                "colors": {"type": "array", "minItems": 2, "items": COLOUR},
                "minValue": {"type": "number"},
                "maxValue": {"type": "number"},
            },
        },
        "legendItems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["label", "color"],
                "additionalProperties": False,
                "properties": {"label": {"type": "string"}, "color": COLOUR},
            },
        },
        "metadata": {"type": "array", "items": PAIR},
        "selectTechniquesAcrossTactics": {"type": "boolean"},
        "selectSubtechniquesWithParent": {"type": "boolean"},
        "selectVisibleTechniques": {"type": "boolean"},
    },
}
V19_ONLY = set(table()["renamed"].values())
V18_ONLY = set(table()["renamed"])


def rule(name: str, *tags: str) -> AnyRule:
    return structs.replace(
        ROOT_NO_MFA, name=name, tags=tuple(f"attack.{tag}" for tag in tags)
    )


def layer(*found: AnyRule, **options: Any) -> dict[str, Any]:
    drawn = navigator.layer(found, table(), **options)
    jsonschema.validate(drawn, FORMAT)
    gradient = drawn["gradient"]
    assert gradient["maxValue"] > gradient["minValue"]
    return drawn


def cells(drawn: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {
        (each["techniqueID"], each.get("tactic", "")): each.get("score")
        for each in drawn["techniques"]
    }


@pytest.fixture(scope="module")
def pack() -> list[AnyRule]:
    return rules.load()


@pytest.mark.parametrize("version", navigator.VERSIONS)
def test_the_layer_of_the_pack_fits_the_format(
    pack: list[AnyRule], version: str
) -> None:
    drawn = layer(*pack, version=version)
    assert drawn["versions"]["attack"] == version
    assert len(drawn["techniques"]) > 80
    keys = [(each["techniqueID"], each.get("tactic")) for each in drawn["techniques"]]
    assert len(set(keys)) == len(keys), "a cell stands twice"


def test_each_version_has_its_own_techniques_and_tactics(pack: list[AnyRule]) -> None:
    old = {key[0] for key in cells(layer(*pack, version="18"))}
    new = {key[0] for key in cells(layer(*pack, version="19"))}
    assert "T1562.008" in old
    assert "T1685.002" in new
    assert not old & V19_ONLY
    assert not new & V18_ONLY
    tactics = {key[1] for key in cells(layer(*pack, version="18"))}
    assert "defense-evasion" in tactics
    assert not tactics & {"stealth", "defense-impairment"}
    tactics = {key[1] for key in cells(layer(*pack, version="19"))}
    assert "defense-evasion" not in tactics
    assert {"stealth", "defense-impairment"} <= tactics


def test_the_score_is_the_number_of_rules_in_the_tactic_of_their_tags() -> None:
    found = cells(
        layer(
            rule("a", "initial-access", "t1078.004"),
            rule("b", "initial-access", "persistence", "t1078.004"),
            rule("c", "initial-access", "t1078"),
        )
    )
    assert found == {
        ("T1078", "initial-access"): 1,
        ("T1078", "persistence"): None,
        ("T1078.004", "initial-access"): 2,
        ("T1078.004", "persistence"): 1,
    }


def test_a_parent_without_rules_is_opened_and_has_no_score() -> None:
    drawn = layer(rule("a", "persistence", "t1098.003"))
    assert drawn["techniques"][-1] == {
        "techniqueID": "T1098",
        "tactic": "persistence",
        "enabled": True,
        "showSubtechniques": True,
    }


def test_a_rule_of_both_versions_counts_once_in_each() -> None:
    both = rule("a", "defense-evasion", "defense-impairment", "t1562.008", "t1685.002")
    assert cells(layer(both, version="18")) == {
        ("T1562.008", "defense-evasion"): 1,
        ("T1562", "defense-evasion"): None,
    }
    assert cells(layer(both, version="19")) == {
        ("T1685.002", "defense-impairment"): 1,
        ("T1685", "defense-impairment"): None,
    }


def test_a_rule_without_a_fitting_tactic_stands_for_each_of_the_technique() -> None:
    assert set(cells(layer(rule("a", "t1005")))) == {("T1005", "collection")}
    assert set(cells(layer(rule("a", "impact", "t1005")))) == {("T1005", "collection")}


def test_blind_rules_do_not_count_and_their_techniques_stay() -> None:
    drawn = layer(
        rule("seeing", "collection", "t1005"),
        rule("blind", "collection", "t1005"),
        rule("lost", "discovery", "t1016"),
        blind={"blind", "lost"},
        settings="snapshot.json",
    )
    by_id = {each["techniqueID"]: each for each in drawn["techniques"]}
    assert by_id["T1005"]["score"] == 1
    assert by_id["T1005"]["comment"] == "seeing\nblind: blind"
    assert by_id["T1016"]["score"] == 0
    assert by_id["T1016"]["metadata"][1] == {"name": "blind rules", "value": "1"}
    assert drawn["description"].startswith("1 of 3 rules: the others are blind")
    assert drawn["legendItems"][0]["label"] == "only blind rules"
    # 0 has the colour of the legend: the first one of the gradient.
    assert drawn["gradient"]["colors"][0] == drawn["legendItems"][0]["color"]


def test_no_rule_makes_an_empty_layer_that_still_fits() -> None:
    assert layer()["techniques"] == []


TAGS = st.lists(
    st.sampled_from(
        ["collection", "stealth", "defense-evasion", "t1005", "t1562.008", "t1685.002"]
    ),
    unique=True,
)


@given(st.lists(TAGS, max_size=5), st.sampled_from(navigator.VERSIONS))
def test_no_rule_counts_twice_in_a_cell(tags: list[list[str]], version: str) -> None:
    found = [rule(f"r{index}", *each) for index, each in enumerate(tags)]
    for score in cells(layer(*found, version=version)).values():
        assert score is None or 1 <= score <= len(found)
