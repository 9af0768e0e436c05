"""A change is written so that AWS, Terraform and CloudFormation read the same."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from checker.change import Change, NoChange, Proof, Remedy
from checker.model import Unreadable
from checker.reports import remediation
from checker.sources.settings.iac.cloudformation import template as cloudformation

ARN = "arn:aws:cloudtrail:eu-west-1:123456789012:trail/main"
PROOF = Proof("all of it is covered", "all of it is kept", "nothing else comes")

COGNITO = {
    "Name": "The pool's GetId: it's ${new}",
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::Cognito::IdentityPool"]},
        {"Field": "eventName", "Equals": ["GetId", "UnlinkIdentity"]},
        {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:x:y"]},
    ],
}
MANAGEMENT = {
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["true"]},
    ],
}
BASIC = {
    "ReadWriteType": "WriteOnly",
    "IncludeManagementEvents": True,
    "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::shop/"]}],
    "ExcludeManagementEventSources": ["kms.amazonaws.com"],
}


def change(*selectors: dict[str, Any], **overrides: Any) -> Change:
    values: dict[str, Any] = {
        "trail_arn": ARN,
        "region": "eu-west-1",
        "member": "AdvancedEventSelectors",
        "selectors": selectors,
        "added": selectors[-1:],
        "converted": False,
        "records": ("Cognito data events",),
        "billable": True,
        "billing": ("data events are charged",),
        "also": ("of every Region",),
        "proof": PROOF,
        **overrides,
    }
    return Change(**values)


ADVANCED = change(MANAGEMENT, COGNITO)
OLD = change(BASIC, member="EventSelectors")
BLOCKED = NoChange("main does not log", ("aws cloudtrail start-logging",), "blocked")


def written(remedy: Remedy, form: str) -> str:
    return "".join(remediation.render([remedy], form=form, settings="s.json"))


@pytest.mark.parametrize("one", [ADVANCED, OLD], ids=["advanced", "basic"])
def test_the_input_is_what_put_event_selectors_takes(one: Change) -> None:
    model = botocore.session.get_session().get_service_model("cloudtrail")
    shape = model.operation_model("PutEventSelectors").input_shape
    assert shape is not None
    given = remediation.cli_input(one)

    assert not ParamValidator().validate(given, shape).has_errors()
    assert given == {"TrailName": ARN, one.member: [*one.selectors]}
    wrong = {**given, one.member: [{"FieldSelectors": []}]}
    if one is ADVANCED:
        assert ParamValidator().validate(wrong, shape).has_errors()


def test_a_shell_hands_the_command_line_over_unharmed() -> None:
    words = shlex.split(remediation.command(ADVANCED))

    assert words[:3] == ["aws", "cloudtrail", "put-event-selectors"]
    assert words[3:5] == ["--region", "eu-west-1"]
    assert words[5] == "--cli-input-json"
    assert json.loads(words[6]) == remediation.cli_input(ADVANCED)
    assert "--region" not in remediation.command(change(COGNITO, region=None))


def parsed(text: str) -> Any:
    template = (
        "Resources:\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    Properties:\n"
        "      IsLogging: true\n      S3BucketName: logs\n"
    ) + "".join(f"      {line}\n" for line in text.splitlines())
    document = cloudformation.document("t.yml", template.encode())
    found = cloudformation.read("t.yml", document)
    assert not isinstance(found, Unreadable), found
    return found.snapshot["trails"][0]["event_selectors"]


def present(value: Any) -> Any:
    """Without the members that say nothing."""
    if isinstance(value, dict):
        return {key: present(each) for key, each in value.items() if each}
    return [present(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("one", [ADVANCED, OLD], ids=["advanced", "basic"])
def test_cloudformation_reads_the_same_selectors_back(one: Change) -> None:
    back = parsed(remediation.yaml(one))
    assert present(back[one.member]) == present([*one.selectors])


names = st.text(min_size=1, max_size=20).filter(
    lambda name: (
        all(not "\ud800" <= each <= "\udfff" for each in name)
        # CloudFormation resolves it only when it deploys.
        and "{{resolve:" not in name
    )
)


@given(names)
def test_any_name_comes_back_from_cloudformation_and_json(name: str) -> None:
    one = change({**COGNITO, "Name": name})
    (back,) = parsed(remediation.yaml(one))["AdvancedEventSelectors"]
    assert back["Name"] == name
    words = shlex.split(remediation.command(one))
    assert json.loads(words[-1])["AdvancedEventSelectors"][0]["Name"] == name


_BLOCK = re.compile(r"^( *)(\w+) \{$")
_ARGUMENT = re.compile(r"^ *(\w+) += (.*)$")


def blocks(lines: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Read the blocks of HCL that we write, with the arguments of each."""
    found: list[tuple[str, dict[str, Any]]] = []
    while lines and lines[0].strip() != "}":
        line = lines.pop(0)
        if not line.strip():
            continue
        head = _BLOCK.match(line)
        assert head, line
        body: dict[str, Any] = {}
        while not _BLOCK.match(lines[0]) and lines[0].strip() != "}":
            argument = _ARGUMENT.match(lines.pop(0))
            if argument:
                body[argument[1]] = json.loads(argument[2])
        body["blocks"] = blocks(lines)
        assert lines.pop(0) == f"{head[1]}}}"
        found.append((head[2], body))
    return found


