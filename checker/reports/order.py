"""Put findings in the one order that every format keeps.

Worst first, then by rule, then by time, then by whatever else tells two findings apart:
the same findings give the same bytes, however many processes found them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, overload, runtime_checkable

from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    Finding,
    Level,
    Status,
)


@runtime_checkable
class Stored(Protocol):
    """Findings that are too many to be held: they know their own order and number.

    `kinds` counts those that no exception covers, `suppressed` the others, and `more`
    are those that are held, among them all that are not about a single event.
    """

    kinds: Counter[tuple[Status, Level]]
    suppressed: int
    more: Sequence[Finding]

    def ordered(self, key: Callable[[Finding], Any]) -> Iterable[Finding]:
        """Return them sorted by a key."""

    def __iter__(self) -> Iterator[Finding]: ...


def ordered(
    findings: Iterable[Finding], by: Callable[[Finding], Any] | None = None
) -> Iterable[Finding]:
    """The findings by level (worst first), rule name, event time and subject.

    Or in another order, that of the keys which `by` returns.
    """
    if isinstance(findings, Stored):
        return findings.ordered(by or key)
    return sorted(findings, key=by or key)


def kinds(findings: Iterable[Finding]) -> Counter[tuple[Status, Level]]:
    """How many findings that no exception covers there are of each status and level."""
    if isinstance(findings, Stored):
        return findings.kinds
    return Counter(
        (each.status, each.level) for each in findings if each.suppressed is None
    )


def suppressed(findings: Iterable[Finding]) -> int:
    """How many findings an exception covers."""
    if isinstance(findings, Stored):
        return findings.suppressed
    return sum(each.suppressed is not None for each in findings)


class _Uncovered(Sequence[Finding]):
    """Those of stored findings that no exception covers."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self.kinds = stored.kinds
        self.suppressed = 0
        self.more = uncovered(stored.more)

    def __iter__(self) -> Iterator[Finding]:
        return (each for each in self._stored if each.suppressed is None)

    def __len__(self) -> int:
        return self.kinds.total()

    @overload
    def __getitem__(self, index: int) -> Finding: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...

    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return tuple(self)[index]

    def ordered(self, key: Callable[[Finding], Any]) -> Iterator[Finding]:
        """Return them sorted by a key."""
        return (each for each in self._stored.ordered(key) if each.suppressed is None)


def uncovered(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings that no exception covers: what people have to look at."""
    if not suppressed(findings):
        return findings
    if isinstance(findings, Stored):
        return _Uncovered(findings)
    return tuple(each for each in findings if each.suppressed is None)


def held(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings that may be about something else than a single event."""
    return findings.more if isinstance(findings, Stored) else findings


def kind(rule: AnyRule) -> str:
    """The name of the block that the rule carries, as `schemas/report.json` has it."""
    if isinstance(rule, ConfigurationRule):
        return "configuration"
    if isinstance(rule, CorrelationRule):
        return "correlation"
    return "detection"


def is_visibility(finding: Finding) -> bool:
    """Whether the finding says what would be seen, and not what was found."""
    return (
        not isinstance(finding.rule, ConfigurationRule)
        and finding.status is not Status.FAIL
    )


def key(finding: Finding) -> tuple[int | str, ...]:
    """Return the place of a finding in the order that every format keeps."""
    subject, location = finding.subject, finding.location
    words = (
        str(subject.get(name) or "")
        for name in ("eventTime", "type", "id", "accountId", "region", "awsRegion")
    )
    return (
        -finding.level.rank,
        finding.rule.name,
        *words,
        location.uri if location else "",
        location.record or 0 if location else 0,
        finding.status.value,
        finding.fingerprint,
        finding.message,
    )
