"""Hand on findings as the lines that were written where they were found.

Nothing is put together, kept and taken apart for them again: a line is counted, told
from others, written, and kept as it is in case its event is corrected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from checker.model import DetectionRule, Finding, Match
from checker.parallel.signals import defer_sigint
from checker.reports.json import line
from checker.run.scanning.findings import MOST, Spill
from checker.run.scanning.writing import Written
from checker.spill.key_set import KeySet

Write = Callable[[str], None]
"""Takes some lines of JSON, each with its end, in the order of the inputs."""

_AT_ONCE = 512
"""After so many lines Ctrl-C is heard again."""


class LineSpool:
    """The lines of findings that were written, to be read again as matches."""

    def __init__(self, rules: Mapping[str, DetectionRule], most: int = MOST) -> None:
        """Begin with none; `rules` are those of the findings, by name."""
        self._rules = rules
        self._blocks: Spill[bytes] = Spill(bytes, bytes, most)
        self.count = 0

    @property
    def spilled(self) -> bool:
        """Return whether to read them only where that is needed."""
        return self.count > 0

    def add(self, lines: str, count: int) -> None:
        """Take so many lines."""
        self._blocks.add(lines.encode(), len(lines))
        self.count += count

    def __iter__(self) -> Iterator[Match]:
        """Read them again; several may read at once."""
        for block in self._blocks:
            for text in block.splitlines():
                yield _match(msgspec.json.decode(text), self._rules)


def _match(finding: dict[str, Any], rules: Mapping[str, DetectionRule]) -> Match:
    """Return the match of a line: what it says, but for secrets."""
    name, place = finding["rule"]["name"], finding["location"]
    keys = "uri", "record", "startLine", "charOffset", "charLength"
    return Match(
        name,
        finding["subject"],
        tuple(map(place.__getitem__, keys)),
        finding["evidence"],
        finding["fingerprint"],
        lowered=finding["rule"]["level"] != rules[name].level.value,
    )


class LineIntake:
    """Takes findings in that were written as lines where they were found."""

    known = suppressed = 0

    def __init__(self, rules: Mapping[str, DetectionRule], write: Write) -> None:
        """Begin with nothing; no policy decides about a finding."""
        self.found: Counter[tuple[str, bool]] = Counter()
        self.shared = 0
        self.spool = LineSpool(rules)
        self._seen = KeySet()
        self._write = write
        self._texts: list[str] = []

    def take(self, rows: Iterable[Written]) -> None:
        """Take the findings of a piece that were not found before."""
        is_new, found, texts = self._seen.add, self.found, self._texts
        for rule, lowered, key, shared, text in rows:
            if not is_new(key):
                continue
            if shared is not None:
                self.shared += not is_new(shared)
            found[rule, lowered] += 1
            texts.append(text)

    def tell(self) -> None:
        """Write the lines that are certain; each exactly once, also with Ctrl-C."""
        while self._texts:
            with defer_sigint():
                some = self._texts[:_AT_ONCE]
                lines = "\n".join([*some, ""])
                self._write(lines)
                del self._texts[:_AT_ONCE]
                self.spool.add(lines, len(some))

    def emit(self, finding: Finding) -> None:
        """Write one more."""
        self._write(line(finding) + "\n")
