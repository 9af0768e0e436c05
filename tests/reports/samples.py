"""Make the one synthetic report that the tests of all formats share."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec import structs

from checker.conditions.tree import Literal
from checker.conditions.unknown import Unknown
from checker.correlation_types import CorrelationType
from checker.framework import Answer, Behind, Framework, Judged, Judgement, Requirement
from checker.model import (
    AnyRule,
    Configuration,
    ConfigurationRule,
    Correlation,
    CorrelationRule,
    Detection,
    DetectionRule,
    Finding,
    Level,
    Location,
    Remediation,
    Report,
    Statistics,
    Status,
    Unreadable,
)

GUIDE = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
ROOT = "arn:aws:iam::123456789012:root"
TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/main"
TRUE = Literal(value=True)

ROOT_NO_MFA = DetectionRule(
    path="rules/detections/sign_in/root_console_login_without_mfa.yml",
    line=3,
    title="Root console login without MFA",
    name="root_console_login_without_mfa",
    id="4c0f6e0e-3c9b-4d0c-8b0f-0d1c6d5b6a01",
    level=Level.CRITICAL,
    status="stable",
    description="The root user can do everything, and a password was enough.",
    references=("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html",),
    tags=("attack.initial-access", "attack.t1078.004"),
    falsepositives=("The first sign-in to a new account, before MFA is set up.",),
    detection=Detection({"sign_in": TRUE, "no_mfa": TRUE}, TRUE),
)
TRAIL_STOPPED = DetectionRule(
    path="rules/detections/trail/trail_logging_stopped.yml",
    line=3,
    title="Trail logging stopped",
    name="trail_logging_stopped",
    id="9a4f0b3e-0a39-4f1d-8b1c-34b8f1f1a002",
    level=Level.HIGH,
    status="test",
    references=(f"{GUIDE}cloudtrail-turning-off-logging.html",),
    tags=("attack.defense-evasion", "attack.t1685.002"),
    detection=Detection({"stop": TRUE}, TRUE),
)
POOL_UNAUTHENTICATED = DetectionRule(
    path="rules/detections/cognito/identity_pool_credentials_for_guest.yml",
    line=3,
    title="Guest received credentials from an identity pool",
    name="identity_pool_credentials_for_guest",
    id="0f0e7d0c-1b7a-4d55-9e5b-8d9f6a1b2003",
    level=Level.MEDIUM,
    status="experimental",
    references=(f"{GUIDE}logging-data-events-with-cloudtrail.html",),
    detection=Detection({"get": TRUE}, TRUE),
)
POOL_CREATED = structs.replace(
    POOL_UNAUTHENTICATED,
    path="rules/detections/cognito/identity_pool_opened_to_guests.yml",
    title="Identity pool opened to guests",
    name="identity_pool_opened_to_guests",
    id="aa0e7d0c-1b7a-4d55-9e5b-8d9f6a1b2004",
    level=Level.HIGH,
)
FAILED_SIGN_INS = CorrelationRule(
    path="rules/correlations/failed_console_sign_ins.yml",
    line=3,
    title="Many failed console sign-ins from one address",
    name="failed_console_sign_ins",
    id="b2a7a8f4-6a1d-4b55-a0b6-1c1f0a1b2005",
    level=Level.LOW,
    status="test",
    references=(f"{GUIDE}cloudtrail-event-reference-aws-console-sign-in-events.html",),
    tags=("attack.t1110",),
    correlation=Correlation(
        type=CorrelationType.EVENT_COUNT,
        rules=("console_sign_in_failed",),
        timespan=600,
    ),
)
LOG_VALIDATION = ConfigurationRule(
    path="rules/configurations/trail/log_file_validation_off.yml",
    line=3,
    title="Trail does not validate its log files",
    name="log_file_validation_off",
    id="c7a7a8f4-6a1d-4b55-a0b6-1c1f0a1b2006",
    level=Level.MEDIUM,
    status="stable",
    references=(f"{GUIDE}cloudtrail-log-file-validation-intro.html",),
    description="Without digests nobody can prove that the log files are complete.",
    controls={"CIS-AWS-3.0": ("3.2",), "NIST-800-53-r5": ("SI-7", "AU-9")},
    configuration=Configuration("AWS::CloudTrail::Trail", TRUE),
    remediation=Remediation(
        text="Turn log file validation on. It costs nothing and changes no event.",
        cli="aws cloudtrail update-trail --name main --enable-log-file-validation",
        terraform='resource "aws_cloudtrail" "main" {\n'
        "  enable_log_file_validation = true\n}",
    ),
)
BUCKET_LOGGING = structs.replace(
    LOG_VALIDATION,
    path="rules/configurations/bucket/log_bucket_access_not_logged.yml",
    title="Access to the log bucket is not logged",
    name="log_bucket_access_not_logged",
    id="d7a7a8f4-6a1d-4b55-a0b6-1c1f0a1b2007",
    level=Level.INFORMATIONAL,
    controls={},
    remediation=None,
    configuration=Configuration("AWS::S3::Bucket", TRUE),
)


def event(name: str, time: str, **fields: str | None) -> dict[str, Any]:
    """The subject of a finding on one event."""
    return {
        "type": "event",
        "id": f"{name.lower()}-{time}",
        "eventTime": time,
        "eventSource": "signin.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "accountId": "123456789012",
        "principal": ROOT,
        "sourceIPAddress": "192.0.2.10",
        **fields,
    }


def resource(type_: str, id_: str) -> dict[str, Any]:
    """The subject of a finding on one resource."""
    return {
        "type": type_,
        "id": id_,
        "accountId": "123456789012",
        "region": "us-east-1",
    }


def finding(
    rule: AnyRule,
    subject: dict[str, Any],
    *,
    status: Status = Status.FAIL,
    location: Location | None = None,
    evidence: dict[str, Any] | None = None,
    message: str | None = None,
) -> Finding:
    """A finding with a fingerprint as the evaluator makes it."""
    identity = f"v1\x1f{rule.name}\x1f{subject['id']}"
    return Finding(
        rule=rule,
        status=status,
        subject=subject,
        location=location,
        evidence=evidence or {},
        message=message or f"{rule.title}.",
        reason=None if message else "",
        fingerprint=hashlib.sha256(
            identity.encode("utf-8", "surrogatepass")
        ).hexdigest(),
    )


DETECTED = (
    finding(
        ROOT_NO_MFA,
        event("ConsoleLogin", "2026-11-20T10:11:12Z"),
        location=Location("logs/x.json.gz", 12, 1, 5120, 1260, 5121, 1, 6381),
        evidence={
            "sign_in": True,
            "no_mfa": True,
            "additionalEventData.MFAUsed": "No",
            "userIdentity.type": "Root",
        },
    ),
    finding(
        ROOT_NO_MFA,
        event(
            "ConsoleLogin",
            "2026-11-20T09:00:00Z",
            sourceIPAddress="2001:db8::1",
            awsRegion="eu-west-1",
        ),
        location=Location("logs/x.json.gz", 3, 1, 1000, 1260, 1001, 1, 2261),
        evidence={
            "sign_in": True,
            "no_mfa": True,
            "additionalEventData.MFAUsed": "No",
            "userIdentity.type": "Root",
        },
    ),
    finding(
        TRAIL_STOPPED,
        event(
            "StopLogging",
            "2026-11-20T11:00:00Z",
            eventSource="cloudtrail.amazonaws.com",
            principal="arn:aws:sts::123456789012:assumed-role/admin/alice",
        ),
        location=Location("s3://audit-logs/AWSLogs/a b.json.gz", 0, 2, 40, 900),
        evidence={"stop": True, "requestParameters.name": TRAIL},
        message=f"Trail '{TRAIL}' stopped recording.",
    ),
    finding(
        FAILED_SIGN_INS,
        event("ConsoleLogin", "2026-11-20T12:00:00Z", principal=None),
        location=Location("-", 7, 1, 10, 20),
        evidence={
            "sourceIPAddress": "192.0.2.66",
            "count": 12,
            "events": [
                {
                    "id": f"event-{number}",
                    "location": Location("logs/y.json", number, number + 1),
                }
                for number in range(12)
            ],
        },
        message="12 failed console sign-ins from '192.0.2.66' in 10 minutes.",
    ),
)

AUDITED = (
    finding(
        LOG_VALIDATION,
        resource("AWS::CloudTrail::Trail", TRAIL),
        location=Location("snapshot.json", None, 40),
        evidence={"LogFileValidationEnabled": False},
        message=f"Trail '{TRAIL}' does not validate its log files.",
    ),
    finding(
        LOG_VALIDATION,
        resource("AWS::CloudTrail::Trail", f"{TRAIL}-2"),
        status=Status.PASS,
        location=Location("snapshot.json", None, 80),
        message=f"Trail '{TRAIL}-2' validates its log files.",
    ),
    finding(
        LOG_VALIDATION,
        resource("AWS::CloudTrail::Trail", "shadow"),
        status=Status.UNKNOWN,
        location=Location("snapshot.json", None, 120),
        evidence={"LogFileValidationEnabled": Unknown("trail: denied")},
        message="Trail 'shadow' could not be judged: trail: denied.",
    ),
    finding(
        BUCKET_LOGGING,
        resource("AWS::S3::Bucket", "audit-logs"),
        status=Status.NOT_APPLICABLE,
        location=Location("snapshot.json", None, 160),
        message="Bucket 'audit-logs' belongs to another account.",
    ),
)

NO_POOL_TRAIL = "no trail records AWS::Cognito::IdentityPool data events"
FORESEEN = (
    finding(
        POOL_UNAUTHENTICATED,
        {"type": "rule", "id": POOL_UNAUTHENTICATED.name},
        status=Status.BLIND,
        evidence={"trails": [], "missing": NO_POOL_TRAIL},
        message=f"Blind: {NO_POOL_TRAIL}.",
    ),
    finding(
        POOL_CREATED,
        {"type": "rule", "id": POOL_CREATED.name},
        status=Status.BLIND,
        evidence={"trails": [], "missing": NO_POOL_TRAIL},
        message=f"Blind: {NO_POOL_TRAIL}.",
    ),
    finding(
        TRAIL_STOPPED,
        {"type": "rule", "id": TRAIL_STOPPED.name},
        status=Status.VISIBLE,
        evidence={"trails": [TRAIL], "missing": None},
        message="Visible by trail 'main'.",
    ),
    finding(
        ROOT_NO_MFA,
        {"type": "rule", "id": ROOT_NO_MFA.name},
        status=Status.PARTIAL,
        evidence={
            "trails": [TRAIL],
            "missing": "trail 'main' records only its home Region",
        },
        message="Partial: trail 'main' records only its home Region.",
    ),
)

REPORT = Report(
    findings=FORESEEN + AUDITED + DETECTED,
    statistics=Statistics(
        inputs=6,
        bytes=1_260_000,
        events=1_204,
        duplicates=12,
        digests=2,
        unreadable_inputs=1,
        unreadable_records=1,
        rules=57,
        findings=8,
    ),
    problems=(
        Unreadable("logs/bad.json.gz", None, "not a gzip file"),
        Unreadable("logs/a.json", 7, "not a JSON object"),
    ),
    notes=("Settings were read from snapshot.json, collected on 2026-11-19.",),
)
EMPTY = Report(findings=(), statistics=Statistics(inputs=1, events=12, rules=57))

HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;https://evil.example\x07x"
    "\r\n\t\x00\x7f\x9b31m\u202eevil\u2066\u200b\u2028\ud800\U000e0041"
    " [click](https://evil.example) {0} <b>*_`"
)
"""What an attacker may write into a user agent, a session name or a file's name."""

