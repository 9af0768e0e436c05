"""How much memory a scan takes as its input grows, and what several processes gain.

Files of the same events under ever new eventIDs are scanned by the command, whole pack,
each format, and the peak of each process is read from the system.  What grows must be
the time alone.  Ratios come from one run; an absolute time says nothing on a shared
machine.  Run: python benchmarks/bench_memory.py [events] [folder for the files]
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from isal import igzip

sys.path.insert(0, str(Path(__file__).parent))
from corpus import PER_FILE, ROOT, mix, shipped
from corpus import share as part_of

SCRIPT = """
import resource, sys
from checker.cli import main
try:
    main(sys.argv[1:])
finally:
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        print("peak", used.ru_maxrss // 1024, used.ru_utime + used.ru_stime,
              file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one scan took: seconds, and the peaks of its processes in MiB."""

    wall: float
    processor: float
    peak: int
    worker_peak: int
    said: str


def write(folder: Path, events: int, share: float = 0.02) -> None:
    """Write log files in the mix of an account; `share` are the pack's own records."""
    draw = random.Random(11)
    make = part_of(share, shipped(), mix("b"))
    records = [{**make(draw), "eventID": "\0"} for _ in range(PER_FILE)]
    text = json.dumps({"Records": records}, separators=(",", ":"))
    pieces = [piece.encode() for piece in text.split(r"\u0000")]
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(events // PER_FILE):
        day = folder / f"{n // 1000:04}"
        day.mkdir(exist_ok=True)
        ids = draw.randbytes(16 * PER_FILE).hex()
        parts = [pieces[0]]
        for k in range(PER_FILE):
            one = ids[32 * k : 32 * k + 32]
            guid = f"{one[:8]}-{one[8:12]}-4{one[13:16]}-a{one[17:20]}-{one[20:]}"
            parts += (guid.encode(), pieces[k + 1])
        file = day / f"{n:08}.json.gz"
        file.write_bytes(igzip.compress(b"".join(parts), 1))


def scan(inputs: list[Path], *options: str) -> Taken:
    """Scan with the command, in a process of its own."""
    begun = time.perf_counter()
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                SCRIPT,
                "scan",
                *map(str, inputs),
                *options,
                "--output",
                out.name,
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        wall = time.perf_counter() - begun
        size = Path(out.name).stat().st_size
    peaks = [line.split() for line in done.stderr.splitlines() if line[:5] == "peak "]
    if len(peaks) != 2:
        raise SystemExit(done.stderr)
    (_, own, used), (_, others, worked) = peaks
    processor = float(used) + float(worked)
    said = f"{size / 1e6:,.0f} MB"
    return Taken(wall, processor, int(own), int(others), said)


def main() -> None:
    """Print the table."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    print(f"{os.cpu_count()} cores, {most} open files, {PER_FILE} events a file")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary) / "logs"
        if not folder.exists():
            write(folder, events)
        days = sorted(folder.iterdir())
        few = sorted(days[0].iterdir())[: max(events // 10 // PER_FILE, 1)]
        rows = [
            ("a tenth", few, ("--jobs", "1")),
            ("all", days, ("--jobs", "1")),
            ("all", days, ("--jobs", "2")),
            ("all", days, ("--jobs", "1", "--format", "json")),
            ("all", days, ("--jobs", "1", "--format", "jsonl")),
            ("all", days, ("--jobs", "2", "--format", "sarif")),
        ]
        if events > 5_000_000:
            rows = rows[:5]
        alone = 0.0
        for name, inputs, options in rows:
            taken = scan(inputs, *options)
            number = len(inputs) * PER_FILE if inputs is few else events
            line = f"  {number:>12,} events ({name}) {' '.join(options):28}"
            line += (
                f"{number / taken.wall:9,.0f}/s wall {number / taken.processor:9,.0f}"
            )
            line += f"/s of a core  peak {taken.peak:4} MiB"
            if taken.worker_peak and "2" in options:
                line += f", workers {taken.worker_peak} MiB"
                line += f", {alone / taken.wall:.2f} x one process" if alone else ""
            if options == ("--jobs", "1") and inputs is days:
                alone = taken.wall
            print(f"{line}  report {taken.said}", flush=True)


if __name__ == "__main__":
    main()
