"""What a scan on Spark costs, and what a second core brings.

The same objects are scanned by `scan` in one process, and on Spark with one core and
with two, each in a process of its own that is held to its cores (on Linux): the JVM
that moves the rows would take another core else.  The session is open, and has scanned
once, before the clock starts; the least of the runs counts.  All have the same report,
byte for byte.  What two cores bring at best is what two plain loops take side by side.

Run: make bench-spark
"""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from corpus import ROOT, mix, share, shipped, write

ROUNDS = 3
OBJECTS = 2_000
PER_OBJECT = 50
LOOP = "sum(number * number for number in range(20_000_000))"


def main() -> None:
    loops = _loops(2) / _loops(1)
    print(f"two plain loops side by side take {loops:.2f} times as long as one")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        events = OBJECTS * PER_OBJECT
        write(folder, events, share(0.02, shipped(), mix("b")), PER_OBJECT)
        taken = {
            kind: _measured(kind, cores, folder)
            for kind, cores in (("scan", 1), ("local[1]", 1), ("local[2]", 2))
        }
    reports = {report for _, report in taken.values()}
    if len(reports) > 1:
        sys.exit("the reports differ")
    print(f"{OBJECTS:,} objects of {PER_OBJECT} events, the least of {ROUNDS} runs:")
    for kind, (seconds, _) in taken.items():
        print(f"{kind:>9} {seconds:6.1f} s")
    scan, one, two = (seconds for seconds, _ in taken.values())
    print(f"local[1] takes {one / scan:.2f} times as long as scan")
    print(f"local[2] is {one / two:.2f} times as fast as local[1]")


def _loops(number: int) -> float:
    start = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(number)]
    for each in running:
        each.wait()
    return time.perf_counter() - start


def _measured(kind: str, cores: int, folder: Path) -> tuple[float, str]:
    """Scan in a process of its own: the seconds of the fastest run, and the report."""
    command = [sys.executable, __file__, kind, str(folder)]
    held = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: _hold(cores),
    )
    seconds, report = held.stdout.split()[-2:]
    return float(seconds), report


def _hold(cores: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[:cores])


def run(kind: str, folder: str) -> None:
    """Be one of the processes."""
    from checker import reports, rules
    from checker import run as one_machine

    pack = rules.load()
    if kind == "scan":
        scan = functools.partial(one_machine.scan, pack, [folder])
    else:
        from checker import spark

        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT), os.environ.get("PYTHONPATH", "")]
        )
        session = spark.open_session(
            kind, {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"}
        )
        session.sparkContext.setLogLevel("ERROR")
        scan = functools.partial(spark.scan, session, pack, [folder])
    scan()
    fastest = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        report = scan()
        fastest = min(fastest, time.perf_counter() - start)
    text = "".join(reports.FORMATS["json"](report))
    print(fastest, hashlib.sha256(text.encode()).hexdigest())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(*sys.argv[1:])
    else:
        main()
