"""The rounds of a cluster, without one: whoever gets which row, it is one scan."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checker import reports, run
from checker.evaluate.correlation import Burst
from checker.model import Match, Report
from checker.run.cluster import merge, read
from checker.run.cluster.merge import Merged
from checker.run.cluster.rows import Listing, Row, Work
from checker.run.scanning.collector import ScanCollector
from checker.run.scanning.correlations import Correlations, Judged
from checker.run.scanning.intake import MatchIntake, rules_by_name
from checker.run.scanning.job import make_job
from checker.run.scanning.tally import Tally
from checker.sources.events.inputs import InputFilter
from checker.sources.events.units import Survey
from tests.run.scanning.splits import PACK, some_files, write


def scanned(
    inputs: list[str], tasks: int, buckets: int, *, keeps: bool = True
) -> tuple[Work, list[Row]]:
    """Run the first round: each input is read by some task."""
    wanted = InputFilter()
    survey = Survey(inputs, wanted)
    listed = list(read.list_units(enumerate(survey.units), wanted))
    ends = tuple(listing.count for _, listing in listed if isinstance(listing, Listing))
    work = Work(make_job(PACK), wanted, buckets, keeps=keeps, ends=ends)
    shares: list[list[Any]] = [[] for _ in range(tasks)]
    for place, each in listed:
        if not isinstance(each, Listing):
            shares[read.share_of(each, tasks)].append((place, each))
    work = pickle.loads(pickle.dumps(work))
    return work, [
        row for share in shares for row in read.scan_share(work, reversed(share))
    ]


def merged_rows(
    work: Work, rows: list[Row]
) -> tuple[Tally, Merged, list[list[Row]], list[list[Row]]]:
    """Run the second round: gives what is to be judged, and the findings."""
    *first, ledger = buckets_of(rows, work.buckets + 1)
    tally = read.read_ledger(ledger)
    gone = tally.superseded()
    some = [row for part in first for row in merge.merge_bucket(work, gone, part)]
    *second, ledger = buckets_of(some, work.ledger + 1)
    merged = merge.read_merged(ledger)
    return tally, merged, second[: work.buckets], second[work.buckets :]


def buckets_of(rows: list[Row], number: int) -> list[list[Row]]:
    """Move rows as an engine does: over a border, and sorted by their keys."""
    parts: list[list[Row]] = [[] for _ in range(number)]
    for row in pickle.loads(pickle.dumps(rows)):
        parts[row[0][0]].append(row)
    return [sorted(part, key=lambda row: row[0]) for part in parts]


def merged_report(inputs: list[str], tasks: int, buckets: int) -> Report:
    work, rows = scanned(inputs, tasks, buckets)
    tally, merged, groups, findings = merged_rows(work, rows)
    by_name = rules_by_name(work.job.detections)
    intake = MatchIntake(by_name)
    collector: ScanCollector[Match] = ScanCollector(
        work.job, intake, by_name, learned=None, addresses=None
    )
    collector.tally = tally
    for part in findings:
        intake.take(Match._make(match) for _, match in part)
    judged = [
        each
        for part in groups
        for each in merge.judge_bucket(work, merged.span, part)
        if isinstance(each, Judged)
    ]
    return collector.report(merged.counted, [merged.judged, *judged])


@settings(max_examples=settings().max_examples // 4)
@given(
    files=some_files,
    tasks=st.integers(1, 5),
    buckets=st.integers(1, 5),
)
def test_however_rows_are_spread_the_report_is_that_of_one_scan(
    files: list[Any], tasks: int, buckets: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        write(folder, files)
        inputs = [str(folder), str(Path(name) / "gone")]
        whole = run.scan(PACK, inputs)

        merged = merged_report(inputs, tasks, buckets)

    assert text(merged) == text(whole)
    assert merged == whole


@settings(max_examples=settings().max_examples // 5)
@given(files=some_files, buckets=st.integers(1, 5))
def test_findings_that_pass_no_driver_are_counted_where_they_are(
    files: list[Any], buckets: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        whole = run.scan(PACK, [folder])

        work, rows = scanned([folder], 3, buckets, keeps=False)
        _, merged, groups, parts = merged_rows(work, rows)
        bursts: list[Burst] = []
        for part in groups:
            judged = merge.judge_bucket(work, merged.span, part)
            some, counts = merge.bursts_of(judged)
            bursts += some
            merged.add(counts)

    found = [Match._make(match) for part in parts for _, match in part]
    correlations = Correlations(
        {rule.name: rule for rule in work.job.chosen}, work.job.plan
    )
    told = [each.fingerprint for each in found]
    told += [correlations.finding(burst).fingerprint for burst in bursts]
    assert sorted(told) == sorted(each.fingerprint for each in whole.findings)
    assert merged.found.total() == len(whole.findings)
    assert merged.shared == whole.statistics.shared
    assert merged.judged.matches == whole.statistics.correlated


def text(report: Report) -> str:
    return "".join(reports.FORMATS["json"](report))
