"""Findings that tell how far they have been read, while a report is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, overload

from msgspec import structs

from checker.model import Finding, Level, Report, Status
from checker.reports.order import Stored

STEP: Final = 500
"""After so many findings it is told."""


class Findings(Stored, Protocol):
    """Stored findings that are a sequence as well."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, index: int) -> Finding: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...


class Watched(Sequence[Finding]):
    """Stored findings; `tell` gets the number of those that were read since it was."""

    def __init__(self, findings: Findings, tell: Callable[[int], None]) -> None:
        """Read some findings, and tell of it."""
        self._findings = findings
        self._tell = tell
        self._read = 0

    @property
    def kinds(self) -> Counter[tuple[Status, Level]]:
        """Return how many there are of each status and level."""
        return self._findings.kinds

    @property
    def suppressed(self) -> int:
        """Return how many of them an exception covers."""
        return self._findings.suppressed

    @property
    def more(self) -> Sequence[Finding]:
        """Return those that are held."""
        return self._findings.more

    def ordered(self, key: Callable[[Finding], Any]) -> Iterable[Finding]:
        """Return them sorted by a key; each key that is made counts as a reading."""

        def watched(finding: Finding) -> Any:
            self._step()
            return key(finding)

        return self._findings.ordered(watched)

    def __iter__(self) -> Iterator[Finding]:
        for finding in self._findings:
            self._step()
            yield finding

    def __len__(self) -> int:
        return len(self._findings)

    @overload
    def __getitem__(self, index: int) -> Finding: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...

    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self._findings[index]

    def _step(self) -> None:
        self._read += 1
        if self._read == STEP:
            self._tell(self._read)
            self._read = 0


def watched(report: Report, tell: Callable[[int], None]) -> Report:
    """Return a report whose findings tell how far they were read, if they are many."""
    findings = report.findings
    if not isinstance(findings, Stored):
        return report
    return structs.replace(report, findings=Watched(findings, tell))
