"""Look for what rules find in the events of one input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from checker.evaluate.correlation import Plan, located
from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.detector import Detector
from checker.evaluate.detection.evaluated import Evaluated
from checker.model import Batch, DetectionRule, Header, Match
from checker.run.scanning.fingerprints import of_events
from checker.sources.events import positions

_Fingerprints: TypeAlias = Mapping[str, Callable[[str], str]]
"""What gives a finding on an event its fingerprint, by the name of the rule."""


@dataclass(frozen=True, slots=True)
class Detecting:
    """Finds the matches of rules, with their places and fingerprints."""

    detector: Detector
    fingerprints: _Fingerprints

    @property
    def header(self) -> type[Header]:
        """What the rules read of every event at once."""
        return self.detector.header

    def evaluate(self, batch: Batch) -> Evaluated[Match]:
        """Evaluate the rules on a batch."""
        found = detection.evaluate(self.detector, batch)
        if not (found.matches or found.hits):
            return found
        wanted = {match.place[1] for match in found.matches}
        wanted.update(hit.record for hit in found.hits)
        places = positions.locate(batch, wanted)
        return found._replace(
            matches=tuple([self._located(match, places) for match in found.matches]),
            hits=tuple([located(hit, places[hit.record][1:]) for hit in found.hits]),
        )

    def _located(
        self, match: Match, places: Mapping[int, positions.RecordPosition]
    ) -> Match:
        name, subject, (uri, record), evidence, _, lowered, _ = match
        # An eventID need not be text.
        event = str(subject["id"] or f"{uri}\x1f{record}")
        fingerprint = self.fingerprints[name](event)
        place = (uri, *places[record])
        return Match(name, subject, place, evidence, fingerprint, lowered)


def detecting(rules: Sequence[DetectionRule], plan: Plan) -> Detecting:
    """Compile rules, and what the correlations of a plan want of their matches."""
    return Detecting(
        detection.compile_rules(rules, plan.carried, plan.quiet),
        {rule.name: of_events(rule) for rule in rules},
    )
