"""Events that correct earlier ones, as CloudTrail's addendum field says."""

from __future__ import annotations

import functools
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from checker import resources, rules, run
from checker.model import AnyRule, Correction, Report
from checker.run.scanning.corrections import Corrections

PACK = resources.root() / "rules"
ROOT_SIGN_IN = "console_login_root_without_mfa"
FIRST = "00000000-0000-4000-8000-00000000000a"
SECOND = "00000000-0000-4000-8000-00000000000b"
THIRD = "00000000-0000-4000-8000-00000000000c"


def event(event_id: str, corrects: str | None = None, **more: Any) -> dict[str, Any]:
    text = (PACK / "events" / f"{ROOT_SIGN_IN}.json").read_text(encoding="utf-8")
    record: dict[str, Any] = {**json.loads(text), "eventID": event_id, **more}
    if corrects:
        record["addendum"] = {
            "reason": "UPDATED_DATA",
            "updatedFields": "responseElements",
            "originalEventID": corrects,
        }
    return record


@functools.cache
def everything() -> list[AnyRule]:
    return rules.load()


def scan(folder: Path, *events: dict[str, Any], files: int = 1) -> Report:
    folder.mkdir()
    for n in range(files):
        text = json.dumps({"Records": events[n::files]})
        (folder / f"{n}.json").write_text(text)
    pack = everything()
    chosen = rules.choose(pack, ["root_console_login_without_mfa"], [])
    return run.scan(chosen, [str(folder)], bases=pack)


def ids(report: Report) -> list[str]:
    return sorted(finding.subject["id"] for finding in report.findings)


@pytest.mark.parametrize("files", [1, 2])
def test_a_corrected_event_counts_once_in_whatever_order(
    tmp_path: Path, files: int
) -> None:
    both = [event(FIRST), event(SECOND, corrects=FIRST)]
    for n, ordered in enumerate(itertools.permutations(both)):
        report = scan(tmp_path / str(n), *ordered, files=files)

        assert ids(report) == [SECOND]
        assert report.statistics.events == 1
        assert report.statistics.duplicates == 1
        assert report.statistics.findings == 1


def test_a_correction_that_takes_the_reason_away_takes_the_finding_away(
    tmp_path: Path,
) -> None:
    corrected = event(
        SECOND, corrects=FIRST, responseElements={"ConsoleLogin": "Failure"}
    )

    assert ids(scan(tmp_path / "x", event(FIRST), corrected)) == []


def test_a_correction_without_its_original_stands_for_itself(tmp_path: Path) -> None:
    report = scan(tmp_path / "x", event(SECOND, corrects=FIRST))

    assert ids(report) == [SECOND]
    assert report.statistics.duplicates == 0


def test_only_the_last_of_a_chain_of_corrections_counts(tmp_path: Path) -> None:
    report = scan(
        tmp_path / "x",
        event(THIRD, corrects=SECOND),
        event(FIRST),
        event(SECOND, corrects=FIRST),
    )

    assert ids(report) == [THIRD]
    assert report.statistics.duplicates == 2


def test_events_cannot_hide_one_another(tmp_path: Path) -> None:
    around = scan(
        tmp_path / "x", event(FIRST, corrects=SECOND), event(SECOND, corrects=FIRST)
    )
    itself = scan(tmp_path / "y", event(FIRST, corrects=FIRST))

    assert ids(around) == [FIRST, SECOND]
    assert ids(itself) == [FIRST]


@pytest.mark.parametrize("reason", ["DELIVERY_DELAY", "SERVICE_OUTAGE", None, 5])
def test_other_addenda_correct_nothing(tmp_path: Path, reason: object) -> None:
    late = event(SECOND, addendum={"reason": reason, "originalEventID": FIRST})

    assert ids(scan(tmp_path / "x", event(FIRST), late)) == [FIRST, SECOND]


def test_a_correction_is_found_behind_escapes(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    text = json.dumps({"Records": [event(FIRST), event(SECOND, corrects=FIRST)]})
    escaped = text.replace("UPDATED_DATA", r"\u0055PDATED_DATA")
    (folder / "x.json").write_text(escaped)

    pack = everything()
    chosen = rules.choose(pack, ["root_console_login_without_mfa"], [])
    assert ids(run.scan(chosen, [str(folder)])) == [SECOND]


def test_a_corrected_event_does_not_count_in_a_correlation(tmp_path: Path) -> None:
    file = PACK / "events" / "cognito_initiate_auth_failed.json"
    base = json.loads(file.read_text(encoding="utf-8"))
    ten = [
        {
            **base,
            "eventID": f"00000000-0000-4000-8000-{n:012}",
            "eventTime": f"2026-11-20T09:00:{n:02}Z",
        }
        for n in range(10)
    ]
    ten[9]["addendum"] = {
        "reason": "UPDATED_DATA",
        "originalEventID": ten[0]["eventID"],
    }
    pack = everything()
    chosen = rules.choose(pack, ["cognito_sign_in_failures_from_address"], [])
    found = []
    for n, events in enumerate((ten, [*ten[:9], {**ten[9], "addendum": None}])):
        path = tmp_path / f"{n}.json"
        path.write_text(json.dumps({"Records": events}))
        found.append(len(run.scan(chosen, [str(path)], bases=pack).findings))

    assert found == [0, 1]


LATER = "2026-11-21T10:00:00Z"


def test_of_two_corrections_of_one_event_only_the_later_counts(tmp_path: Path) -> None:
    events = [
        event(FIRST),
        event(SECOND, corrects=FIRST, eventTime=LATER),
        event(THIRD, corrects=FIRST),
    ]
    for n, ordered in enumerate(itertools.permutations(events)):
        for files in (1, 3):
            report = scan(tmp_path / f"{n}-{files}", *ordered, files=files)

            assert ids(report) == [SECOND]
            assert report.statistics.duplicates == 2


def test_of_two_corrections_of_one_time_the_last_delivered_counts(
    tmp_path: Path,
) -> None:
    events = [event(SECOND, corrects=FIRST), event(THIRD, corrects=FIRST)]

    assert ids(scan(tmp_path / "x", *events)) == [THIRD]
    assert ids(scan(tmp_path / "y", *reversed(events))) == [SECOND]


def test_a_correction_outside_a_circle_ends_it(tmp_path: Path) -> None:
    report = scan(
        tmp_path / "x",
        event(FIRST, corrects=SECOND),
        event(SECOND, corrects=FIRST),
        event(THIRD, corrects=SECOND),
    )

    assert ids(report) == [THIRD]


def test_a_chain_of_corrections_may_be_of_any_length() -> None:
    corrections = Corrections()
    corrections.add(Correction(str(n), str(n + 1)) for n in range(20_000))

    found = corrections.superseded()

    assert len(found) == 20_000
    assert set(found.values()) == {"20000"}
