"""Write a report as OCSF events, one a line: for Security Lake, Security Hub, a SIEM.

Findings on events are Detection Findings (2004), outcomes of settings, visibility and
framework requirements Compliance Findings (2003), with the profile `cloud`.

https://schema.ocsf.io/1.5.0/classes/detection_finding
https://schema.ocsf.io/1.5.0/classes/compliance_finding
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import checker
from checker import secrets
from checker.framework import Answer, Judged, Judgement
from checker.model import AnyRule, ConfigurationRule, Finding, Level, Report, Status
from checker.reports.json import (
    acceptance,
    encode,
    evidence_text,
    message,
    plain,
    subject,
    uncommanding,
)
from checker.reports.order import ordered

VERSION: Final = "1.5.0"
"""The version of OCSF."""

_DETECTION: Final = 2004
_COMPLIANCE: Final = 2003
_CREATE: Final = 1
_NEW: Final = 1
_SUPPRESSED: Final = 3
_RULE: Final = 1
"""The analytic is a rule."""

_SEVERITIES: Final = {
    Level.INFORMATIONAL: 1,
    Level.LOW: 2,
    Level.MEDIUM: 3,
    Level.HIGH: 4,
    Level.CRITICAL: 5,
}

_UNKNOWN, _PASS, _WARNING, _FAIL, _OTHER = 0, 1, 2, 3, 99
_STATUSES: Final = {
    Status.FAIL: _FAIL,
    Status.BLIND: _FAIL,
    Status.PARTIAL: _WARNING,
    Status.UNKNOWN: _UNKNOWN,
    Status.ERROR: _UNKNOWN,
    Status.NOT_APPLICABLE: _OTHER,
    Status.PASS: _PASS,
    Status.VISIBLE: _PASS,
}
_ANSWERS: Final = {
    Answer.FAIL: _FAIL,
    Answer.UNKNOWN: _UNKNOWN,
    Answer.MANUAL: _OTHER,
    Answer.NOT_APPLICABLE: _OTHER,
    Answer.PASS: _PASS,
}

_TECHNIQUE: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)
_LONGEST: Final = 40
"""Characters of the longest address."""


def render(report: Report, *, timestamp: str | None = None) -> Iterator[str]:
    """Yield one line of JSON for each finding, then one for each requirement.

    `timestamp` is when the run was, as `2026-11-29T22:51:46` in UTC: the time of what
    has none of its own.
    """
    now = _milliseconds(timestamp) or 0
    for finding in ordered(report.findings):
        yield _line(finding, now)
    for judgement in report.frameworks:
        for judged in judgement.requirements:
            yield encode(_requirement(judgement, judged, now)) + "\n"


def _line(finding: Finding, now: int) -> str:
    event = encode(_finding(finding, now))
    if finding.subject["type"] != "event":
        return event + "\n"
    # What the finding has observed is written as the JSON report writes it.
    data = uncommanding(evidence_text(finding.evidence))
    evidence = encode(_evidence(subject(finding)))
    comma = ", " * (evidence != "{}")
    return f'{event[:-1]}, "evidences": [{{"data": {data}{comma}{evidence[1:]}]}}\n'


def _finding(finding: Finding, now: int) -> dict[str, Any]:
    told = subject(finding)
    of_event = told["type"] == "event"
    base = _base(_DETECTION if of_event else _COMPLIANCE, told, finding.level)
    info = {
        "uid": finding.fingerprint,
        "desc": message(finding),
        **_of_rule(finding.rule),
    }
    covered = finding.suppressed
    comment = (
        {"comment": "{reason} ({owner}, until {expires})".format(**acceptance(covered))}
        if covered
        else {}
    )
    time = _milliseconds(told.get("eventTime")) if of_event else None
    return {
        **base,
        **comment,
        "time": now if time is None else time,
        "status_id": _SUPPRESSED if covered else _NEW,
        "message": message(finding),
        "finding_info": info,
        **(_event(finding) if of_event else _outcome(finding, told)),
    }


def _base(
    kind: int, told: Mapping[str, str | None], level: Level | None
) -> dict[str, Any]:
    """Return what every event of OCSF has."""
    cloud: dict[str, Any] = {"provider": "AWS"}
    if account := told.get("accountId"):
        cloud["account"] = {"uid": account}
    if region := told.get("awsRegion") or told.get("region"):
        cloud["region"] = region
    return {
        "category_uid": 2,
        "class_uid": kind,
        "activity_id": _CREATE,
        "type_uid": kind * 100 + _CREATE,
        "severity_id": _SEVERITIES[level] if level else 0,
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "product": {
                "name": "trailcheck",
                "vendor_name": "trailcheck",
                "version": checker.__version__,
            },
        },
        "cloud": cloud,
    }


@functools.lru_cache(maxsize=4096)
def _of_rule_cached(
    title: str, name: str, id_: str, tags: tuple[str, ...]
) -> dict[str, Any]:
    techniques = filter(None, map(_TECHNIQUE.fullmatch, tags))
    attacks = [
        {"sub_technique" if "." in name else "technique": {"uid": name}}
        for name in (found[1].upper() for found in techniques)
    ]
    return {
        "title": title,
        "analytic": {"type_id": _RULE, "name": name, "uid": id_},
        **({"attacks": attacks} if attacks else {}),
    }


def _of_rule(rule: AnyRule) -> dict[str, Any]:
    return _of_rule_cached(rule.title, rule.name, rule.id, rule.tags)


def _event(finding: Finding) -> dict[str, Any]:
    return {"is_alert": True, "unmapped": _place(finding)}


def _evidence(told: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what is known of an event besides what the rule has observed in it."""
    evidence: dict[str, Any] = {}
    if name := told.get("eventName"):
        evidence["api"] = {"operation": name}
        if source := told.get("eventSource"):
            evidence["api"]["service"] = {"name": source}
    if principal := told.get("principal"):
        evidence["actor"] = {"user": {"uid": principal}}
    if address := told.get("sourceIPAddress"):
        evidence["src_endpoint"] = _endpoint(address)
    if told["id"]:
        evidence["uid"] = told["id"]
    return evidence


