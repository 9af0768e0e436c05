"""Whole intrusions: the pack tells each in a few findings; quiet days stay quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import pytest
from msgspec import structs

from checker import rules
from checker.evaluate import correlation
from checker.evaluate.detection import detector as detection
from checker.model import (
    AnyRule,
    Batch,
    DetectionRule,
    Event,
    Level,
)
from checker.run.scanning.correlations import Correlations
from tests.run.scanning.stories import Story, events
from tests.run.scanning.told_stories import STORIES


@pytest.fixture(scope="module")
def pack() -> list[AnyRule]:
    return rules.load()


@pytest.fixture(scope="module")
def told(pack: list[AnyRule]) -> Callable[[Iterable[Event]], list[AnyRule]]:
    """The rule of each finding, as a scan with the whole pack has them."""
    known = {rule.name: rule for rule in pack}
    plan = correlation.plan(pack)
    detections = [rule for rule in pack if isinstance(rule, DetectionRule)]
    detector = detection.compile_rules(detections, plan.carried, plan.quiet)

    def tell(some: Iterable[Event]) -> list[AnyRule]:
        records = tuple(msgspec.json.encode(event) for event in some)
        batch = Batch("story", b"\n".join(records), records, range(len(records)))
        found = detection.evaluate(detector, batch)
        correlations = Correlations(known, plan)
        correlations.add(found.hits)
        findings = correlations.finish().findings
        rules_of_matches = [
            structs.replace(known[match.rule], level=known[match.rule].level.lowered)
            if match.lowered
            else known[match.rule]
            for match in found.matches
        ]
        return [*rules_of_matches, *(finding.rule for finding in findings)]

    return tell


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_is_told_in_a_few_findings(
    told: Callable[[Iterable[Event]], list[AnyRule]], story: Story
) -> None:
    findings = told(events(story.steps))

    names = {rule.name for rule in findings}
    heard = [rule.name for rule in findings if rule.level >= Level.MEDIUM]
    assert story.told <= names
    assert not story.quiet & names
    assert len(heard) <= story.findings, sorted(heard)


def test_stories_are_many_and_name_rules_that_exist(pack: list[AnyRule]) -> None:
    names = {rule.name for rule in pack}

    assert len(STORIES) >= 35
    assert set().union(*(story.told | story.quiet for story in STORIES)) <= names
