"""A model of a scan on Spark: how long each round takes, and what each role holds.

Discrete: the tasks of a round wait for a free core, one after another; each lists,
reads or merges as `checker.spark` does, in the sizes of `checker.run.cluster.sizes`.
The figures are measured on one machine (`docs/speed.md`, `docs/scale.md`) or AWS's own,
as each says.  Nothing here is run on a cluster.

Run: python benchmarks/cluster_model.py [cores]
"""

from __future__ import annotations

import heapq
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checker.run.cluster import sizes
from checker.run.scanning.tally import MOST_PROBLEMS
from checker.sources.events.remote.clients import CONNECTIONS
from checker.sources.events.remote.fetch import MOST_BYTES
from checker.sources.events.remote.listing import THREADS
from checker.sources.events.units import MOST_UNITS

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured, in seconds and bytes; the last ones are AWS's.

    A scan takes `event` seconds of processor time for each event and `object_` for each
    object; the rounds take `rounds` times that, of which `after` is spent after the
    first shuffle.  What goes through a shuffle takes `id_` bytes for each event, and
    more for each finding and for each match that a correlation counts.
    """

    event: float = 5.1e-6  # docs/speed.md: 185,473 events/s at 500 a file …
    object_: float = 149e-6  # … and 123,888 at 50: 149 µs an object, 5.1 µs an event
    rounds: float = 1.44  # docs/scale.md, as what follows
    after: float = 0.23
    id_: float = 16
    finding: float = 1030
    match: float = 322
    grouped: float = 2.5 * 396  # for the correlations that count one match
    listed: float = 86  # bytes of an object in the listing
    stored: float = 130  # bytes of an event in its gzip file
    task: float = 0.05  # to start a task and end it
    throughput: float = 50e6  # bytes/s and core that a shuffle writes or reads
    python: float = 160 * MIB  # a worker with the compiled pack
    driver: float = 70 * MIB
    first_byte: float = 0.15  # AWS: 100 to 200 ms for small objects
    page: float = 0.2  # 1,000 keys
    get: float = 0.4e-6  # USD for a GET, us-east-1
    list_: float = 5e-6  # USD for a LIST
    core_hour: float = 0.06  # USD: a vCPU of general-purpose EC2 with EMR


@dataclass(frozen=True, slots=True)
class Lake:
    """A bucket: so many objects of so many events, in folders that differ in size.

    The largest folder has `largest` of all objects; executors lose `lost` of their
    tasks, which run again.  Of the events, `findings` have one and correlations count
    `matches`: five days of a quiet account (`event-mix.csv`, b).
    """

    objects: int
    events: int
    folders: int = 17_000
    largest: float = 0.02
    lost: float = 0.01
    findings: float = 0.0037
    matches: float = 0.0545

    @property
    def bytes(self) -> float:
        return self.objects * self.events * FIGURES.stored

    @property
    def moved(self) -> tuple[float, float]:
        """The bytes for each event that go through each of the two shuffles."""
        f = FIGURES
        findings = self.findings * f.finding
        first = f.id_ + findings + self.matches * f.match
        return first, findings + self.matches * f.grouped

    @property
    def weight(self) -> int:
        return int(self.bytes) + self.objects * sizes.OBJECT


FIGURES = Figures()


@dataclass(frozen=True, slots=True)
class Round:
    """What a round took: seconds by the clock, and of all cores together."""

    name: str
    tasks: int
    seconds: float
    busy: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of a scan; `peaks` in bytes, by role."""

    rounds: Sequence[Round]
    peaks: dict[str, float]
    dollars: float

    @property
    def seconds(self) -> float:
        return sum(each.seconds for each in self.rounds)


def run(name: str, times: Iterable[float], cores: int) -> Round:
    """Let tasks wait for the next free core, in their order."""
    free = [0.0] * cores
    busy, tasks = 0.0, 0
    for time in times:
        heapq.heapreplace(free, free[0] + time)
        busy += time
        tasks += 1
    return Round(name, tasks, max(free), busy)


