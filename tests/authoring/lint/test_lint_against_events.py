"""What real events hold is never called impossible: no false positives by measure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from checker import conditions, resources
from checker.authoring.lint import Problem, Severity, events, fields, logic
from checker.authoring.lint.positions import Subject
from checker.conditions import tree
from checker.documents import Document
from checker.model import Detection, DetectionRule, Level

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"


def leaves(
    value: Any, path: tuple[str, ...] = (), base: tree.Node | None = None
) -> Iterator[tuple[tree.Node, Any]]:
    """Every scalar of an event, with the expression that reads it: a.b or a[].b."""
    here: tree.Node = tree.Path(path) if path else tree.Current()
    if base is not None:
        here = tree.ListProjection(tree.Flatten(base), here)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key), base)
    elif isinstance(value, list):
        for element in value:
            yield from leaves(element, (), here)
    elif value is not None:
        yield here, value


def rule_of(event: dict[str, Any]) -> Subject:
    """A rule that matches this one event, by every field that it has."""
    clauses: list[tree.Node] = []
    for node, value in leaves(event):
        if isinstance(node, tree.Path):
            clauses.append(tree.Comparator("==", node, tree.Literal(value)))
        else:
            clauses.append(tree.Function("contains", (node, tree.Literal(value))))
    condition = tree.And(tuple(clauses))
    rule = DetectionRule(
        path="made.yml",
        line=1,
        title="Made from an event",
        name="made",
        id="7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c01",
        level=Level.LOW,
        status="test",
        detection=Detection({}, condition),
    )
    document = Document("made.yml", "", {"detection": {"condition": ""}})
    assert conditions.closure(condition)(event) is True
    return Subject(rule, document)


def problems(event: dict[str, Any]) -> list[Problem]:
    subject = rule_of(event)
    return [
        *events.check(subject),
        *fields.check(subject),
        *(each for each in logic.check(subject) if each.check.startswith("always")),
    ]


def corpus() -> list[Path]:
    folders = ("stratus", "traildiscover", "awsdocs", "custodian_eventbridge")
    return [
        file for name in folders for file in sorted((CORPUS / name).glob("*.json*"))
    ]


def records(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from records(each)
    elif isinstance(value, dict):
        if "eventName" in value and "eventSource" in value:
            yield value
        else:
            yield from records(value.get("Records") or value.get("detail") or [])


@pytest.mark.parametrize(
    "file",
    sorted(file.name for file in (ROOT / "rules" / "events").glob("*.json")),
)
def test_a_rule_made_from_one_of_our_events_has_no_errors(file: str) -> None:
    text = (resources.root() / "rules" / "events" / file).read_text(encoding="utf-8")

    found = problems(json.loads(text))

    assert [each for each in found if each.severity is Severity.ERROR] == []


# Events that AWS itself would not have written: hand-made, or of another shape.
HAND_MADE = {
    ("YES", "impossible-value"),
    ("AwsConsoleSignin", "impossible-value"),
    ("False", "impossible-value"),
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_rules_made_from_the_corpus_have_no_errors() -> None:
    count = 0
    wrong: list[str] = []
    for file in corpus():
        try:
            loaded = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        for event in records(loaded):
            count += 1
            wrong += [
                f"{event['eventSource']} {event['eventName']}: {each.message}"
                for each in problems(event)
                if each.severity is Severity.ERROR
                and not any(
                    f"'{value}'" in each.message and check == each.check
                    for value, check in HAND_MADE
                )
            ]

    assert count > 500
    assert wrong == []
