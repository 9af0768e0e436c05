"""How much processor time commands take to begin, in processes of their own."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from corpus import ROOT

from checker import rules
from checker.evaluate.detection import detector
from checker.model import AnyRule, DetectionRule

STARTS = 9


def starting() -> Iterator[str]:
    """Yield what each command takes; the first start of each fills what is kept."""
    small = str(ROOT / "demo/events/console-sign-in.json")
    rule = str(ROOT / "rules/detections/root/root_mfa_changed.yml")
    commands = {
        "`python -c pass`": ["-c", "pass"],
        "`trailcheck --version`": ["-m", "checker", "--version"],
        "`trailcheck scan --help`": ["-m", "checker", "scan", "--help"],
        "`trailcheck lint` of one rule": ["-m", "checker", "lint", rule],
        "`trailcheck scan` of one small file": ["-m", "checker", "scan", small],
    }
    taken: dict[str, list[float]] = {told: [] for told in commands}
    for _ in range(STARTS + 1):
        for told, arguments in commands.items():
            taken[told].append(_start(arguments))
    for told, (_, *some) in taken.items():
        least, median = min(some) * 1000, statistics.median(some) * 1000
        yield f"- {told}: {least:.0f} ms of processor time, median {median:.0f}"


def _start(arguments: Sequence[str]) -> float:
    # As where it is installed: with the bytecode of its modules kept.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, *arguments]
    subprocess.run(command, capture_output=True, check=False, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def loading(bases: Sequence[AnyRule]) -> Iterator[str]:
    """Yield what the pack takes to load and to compile, once it has been kept."""
    detections = [each for each in bases if isinstance(each, DetectionRule)]
    begun = time.process_time()
    rules.load()
    loaded = time.process_time()
    detector.compile_rules(detections)
    compiled = time.process_time()
    load, compiling = (loaded - begun) * 1000, (compiled - loaded) * 1000
    yield f"- the pack: {load:.0f} ms to load, {compiling:.0f} ms to compile"
