"""A baseline knows the findings of a report, in each format, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checker.errors import UsageError
from checker.model import Status
from checker.run.policy.known import load_baseline

A, B = "a" * 64, "b" * 64
DIFFERENCE = {"change": "blinded", "before": {"status": "visible"}}


def row(
    fingerprint: str = A, status: str = "fail", **more: object
) -> dict[str, object]:
    seen = {"fingerprint": fingerprint, "status": status, "evidence": {"change": True}}
    return {**seen, **more}


def report(*rows: object, **more: object) -> dict[str, object]:
    tool = {"name": "trailcheck", "version": "1"}
    return {"version": 1, "tool": tool, "findings": list(rows), **more}


def sarif(*results: object, name: str = "trailcheck") -> dict[str, object]:
    run = {"tool": {"driver": {"name": name}}, "results": list(results)}
    return {"version": "2.1.0", "runs": [run]}


def result(fingerprint: str = A, **more: object) -> dict[str, object]:
    return {
        "partialFingerprints": {"trailcheckIdentity/v1": fingerprint},
        "properties": {"status": "fail"},
        **more,
    }


def write(folder: Path, text: str, name: str = "report.json") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.json", json.dumps(report(row()))),
        ("r.json", json.dumps(report(row()), indent=1)),
        ("r.json", "\ufeff" + json.dumps(report(row()))),
        ("r.jsonl", json.dumps(row()) + "\n"),
        ("any", json.dumps(row()) + "\n\n" + json.dumps({"framework": "X"}) + "\n"),
        ("r.sarif", json.dumps(sarif(result()))),
    ],
)
def test_each_format_is_read(tmp_path: Path, name: str, text: str) -> None:
    baseline = load_baseline(write(tmp_path, text, name))

    assert baseline.knows(A, Status.FAIL)
    assert not baseline.knows(B, Status.FAIL)
    assert len(baseline) == 1


def test_another_outcome_of_the_same_thing_is_new(tmp_path: Path) -> None:
    rows = report(row(A, "pass"), row(B, "partial"))
    baseline = load_baseline(write(tmp_path, json.dumps(rows)))

    assert not baseline.knows(A, Status.FAIL)
    assert not baseline.knows(B, Status.BLIND)
    assert baseline.knows(B, Status.PARTIAL)


def test_what_is_not_known_stays_in_the_report(tmp_path: Path) -> None:
    rows = report(row(A, "unknown"), row(B, "pass"))
    baseline = load_baseline(write(tmp_path, json.dumps(rows)))

    assert not baseline.knows(A, Status.UNKNOWN)
    assert not baseline.knows(B, Status.PASS)


def test_what_an_exception_covered_is_not_known(tmp_path: Path) -> None:
    covered = {"reason": "r", "owner": "o", "expires": "2026-12-31"}
    for text in (
        json.dumps(report(row(suppressed=covered))),
        json.dumps(row(suppressed=covered)) + "\n",
        json.dumps(sarif(result(suppressions=[{"kind": "external"}]))),
    ):
        assert not len(load_baseline(write(tmp_path, text)))


def test_a_finding_that_was_withdrawn_is_not_known(tmp_path: Path) -> None:
    kind = {"kind": "detection"}
    lines = [row(rule=kind), row(status="not_applicable", rule=kind)]
    text = "".join(json.dumps(line) + "\n" for line in lines)

    assert not load_baseline(write(tmp_path, text)).knows(A, Status.FAIL)


def test_no_findings_in_json_lines_are_no_findings(tmp_path: Path) -> None:
    assert not len(load_baseline(write(tmp_path, "", "r.jsonl")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "damaged"),
        ("not JSON", "damaged"),
        ("[]", "damaged"),
        ("\udcff", "damaged"),
        ('{"version": 1}', "no findings of trailcheck"),
        ('{"findings": []}', "no findings of trailcheck"),
        (json.dumps({**report(), "version": 2}), "another version"),
        (json.dumps(report(row()))[:-40], "damaged"),
        (json.dumps(row()) + "\n" + json.dumps(row())[:30], "damaged"),
        (json.dumps(row()) + "\n{}\n", "no fingerprint"),
        (json.dumps(report(row("A" * 64))), "no fingerprint"),
        (json.dumps(report(row(status="odd"))), "no fingerprint or status"),
        (json.dumps(report(row(A[:32]))), "no fingerprint"),
        (json.dumps(report({"fingerprint": 7})), "damaged"),
        (json.dumps(sarif(name="other")), "no run in it"),
        (json.dumps(sarif({"ruleId": "x"})), "no fingerprint"),
        (json.dumps({"version": 1, "rules": {}}), "for --learned"),
        (json.dumps(report(row(), row(evidence=DIFFERENCE))), "of trailcheck compare"),
        (json.dumps(row(evidence=DIFFERENCE)) + "\n", "of trailcheck compare"),
        (
            json.dumps(sarif(result(properties={"status": "fail", "change": "fails"}))),
            "of trailcheck compare",
        ),
        ("[" * 100_000, "damaged"),
    ],
)
def test_what_is_damaged_or_foreign_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(UsageError, match=said):
        load_baseline(str(path))