def test_terraform_has_a_block_for_each_selector_and_field() -> None:
    management, cognito = blocks(remediation.hcl(ADVANCED).splitlines())

    assert management == (
        "advanced_event_selector",
        {
            "blocks": [
                (
                    "field_selector",
                    {"field": "eventCategory", "equals": ["Management"], "blocks": []},
                ),
                (
                    "field_selector",
                    {"field": "readOnly", "equals": ["true"], "blocks": []},
                ),
            ]
        },
    )
    assert cognito[1]["name"] == "The pool's GetId: it's $${new}"
    assert [each["field"] for _, each in cognito[1]["blocks"]] == [
        "eventCategory",
        "resources.type",
        "eventName",
        "resources.ARN",
    ]
    assert cognito[1]["blocks"][-1][1]["not_starts_with"] == ["arn:aws:x:y"]


def test_terraform_writes_basic_selectors_in_their_own_words() -> None:
    (one,) = blocks(remediation.hcl(OLD).splitlines())
    assert one == (
        "event_selector",
        {
            "read_write_type": "WriteOnly",
            "include_management_events": True,
            "exclude_management_event_sources": ["kms.amazonaws.com"],
            "blocks": [
                (
                    "data_resource",
                    {
                        "type": "AWS::S3::Object",
                        "values": ["arn:aws:s3:::shop/"],
                        "blocks": [],
                    },
                )
            ],
        },
    )


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform here")
@pytest.mark.parametrize("one", [ADVANCED, OLD], ids=["advanced", "basic"])
def test_terraform_itself_would_not_format_it_otherwise(one: Change) -> None:
    text = remediation.hcl(one) + "\n"
    done = subprocess.run(
        ["terraform", "fmt", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == text


def test_people_are_told_what_it_fixes_records_costs_and_proves() -> None:
    text = written(Remedy(("rule_a", "rule_b"), ADVANCED), "text")

    for words in (
        "s.json",
        ARN,
        "fixes    rule_a, rule_b",
        "records  Cognito data events",
        "costs    data events are charged",
        "also     of every Region",
        "proved   all of it is covered",
        "all of it is kept",
        "nothing else comes",
        "aws cloudtrail put-event-selectors",
    ):
        assert words in text
    free = change(MANAGEMENT, billable=False, billing=())
    assert "costs    nothing more" in written(Remedy(("r",), free), "text")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("blocked", "No change of event selectors helps"),
        ("unknown", "cannot be told"),
        ("covered", "Nothing is missing"),
    ],
)
def test_without_a_change_the_reason_and_what_to_do_are_told(
    outcome: Any, words: str
) -> None:
    answer = NoChange(BLOCKED.reason, BLOCKED.commands, outcome)
    text = written(Remedy(("rule_a",), answer), "text")
    assert words in text
    assert "why      main does not log" in text
    assert "\naws cloudtrail start-logging\n" in text


def test_of_many_rules_the_first_are_named() -> None:
    remedy = Remedy(tuple(f"rule_{number}" for number in range(50)), ADVANCED)
    assert "rule_11 and 38 more rules" in " ".join(written(remedy, "text").split())
    (one,) = remediation.document([remedy])["remedies"]
    assert len(one["rules"]) == 50


@pytest.mark.parametrize("width", [80, 120])
def test_the_text_is_as_wide_as_the_terminal(width: int) -> None:
    rules = tuple(f"rule_with_a_long_name_{number}" for number in range(50))
    commands = (
        "aws cloudtrail put-insight-selectors --trail-name NAME --insight-selectors X",
    )
    remedies = [
        Remedy(rules, change(MANAGEMENT, billing=("data events are charged " * 9,))),
        Remedy(rules, NoChange("main does not log " * 9, commands, "blocked")),
    ]
    text = "".join(remediation.render(remedies, settings="s.json", width=width))
    assert max(map(len, text.splitlines())) <= width
    assert any(len(line) > width - 24 for line in text.splitlines())


def test_nothing_to_mend_is_said_so() -> None:
    assert "Nothing is missing" in "".join(remediation.render([]))


@pytest.mark.parametrize("form", ["cli", "terraform", "cloudformation"])
def test_what_is_no_code_stands_in_comments(form: str) -> None:
    text = written(Remedy(("rule_a",), ADVANCED), form)
    assert "# fixes rule_a\n" in text
    assert "# data events are charged\n" in text
    blocked = written(Remedy(("rule_a",), BLOCKED), form)
    assert all(line.startswith("#") for line in blocked.splitlines() if line)


def test_json_holds_the_change_its_input_and_its_proof() -> None:
    remedies = [Remedy(("rule_a",), ADVANCED), Remedy(("rule_b",), BLOCKED)]
    value = json.loads("".join(remediation.render(remedies, form="json", settings="s")))

    first, second = value["remedies"]
    assert value["version"] == 1
    assert first["rules"] == ["rule_a"]
    assert first["change"]["input"] == remediation.cli_input(ADVANCED)
    assert first["change"]["proof"]["kept"] == "all of it is kept"
    assert second["change"] is None
    assert second["reason"] == "main does not log"
    assert second["commands"] == ["aws cloudtrail start-logging"]


HOSTILE = "a\x1b[31m\x9b1m\nrm -rf x\n::error::y ##vso[z] ##[error]\u202e"


@pytest.mark.parametrize("form", remediation.FORMS)
def test_a_hostile_name_leaves_no_line_and_no_comment(form: str) -> None:
    selector = {"Name": HOSTILE, "FieldSelectors": COGNITO["FieldSelectors"]}
    refused = NoChange(HOSTILE, (f"aws x --name '{HOSTILE}'",), "unknown")
    remedies = [
        Remedy(("some_rule",), change(selector, trail_arn=HOSTILE, region=HOSTILE)),
        Remedy(("some_rule",), refused),
    ]

    told = "".join(remediation.render(remedies, form=form, settings=HOSTILE))

    assert all(line.isprintable() for line in told.split("\n"))
    assert not re.search(r"^\s*(::|rm )|##(\[|vso\[)", told, re.MULTILINE)