@functools.lru_cache(maxsize=4096)
def _endpoint(address: str) -> dict[str, str]:
    """Return where a call came from: an address, or the name of a service of AWS."""
    if len(address) <= _LONGEST:
        try:
            return {"ip": str(ipaddress.ip_address(address))}
        except ValueError:
            pass
    return {"svc_name": address}


def _outcome(finding: Finding, told: Mapping[str, str | None]) -> dict[str, Any]:
    rule = finding.rule
    controls = [
        f"{name} {control}" for name, ids in rule.controls.items() for control in ids
    ]
    resource = {"uid": told["id"] or rule.name, "type": told["type"]}
    if region := told.get("region"):
        resource["region"] = region
    fix: dict[str, Any] = {}
    if isinstance(rule, ConfigurationRule) and rule.remediation:
        fix = {"remediation": {"desc": rule.remediation.text}}
    return {
        "compliance": {
            "control": rule.name,
            "standards": list(rule.controls),
            "requirements": controls,
            "status_id": _STATUSES[finding.status],
            "status_code": finding.status.value,
            "status_detail": message(finding),
        },
        "resources": [resource],
        **fix,
        "unmapped": {
            "evidence": secrets.hide(plain(finding.evidence)),
            **_place(finding),
        },
    }


def _place(finding: Finding) -> dict[str, Any]:
    """Return where the finding is in the input; OCSF has no field for that."""
    location = finding.location
    if location is None:
        return {}
    return {"file": secrets.hide_text(location.uri), "line": location.start_line}


def _requirement(judgement: Judgement, judged: Judged, now: int) -> dict[str, Any]:
    framework, requirement = judgement.framework, judged.requirement
    return {
        **_base(_COMPLIANCE, {}, None),
        "time": now,
        "status_id": _NEW,
        "finding_info": {
            "uid": f"{framework.name}:{requirement.id}",
            "title": requirement.title,
        },
        "compliance": {
            "control": requirement.id,
            "standards": [framework.name],
            "requirements": [requirement.id],
            "status_id": _ANSWERS[judged.answer],
            "status_code": judged.answer.value,
            "status_detail": secrets.hide_text(judged.reason),
        },
    }


def _milliseconds(time: str | None) -> int | None:
    """Return a time in ms since 1970, in UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(time or "")
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
