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
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import jmespath

sys.path.insert(0, str(Path(__file__).parent))
from corpus import QUIET, ROOT, Call, Make, mix, of, share, shipped, write
from runner import ROUNDS, Runs, compare

from checker import conditions, rules
from checker.conditions import parts, tree
from checker.evaluate import correlation
from checker.evaluate.detection import detector as detection
from checker.model import AnyRule, Batch, DetectionRule, Level
from checker.run.scanning.scan import scan
from checker.sources.events import accelerator, files

STARTS = 9
COMPILED = ["compiled"] if accelerator.version() else []


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
        "each is a hit of a correlation": chosen(pack, hits=True),
        "each is a finding, and no hit": chosen(pack, hits=False),
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


def as_lines(logs: Sequence[Path], folder: Path, files_each: int = 50) -> None:
    """Write the events of log files as JSON lines, some files in one."""
    folder.mkdir()
    for start in range(0, len(logs), files_each):
        with (folder / f"{start:08}.jsonl").open("wb") as file:
            for log in logs[start : start + files_each]:
                for record in json.loads(gzip.decompress(log.read_bytes()))["Records"]:
                    file.write(json.dumps(record, separators=(",", ":")).encode())
                    file.write(b"\n")


HEAD = (
    "| events | events/s | µs an event | least | median | compiled | findings, hits "
    "| MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|"
)


def row(told: str, parsed: Runs, scanned: Runs, *compiled: Runs) -> str:
    last = scanned.last
    quicker = [f"{parsed.least / each.least:.2f}" for each in compiled]
    return (
        f"| {told} | {1e6 / scanned.each:,.0f} | {scanned.each:.2f} | "
        f"{parsed.least / scanned.least:.2f} | {parsed.median / scanned.median:.2f} | "
        f"{' '.join(quicker) or '-'} | "
        f"{last.findings / last.events:.2f}, {last.hits / last.events:.2f} | "
        f"{last.peak} |"
    )


def throughput(makes: Mapping[str, Make], events: int, folder: Path) -> Iterator[str]:
    yield HEAD
    taken: dict[str, Runs] = {}
    for number, (told, make) in enumerate(makes.items()):
        place = folder / str(number)
        logs = write(place, events, make)
        modes = ("jsonl", "parse", "scan", *COMPILED)
        taken[told], *others = compare(place, *modes)
        yield row(told, *others)
        if "account" in told:
            lines = folder / f"{number}-lines"
            as_lines(logs, lines)
            yield row(
                f"{told}, JSON lines", *compare(lines, "parse", "scan", *COMPILED)
            )
    yield ""
    yield from by_piece(*list(taken.values()))


def by_piece(quiet: Runs, *others: Runs) -> Iterator[str]:
    """Return what a hit and a finding cost beyond an event that is neither."""
    yield f"- an event that no rule is about: {quiet.each:.1f} µs"
    for runs in others:
        last = runs.last
        more = (runs.each - quiet.each) * last.events
        if last.hits > last.events / 2 and not last.findings * 10 > last.hits:
            yield f"- a hit, beyond that: {more / last.hits:.1f} µs"
        if last.findings > last.events / 2 and not last.hits:
            yield f"- a finding and its JSON line: {more / last.findings:.1f} µs"


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
    # As where it is installed: with the bytecode of its modules kept.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}

    def start(arguments: Sequence[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, *arguments]
        subprocess.run(command, capture_output=True, check=False, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = after.ru_utime, after.ru_stime
        return user + system - before.ru_utime - before.ru_stime

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
            taken[told].append(start(arguments))
    for told, (_, *some) in taken.items():  # the first fills what is kept
        least, median = min(some) * 1000, statistics.median(some) * 1000
        yield f"- {told}: {least:.0f} ms of processor time, median {median:.0f}"
    detections = [each for each in pack.bases if isinstance(each, DetectionRule)]
    taken = in_turn(rules.load, lambda: detection.compile_rules(detections))
    load, compiling = (round(each * 1000) for each in taken)
    yield f"- the pack: {load} ms to load, {compiling} ms to compile"


def about(pack: Pack, events: int) -> Iterator[str]:
    plan = correlation.plan(pack.bases, pack.loud)
    yield "# How fast a scan is\n"
    yield (
        f"`make bench`: {events:,} events in gzip files, one process, Python "
        f"{platform.python_version()} on {platform.machine()}. The pack: "
        f"{len(pack.loud)} rules of level low and above, and "
        f"{len(plan.carried)} that correlations build on. All times are processor "
        f"time. *least* and *median* are ratios of throughput to zlib and orjson on "
        "the same files, in a process of its own with the collector off, "
        f"{ROUNDS} runs in turn; the rest depends on the machine. *compiled* is the "
        "least where trailcheck-core reads (`pip install 'trailcheck[fast]'`, or "
        "`make core`); all else is of the reader in Python. Findings and hits are "
        "those of an event.\n"
    )


def report(pack: Pack, events: int) -> Iterator[str]:
    """Return the table, line by line."""
    yield from about(pack, events)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        yield from throughput(cases(pack), events, folder)
        yield f"- {naive(pack, folder)} for each rule"
        yield from by_rules(pack, events, folder)
        yield from by_files_and_jobs(pack, events, folder)
    yield from starting(pack)


def short(pack: Pack, events: int) -> Iterator[str]:
    """Return the rows that change first, in half a minute."""
    makes = {"no rule is about any": of(QUIET), "an hour of account a": mix("a")}
    with tempfile.TemporaryDirectory() as temporary:
        yield from throughput(makes, events, Path(temporary))
    yield from starting(pack)


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
        short(pack, asked.events or 10_000)
        if asked.short
        else report(pack, asked.events or 100_000)
    )
    for line in made:
        print(line, flush=True)
        lines.append(line + "\n")
    if asked.write:
        asked.write.write_text("".join(lines))


if __name__ == "__main__":
    main()
