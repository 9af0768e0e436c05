"""Measure in processes of their own, taken in turn: what is compared shares nothing.

A runner reads the name of a folder, does its work on the files there, and answers with
a line of JSON; it does so again and again.  `scan` keeps its findings, `jsonl` writes
them as they come; with a `c` before it the compiled reader reads, which all others
leave off.  Python's collector is off in the reference, and where `scan` stops it.
Run: python benchmarks/runner.py parse|scan|cscan|jsonl|cjsonl
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took (seconds of processor time) and found.

    `peak` is the most memory that its process has had so far, in MiB.
    """

    seconds: float
    events: int
    findings: int
    hits: int
    peak: int


@dataclass(frozen=True, slots=True)
class Runs:
    """Several runs of one kind."""

    runs: Sequence[Run]

    @property
    def least(self) -> float:
        return min(run.seconds for run in self.runs)

    @property
    def median(self) -> float:
        return statistics.median(run.seconds for run in self.runs)

    @property
    def last(self) -> Run:
        return self.runs[-1]

    @property
    def each(self) -> float:
        """Microseconds an event, at the least."""
        return self.least / self.last.events * 1e6


class Runner:
    """A process that works on folders, one after the other."""

    def __init__(self, mode: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, folder: Path) -> Run:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        return Run(**json.loads(self._process.stdout.readline()))


def compare(folder: Path, *modes: str, rounds: int = ROUNDS) -> list[Runs]:
    """Run each kind on a folder, in turn, after one round that does not count."""
    with contextlib.ExitStack() as stack:
        runners = [stack.enter_context(Runner(mode)) for mode in modes]
        taken: list[list[Run]] = [[] for _ in modes]
        for _ in range(rounds + 1):
            for runner, runs in zip(runners, taken, strict=True):
                runs.append(runner.run(folder))
    return [Runs(runs[1:]) for runs in taken]


def _files(folder: str) -> Iterator[bytes]:
    for file in sorted(Path(folder).iterdir()):
        text = file.read_bytes()
        yield zlib.decompress(text, 31) if file.suffix == ".gz" else text


def _parser() -> Callable[[str], tuple[int, int, int]]:
    import orjson

    gc.disable()

    def parse(folder: str) -> tuple[int, int, int]:
        number = 0
        for text in _files(folder):
            if text.startswith(b'{"Records"'):
                number += len(orjson.loads(text)["Records"])
                continue
            for line in text.splitlines():
                orjson.loads(line)
                number += 1
        return number, 0, 0

    return parse


def _scanner(*, writes: bool) -> Callable[[str], tuple[int, int, int]]:
    from checker import rules
    from checker.cli.streaming import Lines
    from checker.model import Level
    from checker.run.scanning.scan import scan

    bases = rules.load()
    loud = rules.at_least(bases, Level.LOW)

    def judge(folder: str) -> tuple[int, int, int]:
        if writes:
            with Lines(Path(os.devnull), None) as lines:
                found = scan(loud, [folder], bases=bases, write=lines.write)
        else:
            found = scan(loud, [folder], bases=bases)
        counts = found.statistics
        return counts.events, counts.findings, counts.correlated

    return judge


def _peak() -> int:
    """Return this process's own peak in MiB; ru_maxrss begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = status.read_text("ascii").partition("VmHWM:")[2]
        return int(line.split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Answer until there is nothing more to do."""
    mode = sys.argv[1]
    os.environ["TRAILCHECK_CORE"] = "on" if mode.startswith("c") else "off"
    work = _parser() if mode == "parse" else _scanner(writes=mode.endswith("jsonl"))
    for line in sys.stdin:
        begun = time.process_time()
        events, findings, hits = work(line.strip())
        seconds = time.process_time() - begun
        peak = _peak()
        run = [seconds, events, findings, hits, peak]
        print(json.dumps(dict(zip(Run.__slots__, run, strict=True))), flush=True)


if __name__ == "__main__":
    main()
