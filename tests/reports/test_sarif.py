"""Tests of SARIF against its schema, its readers' demands and hostile input."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.model import Finding, Level, Location, Report, Statistics, Unreadable
from checker.reports import sarif
from tests.reports import samples
from tests.reports.golden import matches
from tests.reports.sarif_invariants import check

EVERY_STATUS = ("pass", "not_applicable", "unknown", "error", "visible")


def run(report: Report, **options: Any) -> dict[str, Any]:
    log = json.loads("".join(sarif.render(report, **options)))
    check(log)
    return dict(log["runs"][0])


def report(*findings: Finding, **more: Any) -> Report:
    return Report(findings=findings, statistics=Statistics(), **more)


def detected(**changes: Any) -> Finding:
    return structs.replace(samples.DETECTED[0], **changes)


def told(run: dict[str, Any], kind: str) -> list[str]:
    return [
        notification["message"]["text"]
        for notification in run["invocations"][0]["toolExecutionNotifications"]
        if notification["descriptor"]["id"] == kind
    ]


def test_the_report_is_the_golden_one_and_valid() -> None:
    text = "".join(sarif.render(samples.REPORT))
    check(json.loads(text))
    matches("report.sarif", text)


def test_the_schema_is_not_asleep() -> None:
    log = json.loads("".join(sarif.render(samples.REPORT)))
    log["runs"][0]["results"][0]["level"] = "critical"
    with pytest.raises(jsonschema.ValidationError):
        check(log)


def test_an_empty_report_is_a_valid_log_without_results() -> None:
    empty = run(samples.EMPTY)
    assert empty["results"] == []
    assert empty["invocations"][0]["executionSuccessful"] is True


def test_only_what_is_wrong_is_a_result() -> None:
    results = run(samples.REPORT)["results"]
    statuses = {result["properties"]["status"] for result in results}
    assert statuses == {"fail", "blind", "partial"}
    assert {result["kind"] for result in results} == {"fail"}
    assert len(results) == 8


def test_other_statuses_are_results_without_a_level_when_asked_for() -> None:
    given_ = run(samples.REPORT, include=EVERY_STATUS)
    kinds = {
        result["properties"]["status"]: result["kind"] for result in given_["results"]
    }
    assert kinds == {
        "fail": "fail",
        "blind": "fail",
        "partial": "fail",
        "visible": "pass",
        "pass": "pass",
        "not_applicable": "notApplicable",
        "unknown": "open",
    }
    assert told(given_, "not_judged") == []


def test_a_check_without_an_answer_is_told() -> None:
    assert told(run(samples.REPORT), "not_judged") == [
        "log_file_validation_off: Trail 'shadow' could not be judged: trail: denied."
    ]


def test_every_problem_is_told_with_its_file() -> None:
    sample = run(samples.REPORT)
    assert sample["invocations"][0]["executionSuccessful"] is False
    assert told(sample, "unreadable") == [
        "logs/bad.json.gz: not a gzip file.",
        "logs/a.json record 7: not a JSON object.",
    ]
    uris = {artifact["location"]["uri"] for artifact in sample["artifacts"]}
    assert {"logs/bad.json.gz", "logs/a.json"} <= uris


def test_problems_beyond_the_limit_are_counted() -> None:
    problems = tuple(Unreadable("a.json", n, "bad") for n in range(1_234))
    unreadable = told(run(report(problems=problems)), "unreadable")
    assert len(unreadable) == 1_001
    assert unreadable[-1] == "234 more inputs or records cannot be read."


def test_the_notes_of_the_report_are_told() -> None:
    assert told(run(samples.REPORT), "note") == list(samples.REPORT.notes)


def test_results_beyond_the_limit_are_the_mildest_and_counted() -> None:
    findings = [
        samples.finding(
            structs.replace(samples.TRAIL_STOPPED, name=level.value, level=level),
            samples.event("StopLogging", f"{n}"),
        )
        for level in Level
        for n in range(4)
    ]
    cut = run(report(*findings), max_results=9)
    names = [result["ruleId"] for result in cut["results"]]
    assert names == ["critical"] * 4 + ["high"] * 4 + ["medium"]
    assert [rule["id"] for rule in cut["tool"]["driver"]["rules"]] == [
        "critical",
        "high",
        "medium",
    ]
    (dropped,) = told(cut, "results_dropped")
    assert dropped.startswith("11 results are left out, of the lowest levels found;")


def test_no_more_than_five_thousand_results_by_default() -> None:
    findings = [
        samples.finding(samples.TRAIL_STOPPED, samples.event("StopLogging", str(n)))
        for n in range(5_001)
    ]
    log = json.loads("".join(sarif.render(report(*findings))))
    assert len(log["runs"][0]["results"]) == 5_000
    assert told(log["runs"][0], "results_dropped")[0].startswith("1 result is left out")


def test_positions_are_characters_of_the_decompressed_text() -> None:
    sample = run(report(samples.DETECTED[0]))
    assert sample["columnKind"] == "unicodeCodePoints"
    physical = sample["results"][0]["locations"][0]["physicalLocation"]
    assert physical["region"] == {
        "startLine": 1,
        "startColumn": 5121,
        "endLine": 1,
        "endColumn": 6381,
        "charOffset": 5120,
        "charLength": 1260,
    }
    artifact = sample["artifacts"][physical["artifactLocation"]["index"]]
    assert artifact["properties"] == {"contentEncoding": "gzip"}


def test_an_object_of_a_bucket_is_relative_to_the_bucket() -> None:
    sample = run(report(samples.DETECTED[2]))
    location = sample["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {
        "uri": "AWSLogs/a%20b.json.gz",
        "uriBaseId": "S3_AUDIT_LOGS",
        "index": 0,
    }
    assert sample["originalUriBaseIds"]["S3_AUDIT_LOGS"] == {"uri": "s3://audit-logs/"}


def test_a_blind_rule_is_located_at_its_file() -> None:
    sample = run(report(samples.FORESEEN[0]))
    location = sample["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == samples.POOL_UNAUTHENTICATED.path
    assert location["region"] == {"startLine": 3}


def test_a_blind_rule_is_not_located_at_the_settings_that_blind_it() -> None:
    blind = structs.replace(
        samples.FORESEEN[0], location=Location("snapshot.json", None, 9)
    )
    location = run(report(blind))["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == samples.POOL_UNAUTHENTICATED.path


def test_a_finding_without_a_place_is_located_at_the_rule() -> None:
    sample = run(report(detected(location=None)))
    location = sample["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == samples.ROOT_NO_MFA.path


def test_a_failing_resource_names_its_rule_and_its_arn() -> None:
    result = run(report(samples.AUDITED[0]))["results"][0]
    rule = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]
    assert rule["uri"] == samples.LOG_VALIDATION.path
    logical = result["locations"][0]["logicalLocations"]
    assert logical[0]["fullyQualifiedName"] == samples.TRAIL


def test_an_event_is_named_by_where_it_happened() -> None:
    result = run(report(samples.DETECTED[3]))["results"][0]
    logical = result["locations"][0]["logicalLocations"][0]
    assert logical == {
        "name": "consolelogin-2026-11-20T12:00:00Z",
        "fullyQualifiedName": "123456789012/us-east-1/signin.amazonaws.com/"
        "ConsoleLogin/consolelogin-2026-11-20T12:00:00Z",
        "kind": "resource",
    }


def test_the_events_of_a_correlation_are_related_locations() -> None:
    related = run(report(samples.DETECTED[3]))["results"][0]["relatedLocations"]
    assert [place["id"] for place in related] == list(range(1, 13))
    assert related[11]["physicalLocation"]["region"] == {"startLine": 12}
    assert related[11]["message"] == {"text": "Event 'event-11'."}


def test_events_that_are_only_ids_give_no_related_location() -> None:
    correlated = structs.replace(samples.DETECTED[3], evidence={"events": ["a", "b"]})
    assert "relatedLocations" not in run(report(correlated))["results"][0]


def test_results_hold_who_and_where_but_no_parameters() -> None:
    secret = detected(evidence={"requestParameters.password": "hunter2-EXAMPLE"})
    text = "".join(sarif.render(report(secret)))
    assert "hunter2" not in text
    result = json.loads(text)["runs"][0]["results"][0]
    assert result["properties"]["subject"]["principal"] == samples.ROOT


def test_the_fingerprint_does_not_depend_on_the_file() -> None:
    moved = detected(location=Location("elsewhere.json", 0))
    prints = [
        run(report(finding))["results"][0]["partialFingerprints"]
        for finding in (samples.DETECTED[0], moved)
    ]
    assert prints[0] == prints[1]


def test_results_with_one_fingerprint_are_numbered() -> None:
    twice = report(samples.DETECTED[0], samples.DETECTED[0])
    hashes = [
        result["partialFingerprints"]["primaryLocationLineHash"].split(":")[1]
        for result in run(twice)["results"]
    ]
    assert hashes == ["1", "2"]


def test_a_fingerprint_of_any_form_becomes_a_hash() -> None:
    run(report(detected(fingerprint="trail/main")))


def test_uploads_of_one_commit_can_be_told_apart() -> None:
    named = run(samples.EMPTY, automation_id="trailcheck/scan/")
    assert named["automationDetails"] == {"id": "trailcheck/scan/"}
    assert "automationDetails" not in run(samples.EMPTY)


def test_rules_without_a_finding_are_described_when_given() -> None:
    described = run(samples.EMPTY, rules=[samples.LOG_VALIDATION])
    assert [rule["id"] for rule in described["tool"]["driver"]["rules"]] == [
        samples.LOG_VALIDATION.name
    ]


def test_hostile_text_is_harmless_in_a_result() -> None:
    finding = samples.finding(
        samples.ROOT_NO_MFA,
        samples.event("ConsoleLogin", "now", principal=samples.HOSTILE),
        location=Location(samples.HOSTILE, 0),
        message=samples.HOSTILE,
    )
    result = run(report(finding))["results"][0]
    assert result["message"]["text"].isprintable()


@given(
    st.text(st.characters()),
    st.text(st.characters()),
    st.dictionaries(st.sampled_from(["principal", "eventName"]), st.none() | st.text()),
)
def test_any_file_and_message_gives_a_log_that_is_accepted(
    uri: str, message: str, fields: dict[str, str | None]
) -> None:
    finding = samples.finding(
        samples.ROOT_NO_MFA,
        samples.event("ConsoleLogin", "now", **fields),
        location=Location(uri, 0),
        message=message,
    )
    problem = Unreadable(uri, None, message)
    run(report(finding, problems=(problem,), notes=(message,)))
