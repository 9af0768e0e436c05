"""Scan on Spark: moves the rows of `run.cluster` between its rounds.

    from checker import rules, spark

    pack = rules.load()
    report = spark.scan(session, pack, ["s3://org-audit-logs"], findings="s3://out/1")
    print(report.statistics.findings)

The driver holds the names of folders, the counts, the first 20,000 problems and the
corrections: nothing that grows with the number of events.  All else goes from executor
to executor, by shuffles whose tasks may run again: Spark takes one result of each.
Every machine needs trailcheck, of one version; nothing but this file knows pyspark.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import structs
from py4j.protocol import Py4JError
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from checker.errors import UsageError
from checker.evaluate.correlation import Addresses, Learned, Span
from checker.model import AnyRule, Finding, Match, Report
from checker.run.cluster import merge, read, sizes, table
from checker.run.cluster.elsewhere import Elsewhere
from checker.run.cluster.merge import Merged
from checker.run.cluster.rows import Key, Listing, Place, Row, Work
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.collector import ScanCollector
from checker.run.scanning.correlations import Correlations, Judged
from checker.run.scanning.intake import Emit, MatchIntake, rules_by_name
from checker.run.scanning.job import make_job
from checker.run.scanning.matches import finding
from checker.sources.events.inputs import InputFilter, Path, as_paths, watched
from checker.sources.events.inputs import notes as input_notes
from checker.sources.events.units import Survey

if TYPE_CHECKING:
    from pyspark import RDD, Broadcast, SparkContext

    Rows: TypeAlias = RDD[Any]

FORMATS: Final[dict[str, Callable[[Finding], tuple[table.Cell, ...]]]] = {
    "json": table.lines,
    "parquet": table.columns,
}


def scan(  # noqa: PLR0913 - each is an option of the command
    session: SparkSession,
    rules: Iterable[AnyRule],
    inputs: Path | Iterable[Path],
    *,
    bases: Iterable[AnyRule] = (),
    learned: Learned | None = None,
    addresses: Addresses | None = None,
    wanted: InputFilter | None = None,
    policy: Policy = NONE,
    emit: Emit | None = None,
    findings: str | None = None,
    findings_format: str = "json",
) -> Report:
    """Return the report that `run.scan` gives, worked out by the executors.

    The arguments are those of `run.scan`; inputs are `s3://` addresses and paths that
    every machine can read.  With `findings`, a folder that is not there yet, the
    executors write the findings to it, as `json` lines or `parquet`, and the report
    only counts them: else they come to the driver, which keeps them on its disk.
    """
    if findings and policy.decides:
        raise UsageError(
            "exceptions and a baseline need the findings in one place: leave "
            "--findings out"
        )
    if findings:
        _refuse_present(session, findings)
    notes: list[str] = []
    asked = watched(wanted, None, notes.append)
    names = as_paths(inputs)
    notes.extend(input_notes(names, asked))
    job = make_job(rules, bases, period=asked.period, policy=policy)
    context = session.sparkContext
    # Progress and remarks are the driver's; what travels is what chooses.
    plain = InputFilter()
    travelling = structs.replace(asked, tell=plain.tell, remark=plain.remark)
    listed, ends, weight, shares = _listed(context, Survey(names, asked), travelling)
    work = Work(
        job,
        travelling,
        buckets=sizes.buckets(weight, context.defaultParallelism),
        learned=learned,
        addresses=addresses,
        keeps=findings is None,
        ends=ends,
    )
    run = _Run(context, context.broadcast(work), work)
    run.scanned(listed, shares)
    by_name = rules_by_name(job.detections)
    intake: MatchIntake | Elsewhere = Elsewhere()
    if work.keeps:
        intake = MatchIntake(by_name, emit, policy=policy)
    collector: ScanCollector[Match] = ScanCollector(
        job,
        intake,
        by_name,
        learned=learned,
        addresses=addresses,
        policy=policy,
    )
    collector.notes.extend(notes)
    collector.tally = run.ledger()
    merged = run.merged(collector.tally.superseded())
    if findings is None:
        for match in run.matches():
            intake.take([match])
            intake.tell()
        judged = run.judged(merged.span)
    else:
        judged = []
        run.write(session, merged, findings, findings_format)
        intake.found.update(merged.found)
        intake.shared = merged.shared
    report = collector.report(merged.counted, [merged.judged, *judged])
    listed.unpersist()
    return report


def open_session(master: str | None, settings: dict[str, str]) -> SparkSession:
    """Open a session; without a master it is that of spark-submit, else all cores."""
    builder = SparkSession.builder.appName("trailcheck")
    for name, value in {"spark.ui.showConsoleProgress": "false", **settings}.items():
        builder = builder.config(name, value)
    return (builder.master(master) if master else builder).getOrCreate()


def failures() -> tuple[type[Exception], ...]:
    """Return what Spark raises."""
    return PySparkException, Py4JError


def _listed(
    context: SparkContext, survey: Survey, wanted: InputFilter
) -> tuple[Rows, tuple[int, ...], int, int]:
    """List the units in parallel.

    Returns what was listed, the number of inputs up to the end of each unit, the weight
    of all, and the number of tasks to read them.
    """
    units = list(enumerate(survey.units))
    rows = context.parallelize(units, max(1, len(units)))
    listed = rows.mapPartitions(
        functools.partial(read.list_units, wanted=wanted)
    ).persist(StorageLevel.DISK_ONLY)
    said: dict[int, Listing] = {
        place[0]: listing for place, listing in listed.filter(_is_listing).collect()
    }
    counts = {unit: listing.count for unit, listing in said.items()}
    told = {unit: listing.told for unit, listing in said.items()}
    wrong = [
        ((unit, number), problem)
        for number, (unit, problem) in enumerate(survey.conclude(told, counts))
    ]
    ends = list(itertools.accumulate(counts.get(unit, 0) for unit, _ in units))
    weight = sum(listing.weight for listing in said.values())
    count = sum(counts.values()) + len(wrong)
    shares = sizes.shares(weight, count, context.defaultParallelism)
    inputs = listed.filter(_is_input)
    if wrong:
        inputs = inputs.union(context.parallelize(wrong, 1))
    return inputs, tuple(ends), weight, shares


def _is_listing(row: tuple[Place, Any]) -> bool:
    return isinstance(row[1], Listing)


def _is_input(row: tuple[Place, Any]) -> bool:
    return not isinstance(row[1], Listing)


class _Run:
    """The rows of one scan between its rounds."""

    def __init__(
        self, context: SparkContext, shared: Broadcast[Work], work: Work
    ) -> None:
        self._context = context
        self._shared = shared
        self.work = work

    def scanned(self, listed: Rows, shares: int) -> None:
        """Let each input be read by one task, and its rows go to their buckets."""
        shared = self._shared

        def keyed(row: tuple[Place, Any]) -> tuple[int, Any]:
            return read.share_of(row[1], shares), row

        def scan(rows: Iterator[tuple[int, Any]]) -> Iterator[Row]:
            return read.scan_share(shared.value, (row for _, row in rows))

        tasks = listed.map(keyed).partitionBy(shares, int)
        self._scanned = _moved(tasks.mapPartitions(scan), self.work.buckets + 1)

    def ledger(self) -> Any:
        """Return the counts of all inputs, once all are scanned."""
        return self._one(self._scanned, self.work.buckets, read.read_ledger)

    def merged(self, gone: dict[str, str]) -> Merged:
        """Leave copies out; `gone` are the events that others correct."""
        shared, corrected = self._shared, self._context.broadcast(gone)

        def without_copies(number: int, rows: Iterator[Row]) -> Iterator[Row]:
            work = shared.value
            if number == work.buckets:
                return iter(())
            return merge.merge_bucket(work, corrected.value, rows)

        merged = self._scanned.mapPartitionsWithIndex(without_copies)
        self._merged = _moved(merged, self.work.ledger + 1)
        found: Merged = self._one(self._merged, self.work.ledger, merge.read_merged)
        return found

    def matches(self) -> Iterator[Match]:
        """Yield the matches in the order of the inputs, a bucket at a time."""
        rows = self._merged.mapPartitionsWithIndex(_matches(self.work.buckets))
        yield from map(Match._make, rows.toLocalIterator(prefetchPartitions=True))

    def judged(self, span: Span | None) -> list[Judged]:
        """Return what correlates, each group judged where all of it is."""
        shared = self._shared

        def judge(rows: Iterable[Row]) -> list[Any]:
            return list(merge.judge_bucket(shared.value, span, rows))

        buckets = range(self.work.buckets)
        return list(self._context.runJob(self._merged, judge, list(buckets)))

    def write(
        self, session: SparkSession, merged: Merged, folder: str, form: str
    ) -> None:
        """Write the findings where they are; their counts are added to `merged`."""
        shared, buckets = self._shared, self.work.buckets
        span, row = merged.span, FORMATS[form]

        def judge(number: int, rows: Iterator[Row]) -> Iterator[Any]:
            if number >= buckets:
                return
            work = shared.value
            bursts, counts = merge.bursts_of(merge.judge_bucket(work, span, rows))
            chosen = {rule.name: rule for rule in work.job.chosen}
            correlations = Correlations(chosen, work.job.plan)
            yield from (row(correlations.finding(burst)) for burst in bursts)
            yield counts

        def detect(number: int, rows: Iterator[Row]) -> Iterator[Any]:
            rules = rules_by_name(shared.value.job.detections)
            for match in _matches(buckets)(number, rows):
                yield row(finding(rules, Match._make(match)))

        judged = self._merged.mapPartitionsWithIndex(judge)
        judged = judged.persist(StorageLevel.DISK_ONLY)
        rows = self._merged.mapPartitionsWithIndex(detect)
        rows = rows.union(judged.filter(_is_row)).coalesce(2 * buckets)
        _save(session, rows, folder, form)
        for counts in judged.filter(_is_count).toLocalIterator():
            merged.add(counts)
        judged.unpersist()

    def _one(self, rows: Rows, bucket: int, whole: Callable[[Any], Any]) -> Any:
        (found,) = self._context.runJob(rows, lambda some: [whole(some)], [bucket])
        return found


def _moved(rows: Rows, buckets: int) -> Rows:
    """Send rows to their buckets, in which they come in the order of their keys."""
    return rows.repartitionAndSortWithinPartitions(buckets, _bucket)


def _bucket(key: Key) -> int:
    return key[0]  # type: ignore[no-any-return] # the bucket is a number


def _matches(buckets: int) -> Callable[[int, Iterator[Row]], Iterator[Any]]:
    """Return what takes the matches of the buckets that have some."""

    def take(number: int, rows: Iterator[Row]) -> Iterator[Any]:
        if buckets <= number < 2 * buckets:
            return (value for _, value in rows)
        return iter(())

    return take


def _is_row(value: object) -> bool:
    return not isinstance(value, Merged)


def _is_count(value: object) -> bool:
    return isinstance(value, Merged)


def _refuse_present(session: SparkSession, folder: str) -> None:
    """Raise `UsageError` if a folder is there, before anything is read."""
    # Python has no other way to ask the file system that Spark will write to.
    context = session.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(folder)  # noqa: SLF001 - see above
    configuration = context._jsc.hadoopConfiguration()  # noqa: SLF001 - likewise
    if path.getFileSystem(configuration).exists(path):
        raise UsageError(f"--findings {folder}: already there; name a new folder")


def _save(session: SparkSession, rows: Rows, folder: str, form: str) -> None:
    """Write rows to a folder; Spark's committer lets each task's files appear once."""
    partition = [name for name, _ in table.PARTITION]
    cells = (("value", "string"),) if form == "json" else table.COLUMNS
    schema = ", ".join(f"{name} {kind}" for name, kind in (*table.PARTITION, *cells))
    frame = session.createDataFrame(rows, schema, verifySchema=False)
    writer = frame.write.partitionBy(*partition)
    if form == "json":
        writer.text(folder)
    else:
        writer.parquet(folder)
