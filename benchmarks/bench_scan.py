"""A scan with the whole pack against merely inflating and parsing the same files.

One process on log files of gzip, as `trailcheck scan` judges them: the pack from level
low up, its correlations and what they build on.  The ratio is that of throughput, each
the best of some runs taken in turn: an absolute time says nothing on a shared machine.
Run: python benchmarks/bench_scan.py [events] [--write FILE]
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jmespath

sys.path.insert(0, str(Path(__file__).parent))
from corpus import QUIET, ROOT, Call, Make, mix, of, share, shipped, write

from checker import conditions, rules
from checker.conditions import parts, tree
from checker.evaluate import correlation
from checker.evaluate.detection import detector as detection
from checker.model import AnyRule, DetectionRule, Level
from checker.run.scanning.scan import scan
from checker.sources.events import files

ROUNDS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Pack:
    """The pack as `trailcheck scan` takes it: what reports, and what it builds on."""

    loud: Sequence[AnyRule]
    bases: Sequence[AnyRule]

    def scan(self, folder: Path, jobs: int = 1) -> object:
        return scan(self.loud, [str(folder)], bases=self.bases, jobs=jobs)


def processor(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def wall(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def in_turn(*runs: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The least processor time of each, in seconds, taken in turn."""
    best = [float("inf")] * len(runs)
    for _ in range(rounds):
        for at, run in enumerate(runs):
            best[at] = min(best[at], processor(run))
    return best


def parse(logs: Sequence[Path], loads: Callable[[bytes], Any]) -> None:
    for log in logs:
        loads(zlib.decompress(log.read_bytes(), 31))


def parsers() -> dict[str, Callable[[bytes], Any]]:
    found: dict[str, Callable[[bytes], Any]] = {"json": json.loads}
    try:
        import orjson
    except ImportError:
        print("orjson is not installed: no ratio to it", file=sys.stderr)
        return found
    return {"orjson": orjson.loads, **found}


def looked_at(pack: Pack) -> Make:
    """Events of which each is a candidate of some rule, and none what it looks for.

    A rule names its source and event, and nothing else that tells its kind rules it
    out: what it says of callers, parameters and the rest has to be asked.
    """
    detections = [each for each in pack.loud if isinstance(each, DetectionRule)]
    detector = detection.compile_rules(detections)
    keys = {key for each in detections for key in _keys(each)}
    draw = random.Random(3)
    found: list[Call] = []
    with tempfile.TemporaryDirectory() as temporary:
        for number, (source, name) in enumerate(sorted(keys)):
            call = Call(source, name, read=False)
            (log,) = write(Path(temporary) / str(number), 20, of([call]))
            (given,) = files.find([str(log)])
            (batch,) = files.read(given, detector.header)
            seen = [each for each in batch.records if _is_asked(detector, call, each)]
            if len(seen) >= 10 and not detection.evaluate(detector, batch).matches:
                found.append(call)
    return of(draw.sample(found, min(len(found), 40)))


def _is_asked(detector: detection.Detector, call: Call, record: bytes) -> bool:
    event = json.loads(record)
    return any(
        screen.of_kind is None or conditions.holds(screen.of_kind(event))
        for screen in detector.index.screens
        if (call.source, call.name) in screen.keys
    )


def _keys(rule: DetectionRule) -> Iterator[tuple[str, str]]:
    required = conditions.required(rule.detection.condition)
    for source in required.get(("eventSource",), ()):
        for name in required.get(("eventName",), ()):
            yield str(source), str(name)


def cases(pack: Pack) -> dict[str, Make]:
    quiet, named = of(QUIET), looked_at(pack)
    return {
        "no rule is about any": quiet,
        "2 % are candidates": share(0.02, named, quiet),
        "2 % are what a rule looks for": share(0.02, shipped(), quiet),
        "five days of account b": mix("b"),
        "an hour of account a": mix("a"),
        "each is a candidate": named,
        "each is what a rule looks for": shipped(),
    }


def throughput(pack: Pack, events: int, folder: Path) -> Iterator[str]:
    loads = parsers()
    yield (
        "| events | events/s | MB/s | " + " | ".join(f"zlib+{n}" for n in loads) + " |"
    )
    yield "|---|--:|--:|" + "--:|" * len(loads)
    for number, (told, make) in enumerate(cases(pack).items()):
        place = folder / str(number)
        logs = write(place, events, make)
        size = sum(len(gzip.decompress(log.read_bytes())) for log in logs)
        taken, *others = in_turn(
            lambda place=place: pack.scan(place),
            *(
                lambda logs=logs, load=load: parse(logs, load)
                for load in loads.values()
            ),
        )
        ratios = " | ".join(f"{other / taken:.2f}" for other in others)
        rate = f"{events / taken:,.0f} | {size / taken / 1e6:,.0f}"
        yield f"| {told} | {rate} | {ratios} |"


