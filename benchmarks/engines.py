"""Hold a scan against rsigma, where it is installed, on the same rules and events.

The rules are those of SigmaHQ about CloudTrail, of `../shared/corpus`; what is missing
is not measured.  `cargo install rsigma` puts it on the path.
https://docs.rs/crate/rsigma/latest
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus import ROOT, Make, write

from checker.sources.events import accelerator

RULES = ROOT.parent / "shared/corpus/sigma/sigmahq/cloudtrail"
ROUNDS = 5
_COMPILED = accelerator.version() is not None
"""Before the bench switches the compiled reader off for itself."""


def as_lines(logs: Sequence[Path], folder: Path, files_each: int = 50) -> None:
    """Write the events of log files as JSON lines, some files in one."""
    folder.mkdir()
    for start in range(0, len(logs), files_each):
        with (folder / f"{start:08}.jsonl").open("wb") as file:
            for log in logs[start : start + files_each]:
                for record in json.loads(gzip.decompress(log.read_bytes()))["Records"]:
                    file.write(json.dumps(record, separators=(",", ":")).encode())
                    file.write(b"\n")


def beside_rsigma(events: int, make: Make, folder: Path) -> Iterator[str]:
    """Yield the throughput of each, and the ratio to rsigma of the same input.

    In one process: several would each learn what the events say.
    """
    if not shutil.which("rsigma") or not RULES.is_dir():
        return
    logs, lines = folder / "rsigma", folder / "rsigma-lines"
    as_lines(write(logs, events, make), lines)
    ours = shlex.join([sys.executable, "-m", "checker", "scan", "--rules", str(RULES)])
    ours += " --jobs 1 --format jsonl --fail-on never {} > /dev/null"
    theirs = f"rsigma engine eval -r {shlex.quote(str(RULES))}"
    # A log file does not end its line.
    zcat = f"for file in {logs}/*.gz; do zcat $file; echo; done"
    commands = {
        "gzip (rsigma behind zcat, with its --jq)": (
            ours.format(logs),
            f"{zcat} | {theirs} --jq '.Records[]' > /dev/null",
        ),
        "NDJSON": (
            ours.format(lines),
            f"cat {lines}/*.jsonl | {theirs} > /dev/null",
        ),
    }
    for form, (scan, rival) in commands.items():
        off, on, other = _in_turn([("off", scan), ("on", scan), ("off", rival)])
        compiled = f", compiled {other / on:.2f}" if _COMPILED else ""
        yield (
            f"- SigmaHQ's rules on that hour, one process, {form}: "
            f"{events / off:,.0f} events/s with start-up, "
            f"rsigma {events / other:,.0f}: {other / off:.2f} times{compiled}"
        )


def _in_turn(commands: Sequence[tuple[str, str]]) -> list[float]:
    """Return the least processor time of each, after a run that does not count."""
    best = [float("inf")] * len(commands)
    for number in range(ROUNDS + 1):
        for at, (core, command) in enumerate(commands):
            taken = _processor(core, command)
            best[at] = min(best[at], taken) if number else best[at]
    return best


def _processor(core: str, command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, accelerator.SWITCH: core}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
