"""Rule files become rules, and every mistake of every file is listed."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from checker import conditions, model, resources, rules
from checker.errors import RulesError, UsageError
from checker.model import ConfigurationRule, CorrelationRule, DetectionRule, Level

RULE = """\
title: Root user signed in
name: {name}
id: {id}
status: test
level: high
logsource: {{product: aws, service: cloudtrail}}
detection:
  sign_in:
    eventSource: signin.amazonaws.com
    eventName: [ConsoleLogin, CheckMfa]
  root: userIdentity.type == 'Root'
  condition: sign_in && root
"""
ID = "4c0f6e0e-7a39-4d0c-9f4e-1c1c5b1f0a0{}"


def write(folder: Path, name: str = "root_login", text: str = RULE, n: int = 1) -> Path:
    path = folder / f"{name}.yml"
    path.write_text(
        text.replace("{name}", name)
        .replace("{id}", ID.format(n))
        .replace("{{", "{")
        .replace("}}", "}")
    )
    return path


def mistakes(folder: Path) -> list[tuple[int, int, str]]:
    with pytest.raises(RulesError) as caught:
        rules.load([folder])
    return [(each.line, each.column, each.message) for each in caught.value.problems]


def test_a_rule_is_read_with_its_condition_lowered_into_one_tree(
    tmp_path: Path,
) -> None:
    write(tmp_path)

    (rule,) = rules.load([tmp_path])

    assert isinstance(rule, DetectionRule)
    assert rule.level is Level.HIGH
    assert list(rule.detection.selections) == ["sign_in", "root"]
    assert conditions.required(rule.detection.condition) == {
        ("eventSource",): {"signin.amazonaws.com"},
        ("eventName",): {"ConsoleLogin", "CheckMfa"},
        ("userIdentity", "type"): {"Root"},
    }


def test_ten_mistakes_in_one_rule_are_ten_messages_with_their_places(
    tmp_path: Path,
) -> None:
    (tmp_path / "bad.yml").write_text(
        """\
titel: Misspelt
name: Other-Name
id: 1234
status: stabel
level: severe
date: 21.11.2026
tags: [T1078]
logsource: {product: aws, servce: cloudtrail}
detection:
  eventName: eventName == 'x'
  who: userIdentity.type = 'Root'
  what: {userIdentity.accountId: 123456789012}
  how: startswith(eventName, 'Get')
  condition: who && whot
"""
    )

    found = mistakes(tmp_path)

    by_line: dict[int, str] = {}
    for line, _, message in found:
        by_line[line] = by_line.get(line, "") + message + "; "
    assert "unknown key 'titel' - did you mean 'title'?" in by_line[1]
    assert "'title' is missing" in str(found)
    assert "snake_case" in by_line[2]
    assert "UUID" in by_line[3]
    assert "did you mean 'stable'?" in by_line[4]
    assert "must be one of informational" in by_line[5]
    assert "a date such as" in by_line[6]
    assert "attack.t1078.004" in by_line[7]
    assert "did you mean 'service'?" in by_line[8]
    assert "hides the record's own field" in by_line[10]
    assert "==" in by_line[11]
    assert "write '123456789012'" in by_line[12]
    assert "did you mean starts_with" in by_line[13]
    assert "did you mean 'who" in by_line[14] or "did you mean 'what" in by_line[14]
    assert len(found) >= 13


def test_a_mistake_in_a_condition_is_placed_at_its_character(tmp_path: Path) -> None:
    write(tmp_path, text=RULE.replace("sign_in && root", "sign_in && lowr(root)"))

    assert [(line, column) for line, column, _ in mistakes(tmp_path)] == [(12, 25)]


@pytest.mark.parametrize(
    ("value", "better"),
    [('"Root"', "'Root'"), ('"my-repo"', "'my-repo'"), ('"true"', "`true`")],
)
def test_text_in_double_quotes_is_a_name_and_the_message_says_what_to_write(
    tmp_path: Path, value: str, better: str
) -> None:
    condition = f"sign_in && userIdentity.type == {value}"
    write(tmp_path, text=RULE.replace("sign_in && root", condition))
    ((_, _, message), *_) = mistakes(tmp_path)
    assert message.endswith(better)


def test_a_condition_cut_short_by_a_comment_says_so(tmp_path: Path) -> None:
    write(tmp_path, text=RULE.replace("== 'Root'", "== 'Root # one'"))

    assert "start of a comment" in mistakes(tmp_path)[0][2]


def test_names_and_ids_are_unique(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write(tmp_path / "a")
    write(tmp_path / "b")

    messages = [message for _, _, message in mistakes(tmp_path)]

    assert len(messages) == 2
    assert "the name 'root_login' is taken by" in messages[0]
    assert "the id" in messages[1]


def test_a_rule_has_one_kind(tmp_path: Path) -> None:
    write(tmp_path, text=RULE + "configuration: {}\n")
    write(tmp_path, "second", RULE.replace("detection:", "detecton:"), 2)

    messages = [message for _, _, message in mistakes(tmp_path)]

    assert "not several" in messages[0]
    assert "did you mean 'detection'?" in messages[1]


def test_a_path_without_rules_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rule found"):
        rules.load([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        rules.load([tmp_path / "nowhere"])


def test_a_correlation_names_rules_that_exist(tmp_path: Path) -> None:
    text = """\
