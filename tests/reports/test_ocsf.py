"""The OCSF report against OCSF's own schema, and what its fields say."""

from __future__ import annotations

import calendar
import functools
import json
import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.model import Acceptance, Report
from checker.reports import FORMATS
from checker.reports.ocsf import VERSION
from tests.reports import samples

NOW = "2026-11-29T22:51:46"
FORM = "%Y-%m-%dT%H:%M:%S"
CLASSES = {2004: "detection_finding", 2003: "compliance_finding"}


@functools.cache
def validator(kind: int) -> Any:
    """Return the validator of an OCSF class, with the profile that we claim."""
    ocsf = pytest.importorskip("ocsf_json_schema")
    made = ocsf.OcsfJsonSchemaEmbedded(ocsf.get_ocsf_schema(VERSION))
    schema = made.get_class_schema(CLASSES[kind], ["cloud"])
    return jsonschema.Draft202012Validator(schema)


def rendered(report: Report) -> list[dict[str, Any]]:
    text = "".join(FORMATS["ocsf"](report, timestamp=NOW))
    return [json.loads(line) for line in text.splitlines()]


def check(report: Report) -> None:
    for event in rendered(report):
        validator(event["class_uid"]).validate(event)


@pytest.mark.parametrize(
    "report",
    [samples.REPORT, samples.EMPTY, samples.hostile(), samples.judged()],
    ids=["report", "empty", "hostile", "frameworks"],
)
def test_every_line_follows_the_schema_of_ocsf(report: Report) -> None:
    check(report)


def test_an_unknown_attribute_breaks_the_schema() -> None:
    event = rendered(samples.REPORT)[0]

    assert not validator(event["class_uid"]).is_valid({**event, "more": 1})


@given(words=st.text(max_size=40), address=st.text(max_size=60))
def test_whatever_an_event_says_the_line_follows_the_schema(
    words: str, address: str
) -> None:
    finding = structs.replace(
        samples.DETECTED[0],
        subject=samples.event(words, words, sourceIPAddress=address, principal=words),
        evidence={words: [words, None, 1.5]},
        message=words,
    )
    check(structs.replace(samples.EMPTY, findings=(finding,)))


def test_a_detection_has_the_event_and_its_time() -> None:
    (finding,) = [one for one in samples.DETECTED if one.rule is samples.ROOT_NO_MFA][
        :1
    ]
    (event,) = rendered(structs.replace(samples.EMPTY, findings=(finding,)))

    assert event["class_uid"] == 2004
    assert event["severity_id"] == 5
    assert event["finding_info"]["uid"] == finding.fingerprint
    assert event["finding_info"]["analytic"]["name"] == finding.rule.name
    assert event["evidences"][0]["api"]["operation"] == finding.subject["eventName"]
    assert event["time"] != 0
    assert event["cloud"]["provider"] == "AWS"


def test_a_control_has_its_standards_its_outcome_and_its_fix() -> None:
    (finding,) = [one for one in samples.AUDITED if one.rule is samples.LOG_VALIDATION][
        :1
    ]
    (event,) = rendered(structs.replace(samples.EMPTY, findings=(finding,)))

    assert event["class_uid"] == 2003
    assert event["compliance"]["status_id"] == 3
    assert event["compliance"]["standards"] == list(finding.rule.controls)
    assert event["resources"][0]["uid"] == finding.subject["id"]
    assert event["remediation"]["desc"]
    assert event["time"] == calendar.timegm(time.strptime(NOW, FORM)) * 1000


def test_each_outcome_of_a_control_has_its_status() -> None:
    events = rendered(samples.REPORT)
    statuses = {
        event["compliance"]["status_code"]: event["compliance"]["status_id"]
        for event in events
        if event["class_uid"] == 2003
    }

    assert statuses["fail"] == statuses["blind"] == 3
    assert statuses["unknown"] == 0
    assert "pass" not in statuses or statuses["pass"] == 1


def test_an_accepted_finding_is_suppressed_with_its_reason() -> None:
    accepted = Acceptance("known scanner", "soc", "2027-03-31")
    finding = structs.replace(samples.DETECTED[0], suppressed=accepted)
    (event,) = rendered(structs.replace(samples.EMPTY, findings=(finding,)))

    assert event["status_id"] == 3
    assert event["comment"] == "known scanner (soc, until 2027-03-31)"


def test_a_requirement_is_a_compliance_finding_of_its_framework() -> None:
    events = rendered(samples.judged())
    framework = samples.judged().frameworks[0].framework.name

    assert framework in {
        standard
        for event in events
        for standard in event.get("compliance", {}).get("standards", ())
    }
