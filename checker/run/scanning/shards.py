"""Split the inputs of a scan into shards, by their names alone.

Each runner lists all inputs and keeps its own, so that none needs to know of another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from checker.errors import UsageError
from checker.model import Unreadable
from checker.run.scanning.job import Job
from checker.run.scanning.resume import rules_digest
from checker.sources.events.inputs import Found

MOST_SHARDS: Final = 10_000
_SHARD = re.compile(r"([1-9]\d{0,4})/([1-9]\d{0,4})", re.ASCII)

Own: TypeAlias = tuple[int, Found]
"""An input with its place among all inputs that were listed."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several: `number` counts from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        """Return it as the option writes it."""
        return f"{self.number}/{self.of}"

    def has(self, uri: str) -> bool:
        """Return whether an input is of this shard, on every machine alike."""
        name = uri.encode("utf-8", "surrogateescape")
        value = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())
        return value % self.of == self.number - 1


def parse(text: str) -> Shard:
    """Read `3/16`; raises `UsageError` for anything else."""
    found = _SHARD.fullmatch(text)
    shard = Shard(int(found[1]), int(found[2])) if found else None
    if shard is None or shard.number > shard.of or shard.of > MOST_SHARDS:
        raise UsageError(
            f"--shard {text}: write the shard and how many there are, such as 3/16"
        )
    return shard


class Listing:
    """The inputs that a shard has listed, of which it keeps its own."""

    def __init__(self, shard: Shard) -> None:
        """Begin with none."""
        self._shard = shard
        self._digest = hashlib.blake2b(digest_size=16)
        self.count = 0

    @property
    def digest(self) -> str:
        """The same where the same inputs were listed in the same order."""
        return self._digest.hexdigest()

    def own(self, found: Iterable[Found]) -> Iterator[Own]:
        """Yield the inputs of the shard; what cannot be listed is of every shard.

        That may be so on one machine only, and the others would not report it.
        """
        for number, each in enumerate(found):
            self.count += 1
            self._digest.update(each.uri.encode("utf-8", "surrogateescape") + b"\0")
            if isinstance(each, Unreadable) or self._shard.has(each.uri):
                yield number, each


def job_digest(job: Job) -> str:
    """Return a hash of all that a job looks for and shows, wherever its rules are."""
    above = [step.rule for step in job.plan.steps]
    rules = {rule.name: rule for rule in (*job.chosen, *job.detections, *above)}
    texts = [
        rules_digest(rules.values()),
        *sorted(rule.name for rule in job.chosen),
        *sorted(f"{rule.name}\x1f{rule.fields!r}" for rule in job.detections),
        *sorted(job.plan.quiet),
    ]
    return hashlib.sha256("\x1e".join(texts).encode()).hexdigest()