HARMFUL = (
    "</script><script>alert(1)</script><!-- ]]> &amp; <img src=x onerror=alert(1)>"
    ";=cmd|'/C calc'!A0 |`@octocat` #1 ![x](//evil.example) www.evil.example \\"
)
"""What would do harm in a page, a table, a document or a comment."""

FORMULA = '=HYPERLINK("https://evil.example","x")'
"""What a spreadsheet would run."""


def hostile() -> Report:
    """A report in which an attacker has written every text that one can write."""
    words = HARMFUL + HOSTILE
    shown = finding(
        ROOT_NO_MFA,
        event(
            words,
            words,
            principal=FORMULA,
            sourceIPAddress=words,
            awsRegion="@SUM(1)",
        ),
        location=Location(words, 0),
        evidence={words: words, "userAgent": [words]},
        message=words,
    )
    listed = finding(
        LOG_VALIDATION,
        resource("AWS::CloudTrail::Trail", words),
        location=Location(FORMULA, None, 4),
        evidence={"Name": Unknown(words)},
        message=words,
    )
    return Report(
        findings=(shown, listed),
        statistics=Statistics(inputs=1, findings=2),
        problems=(Unreadable(words, 3, words),),
        notes=(words,),
    )


def judged() -> Report:
    """A report of an audit that was asked about a framework."""
    requirements = tuple(
        Judged(
            Requirement(
                id=f"3.{number}",
                title=f"Requirement | <b>{answer.value}</b>",
                source="guide",
            ),
            answer,
            f"because of {answer.value}",
            (Behind(LOG_VALIDATION.name, {"fail": 1}),),
        )
        for number, answer in enumerate(Answer)
    )
    framework = Framework(
        name="CIS-AWS-3.0",
        title="CIS AWS Foundations 3.0",
        publisher="CIS",
        complete=True,
        sources={"guide": GUIDE},
        requirements=tuple(each.requirement for each in requirements),
    )
    return structs.replace(
        REPORT, findings=AUDITED, frameworks=(Judgement(framework, requirements),)
    )
