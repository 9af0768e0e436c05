"""Write the line of each finding where its event is evaluated.

For a scan that writes JSON lines, and whose findings nothing else decides about: of a
finding its line is handed on, and what tells it from others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from checker.evaluate.detection.evaluated import Evaluated
from checker.model import Batch, DetectionRule, Header, Match
from checker.reports.json import head, match_line
from checker.run.scanning.fingerprints import dedup_key, shared_key
from checker.run.scanning.job import Job
from checker.run.scanning.matches import sentence
from checker.run.scanning.worker import Detecting, detecting


class Written(NamedTuple):
    """A finding as its line of JSON, without the end of the line.

    `key` and `shared` are those of `run.scanning.fingerprints`.
    """

    rule: str
    lowered: bool
    key: bytes
    shared: bytes | None
    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """Finds the matches of rules, and writes the lines of their findings."""

    detecting: Detecting
    rules: Mapping[str, DetectionRule]
    _heads: dict[tuple[str, bool], str] = field(default_factory=dict)

    @property
    def header(self) -> type[Header]:
        """What the rules read of every event at once."""
        return self.detecting.header

    def evaluate(self, batch: Batch) -> Evaluated[Written]:
        """Evaluate the rules on a batch."""
        found = self.detecting.evaluate(batch)
        written = tuple([self._written(match) for match in found.matches])
        return Evaluated(written, *found[1:])

    def _written(self, match: Match) -> Written:
        name, lowered = match.rule, match.lowered
        rule = self.rules[name]
        begun = self._heads.get((name, lowered))
        if begun is None:
            level = rule.level.lowered if lowered else rule.level
            begun = self._heads[name, lowered] = head(rule, level)
        text = match_line(begun, match, sentence(rule, match.subject))
        key, shared = dedup_key(match.fingerprint), shared_key(rule, match.evidence)
        return Written(name, lowered, key, shared, text)


def writing(job: Job) -> Writing:
    """Compile the rules of a job, as `worker.detecting` does."""
    return Writing(detecting(job), {rule.name: rule for rule in job.detections})
