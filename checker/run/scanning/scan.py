"""Scan events: what each input gave is put together, copies left out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from checker.evaluate.correlation import Addresses, Learned
from checker.model import AnyRule, Finding, Report
from checker.parallel.gc_pause import gc_paused
from checker.parallel.signals import Patience, defer_sigint
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.collector import ScanCollector
from checker.run.scanning.intake import Emit, MatchIntake, rules_by_name
from checker.run.scanning.job import Job, make_job
from checker.run.scanning.reading import Work, read_inputs
from checker.run.scanning.worker import detecting
from checker.sources.events.inputs import (
    InputFilter,
    Path,
    as_paths,
    find,
    watched,
)
from checker.sources.events.inputs import notes as input_notes

if TYPE_CHECKING:
    from checker.run.scanning.lines import LineIntake, Write
    from checker.run.scanning.log_validation import LogFileValidation
    from checker.run.scanning.resume import Resuming
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
    as_lines = write and not (emit or state or vouching or policy.decides)
    bases = list(bases)
    job = make_job(rules, bases, policy=policy)
    by_name = rules_by_name(job.detections)
    resuming = _resuming(state, job, tells=bool(emit or write)) if state else None
    intake: LineIntake | MatchIntake
    build: Callable[[Job], Work[Any]] = detecting
    if write and as_lines:
        # Other reports take none of what writes lines.
        from checker.run.scanning.lines import LineIntake
        from checker.run.scanning.writing import writing

        intake, build = LineIntake(by_name, write), writing
    else:
        intake = MatchIntake(
            by_name, _emitting(emit, write), policy=policy, resuming=resuming
        )
        known = {rule.name: rule for rule in (*bases, *job.chosen)}
        intake.take_up(resuming.pending(known) if resuming else ())
    run: ScanCollector[Any] = ScanCollector(
        job,
        intake,
        by_name,
        learned=learned,
        addresses=addresses,
        policy=policy,
        resuming=resuming,
        vouching=vouching,
    )
    asked = watched(wanted, advance, run.notes.append)
    inputs = as_paths(inputs)
    run.notes.extend(input_notes(inputs, asked))
    patience = patience or Patience()
    with gc_paused() as step:
        interrupted = False
        try:
            new = find(inputs, asked)
            new = state.unscanned(new) if state else new
            found = read_inputs(new, asked, jobs, build, job, remark=run.notes.append)
            with contextlib.closing(found):
                for scanned in found:
                    with defer_sigint():
                        run.take(vouching.take(scanned) if vouching else scanned)
                    intake.tell()
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


def _resuming(state: State, job: Job, *, tells: bool) -> Resuming:
    from checker.run.scanning.resume import Resuming

    chosen = {rule.name: rule for rule in job.chosen}
    return Resuming(state, chosen, job.plan, tells=tells)


def _emitting(emit: Emit | None, write: Write | None) -> Emit | None:
    """Return what gets each finding: `emit`, and as its line `write`."""
    if write is None:
        return emit
    from checker.reports.json import line

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
