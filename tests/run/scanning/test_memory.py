"""What a run keeps on the disk: eventIDs, keys and findings."""

from __future__ import annotations

import functools
import hashlib
import json
import random
import struct
import tempfile
import tracemalloc
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import reports, resources, rules, run, secrets
from checker.errors import SourceError
from checker.model import AnyRule, Finding, Match, Report, Status
from checker.run.report import exit_code, join
from checker.run.scanning import (
    collector,
    correlations,
    duplicates,
    findings,
    intake,
    lines,
    reading,
    tally,
)
from checker.run.scanning.duplicates import DuplicateCounter, pack
from checker.run.scanning.findings import Spool
from checker.sources.events import chunks, files
from checker.spill.key_set import KeySet

PACK = resources.root() / "rules"
MANY_DELETED = """
title: Many trails deleted
name: many_trails_deleted
id: 8f2f2a50-8f0e-4dd1-93a0-5d0ed0a39d10
status: stable
level: high
correlation:
  type: event_count
  generate: true
  rules: [trail_deleted]
  group-by: [userIdentity.arn]
  timespan: 10m
  condition: {gte: 100000}
"""
GUID = "00000000-0000-4000-8000-000000000000"
GUIDS = st.uuids(version=4).map(str)
IDS = st.one_of(
    GUIDS,
    st.none(),
    st.text(max_size=40),
    st.sampled_from(
        [
            GUID,
            GUID[:35],
            "0" + GUID,
            "a" * 36,
            "A" * 36,
            "-" * 36,
            "00000000-0000-4000-8000-00000000",
        ]
    ),
    st.integers(0, 9).map(lambda n: f"00000000-0000-4000-8000-{n:012}"),
)


@given(st.lists(st.lists(IDS, max_size=9), max_size=9), st.integers(1, 5))
def test_copies_are_counted_exactly(files: list[list[str | None]], held: int) -> None:
    counted = DuplicateCounter(held=held, part=3)
    for each in files:
        counted.add(pack(each))
    flat = [event for each in files for event in each if event is not None]

    wanted = {*flat[::2], "not there"}
    found = counted.finish(wanted)

    assert found.copies == len(flat) - len(set(flat))
    assert found.came == set(flat[::2])
    assert found.unchecked == 0


@given(st.lists(IDS, max_size=20))
def test_packing_many_is_packing_each(events: list[str | None]) -> None:
    assert pack(events) == b"".join(pack([event]) for event in events)


def test_a_guid_is_sixteen_bytes_and_two_spellings_are_two_events() -> None:
    guid = uuid.uuid4()

    assert pack([str(guid)]) == guid.bytes
    assert pack([str(guid).upper()]) != guid.bytes
    assert len(pack(["x", None, "y"])) == 32


def test_many_events_are_held_against_each_other_on_the_disk() -> None:
    draw = random.Random(1)
    counted = DuplicateCounter(held=1000)
    events = [str(uuid.UUID(int=draw.getrandbits(128))) for _ in range(300_000)]
    for start in range(0, len(events), 500):
        counted.add(pack(events[start : start + 500]))
    counted.add(pack(events[:777]))

    assert counted.finish().copies == 777


def test_events_that_the_disk_cannot_hold_are_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    counted = DuplicateCounter(held=2)
    for _ in range(3):
        counted.add(pack([str(uuid.uuid4()) for _ in range(3)]))

    assert counted.finish().unchecked == 9


@given(st.lists(st.integers(0, 30)), st.integers(0, 5))
def test_keys_are_new_once(numbers: list[int], most: int) -> None:
    seen = KeySet(most)
    told = [seen.add(hashlib.md5(bytes([n])).digest()) for n in numbers]

    assert told == [n not in numbers[:at] for at, n in enumerate(numbers)]


def row(text: str) -> Match:
    return Match("it", {"id": text}, ("x.json", 0, 1, 2, 3), {"n": [text]}, text)


@given(st.lists(st.text(max_size=300)), st.integers(0, 10_000))
def test_what_is_spooled_comes_back(texts: list[str], most: int) -> None:
    rows = list(map(row, texts))
    held = Spool(most)
    for each in rows:
        held.add(each)

    both = zip(held, held, strict=True)  # two readers of one file
    assert list(both) == [(each, each) for each in rows]
    assert held.count == len(rows)


def test_a_finding_larger_than_a_block_comes_back() -> None:
    held = Spool(0)
    rows = [row("x" * 200_000), row("x"), row("x" * 70_000)]
    for each in rows:
        held.add(each)

    assert list(held) == rows