title: Many sign-ins of root
name: {name}
id: {id}
status: test
level: high
correlation:
  type: event_count
  rules: [root_login]
  group-by: [sourceIPAddress]
  timespan: 15m
  condition: {gte: 5}
"""
    write(tmp_path)
    write(tmp_path, "many", text, 2)

    _, correlation = sorted(rules.load([tmp_path]), key=lambda rule: -len(rule.name))

    assert isinstance(correlation, CorrelationRule)
    assert correlation.correlation.timespan == 900
    write(tmp_path, "many", text.replace("root_login", "root_logn"), 2)
    assert "did you mean 'root_login'?" in mistakes(tmp_path)[0][2]


def test_a_configuration_rule_asks_for_coverage(tmp_path: Path) -> None:
    text = """\
title: Management events are not recorded
name: {name}
id: {id}
status: test
level: high
configuration:
  resource: AWS::::Account
  condition: "coverage({category: 'Management'}).verdict == 'full'"
"""
    write(tmp_path, "not_recorded", text)

    (rule,) = rules.load([tmp_path])

    assert isinstance(rule, ConfigurationRule)
    assert rule.configuration.resource == "AWS::::Account"


def test_rules_are_chosen_by_name_id_tag_and_level(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "second", RULE.replace("level: high", "level: low"), 2)
    loaded = rules.load([tmp_path])

    def chosen(select: list[str], ignore: list[str]) -> list[str]:
        return [rule.name for rule in rules.choose(loaded, select, ignore)]

    assert chosen(["root_*"], []) == ["root_login"]
    assert chosen([], ["low"]) == ["root_login"]
    assert chosen([ID.format(2)], []) == ["second"]
    with pytest.raises(UsageError, match="did you mean 'second'"):
        chosen(["secnd"], [])


def test_binary_data_is_not_a_rule(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_bytes(bytes(range(256)) * 10)

    assert len(mistakes(tmp_path)) == 1


@pytest.mark.parametrize(
    ("kind", "rule_class", "block_class"),
    [
        ("detection", model.DetectionRule, None),
        ("correlation", model.CorrelationRule, model.Correlation),
        ("configuration", model.ConfigurationRule, model.Configuration),
    ],
)
def test_the_schemas_and_the_structs_name_the_same_fields(
    kind: str,
    rule_class: type[msgspec.Struct],
    block_class: type[msgspec.Struct] | None,
) -> None:
    text = (resources.root() / "schemas" / f"{kind}.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    fields = set(rule_class.__struct_fields__)

    assert set(schema["properties"]) == fields - {"path", "line"}
    if block_class:
        inner = {
            key.replace("-", "_") for key in schema["properties"][kind]["properties"]
        }
        # Sigma's correlations silence their base rules, this project's do not.
        known = set(block_class.__struct_fields__)
        assert inner == known - {"silences"}


def test_a_condition_may_use_a_shared_selection_and_keeps_only_what_it_uses(
    tmp_path: Path,
) -> None:
    (tmp_path / "selections.yml").write_text(
        "quiet: {description: No error., selection: '!errorCode'}\n"
        "loud: {description: An error., selection: errorCode}\n"
    )
    write(tmp_path, text=RULE.replace("sign_in && root", "sign_in && root && quiet"))

    (rule,) = rules.load([tmp_path])

    assert isinstance(rule, DetectionRule)
    assert list(rule.detection.selections) == ["sign_in", "root", "quiet"]


def test_a_selection_may_not_hide_a_shared_one(tmp_path: Path) -> None:
    (tmp_path / "selections.yml").write_text(
        "root: {description: Root., selection: userIdentity.type == 'Root'}\n"
    )
    write(tmp_path)

    assert "shared selection already" in mistakes(tmp_path)[0][2]


def test_a_wrong_shared_selection_is_one_mistake_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "selections.yml").write_text(
        "quiet: {description: No error., selection: errorCode = 'x'}\n"
    )
    write(tmp_path)

    assert [line for line, _, _ in mistakes(tmp_path)] == [1]


def test_a_file_that_was_changed_is_held_against_its_schema_again(
    tmp_path: Path,
) -> None:
    path = write(tmp_path)
    rules.load([tmp_path])
    path.write_text(path.read_text().replace("level: high", "level: hihg"))

    assert "did you mean 'high'?" in mistakes(tmp_path)[0][2]