def model(lake: Lake, cores: int, seed: int = 7) -> Answer:
    """Work out the rounds of a scan, and the peak of each role."""
    draw = random.Random(seed)
    tasks = sizes.shares(lake.weight, lake.objects, cores)
    buckets = sizes.buckets(lake.weight, cores)
    rounds = [
        run("list", _again(_listing(lake), lake, draw), cores),
        run("scan", _again(_scanning(lake, tasks, draw), lake, draw), cores),
        run("merge and correlate", _again(_merging(lake, buckets), lake, draw), cores),
    ]
    busy = sum(each.seconds for each in rounds) * cores
    f = FIGURES
    dollars = busy / 3600 * f.core_hour + lake.objects * (f.get + f.list_ / 1000)
    return Answer(rounds, _peaks(lake, tasks, buckets), dollars)


def _again(times: Iterable[float], lake: Lake, draw: random.Random) -> Iterable[float]:
    """Yield the times of tasks; those of a lost executor come twice."""
    lost = []
    for time in times:
        yield time
        if draw.random() < lake.lost:
            lost.append(time)
    yield from lost


def _listing(lake: Lake) -> Iterable[float]:
    """Yield the time of each unit: its folders side by side, a folder page by page."""
    folders = min(lake.folders, lake.objects)
    units = min(folders, MOST_UNITS)
    largest = max(lake.objects * lake.largest, lake.objects / folders)
    others = (lake.objects - largest) / max(1, folders - 1)
    at_once = min(THREADS, -(-folders // units))
    for number in range(units):
        pages = -(-others // 1000) * -(-folders // units) / at_once
        if number == 0:
            pages = max(pages, -(-largest // 1000))
        yield FIGURES.task + pages * FIGURES.page


def _scanning(lake: Lake, tasks: int, draw: random.Random) -> Iterable[float]:
    """Yield the time of each task: it fetches ahead while it evaluates."""
    f, mean = FIGURES, lake.objects / tasks
    share = f.rounds - f.after
    for _ in range(tasks):
        objects = max(1.0, draw.gauss(mean, mean**0.5))
        processor = objects * share * (f.object_ + lake.events * f.event)
        network = objects * f.first_byte / CONNECTIONS
        moved = objects * lake.events * lake.moved[0] / f.throughput
        yield f.task + max(processor, network) + moved


def _merging(lake: Lake, buckets: int) -> Iterable[float]:
    """Yield the time of each task that merges, then of each that correlates."""
    f, events = FIGURES, lake.objects * lake.events / buckets
    scanned = events * f.event + lake.objects / buckets * f.object_
    moved = events * (lake.moved[0] + 2 * lake.moved[1]) / f.throughput
    for _ in range(2 * buckets):
        yield f.task + (scanned * f.after + moved) / 2


def _peaks(lake: Lake, tasks: int, buckets: int) -> dict[str, float]:
    """Return the most that each role holds, in bytes."""
    f = FIGURES
    folders = min(lake.folders, lake.objects)
    # Python's texts of folders and problems; in Spark's own memory, a byte for each
    # pair of a task and a bucket (CompressedMapStatus, exact up to 2,000 buckets).
    driver = f.driver + folders * 300 + min(MOST_UNITS, folders) * 500
    driver += MOST_PROBLEMS * 400
    scheduler = tasks * (buckets + 500)
    objects = lake.objects / tasks
    ids = objects * lake.events * 16
    compared = lake.objects * lake.events / buckets / 256 * 100
    return {
        "driver, Python": driver,
        "driver, Spark's table of tasks": scheduler,
        "worker that scans": f.python + MOST_BYTES + objects * 400 + ids,
        "worker that merges": f.python + 512 * MIB + compared,
        "disk of one merge": lake.objects * lake.events / buckets * 16 * 2,
        "shuffles, all disks": lake.objects * lake.events * sum(lake.moved),
        "listing, all disks": lake.objects * f.listed,
    }


def text(size: float) -> str:
    """Write bytes for people."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1024:,.0f} KiB"


def main() -> None:
    """Print the model for days and years of an organization."""
    cores = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    for objects in (10**4, 10**6, 10**8):
        lake = Lake(objects, 1_000)
        answer = model(lake, cores)
        print(f"{objects * 1_000:.0e} events in {objects:,} objects, {cores} cores:")
        for each in answer.rounds:
            print(f"  {each.name:20} {each.tasks:>7,} tasks {each.seconds:>12,.0f} s")
        for role, size in answer.peaks.items():
            print(f"  {role:32} {text(size):>12}")
        hours = answer.seconds / 3600
        print(f"  {hours:,.2f} h, {answer.dollars:,.2f} USD")


if __name__ == "__main__":
    main()