def test_a_full_disk_is_an_error_that_says_so() -> None:
    class Full:
        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(SourceError, match="No space left"):
        findings.write(Full(), [b"x"])  # type: ignore[arg-type] # enough of a file


def event(name: str, **more: Any) -> dict[str, Any]:
    text = (PACK / "events" / f"{name}.json").read_text(encoding="utf-8")
    record: dict[str, Any] = {**json.loads(text), **more}
    return record


def write(folder: Path, number: int, files: int = 5) -> Path:
    folder.mkdir(exist_ok=True)
    names = ("console_login_root_without_mfa", "cognito_initiate_auth_failed")
    records = [
        event(
            names[n % 2],
            eventID=f"00000000-0000-4000-8000-{n:012}",
            eventTime=f"2026-11-20T{n % 24:02}:{n * 7 % 60:02}:00Z",
        )
        for n in range(number)
    ]
    for n in range(files):
        text = json.dumps({"Records": records[n::files]})
        (folder / f"{n}.json").write_text(text)
    return folder


@functools.cache
def everything() -> list[AnyRule]:
    return rules.load()


def scan(folder: Path, **options: Any) -> Report:
    pack = everything()
    chosen = rules.choose(pack, ["root_console*", "cognito_sign_in*"], [])
    return run.scan(chosen, [str(folder)], bases=pack, **options)


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "sarif"])
def test_reports_are_the_same_from_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    folder = write(tmp_path / "logs", 60)
    held = "".join(reports.FORMATS[form](scan(folder)))

    monkeypatch.setattr(findings, "MOST", 0)
    monkeypatch.setattr(Spool.__init__, "__defaults__", (1000,))
    monkeypatch.setattr(findings, "_RUN", 7)
    report = scan(folder)

    assert isinstance(report.findings, findings.Findings)
    assert "".join(reports.FORMATS[form](report)) == held


def test_findings_on_the_disk_are_a_sequence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "logs", 60)
    held = scan(folder).findings
    assert isinstance(held, tuple)

    monkeypatch.setattr(Spool.__init__, "__defaults__", (1000,))
    report = scan(folder)
    stored = report.findings

    assert tuple(stored) == held
    assert len(stored) == len(held) == report.statistics.findings
    assert (stored[0], stored[-1], stored[2:5]) == (held[0], held[-1], held[2:5])
    with pytest.raises(IndexError):
        stored[len(held)]
    joined = join(report, report)
    assert len(joined.findings) == 2 * len(held)
    assert exit_code(report, held[0].rule.level, allow_partial=False) == 1


def test_findings_are_told_in_the_order_of_the_inputs(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", 60)
    for jobs in (1, 2):
        told: list[Finding] = []
        report = scan(folder, emit=told.append, jobs=jobs)

        assert tuple(told) == tuple(report.findings)


def test_findings_are_told_before_the_next_input_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "logs", 60)
    told: list[Finding] = []
    seen: list[int] = []
    scan(folder, emit=told.append, advance=lambda _size, _uri: seen.append(len(told)))

    assert 0 < seen[0] < seen[1] < seen[-1]


def test_a_finding_that_was_told_is_taken_back_when_its_event_is_corrected(
    tmp_path: Path,
) -> None:
    first, second = (f"00000000-0000-4000-8000-{n:012}" for n in (1, 2))
    name = "console_login_root_without_mfa"
    addendum = {"reason": "UPDATED_DATA", "originalEventID": first}
    late = event(name, eventID=second, addendum=addendum)
    for n, record in enumerate((event(name, eventID=first), late)):
        (tmp_path / f"{n}.json").write_text(json.dumps({"Records": [record]}))
    told: list[Finding] = []
    report = scan(tmp_path, emit=told.append)

    named = [
        (each.subject["id"], each.status)
        for each in told
        if each.rule.name == "root_console_login_without_mfa"
    ]
    assert named == [
        (first, Status.FAIL),
        (second, Status.FAIL),
        (first, Status.NOT_APPLICABLE),
    ]
    assert told[-1].evidence["correctedBy"] == second
    prints = Counter(each.fingerprint for each in told)
    assert prints[told[0].fingerprint] == 2
    assert {each.subject["id"] for each in report.findings} == {second}
    line = next(
        reports.FORMATS["jsonl"](
            Report(findings=told[-1:], statistics=report.statistics)
        )
    )
    assert json.loads(line)["status"] == "not_applicable"