def naive(pack: Pack, folder: Path) -> str:
    """Hold every condition against every event with the jmespath library alone."""
    (log,) = write(folder / "naive", 200, share(0.02, shipped(), of(QUIET)))
    events = json.loads(gzip.decompress(log.read_bytes()))["Records"]
    texts = [
        conditions.show(each.detection.condition)
        for each in pack.loud
        if isinstance(each, DetectionRule)
    ]
    known = [text for text in texts if _works(text)]

    def run() -> None:
        for event in events:
            for text in known:
                jmespath.search(text, event)

    many = folder / "many"
    write(many, 20_000, share(0.02, shipped(), of(QUIET)))
    slow = processor(run) / len(known) * len(texts) / len(events)
    (quick,) = in_turn(lambda: pack.scan(many))
    return f"{slow / (quick / 20_000):,.0f} times the throughput of `jmespath.search`"


def _works(text: str) -> bool:
    """Can the library's own functions say it?"""
    try:
        jmespath.search(text, {})
    except jmespath.exceptions.JMESPathError:
        return False
    return True


def by_rules(pack: Pack, events: int, folder: Path) -> Iterator[str]:
    """Throughput as rules become more; beyond the pack's own they are about others.

    No rule is about the events: with more rules more would match, and cost.
    """
    place = folder / "rules"
    write(place, events, of(QUIET))
    own = [each for each in pack.loud if isinstance(each, DetectionRule)]
    random.Random(5).shuffle(own)
    grown = [*own, *(_elsewhere(each, n) for n, each in enumerate(own))]
    first = 0.0
    for count in (10, 100, len(own), 1000):
        chosen = grown[:count]
        (taken,) = in_turn(lambda chosen=chosen: scan(chosen, [str(place)]))
        first = taken if count == 100 else first
        told = f", {first / taken:.2f} of that with 100" if count > 100 else ""
        yield f"- {count:,} rules: {events / taken:,.0f} events/s{told}"


def _elsewhere(rule: DetectionRule, number: int) -> DetectionRule:
    """Make the rule one about a call of another service."""
    others = [
        part
        for part in parts.parts(rule.detection.condition)
        if ("eventName",) not in (parts.reads(part) or ())
        and ("eventSource",) not in (parts.reads(part) or ())
    ]
    call = f"eventSource == 'a{number % 50}.example.com' && eventName == 'Do{number}'"
    condition = tree.And((conditions.parse(call), *others))
    lowered = dataclasses.replace(rule.detection, condition=condition)
    return dataclasses.replace(rule, name=f"{rule.name}_{number}", detection=lowered)


def by_files_and_jobs(pack: Pack, events: int, folder: Path) -> Iterator[str]:
    for per_file in (50, 500, 5_000):
        place = folder / f"files-{per_file}"
        write(place, events, mix("b"), per_file)
        (taken,) = in_turn(lambda place=place: pack.scan(place))
        yield f"- {per_file:,} events a file: {events / taken:,.0f} events/s"
    place = folder / "jobs"
    write(place, 4 * events, mix("b"))
    one, two = (
        min(wall(lambda j=jobs: pack.scan(place, jobs=j)) for _ in range(3))
        for jobs in (1, 2)
    )
    yield f"- two processes: {one / two:.2f} times as fast as one, by the clock"


def starting(pack: Pack) -> Iterator[str]:
    def start(arguments: Sequence[str]) -> float:
        def run() -> None:
            subprocess.run(
                [sys.executable, *arguments], capture_output=True, check=False
            )

        return min(wall(run) for _ in range(9))

    bare = start(["-c", "pass"])
    small = str(ROOT / "demo/events/console-sign-in.json")
    for told, arguments in (
        ("`trailcheck --version`", ["-m", "checker", "--version"]),
        ("`trailcheck scan` of one small file", ["-m", "checker", "scan", small]),
    ):
        more = (start(arguments) - bare) * 1000
        yield f"- {told}: {more:.0f} ms more than `python -c pass`"
    detections = [each for each in pack.bases if isinstance(each, DetectionRule)]
    taken = in_turn(rules.load, lambda: detection.compile_rules(detections))
    load, compiling = (round(each * 1000) for each in taken)
    yield f"- the pack: {load} ms to load, {compiling} ms to compile"


def report(events: int) -> Iterator[str]:
    """Return the table, line by line."""
    pack_rules = rules.load()
    pack = Pack(rules.at_least(pack_rules, Level.LOW), pack_rules)
    plan = correlation.plan(pack.bases, pack.loud)
    yield "# How fast a scan is\n"
    yield (
        f"`make bench`: {events:,} events in gzip files, one process, Python "
        f"{platform.python_version()} on {platform.machine()}. The pack: "
        f"{len(pack.loud)} rules of level low and above, and "
        f"{len(plan.carried)} that correlations build on. The last columns are ratios "
        "of throughput to inflating and parsing the same files, from one run; the "
        "others depend on the machine.\n"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        yield from throughput(pack, events, folder)
        yield f"\nA scan has {naive(pack, folder)} for each rule.\n"
        yield from by_rules(pack, events, folder)
        yield from by_files_and_jobs(pack, events, folder)
    yield from starting(pack)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"- peak memory of all of this in one process: {peak:,.0f} MiB"


def main() -> None:
    """Print the table, or write it too."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events", nargs="?", type=int, default=100_000)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    lines = []
    for line in report(asked.events):
        print(line, flush=True)
        lines.append(line + "\n")
    if asked.write:
        asked.write.write_text("".join(lines))


if __name__ == "__main__":
    main()
