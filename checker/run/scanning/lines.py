"""Hand on findings as the lines that were written where they were found.

Nothing is put together, kept and taken apart for them again: a line is counted, told
from others, written, and kept as it is in case its event is corrected.
"""

from __future__ import annotations

import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

import msgspec

from checker.model import DetectionRule, Finding, Match
from checker.parallel.signals import defer_sigint
from checker.reports.json import line
from checker.run.scanning.findings import MOST, frames, write
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
        self._most = most
        self._held: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._written = 0
        self.count = 0

    @property
    def spilled(self) -> bool:
        """Return whether to read them only where that is needed."""
        return self.count > 0

    def add(self, lines: str, count: int) -> None:
        """Take so many lines."""
        self._held.append(lines.encode())
        self._size += len(lines)
        self.count += count
        if self._size > self._most:
            self._spill()

    def __iter__(self) -> Iterator[Match]:
        """Read them again; several may read at once."""
        blocks = self._held
        if self._file is not None:
            for block in frames(self._file, 0, self._written):
                yield from self._matches(block)
        for block in list(blocks):
            yield from self._matches(block)

    def _matches(self, block: bytes) -> Iterator[Match]:
        for text in block.splitlines():
            yield _match(msgspec.json.decode(text), self._rules)

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - until nobody reads it
            weakref.finalize(self, self._file.close)
        self._file.seek(self._written)
        self._written += write(self._file, self._held)
        self._held, self._size = [], 0
        # Small steps from here on: what is held no more costs memory no more.
        self._most = min(self._most, 1 << 20)


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
