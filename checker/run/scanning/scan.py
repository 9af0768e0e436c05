"""Scan events: what each input gave is put together, copies left out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any

from checker.evaluate.correlation import Addresses, Learned
from checker.model import AnyRule, Finding, Report
from checker.parallel.gc_pause import gc_paused
from checker.parallel.signals import Patience, defer_sigint
from checker.reports.json import line
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.collector import Emit, ScanCollector
from checker.run.scanning.lines import LineCollector, Write
from checker.run.scanning.reading import read_inputs
from checker.run.scanning.scanned import Scanned
from checker.run.scanning.worker import detecting
from checker.run.scanning.writing import writing
from checker.sources.events.inputs import (
    Found,
    InputFilter,
    Path,
    as_paths,
    find,
    watched,
)
from checker.sources.events.inputs import notes as input_notes

if TYPE_CHECKING:
    from checker.run.scanning.log_validation import LogFileValidation
    from checker.run.scanning.state import State

Advance = Callable[[int, str], None]
"""Called after each input with the bytes it took on disk, and its name."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a scan; `report` is what was found until then."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def scan(  # noqa: PLR0913 - each is an option of the command
    rules: Iterable[AnyRule],
    inputs: Path | Iterable[Path],
    *,
    bases: Iterable[AnyRule] = (),
    learned: Learned | None = None,
    addresses: Addresses | None = None,
    jobs: int | None = 1,
    advance: Advance | None = None,
    emit: Emit | None = None,
    write: Write | None = None,
    wanted: InputFilter | None = None,
    state: State | None = None,
    vouching: LogFileValidation | None = None,
    patience: Patience | None = None,
    policy: Policy = NONE,
) -> Report:
    """Evaluate the detections and correlations on the events of some files and folders.

    `inputs` is one path, glob, `-` or address in AWS (`sources.inputs`), or several,
    and `wanted` chooses among what they hold, the period of the events above all.
    `jobs` is the number of processes, None for one on each core where there is enough
    to read.  An event that comes twice (the same eventID) counts once: of each rule's
    findings on it the first stands.  One that another event of the input corrects
    (`run.corrections`) does not count at all: the correcting one stands for both, and
    the other is a duplicate.  `bases` are rules that report nothing, but that the
    correlations among `rules` may build on, `learned` is what the `first_seen` ones
    have seen before, and `addresses` a table of the user's for correlations with
    labels.

    Memory does not grow with the number of events or findings: `findings` of the report
    is a tuple where they are few, and else reads them from a temporary file.  `emit`
    gets each finding as soon as its input has been read; one whose event a later input
    corrects comes again at the end, with the status `not_applicable`.  `write` gets the
    same as text, some lines of JSON at a time, which is faster.  Ctrl-C raises
    `Interrupted`, with the report so far.  Python's garbage collector is stopped
    meanwhile (`run.collector`).

    With a `state`, inputs that earlier runs have scanned are left out, as are findings
    that they told; call its `finish` once the report is safe (`run.state`).  With
    `vouching`, findings are held against the digests of their log files, and with a
    `policy` against the exceptions and the baseline of the user.
    """
    run: ScanCollector
    if write and not (emit or state or vouching or policy.decides):
        run = LineCollector(
            rules, bases, write, learned=learned, addresses=addresses, policy=policy
        )
    else:
        run = ScanCollector(
            rules,
            bases,
            learned=learned,
            addresses=addresses,
            emit=_emitting(emit, write),
            state=state,
            policy=policy,
        )
    run.vouching = vouching
    asked = watched(wanted, advance, run.notes.append)
    inputs = as_paths(inputs)
    run.notes.extend(input_notes(inputs, asked))
    patience = patience or Patience()
    with gc_paused() as step:
        interrupted = False
        try:
            found = _scanned(run, find(inputs, asked), asked, jobs)
            with contextlib.closing(found):
                for scanned in found:
                    with defer_sigint():
                        run.take(scanned)
                    run.tell()
                    if state:
                        with defer_sigint():
                            state.step()
                    step()
            patience.hold()
        except KeyboardInterrupt:
            patience.hold()
            interrupted = patience.interrupted = True
        if interrupted:
            run.interrupt(inputs)
            raise Interrupted(run.report())
        return run.report()


def _scanned(
    run: ScanCollector,
    found: Iterable[Found],
    asked: InputFilter,
    jobs: int | None,
) -> Generator[Scanned[Any]]:
    """Scan what was found, but for what an earlier run has scanned."""
    state = run.resuming.state if run.resuming else None
    new = state.unscanned(found) if state else found
    build = writing if isinstance(run, LineCollector) else detecting
    return read_inputs(new, asked, jobs, build, run.job, remark=run.notes.append)


def _emitting(emit: Emit | None, write: Write | None) -> Emit | None:
    """Return what gets each finding: `emit`, and as its line `write`."""
    if write is None:
        return emit

    def both(finding: Finding) -> None:
        if emit:
            emit(finding)
        write(line(finding) + "\n")

    return both


def open_state(path: str) -> State:
    """Open the state of earlier runs, for `scan`; a file is made if there is none.

    Raises `UsageError` for a file that is no state, or that another run is using.
    """
    from checker.run.scanning.state import State

    return State(path)
