"""The template that deploys the function: least permissions, by our own rules."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from checker.arrival import handler, prepare
from checker.model import Status
from checker.rules import load
from checker.run.audit import audit

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "deploy" / "lambda" / "template.yaml"


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as {name: value}."""


def _short(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {suffix: loader.construct_sequence(node, deep=True)}


yaml.add_multi_constructor("!", _short, Loader=_Loader)
DOCUMENT = yaml.load(TEMPLATE.read_text("utf-8"), Loader=_Loader)


def statements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "Effect" in value and "Action" in value:
            yield value
        for each in value.values():
            yield from statements(each)
    elif isinstance(value, list):
        for each in value:
            yield from statements(each)


def identity_statements() -> list[dict[str, Any]]:
    kinds = ("AWS::IAM::Role", "AWS::IAM::Policy")
    of = [r["Properties"] for r in DOCUMENT["Resources"].values() if r["Type"] in kinds]
    return [each for each in statements(of) if "Principal" not in each]


def test_no_rule_of_ours_fails_on_it() -> None:
    found = audit(load(), [str(TEMPLATE)])

    failed = [f.rule.name for f in found.findings if f.status is Status.FAIL]
    assert failed == []
    assert found.problems == ()


def test_the_function_may_do_this_and_nothing_else() -> None:
    actions = {
        action
        for each in identity_statements()
        for action in (
            [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        )
    }

    assert sorted(actions) == [
        "events:PutEvents",
        "kms:Decrypt",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:PutObject",
        "sns:Publish",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ]


def test_each_permission_names_its_resource() -> None:
    for each in identity_statements():
        assert each["Effect"] == "Allow"
        assert each["Resource"] != "*"
        assert "*" not in json.dumps(each["Action"])


def test_what_can_be_sent_to_the_queue_comes_from_the_bucket() -> None:
    policy = DOCUMENT["Resources"]["ArrivalsPolicy"]["Properties"]["PolicyDocument"]
    allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]

    assert [each["Principal"] for each in allowed] == [{"Service": "s3.amazonaws.com"}]
    assert {"StringEquals", "ArnEquals"} == allowed[0]["Condition"].keys()


def test_only_failed_messages_come_again_and_at_last_an_alarm_tells() -> None:
    resources = DOCUMENT["Resources"]
    event = resources["Function"]["Properties"]["Events"]["Arrivals"]["Properties"]
    queue = resources["Arrivals"]["Properties"]

    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"GetAtt": "Failed.Arn"}
    assert queue["VisibilityTimeout"] >= (
        6 * resources["Function"]["Properties"]["Timeout"]
    )


def test_the_template_names_the_handler_and_its_settings() -> None:
    about = DOCUMENT["Resources"]["Function"]["Properties"]

    assert about["Handler"] == f"{handler.__name__}.handle"
    for name in about["Environment"]["Variables"]:
        assert name in str(handler.__doc__)


def test_rules_are_kept_as_they_were_built(tmp_path: Path) -> None:
    file = prepare.write(tmp_path)

    assert prepare.read(file) == load()
    data = file.read_bytes()
    for damaged in (data[:-1], b"", data[:40] + b"x" + data[41:]):
        file.write_bytes(damaged)
        assert prepare.read(file) is None
    assert prepare.read(tmp_path / "missing") is None


def test_the_handler_loads_only_what_it_needs() -> None:
    slow = {"boto3", "botocore", "yaml", "jsonschema", "rich", "click"}
    code = "import sys, checker.arrival.handler; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()

    assert slow.isdisjoint(loaded)