def test_copies_of_one_action_in_two_accounts_are_told_apart_and_counted(
    tmp_path: Path,
) -> None:
    name = "console_login_root_without_mfa"
    both = [
        event(name, eventID=f"e{n}", sharedEventID="s", recipientAccountId=account)
        for n, account in enumerate(("111122223333", "444455556666"))
    ]
    (tmp_path / "x.json").write_text(json.dumps({"Records": both}))
    report = scan(tmp_path)

    chosen = [
        each
        for each in report.findings
        if each.rule.name == "root_console_login_without_mfa"
    ]
    assert [each.evidence["sharedEventID"] for each in chosen] == ["s", "s"]
    assert report.statistics.events == 2
    assert report.statistics.shared == len(report.findings) // 2
    assert any("sharedEventID" in note for note in report.notes)


def test_a_rule_that_holds_on_a_second_copy_alone_is_told(tmp_path: Path) -> None:
    name = "console_login_root_without_mfa"
    poor = {**event(name, eventID="e"), "responseElements": None}
    (tmp_path / "a.json").write_text(json.dumps({"Records": [poor]}))
    (tmp_path / "b.json").write_text(
        json.dumps({"Records": [event(name, eventID="e")]})
    )
    report = scan(tmp_path)

    assert report.statistics.duplicates == 1
    assert "root_console_login_without_mfa" in {f.rule.name for f in report.findings}


def test_problems_beyond_many_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "MOST_PROBLEMS", 5)
    (tmp_path / "x.json").write_text(
        '{"a": 1}\n' * 9 + json.dumps(event("console_login_root_without_mfa"))
    )
    report = scan(tmp_path)

    assert len(report.problems) == 5
    assert report.statistics.unreadable_records == 9
    assert any("only counted" in note for note in report.notes)


@pytest.mark.parametrize(("shape", "form"), [("lines", "jsonl"), ("array", "json")])
def test_memory_does_not_grow_with_the_events_of_one_input(
    shape: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every bound is a hundredth of what it is: what has none grows with the input.
    (tmp_path / "many.yml").write_text(MANY_DELETED)
    monkeypatch.setattr(chunks, "UNIT", 160 << 10)
    monkeypatch.setattr(chunks, "LINES", 20 << 10)
    monkeypatch.setattr(files, "_BLOCK", 20 << 10)
    monkeypatch.setattr(reading, "PIECE", 10)
    monkeypatch.setattr(intake, "Spool", functools.partial(Spool, 80 << 10))
    for each in (correlations, intake, lines):
        monkeypatch.setattr(each, "KeySet", functools.partial(KeySet, 1_000))
    monkeypatch.setattr(findings, "_RUN", 40)
    monkeypatch.setattr(findings, "_BLOCKS", 80 << 10)
    monkeypatch.setattr(secrets, "_hidden_short", secrets._hidden_short.__wrapped__)
    monkeypatch.setattr(secrets, "_hidden_long", secrets._hidden_long.__wrapped__)
    monkeypatch.setattr(duplicates, "_BLOCK", 40)
    monkeypatch.setattr(duplicates, "_many", struct.Struct("16s" * 40))
    less = functools.partial(DuplicateCounter, held=1_000, part=600)
    monkeypatch.setattr(tally, "DuplicateCounter", less)
    monkeypatch.setattr(correlations, "MOST_KEPT", 1_000)
    monkeypatch.setattr(correlations, "AT_ONCE", 80)
    few = functools.partial(correlations.Correlations, most=400)
    monkeypatch.setattr(collector, "Correlations", few)
    deleted = Path(str(PACK)) / "detections/cloudtrail/trail_deleted.yml"
    chosen = rules.load([deleted, tmp_path / "many.yml"])
    peaks = []
    for number in (500, 2_000, 4_000):
        source = tmp_path / f"{number}.json"
        texts = [json.dumps(_one_of_two(each)) for each in range(number)]
        source.write_text(
            "\n".join(texts) if shape == "lines" else f"[{','.join(texts)}]"
        )
        del texts
        tracemalloc.start()
        try:
            report = run.scan(chosen, source)
            for _ in reports.FORMATS[form](report):
                pass
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert report.statistics.findings == number // 2
    assert peaks[2] < peaks[1] + 80_000, peaks


def _one_of_two(number: int) -> dict[str, Any]:
    """Return an event of which each second is found."""
    return {
        "eventVersion": "1.11",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "DeleteTrail" if number % 2 else "DescribeTrails",
        # The texts are few: what is remembered of texts has bounds of its own.
        "eventTime": f"2026-11-01T00:00:{number % 60:02}Z",
        "eventID": str(uuid.UUID(int=number)),
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/u"},
        "requestParameters": {"name": f"trail-{number % 50}"},
    }
