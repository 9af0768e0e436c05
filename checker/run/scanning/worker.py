"""A scan in parts: one pure call for each input, whoever makes it and wherever.

    job = make_job(rules, bases)                  # once; picklable, so that it travels
    scanner = Scanner(job)                        # once in each process
    pieces = scanner.scan("a.json.gz", data)      # pure: plain values, picklable
    report = merge(rules, [numbered], bases=bases)   # `run.scanning.merge`, exact

This is all that processes (`--jobs`), shards (`--shard`) and clusters know of a scan.
What decides on the whole, such as copies, corrections and correlations, is decided
where the pieces are merged, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from checker.evaluate.detection import detector as detection
from checker.evaluate.detection.detector import Detector
from checker.evaluate.detection.evaluated import Evaluated
from checker.model import Batch, Header, Match
from checker.parallel.scheduler import Item
from checker.run.scanning.fingerprints import of_events
from checker.run.scanning.job import Job
from checker.run.scanning.reading import read_input
from checker.run.scanning.scanned import Scanned
from checker.sources.events import positions
from checker.sources.events.files import Input

_Fingerprints: TypeAlias = Mapping[str, Callable[[str], str]]
"""What gives a finding on an event its fingerprint, by the name of the rule."""


class Detecting(msgspec.Struct, frozen=True):
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
        wanted.update(found.hits.records)
        places = positions.places(batch, wanted)
        return found._replace(
            matches=tuple([self._located(match, places) for match in found.matches]),
            hits=found.hits.placed(places),
        )

    def _located(self, match: Match, places: Mapping[int, positions.Place]) -> Match:
        name, subject, (uri, record), evidence, _, lowered, _ = match
        # An eventID need not be text.
        event = str(subject["id"] or f"{uri}\x1f{record}")
        fingerprint = self.fingerprints[name](event)
        place = (uri, record, *places[record])
        return Match(name, subject, place, evidence, fingerprint, lowered)


def detecting(job: Job) -> Detecting:
    """Compile the rules of a job, and what its correlations want of their matches."""
    return Detecting(
        detection.compile_rules(job.detections, job.plan.carried, job.plan.quiet),
        {rule.name: of_events(rule) for rule in job.detections},
    )


class Scanner:
    """A job whose rules are compiled, for one process: to compile takes seconds."""

    def __init__(self, job: Job) -> None:
        """Compile the rules of a job."""
        self._work = detecting(job)
        self._period = job.period

    @property
    def header(self) -> type[Header]:
        """What is read of every event at once."""
        return self._work.header

    def scan(self, uri: str, data: bytes) -> tuple[Scanned[Match], ...]:
        """Return what one input gives: the pieces in their order, the last one marked.

        Pure, and the same in every process: `data` are the bytes of the input as they
        are stored (gzip, Zstandard and zip included), `uri` is its name in findings
        and problems.  Nothing in an input raises; what cannot be read is a problem of
        the piece.
        """
        return tuple(self.pieces(Input(uri, None, len(data), data=data)))

    def pieces(self, item: Item) -> Iterator[Scanned[Match]]:
        """Yield the same of an input in any form, as it is read."""
        return read_input(self._work, self._period, item)
