"""A scan with the whole pack against merely inflating and parsing the same files.

One process on log files, as `trailcheck scan` judges them: the pack from level low up,
its correlations and what they build on.  The ratio is that of throughput, in processor
time, of processes of their own that take turns (`runner`): an absolute time says
nothing on a shared machine.
Run: python benchmarks/bench_scan.py [events] [--short] [--write FILE]
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import jmespath

sys.path.insert(0, str(Path(__file__).parent))
from bench_start import loading, starting
from corpus import (
    PER_FILE,
    QUIET,
    ROOT,
    Call,
    Make,
    again,
    common,
    mix,
    of,
    share,
    shipped,
    write,
)
from engines import as_lines, beside_rsigma
from msgspec import structs
from runner import ROUNDS, Runs, compare

from checker import conditions, rules
from checker.conditions import parts, tree
from checker.evaluate import correlation
from checker.evaluate.detection import detector as detection
from checker.model import AnyRule, Batch, ConfigurationRule, DetectionRule, Level
from checker.run.scanning.scan import scan
from checker.sources.events import accelerator

_HOUR = 2_900
"""The events of account a in its hour."""

MODES = ("scan", "jsonl", *(("cscan", "cjsonl") if accelerator.version() else ()))
"""What is held against `parse`: findings kept or written, by each reader."""


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """Events of one kind, and how many are enough to measure with."""

    make: Make
    events: int
    as_lines: bool = False


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
    for source, name in draw.sample(sorted(keys), len(keys)):
        call = Call(source, name, read=False)
        texts = [json.dumps(common(draw, call)).encode() for _ in range(20)]
        batch = Batch("x", b"\n".join(texts), texts, range(20))
        asked = [each for each in texts if _is_asked(detector, call, each)]
        if len(asked) >= 10 and not detection.evaluate(detector, batch).matches:
            found.append(call)
        if len(found) == 40:
            break
    return of(found)


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


def cases(pack: Pack, events: int) -> dict[str, Case]:
    """The rows by name.

    What a pack costs once, the first sight of each rule and kind of event, is as much
    as that of some 15,000 events: fewer would say little of a day's logs.
    """
    quiet, named = of(QUIET), looked_at(pack)
    hour = again(mix("a"), _HOUR)
    return {
        "no rule is about any": Case(quiet, events, as_lines=True),
        "2 % are candidates": Case(share(0.02, named, quiet), events),
        "2 % are what a rule looks for": Case(share(0.02, shipped(), quiet), events),
        "five days of account b": Case(mix("b"), events, as_lines=True),
        "an hour of account a": Case(mix("a"), events, as_lines=True),
        "that hour, drawn again and again": Case(hour, 4 * events),
        "each is a candidate": Case(named, events),
        "each is what a rule looks for": Case(shipped(), events),
        "each is a hit of a correlation": Case(chosen(pack, hits=True), events),
        "each is a finding, and no hit": Case(
            chosen(pack, hits=False), events, as_lines=True
        ),
    }


def chosen(pack: Pack, *, hits: bool) -> Make:
    """Draw from the shipped records that only feed correlations, or only report."""
    plan = correlation.plan(pack.bases, pack.loud)
    detections = [
        rule
        for rule in pack.bases
        if isinstance(rule, DetectionRule)
        and (rule.name in plan.carried or rule in pack.loud)
    ]
    detector = detection.compile_rules(detections, plan.carried, plan.quiet)
    texts = [file.read_bytes() for file in sorted((ROOT / "rules/events").iterdir())]
    some = []
    for text in texts:
        found = detection.evaluate(detector, Batch("x", text, [text], range(1)))
        if bool(found.hits) is hits and bool(found.matches) is not hits:
            some.append(json.loads(text))
    return lambda draw: dict(draw.choice(some))


HEAD = (
    "| events | parsed | Python | written | compiled | written | least | median "
    "| findings, hits | MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)
Taken: TypeAlias = Mapping[str, Runs]
"""The runs by their mode."""


def taken_on(place: Path) -> Taken:
    modes = ("parse", *MODES)
    return dict(zip(modes, compare(place, *modes), strict=True))


def row(told: str, taken: Taken) -> str:
    last, parsed = taken["scan"].last, taken["parse"]
    runs = [taken[mode] for mode in MODES]
    times = [f"{each.each:.1f}" for each in (parsed, *runs)] + ["-"] * (4 - len(runs))
    read = [each for mode, each in taken.items() if mode.endswith("scan")]
    least = " / ".join(f"{parsed.least / each.least:.2f}" for each in read)
    median = " / ".join(f"{parsed.median / each.median:.2f}" for each in read)
    return (
        f"| {told} | {' | '.join(times)} | {least} | {median} | "
        f"{last.findings / last.events:.2f}, {last.hits / last.events:.2f} | "
        f"{', '.join(str(each.last.peak) for each in runs)} |"
    )


def throughput(some: Mapping[str, Case], folder: Path) -> Iterator[str]:
    yield HEAD
    rows: dict[str, Taken] = {}
    for number, (told, case) in enumerate(some.items()):
        place = folder / str(number)
        logs = write(place, case.events, case.make)
        rows[told] = taken_on(place)
        yield row(told, rows[told])
        if case.as_lines:
            lines = folder / f"{number}-lines"
            as_lines(logs, lines)
            yield row("the same, JSON lines", taken_on(lines))
            shutil.rmtree(lines)
        shutil.rmtree(place)
    yield ""
    yield from by_piece(*rows.values())


def by_piece(quiet: Taken, *others: Taken) -> Iterator[str]:
    """Return what a hit and a finding cost beyond an event that is neither."""
    readers = [("Python", "jsonl"), ("compiled", "cjsonl")]
    for reader, mode in [each for each in readers if each[1] in quiet]:
        alone = quiet[mode]
        yield (
            f"- {reader}, written: an event that no rule is about {alone.each:.1f} µs, "
            f"where parsing takes {quiet['parse'].each:.1f}"
        )
        for taken in others:
            runs = taken[mode]
            last = runs.last
            more = (runs.each - alone.each) * last.events
            if last.hits > last.events / 2 and last.findings * 10 <= last.hits:
                yield f"- {reader}: a hit, beyond that, {more / last.hits:.1f} µs"
            if last.findings > last.events / 2 and not last.hits:
                told = "a finding with its line, beyond that,"
                yield f"- {reader}: {told} {more / last.findings:.1f} µs"


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
        yield f"- {count:,} rules, about none: {events / taken:,.0f} events/s{told}"


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
    lowered = structs.replace(rule.detection, condition=condition)
    return structs.replace(rule, name=f"{rule.name}_{number}", detection=lowered)


def by_files(pack: Pack, events: int, folder: Path) -> Iterator[str]:
    for per_file in (50, 500, 5_000):
        place = folder / f"files-{per_file}"
        write(place, events, mix("b"), per_file)
        (taken,) = in_turn(lambda place=place: pack.scan(place))
        yield f"- account b, {per_file:,} events a file: {events / taken:,.0f} events/s"


def in_processes(pack: Pack, events: int, folder: Path) -> Iterator[str]:
    """Two processes against one, and what this machine makes of two plain loops.

    Where it gives two processes the time of one core, only processor time tells: what
    the process that starts the others does itself cannot be shared out.
    """
    place = folder / "jobs"
    write(place, events, again(mix("a"), _HOUR))
    pack.scan(place)
    alone, beside = (min(_looping(count) for _ in range(3)) for count in (1, 2))
    one, two = (
        min(wall(lambda j=jobs: pack.scan(place, jobs=j)) for _ in range(3))
        for jobs in (1, 2)
    )
    yield (
        f"- the hour again, two processes: {one / two:.2f} times as fast as one, by "
        f"the clock, where two plain loops are {2 * alone / beside:.2f} times as fast"
    )
    before = time.process_time(), _of_children()
    pack.scan(place, jobs=2)
    own, others = time.process_time() - before[0], _of_children() - before[1]
    yield f"- of their processor time {own / (own + others):.1%} is the first one's"


def _looping(count: int) -> float:
    """Return the time by the clock of some plain loops, side by side."""
    loop = [sys.executable, "-c", "for _ in range(8_000_000): pass"]
    begun = time.perf_counter()
    for process in [subprocess.Popen(loop) for _ in range(count)]:
        process.wait()
    return time.perf_counter() - begun


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def about(pack: Pack, events: int) -> Iterator[str]:
    plan = correlation.plan(pack.bases, pack.loud)
    of_events = [each for each in pack.loud if not isinstance(each, ConfigurationRule)]
    yield "# How fast a scan is\n"
    yield (
        f"Measured by `make bench`, with Python {platform.python_version()} on "
        f"{os.cpu_count()} cores of {platform.machine()}. Compare ratios: times depend "
        "on the machine, and on who else uses it.\n"
    )
    yield (
        f"A row is {events:,} events in gzip files of {PER_FILE} ({4 * events:,} of "
        "the hour that is drawn again), scanned in one process against the bundled "
        f"rules: {len(of_events)} of events that report, and {len(plan.carried)} that "
        f"correlations build on. Times are µs of processor time an event, the least of "
        f"{ROUNDS} runs, in processes of their own that take turns. *parsed* is zlib "
        "and orjson alone, with Python's collector off. *Python* and *compiled* are "
        "the readers, the latter with trailcheck-core (`make core`): each time first "
        "where findings are kept for a report, then where each is written as a line of "
        "JSON as it is found. *least* and *median* are ratios of throughput to "
        "parsing, Python / compiled, with findings kept. *findings, hits* are those of "
        "an event: a hit is a match that a correlation counts. *MiB* are the peaks, in "
        "the order of the times.\n"
    )


def report(pack: Pack, events: int) -> Iterator[str]:
    """Return the table, line by line."""
    yield from about(pack, events)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        yield from throughput(cases(pack, events), folder)
        yield f"- {naive(pack, folder)} for each rule"
        yield from by_rules(pack, 2 * events, folder)
        yield from by_files(pack, events // 2, folder)
        yield from in_processes(pack, 2 * events, folder)
        yield from beside_rsigma(2 * events, again(mix("a"), _HOUR), folder)
    yield from starting()
    yield from loading(pack.bases)


def short(events: int) -> Iterator[str]:
    """Return the rows that change first, in a minute."""
    some = {
        "no rule is about any": Case(of(QUIET), events),
        "an hour of account a": Case(mix("a"), events),
    }
    with tempfile.TemporaryDirectory() as temporary:
        yield from throughput(some, Path(temporary))
    yield from starting()


def main() -> None:
    """Print the table, or write it too."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events", nargs="?", type=int)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    os.environ[accelerator.SWITCH] = "off"
    pack_rules = rules.load()
    pack = Pack(rules.at_least(pack_rules, Level.LOW), pack_rules)
    lines = []
    made = (
        short(asked.events or 10_000)
        if asked.short
        else report(pack, asked.events or 60_000)
    )
    for line in made:
        print(line, flush=True)
        lines.append(line + "\n")
    if asked.write:
        asked.write.write_text("".join(lines))


if __name__ == "__main__":
    main()
