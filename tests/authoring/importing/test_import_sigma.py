"""Sigma's rules become rules of this project that find the same events.

What can never fire on CloudTrail is reported with its reason, and not written.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker import documents, rules
from checker.authoring import lint
from checker.authoring.case_run import run_cases
from checker.cli import main
from checker.evaluate.detection.detector import holds
from checker.model import CorrelationRule, DetectionRule, Level

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "sigma"
RULE = """
    title: Trail changed
    id: 0d4a1b52-8c43-9f6b-1f8e-2f4c7c6f0a01
    related: [{id: 0d4a1b52-8c43-9f6b-1f8e-2f4c7c6f0a02, type: similar}]
    status: test
    description: |
      Two lines:
      of prose.
    author: Jane Doe
    date: 2026/01/02
    references: ["https://example.com/?a=1#b", Some book]
    tags: [attack.t1562.008]
    logsource: {product: aws, service: cloudtrail}
    detection:
      selection: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
      condition: selection
    level: high
    license: DRL-1.1
"""
ROUTE_53 = "route53.amazonaws.com"
SELECTION = "{eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}"


def run(folder: Path, target: Path, *options: str) -> Result:
    """Run the command."""
    arguments = ["import", "sigma", str(folder), "--to", str(target), *options]
    return CliRunner().invoke(main, arguments)


def imported(
    tmp_path: Path, text: str, *options: str
) -> tuple[list[Any], dict[str, Any]]:
    """Import a rule; its report, and the rules that were written, by name."""
    source, target = tmp_path / "sigma", tmp_path / "ours"
    source.mkdir()
    (source / "trail_changed.yml").write_text(textwrap.dedent(text), encoding="utf-8")
    result = run(source, target, "-f", "json", *options)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)["rules"]
    if not any(target.glob("*.yml")):
        return report, {}
    assert [r.reason for r in run_cases([target]) if not r.passed] == []
    return report, {rule.name: rule for rule in rules.load([target])}


def changed(selection: str, condition: str = "selection") -> str:
    """Return the rule with another selection."""
    return RULE.replace(SELECTION, selection).replace(
        "condition: selection", f"condition: {condition}"
    )


def test_a_rule_keeps_its_id_author_licence_and_references(tmp_path: Path) -> None:
    (report,), written = imported(tmp_path, RULE)
    assert report["outcome"] == "imported"
    rule = written["trail_changed"]
    assert rule.id == "0d4a1b52-8c43-9f6b-1f8e-2f4c7c6f0a01"
    assert [(each.id[-2:], each.type) for each in rule.related] == [
        ("01", "derived"),
        ("02", "similar"),
    ]
    assert (rule.author, rule.license) == ("Jane Doe", "DRL-1.1")
    assert rule.date == "2026-01-02"
    assert rule.references == ("https://example.com/?a=1#b",)
    assert rule.description == "Two lines:\nof prose.\n\nReferences: Some book"
    assert rule.level is Level.HIGH
    text = (tmp_path / "ours/trail_changed.yml").read_text()
    assert "eventName: StopLogging\n" in text


def test_a_rule_that_names_no_licence_gets_the_one_given(tmp_path: Path) -> None:
    text = RULE.replace("    license: DRL-1.1\n", "")
    _, written = imported(tmp_path, text, "--license", "DRL-1.1")
    assert written["trail_changed"].license == "DRL-1.1"


EVENT = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"}


@pytest.mark.parametrize(
    ("selection", "event"),
    [
        ("{eventName: stoplogging}", {}),
        ("{userAgent|contains: CLI}", {"userAgent": "aws-cli/2"}),
        ("{userAgent|contains|all: [CLI, '2']}", {"userAgent": "aws-cli/2"}),
        ("{userAgent|startswith: [Aws, Boto]}", {"userAgent": "boto3"}),
        ("{userAgent: 'a*2'}", {"userAgent": "AWS-CLI/2"}),
        ("{userAgent|re|i: '^AWS'}", {"userAgent": "aws-cli"}),
        ("{sourceIPAddress|cidr: 192.0.2.0/24}", {"sourceIPAddress": "192.0.2.1"}),
        ("{userIdentity.userName: Alice}", {"userIdentity": {"userName": "alice"}}),
        ("{errorCode|exists: true}", {"errorCode": "AccessDenied"}),
        ("{errorCode: null}", {}),
        ("{readOnly: 'False'}", {"readOnly": False}),
        ("{requestParameters.name: main}", {"requestParameters": {"name": "MAIN"}}),
        ("[evil]", {"requestParameters": {"name": "Evil"}}),
        (
            "{userIdentity.arn|fieldref: requestParameters.name}",
            {"userIdentity": {"arn": "a"}, "requestParameters": {"name": "A"}},
        ),
        ("{eventTime|hour: 3}", {"eventTime": "2026-01-02T03:04:05Z"}),
        ("{resources.ARN|endswith: X}", {"resources": [{"ARN": "a:b"}, {"ARN": "x"}]}),
    ],
)
def test_what_is_written_finds_the_same_events(
    tmp_path: Path, selection: str, event: dict[str, Any]
) -> None:
    block = f"{SELECTION}\n      more: {selection}"
    _, written = imported(tmp_path, changed(block, "selection and more"))
    (original,) = rules.load([tmp_path / "sigma"])
    assert isinstance(original, DetectionRule)
    ours = written["trail_changed"]
    assert holds(original, {**EVENT, **event})
    assert holds(ours, {**EVENT, **event})
    other = {"errorCode": "Other"} if "errorCode: null" in selection else {}
    name = {"eventName": "DeleteTrail"} if selection.startswith("{eventName") else {}
    assert not holds(original, {**EVENT, **other, **name})
    assert not holds(ours, {**EVENT, **other, **name})


@pytest.mark.parametrize(
    ("selection", "check"),
    [
        (
            f"{{eventSource: {ROUTE_53}, eventName: DisableDomainTransferLock}}",
            "event-not-in-service",
        ),
        (
            "{eventSource: s3.amazonaws.com, eventName: PutEncryptionConfiguration}",
            "iam-action-not-event",
        ),
        ("{eventName: StopLogging, status: success}", "unknown-field"),
        ("{eventName: StopLogging, eventSource: cloudtrial}", "event-source-unknown"),
        (
            "{eventName: StopLogging, requestParameters|contains: x}",
            "object-used-as-string",
        ),
        ("{eventName: StopLogging, errorCode: Success}", "impossible-value"),
    ],
)
def test_what_can_never_fire_is_reported_and_not_written(
    tmp_path: Path, selection: str, check: str
) -> None:
    (report,), written = imported(tmp_path, changed(selection))
    assert report["outcome"] == "never"
    assert check in [reason["check"] for reason in report["reasons"]]
    assert all(reason["line"] == 15 for reason in report["reasons"])
    assert (report["written"], written) == (None, {})


def test_dead_parts_are_left_out_or_written_as_aws_records_them(
    tmp_path: Path,
) -> None:
    text = changed(
        "{eventSource: s3.amazonaws.com, eventName: "
        "[PutEncryptionConfiguration, PutBucketLogging, PutNothingAtAll]}\n"
        "      ok_success: {errorCode: Success}\n      ok_null: {errorCode: null}\n"
        "      out: {requestParameters|contains: x}",
        "selection and 1 of ok_* and not out",
    )
    (report,), written = imported(tmp_path, text)
    assert report["outcome"] == "mended"
    assert [change.split(":")[0] for change in report["changes"]] == [
        "eventName PutEncryptionConfiguration written as PutBucketEncryption",
        "eventName PutNothingAtAll left out",
        "errorCode Success left out",
        "requestParameters left out",
    ]
    rule = written["trail_changed"]
    assert list(rule.detection.selections) == ["selection", "ok_null"]
    event = {"eventSource": "s3.amazonaws.com", "eventName": "PutBucketEncryption"}
    assert holds(rule, event)
    assert not holds(rule, {**event, "errorCode": "AccessDenied"})


def test_what_is_spelled_in_another_case_is_written_as_aws_spells_it(
    tmp_path: Path,
) -> None:
    text = changed("{eventSource: IAM.amazonaws.com, eventName: createuser}")
    (report,), written = imported(tmp_path, text)
    assert report["outcome"] == "mended"
    event = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
    assert holds(written["trail_changed"], event)


def test_a_flag_written_as_text_is_compared_as_a_flag(tmp_path: Path) -> None:
    text = changed(
        "{eventSource: guardduty.amazonaws.com, eventName: UpdateDetector, "
        "requestParameters.enable: 'false'}"
    )
    (report,), _ = imported(tmp_path, text)
    assert "compared as a truth value" in report["changes"][0]
    assert (
        "requestParameters.enable: false\n"
        in (tmp_path / "ours/trail_changed.yml").read_text()
    )


CORRELATION = """
    title: Many changes
    id: 0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0b01
    correlation:
      type: event_count
      rules: [Trail changed]
      group-by: [sourceIPAddress]
      timespan: 90m
      condition: {gte: 3}
