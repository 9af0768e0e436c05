"""Tests of findings that tell how far they have been read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from checker.model import Finding, Report, Statistics
from checker.reports import json, order, text
from checker.reports.watched import STEP, watched
from tests.reports import samples


class Kept(tuple[Finding, ...]):
    """Findings as they are when they are on the disk."""

    __slots__ = ()

    @property
    def kinds(self) -> Counter[Any]:
        return order.kinds(tuple(self))

    @property
    def suppressed(self) -> int:
        return 0

    @property
    def more(self) -> tuple[Finding, ...]:
        return ()

    def ordered(self, key: Callable[[Finding], Any]) -> Iterable[Finding]:
        return sorted(self, key=key)


def test_the_report_is_the_same_and_the_reader_is_told() -> None:
    kept = Kept(samples.DETECTED * STEP)
    report = Report(findings=kept, statistics=Statistics())
    told: list[int] = []
    seen = watched(report, told.append)
    assert isinstance(seen.findings, order.Stored)
    assert "".join(json.render(seen)) == "".join(json.render(report))
    assert sum(told) == len(kept)
    assert "".join(text.render(seen)) == "".join(text.render(report))
    assert set(told) == {STEP}


def test_few_findings_are_not_watched() -> None:
    assert watched(samples.REPORT, print) is samples.REPORT
