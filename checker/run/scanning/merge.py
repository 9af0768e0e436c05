"""Merge what inputs gave into the report of one scan, exactly.

What an input gives does not depend on any other; all that does is decided here: which
event is a copy, which one stands corrected, which finding came first, what correlates.
"""

from __future__ import annotations

import heapq
import operator
from collections.abc import Iterable
from typing import TypeAlias

from checker.evaluate.correlation import Addresses, Learned
from checker.model import AnyRule, Match, Report
from checker.parallel.gc_pause import gc_paused
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.collector import ScanCollector
from checker.run.scanning.intake import Emit, MatchIntake, rules_by_name
from checker.run.scanning.job import make_job
from checker.run.scanning.scanned import Scanned

Numbered: TypeAlias = tuple[int, Scanned[Match]]
"""A piece, with the place of its input among all inputs of the scan."""


def merge(  # noqa: PLR0913 - each is an option of the command
    rules: Iterable[AnyRule],
    parts: Iterable[Iterable[Numbered]],
    *,
    bases: Iterable[AnyRule] = (),
    learned: Learned | None = None,
    addresses: Addresses | None = None,
    emit: Emit | None = None,
    policy: Policy = NONE,
    notes: Iterable[str] = (),
) -> Report:
    """Return the report that one scan of all inputs gives, byte for byte.

    However the inputs are split: a part has the pieces of some inputs, all pieces of
    each, in the order of their numbers.  The numbers need not be without gaps.  The
    other arguments are those of `scan`, and memory is bounded as there: parts may be
    read from files as they are consumed.
    """
    job = make_job(rules, bases, policy=policy)
    by_name = rules_by_name(job.detections)
    intake = MatchIntake(by_name, emit, policy=policy)
    run = ScanCollector(
        job, intake, by_name, learned=learned, addresses=addresses, policy=policy
    )
    run.notes.extend(notes)
    with gc_paused() as step:
        for _, scanned in heapq.merge(*parts, key=operator.itemgetter(0)):
            run.take(scanned)
            intake.tell()
            step()
        return run.report()
