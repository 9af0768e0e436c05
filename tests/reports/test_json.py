"""Tests of the JSON report against its schema, the model and hostile values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.conditions.unknown import Unknown
from checker.model import Level, Location, Report, Statistics, Status, Unreadable
from checker.reports import FORMATS
from checker.reports.json import document, encode, line, plain
from tests.reports import samples
from tests.reports.golden import matches

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "report.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

OPTIONAL = {"": {"frameworks", "notes"}, "/$defs/finding": {"suppressed"}}
"""What is only there when asked for or when there is any, by its object's path."""

FIELDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def rendered(report: Report) -> Any:
    return json.loads("".join(FORMATS["json"](report)))


def test_the_schema_is_a_valid_2020_12_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_object_of_the_schema_is_closed_but_evidence() -> None:
    open_objects = []

    def walk(path: str, schema: Any) -> None:
        if isinstance(schema, dict):
            if schema.get("type") == "object" and "additionalProperties" not in schema:
                open_objects.append(path)
            elif schema.get("type") == "object":
                optional = OPTIONAL.get(path, set())
                required = set(schema["properties"]) - optional
                assert set(schema["required"]) == required, path
            for key, value in schema.items():
                walk(f"{path}/{key}", value)

    walk("", SCHEMA)
    # A subject is closed by the one of its three types that applies.
    assert open_objects == [
        "/$defs/finding/properties/evidence",
        "/$defs/subject",
    ]


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        ("statistics", {field.name for field in structs.fields(Statistics)}),
        ("problem", {field.name for field in structs.fields(Unreadable)}),
        ("location", {"uri", "record", "startLine", "charOffset", "charLength"}),
    ],
)
def test_the_schema_has_the_fields_of_the_model(
    definition: str, fields: set[str]
) -> None:
    assert set(SCHEMA["$defs"][definition]["properties"]) == fields


def test_every_field_of_a_location_is_in_the_schema_or_for_sarif_alone() -> None:
    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(word.title() for word in rest)

    fields = {camel(field.name) for field in structs.fields(Location)}
    said = set(SCHEMA["$defs"]["location"]["properties"])
    assert fields - said == {"startColumn", "endLine", "endColumn"}
    assert said <= fields


def test_the_schema_has_the_statuses_and_levels_of_the_model() -> None:
    definitions = SCHEMA["$defs"]
    statuses = definitions["finding"]["properties"]["status"]["enum"]
    assert statuses == [status.value for status in Status]
    levels = definitions["rule"]["properties"]["level"]["enum"]
    assert levels == [level.value for level in Level]


@pytest.mark.parametrize("report", [samples.REPORT, samples.EMPTY])
def test_a_report_follows_the_schema(report: Report) -> None:
    VALIDATOR.validate(rendered(report))


def test_a_key_too_many_breaks_the_schema() -> None:
    for place in ("rule", "subject", "location"):
        report = rendered(structs.replace(samples.REPORT, findings=samples.AUDITED))
        report["findings"][0][place]["more"] = 1
        assert not VALIDATOR.is_valid(report), place


def test_the_report_is_the_golden_one() -> None:
    matches("report.json", "".join(FORMATS["json"](samples.REPORT)))


def test_json_lines_are_the_findings_of_the_json_report() -> None:
    lines = "".join(FORMATS["jsonl"](samples.REPORT)).splitlines()
    assert [json.loads(line) for line in lines] == rendered(samples.REPORT)["findings"]


def test_json_lines_of_an_empty_report_are_none() -> None:
    assert list(FORMATS["jsonl"](samples.EMPTY)) == []


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_the_order_of_findings_makes_no_difference(format_: str) -> None:
    turned = structs.replace(
        samples.REPORT, findings=tuple(reversed(samples.REPORT.findings))
    )
    assert list(FORMATS[format_](turned)) == list(FORMATS[format_](samples.REPORT))


def test_the_worst_findings_come_first() -> None:
    levels = [
        Level(finding["rule"]["level"])
        for finding in rendered(samples.REPORT)["findings"]
    ]
    assert levels == sorted(levels, reverse=True)


def test_an_unknown_value_is_told_apart_from_an_absent_one() -> None:
    assert plain({"a": Unknown("trail: denied"), "b": None}) == {
        "a": {"unknown": "trail: denied"},
        "b": None,
    }


def test_evidence_nested_beyond_reason_is_cut() -> None:
    value: Any = "deep"
    for _ in range(5_000):
        value = [value]
    assert len(json.dumps(plain(value))) < 300


@given(st.dictionaries(st.text(), FIELDS), FIELDS, st.text())
def test_any_event_gives_an_ascii_report_that_follows_the_schema(
    evidence: dict[str, Any], field: Any, uri: str
) -> None:
    finding = samples.finding(
        samples.ROOT_NO_MFA,
        samples.event("ConsoleLogin", "now", principal=field, sourceIPAddress=uri),
        location=Location(uri or "-", 0),
        evidence=evidence,
    )
    problem = Unreadable(uri, None, uri or "empty")
    report = Report(
        findings=(finding,), statistics=Statistics(findings=1), problems=(problem,)
    )
    text = "".join(FORMATS["json"](report))
    assert text.isascii()
    VALIDATOR.validate(json.loads(text))


def test_hostile_text_comes_back_unchanged_and_never_reaches_a_terminal_raw() -> None:
    finding = samples.finding(
        samples.ROOT_NO_MFA,
        samples.event("ConsoleLogin", "now"),
        evidence={"userAgent": samples.HOSTILE},
    )
    report = Report(findings=(finding,), statistics=Statistics())
    text = "".join(FORMATS["json"](report))
    assert "\x1b" not in text
    assert json.loads(text)["findings"][0]["evidence"]["userAgent"] == samples.HOSTILE


@pytest.mark.parametrize("report", [samples.hostile(), samples.judged()])
def test_a_line_is_the_text_of_the_document(report: Report) -> None:
    lowered = (structs.replace(each, lowered=True) for each in report.findings)
    for finding in (*report.findings, *lowered):
        assert line(finding) == encode(document(finding))
