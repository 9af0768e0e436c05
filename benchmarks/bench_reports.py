"""What a report of many findings costs in each format, as ratios to its JSON.

Records of the bundled rules are scanned once, under ever new eventIDs, times and
identities.  Then each format is rendered by a process that is forked from that state,
in turns with JSON, so that what is compared has seen the same machine.  `peak` is the
memory that rendering added to the process.  An absolute time says nothing on a shared
machine.  Run: python benchmarks/bench_reports.py [findings] [--rounds N] [--format F]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus import PER_FILE, shipped

from checker import reports, rules, run
from checker.model import Report
from checker.reports import text
from checker.reports.groups import By

BAR = 2.0
"""No format costs more than so many times the JSON of the same report."""

_NOW = "2026-11-30T00:00:00"
Render = Callable[[Report], Iterator[str]]

FORMATS: dict[str, Render] = {
    "jsonl": reports.FORMATS["jsonl"],
    "sarif": reports.FORMATS["sarif"],
    "csv": reports.FORMATS["csv"],
    "html": reports.FORMATS["html"],
    "markdown": reports.FORMATS["markdown"],
    "junit": lambda report: reports.FORMATS["junit"](report, timestamp=_NOW),
    "ocsf": lambda report: reports.FORMATS["ocsf"](report, timestamp=_NOW),
    "text": text.render,
    "text --summary": lambda report: text.render(report, short=True),
    "text --full": lambda report: text.render(report, full=True),
    "text --full --by identity": lambda report: text.render(
        report, full=True, by=By.IDENTITY
    ),
    "text --full --by time": lambda report: text.render(report, full=True, by=By.TIME),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one rendering took: seconds of processor time, MiB, bytes."""

    seconds: float
    peak: float
    size: int


def write(folder: Path, findings: int) -> None:
    """Write files of the records that rules look for, of many callers and times."""
    draw = random.Random(16)
    make = shipped()
    for number in range(max(findings // PER_FILE, 1)):
        records = []
        for _ in range(min(PER_FILE, findings)):
            record = make(draw)
            moment = draw.randrange(30 * 86_400)
            day, second = divmod(moment, 86_400)
            clock = time.strftime("%H:%M:%S", time.gmtime(second))
            record["eventTime"] = f"2026-11-{day + 1:02}T{clock}Z"
            record["eventID"] = str(uuid.UUID(int=draw.getrandbits(128), version=4))
            identity = dict(record.get("userIdentity") or {})
            if isinstance(identity.get("arn"), str):
                identity["arn"] += f"-{draw.randrange(200)}"
            record["userIdentity"] = identity
            records.append(record)
        (folder / f"{number:05}.json").write_text(json.dumps({"Records": records}))


def measure(render: Render, report: Report) -> Taken:
    """Render in a process of its own that begins as this one is."""
    read, out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun, size = time.process_time(), 0
        for piece in render(report):
            size += len(piece)
        seconds = time.process_time() - begun
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(out, json.dumps([seconds, grown / 1024, size]).encode())
        os._exit(0)
    os.close(out)
    with os.fdopen(read) as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return Taken(*json.loads(answer))


def main() -> int:
    """Print the table; return 1 if a format exceeds the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("findings", nargs="?", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--format", action="append", choices=FORMATS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        write(Path(temporary), given.findings)
        report = run.scan(rules.load(), [temporary])
        gc.collect()
        gc.freeze()
        slow = 0
        print(f"{len(report.findings):,} findings; JSON is 1.00")
        for name in given.format or FORMATS:
            ratios, runs = [], []
            for _ in range(given.rounds):
                json_ = measure(reports.FORMATS["json"], report)
                runs.append(measure(FORMATS[name], report))
                ratios.append(runs[-1].seconds / json_.seconds)
            ratio = sorted(ratios)[len(ratios) // 2]
            slow += ratio > BAR
            print(
                f"  {name:26} {ratio:5.2f} x JSON ({min(ratios):.2f} to "
                f"{max(ratios):.2f})  {runs[-1].size / 1e6:6.1f} MB  peak "
                f"+{max(one.peak for one in runs):.0f} MiB"
                f"{'  over the bar' * (ratio > BAR)}",
                flush=True,
            )
        last = f"{json_.size / 1e6:.1f} MB, peak +{json_.peak:.0f} MiB"
        print(f"  JSON: {last}, {json_.seconds:.2f} s")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