"""


def test_a_correlation_comes_with_its_rule_which_is_silent(tmp_path: Path) -> None:
    report, written = imported(tmp_path, f"{CORRELATION}\n---\n{RULE}")
    assert [each["outcome"] for each in report] == ["mended", "imported"]
    many, base = written["many_changes"], written["trail_changed"]
    assert isinstance(many, CorrelationRule)
    assert many.correlation.rules == ("trail_changed",)
    assert many.correlation.timespan == 5400
    assert base.level is Level.INFORMATIONAL
    assert (tmp_path / "ours/many_changes.cases.yml").exists()


def test_a_correlation_over_what_never_fires_never_fires(tmp_path: Path) -> None:
    dead = changed("{eventName: StopLogging, status: success}")
    report, written = imported(tmp_path, f"{CORRELATION}\n---\n{dead}")
    assert [each["outcome"] for each in report] == ["never", "never"]
    assert written == {}


def test_selections_get_names_that_the_dialect_takes(tmp_path: Path) -> None:
    text = changed(SELECTION, "'selection and not Filter-Main and not resources'")
    text = text.replace(
        "      condition:",
        "      Filter-Main: {awsRegion: eu-west-1}\n"
        "      resources: {awsRegion: eu-west-2}\n      condition:",
    )
    _, written = imported(tmp_path, text)
    names = list(written["trail_changed"].detection.selections)
    assert names == ["selection", "filter_main", "resources_"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    imported(tmp_path, RULE)
    result = run(tmp_path / "sigma", tmp_path / "ours")
    assert result.exit_code == 2
    assert "is there already" in result.stderr


def test_what_does_not_load_stops_the_import_unless_allowed(tmp_path: Path) -> None:
    source = tmp_path / "sigma"
    source.mkdir()
    (source / "good.yml").write_text(textwrap.dedent(RULE))
    bad = RULE.replace("0a01", "0a09").replace("level: high", "level: urgent")
    (source / "bad.yml").write_text(textwrap.dedent(bad))
    result = run(source, tmp_path / "ours")
    assert result.exit_code == 2
    assert "bad.yml:17" in result.stderr.replace(" ", "")
    assert not (tmp_path / "ours").exists()
    result = run(source, tmp_path / "ours", "--allow-partial")
    assert result.exit_code == 0
    assert "imported  good" in result.stdout


def test_a_correlation_over_a_rule_that_is_not_there_does_not_load(
    tmp_path: Path,
) -> None:
    source = tmp_path / "sigma"
    source.mkdir()
    texts = CORRELATION.replace("Trail changed", "Other"), RULE
    text = "\n---\n".join(map(textwrap.dedent, texts))
    (source / "rules.yml").write_text(text)
    result = run(source, tmp_path / "ours")
    assert result.exit_code == 2
    assert "needs the rule 'Other'" in result.stderr
    result = run(source, tmp_path / "ours", "--allow-partial")
    assert result.exit_code == 0
    assert "1 imported" in result.stdout
    assert rules.load([tmp_path / "ours"])


def test_a_rule_that_may_be_of_either_dialect_is_sigmas(tmp_path: Path) -> None:
    text = changed("{eventName: stoplogging}")
    (tmp_path / "sigma").mkdir()
    (tmp_path / "sigma" / "stop_logging.yml").write_text(
        textwrap.dedent(text) + "name: stop_logging\n"
    )
    result = run(tmp_path / "sigma", tmp_path / "ours")
    assert result.exit_code == 0, result.stderr
    written = (tmp_path / "ours" / "stop_logging.yml").read_text()
    assert "eventName: StopLogging" in written


def test_lint_judges_sigma_rules_at_their_keys(tmp_path: Path) -> None:
    text = changed("\n        - {eventName: StopLogging}\n        - status: success")
    file = tmp_path / "one.yml"
    file.write_text(textwrap.dedent(text))
    (problem,) = lint.lint([tmp_path])
    assert (problem.check, problem.line, problem.column) == ("unknown-field", 17, 7)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_rules_of_sigmahq_come_out_as_measured(tmp_path: Path) -> None:
    result = run(CORPUS / "sigmahq", tmp_path / "ours", "-f", "json")
    report = json.loads(result.stdout)["rules"]
    assert len(report) == 57
    assert {each["name"] for each in report if each["outcome"] == "never"} == {
        "aws_delete_saml_provider",
        "aws_disable_bucket_versioning",
        "aws_iam_s3browser_templated_s3_bucket_policy_creation",
        "aws_route_53_domain_transferred_lock_disabled",
        "aws_route_53_domain_transferred_to_another_account",
    }
    results = run_cases([tmp_path / "ours"])
    assert len({each.rule for each in results}) == 52
    assert all(each.passed for each in results)
    file = tmp_path / "ours/aws_enum_buckets.yml"
    assert (
        documents.check(documents.load_yaml(file.name, file.read_bytes()), "detection")
        == []
    )


def test_convert_writes_sigmas_rules_for_other_systems(tmp_path: Path) -> None:
    text = changed(f"{SELECTION}\n      out: {{errorCode|exists: true}}", "selection")
    (tmp_path / "one.yml").write_text(textwrap.dedent(text))
    arguments = ["convert", "one", "--rules", str(tmp_path), "--to", "eventbridge"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["detail"] == {
        "eventSource": ["cloudtrail.amazonaws.com"],
        "eventName": ["StopLogging"],
    }
