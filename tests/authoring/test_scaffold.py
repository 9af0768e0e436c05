"""Tests of `trailcheck new`: what it writes passes, and it overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import conditions, documents, rules
from checker.authoring import samples, scaffold
from checker.authoring.block_yaml import block
from checker.authoring.case_run import run_cases
from checker.authoring.mutants.measure import run_mutants
from checker.errors import UsageError
from checker.model import DetectionRule

ROOT = Path(__file__).parents[2]
EVENTS = sorted((ROOT / "rules" / "events").glob("*.json"))[::8]
RECORD: dict[str, Any] = {
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "userIdentity": {"type": "IAMUser", "accountId": "987612345678"},
    "requestParameters": {"userName": "zoe.real", "tags": []},
}

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts.filter(lambda key: key != "<<"), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "no", "1", "x y"]), values, min_size=1)
)
def test_block_yaml_is_read_back_as_it_was(value: dict[str, Any]) -> None:
    written = "".join(block(value, 0))
    document = documents.load_yaml("x.yml", written.encode())
    assert document.problems == ()
    assert document.value == value


@pytest.mark.parametrize("kind", scaffold.KINDS)
def test_a_new_rule_passes_at_once(kind: str, tmp_path: Path) -> None:
    written = scaffold.write("bad_thing", kind, tmp_path / "mine")
    assert tmp_path / "mine" / "bad_thing.yml" in written
    results = run_cases([tmp_path])
    assert results
    assert [result.reason for result in results if not result.passed] == []
    assert not any(result.survivors for result in run_mutants([tmp_path]))


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_a_rule_from_a_record_passes_and_pins_the_event(
    path: Path, tmp_path: Path
) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    scaffold.write("bad_thing", "detection", tmp_path, record)
    assert all(result.passed for result in run_cases([tmp_path]))
    assert not any(result.survivors for result in run_mutants([tmp_path]))
    (rule,) = rules.load([tmp_path])
    assert isinstance(rule, DetectionRule)
    text = (tmp_path / "bad_thing.yml").read_text()
    assert f"eventName: {record['eventName']}\n" in text


def test_the_record_is_redacted_and_proposals_hold(tmp_path: Path) -> None:
    scaffold.write("user_created", "detection", tmp_path, RECORD)
    both = "".join(file.read_text() for file in tmp_path.glob("*.yml"))
    assert "zoe.real" not in both
    assert "987612345678" not in both
    rule = (tmp_path / "user_created.yml").read_text()
    assert "# clause_1: userIdentity.type == 'IAMUser'" in rule
    assert "requestParameters.userName == 'Alice'" in rule
    filled = rule.replace("# clause_1", "clause_1").replace(
        "call && succeeded", "call && succeeded && clause_1"
    )
    (tmp_path / "user_created.yml").write_text(filled)
    assert all(result.passed for result in run_cases([tmp_path]))


def modeline(file: Path) -> Path:
    line = file.read_text().splitlines()[0]
    return file.parent / line.removeprefix("# yaml-language-server: $schema=")


def test_the_modeline_resolves_in_a_checkout_and_elsewhere(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "schemas").mkdir(parents=True)
    for kind in ("cases", "detection"):
        (checkout / "schemas" / f"{kind}.json").touch()
    written = scaffold.write("a", "detection", checkout / "rules" / "mine")
    assert len(written) == 2
    schema = modeline(checkout / "rules" / "mine" / "a.yml").resolve()
    assert schema == (checkout / "schemas" / "detection.json").resolve()

    written = scaffold.write("b", "detection", tmp_path / "alone")
    assert tmp_path / "alone" / "schemas" / "cases.json" in written
    for name in ("b.yml", "b.cases.yml"):
        json.loads(modeline(tmp_path / "alone" / name).read_text())
    scaffold.write("c", "configuration", tmp_path / "alone")
    json.loads(modeline(tmp_path / "alone" / "c.yml").read_text())


@pytest.mark.parametrize(
    "name",
    ["ec2:CreateVpc", "kinesis:CreateStream", "s3:PutObject", "signin:ConsoleLogin"],
)
def test_a_rule_from_the_name_of_an_event_passes(name: str, tmp_path: Path) -> None:
    record = samples.event(name)
    scaffold.write("bad_thing", "detection", tmp_path, record)

    assert record["eventName"] == name.partition(":")[2]
    assert all(result.passed for result in run_cases([tmp_path]))
    assert not any(result.survivors for result in run_mutants([tmp_path]))


def test_a_made_up_record_has_what_the_call_requires() -> None:
    record = samples.event("kinesis:PutResourcePolicy")

    assert record["eventSource"] == "kinesis.amazonaws.com"
    assert record["requestParameters"]["resourceARN"].startswith("arn:aws:kinesis:")
    assert record["readOnly"] is False


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ec2:CreatVpc", "did you mean 'CreateVpc'"),
        ("CreateVpc", "such as ec2:CreateVpc"),
        ("lamda:Invoke", "did you mean 'lambda'"),
        ("s3:ListBucket", "has no event 'ListBucket'"),
    ],
)
def test_an_event_that_aws_does_not_record_is_a_message(
    name: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        samples.event(name)


@pytest.mark.parametrize("resource", samples.REQUIREMENTS)
def test_a_rule_for_each_type_of_resource_passes(resource: str, tmp_path: Path) -> None:
    scaffold.write("bad_thing", "configuration", tmp_path, resource=resource)

    assert [each.reason for each in run_cases([tmp_path]) if not each.passed] == []
    assert not any(result.survivors for result in run_mutants([tmp_path]))


def test_every_type_of_the_schema_can_be_started_from() -> None:
    schema = json.loads((ROOT / "schemas" / "configuration.json").read_text())
    types = schema["properties"]["configuration"]["properties"]["resource"]["enum"]

    assert set(samples.REQUIREMENTS) == set(types)


def test_the_cases_hold_the_record_once(tmp_path: Path) -> None:
    scaffold.write("thing", "detection", tmp_path / "one")
    scaffold.write("things", "correlation", tmp_path / "two")

    for file in tmp_path.rglob("*.cases.yml"):
        assert file.read_text().count("eventVersion") == 1, file


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "bad_thing.cases.yml").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        scaffold.write("bad_thing", "detection", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["bad_thing.cases.yml"]


def test_each_rule_gets_its_own_id(tmp_path: Path) -> None:
    for name in ("one", "two"):
        scaffold.write(name, "detection", tmp_path)
    first, second = rules.load([tmp_path])
    assert first.id != second.id


@pytest.mark.parametrize(
    ("name", "record", "message"),
    [
        ("Bad Thing", None, "use snake_case; bad_thing would do"),
        ("../x", None, "use snake_case; x would do"),
        ("VpcCreated", None, "use snake_case; vpc_created would do"),
        ("", None, "use snake_case"),
        ("x", {"eventName": "A"}, "no eventSource"),
        ("x", {"eventSource": ["a"], "eventName": "A"}, "no eventSource"),
        ("x", {**RECORD, "x": float("inf")}, "what JSON does not"),
        ("x", {**RECORD, "x": {f"k{n}": n for n in range(40_000)}}, "too large"),
    ],
)
def test_what_cannot_be_started_from_is_a_message(
    name: str, record: dict[str, Any] | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        scaffold.write(name, "detection", tmp_path, record)
    assert list(tmp_path.iterdir()) == []


def test_a_record_nested_too_deeply_is_a_message(tmp_path: Path) -> None:
    value: Any = "deep"
    for _ in range(70):
        value = {"a": value}
    with pytest.raises(UsageError, match="nested too deeply"):
        scaffold.write("x", "detection", tmp_path, {**RECORD, "x": value})


@given(st.dictionaries(texts, values, max_size=4))
@settings(max_examples=40)
def test_whatever_a_record_holds_the_rule_passes(
    tmp_path_factory: pytest.TempPathFactory, parameters: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("new")
    record = {**RECORD, "requestParameters": parameters}
    scaffold.write("x", "detection", folder, record)
    assert all(result.passed for result in run_cases([folder]))


@pytest.mark.parametrize("code", ["\x1b]0;x\x07", "a\r\n::error::b", "\u202ex", "\x85"])
def test_what_cannot_be_printed_is_escaped_in_the_rule(
    code: str, tmp_path: Path
) -> None:
    record = {"eventSource": "iam.amazonaws.com", "eventName": "X", "errorCode": code}

    written = scaffold.write("mine", "detection", tmp_path, record)

    for path in written:
        text = path.read_text(encoding="utf-8")
        assert all(line.isprintable() for line in text.split("\n"))
        assert not [line for line in text.split("\n") if line.startswith("::")]
    (rule,) = rules.load([tmp_path])
    assert isinstance(rule, DetectionRule)
    assert conditions.closure(rule.detection.condition)(record)
