"""The JUnit report against a schema of what its readers ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.model import Location, Report, Statistics, Unreadable
from checker.reports import FORMATS
from tests.reports import samples
from tests.reports.golden import matches

TIME = "2026-11-29T22:51:46"


@pytest.fixture(scope="module")
def schema() -> Any:
    xmlschema = pytest.importorskip("xmlschema")
    return xmlschema.XMLSchema(str(Path(__file__).with_name("junit.xsd")))


def rendered(report: Report) -> str:
    return "".join(FORMATS["junit"](report, timestamp=TIME))


def suite(report: Report) -> ET.Element:
    found = ET.fromstring(rendered(report)).find("testsuite")
    assert found is not None
    return found


def outcome(case: ET.Element) -> str:
    return case[0].tag if len(case) else "passed"


def test_the_report_is_the_golden_one() -> None:
    matches("report.junit.xml", rendered(samples.REPORT))


@pytest.mark.parametrize(
    "report",
    [samples.REPORT, samples.EMPTY, samples.hostile(), samples.judged()],
    ids=["report", "empty", "hostile", "frameworks"],
)
def test_a_report_follows_the_schema(schema: Any, report: Report) -> None:
    schema.validate(rendered(report))


def test_an_unknown_attribute_breaks_the_schema(schema: Any) -> None:
    assert not schema.is_valid(
        rendered(samples.EMPTY).replace("<testcase", "<testcase more='1'")
    )


@pytest.mark.parametrize(
    "report", [samples.REPORT, samples.EMPTY, samples.hostile(), samples.judged()]
)
def test_the_counts_are_those_of_the_cases(report: Report) -> None:
    found = suite(report)
    cases = [outcome(case) for case in found.iter("testcase")]

    assert found.attrib["tests"] == str(len(cases))
    assert found.attrib["failures"] == str(cases.count("failure"))
    assert found.attrib["errors"] == str(cases.count("error"))
    assert found.attrib["skipped"] == str(cases.count("skipped"))


def test_each_status_has_its_outcome() -> None:
    report = Report(findings=samples.AUDITED, statistics=Statistics())
    found = [outcome(case) for case in suite(report).iter("testcase")]
    assert found == ["passed", "failure", "passed", "error", "skipped"]

    report = Report(findings=samples.FORESEEN, statistics=Statistics())
    cases = {
        (case.attrib["classname"], outcome(case))
        for case in suite(report).iter("testcase")
    }
    assert cases == {
        ("trailcheck.input", "passed"),
        ("identity_pool_credentials_for_guest", "failure"),
        ("identity_pool_opened_to_guests", "failure"),
        ("root_console_login_without_mfa", "failure"),
        ("trail_logging_stopped", "passed"),
    }


def test_input_that_could_not_be_read_is_an_error() -> None:
    problem = Unreadable("logs/bad.json.gz", 7, "not a JSON object")
    found = suite(Report(findings=(), statistics=Statistics(), problems=(problem,)))
    (case,) = found.iter("testcase")

    assert case.attrib["name"] == "logs/bad.json.gz record 7"
    assert case[0].tag == "error"
    assert case[0].attrib["message"] == "not a JSON object"


def test_a_failure_tells_who_where_and_how_to_fix_it() -> None:
    cases = {
        case.attrib["classname"]: case[0].text or ""
        for case in suite(samples.REPORT).iter("testcase")
        if outcome(case) == "failure"
    }
    told = cases["trail_logging_stopped"].splitlines()
    assert told[0] == "principal: arn:aws:sts::123456789012:assumed-role/admin/alice"
    assert told[-1] == "at: s3://audit-logs/AWSLogs/a b.json.gz record 0"
    assert "fix: Turn log file validation on." in cases["log_file_validation_off"]


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_gives_a_document_that_can_be_read(words: str, uri: str) -> None:
    finding = samples.finding(
        samples.ROOT_NO_MFA,
        samples.event(words, "now", principal=words),
        location=Location(uri or "-", 0),
        evidence={words: uri},
    )
    problem = Unreadable(uri, None, words or "empty")
    report = Report(findings=(finding,), statistics=Statistics(), problems=(problem,))
    assert len(list(suite(report).iter("testcase"))) == 2
