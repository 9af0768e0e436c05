"""A drafted rule matches its examples and no ordinary event, and passes its cases."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker.authoring import rule_files
from checker.authoring.case_run import run_cases
from checker.authoring.draft import Nature, draft
from checker.authoring.draft.profile import Profile, profiles
from checker.authoring.samples import event as sample
from checker.cases.read import merge_patch
from checker.cli import main
from checker.errors import UsageError

ROOT = Path(__file__).parents[3]
STORIES = ROOT.parent / "shared" / "faults" / "stories"
ATTACKS = sorted(STORIES.glob("[a-z]*.json.gz"))
ORDINARY = sorted(STORIES.glob("0*.json.gz"))


def shared(number: int, who: str, **parameters: Any) -> dict[str, Any]:
    """Return the sharing of an EBS snapshot."""
    base = sample("ec2:ModifySnapshotAttribute")
    patch = {
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "userIdentity": {"arn": f"arn:aws:sts::123456789012:assumed-role/{who}/s"},
        "requestParameters": {"snapshotId": f"snap-{number:08}", **parameters},
    }
    return dict(merge_patch(base, patch))


def added(account: str) -> dict[str, Any]:
    return {"createVolumePermission": {"add": {"items": [{"userId": account}]}}}


EXAMPLES = [shared(n, "Thief", **added("999999999999")) for n in range(4)]
BASELINE = [shared(n, "Backup", **added("444455556666")) for n in range(10, 16)]


def profile(events: list[dict[str, Any]], path: str) -> Profile:
    return next(each for each in profiles(events) if each.path == path)


@pytest.mark.parametrize(
    ("values", "nature"),
    [
        (["a", "a", "a", "a"], Nature.CONSTANT),
        ([True, True, True, True], Nature.CONSTANT),
        (["a", "b", "a", "b"], Nature.ENUMERABLE),
        (["team-one", "team-two", "team-x", "team-y"], Nature.PATTERNED),
        (
            ["one.local", "two.local", "x.local", "y.local"],
            Nature.PATTERNED,
        ),
        (["q", "w", "e", "r"], Nature.VOLATILE),
        (["i-0abc1", "i-0abc2", "i-0abc3", "i-0abc4"], Nature.VOLATILE),
        ([1, 2, 3, 4], Nature.VOLATILE),
        ([1, True, 1, True], Nature.ENUMERABLE),
    ],
)
def test_a_field_is_told_by_its_values(values: list[Any], nature: Nature) -> None:
    events = [{"requestParameters": {"x": value}} for value in values]

    assert profile(events, "requestParameters.x").nature is nature


def test_what_tells_calls_apart_is_volatile_even_if_there_is_one() -> None:
    event = {"eventID": "a", "userAgent": "x", "tlsDetails": {"tlsVersion": "y"}}

    assert {each.nature for each in profiles([event])} == {Nature.VOLATILE}


def test_a_field_that_some_lack_is_no_constant() -> None:
    events: list[dict[str, Any]] = [{"a": {"b": "x"}}, {"a": {}}, {"a": {"b": "x"}}]

    found = profile(events, "a.b")
    assert (found.present, found.nature) == (2, Nature.ENUMERABLE)


def test_of_a_list_that_is_constant_which_all_have() -> None:
    events = [{"a": [{"b": "x"}, {"b": "y"}]}, {"a": [{"b": "z"}, {"b": "x"}]}]

    assert profile(events, "a[].b").values == ("x",)


def test_the_rule_takes_what_was_done_before_who_did_it() -> None:
    made = draft("snapshot_shared", EXAMPLES, BASELINE)

    text = made.files["snapshot_shared.yml"].text
    assert "items[].userId, '999999999999')" in text
    assert "Thief" not in text
    assert made.about_caller == ()
    assert (made.matched, made.examples, made.remaining) == (4, 4, ())


def test_who_did_it_is_taken_where_nothing_else_differs_and_is_told() -> None:
    ordinary = [shared(n, "Backup", **added("999999999999")) for n in range(10, 13)]
    made = draft("snapshot_shared", EXAMPLES, ordinary)

    assert made.remaining == ()
    assert any("Thief" in text for text in made.about_caller)
    assert "level: low" in made.files["snapshot_shared.yml"].text


def test_what_cannot_be_told_apart_is_counted() -> None:
    ordinary = copy.deepcopy(EXAMPLES[:2])
    for number, event in enumerate(ordinary):
        event["eventID"] = f"other-{number}"

    assert len(draft("snapshot_shared", EXAMPLES, ordinary).remaining) == 2


def test_without_a_baseline_what_three_examples_share_is_a_condition() -> None:
    one = draft("snapshot_shared", EXAMPLES[:1], None)
    several = draft("snapshot_shared", EXAMPLES, None)

    assert "999999999999" not in one.files["snapshot_shared.yml"].text
    assert "999999999999" in several.files["snapshot_shared.yml"].text


def test_refused_calls_make_a_rule_about_refused_calls() -> None:
    refused = [{**event, "errorCode": "AccessDenied"} for event in EXAMPLES]
    made = draft("snapshot_share_refused", refused, EXAMPLES)

    assert "one_of(errorCode, ['AccessDenied'])" in str(made.files)
    assert (made.matched, made.remaining) == (4, ())


def test_no_secret_is_shown_or_written() -> None:
    key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    examples = [shared(n, "Thief", secretAccessKey=key) for n in range(4)]
    made = draft("snapshot_shared", examples, None)

    assert key not in str(made.files)
    assert key not in str(made.fields)


def test_several_kinds_of_calls_are_alternatives(tmp_path: Path) -> None:
    user = sample("iam:CreateUser")
    made = draft("things_done", [*EXAMPLES, user], [*BASELINE, user | {"eventID": "x"}])

    rule_files.write(tmp_path, made.files, "")
    assert made.matched == 5
    assert [each.reason for each in run_cases([tmp_path]) if not each.passed] == []


@pytest.mark.parametrize("baseline", [None, BASELINE])
def test_the_cases_pass_and_are_redacted(
    tmp_path: Path, baseline: list[dict[str, Any]] | None
) -> None:
    examples = json.loads(json.dumps(EXAMPLES).replace("123456789012", "210987654321"))
    made = draft("snapshot_shared", examples, baseline)
    rule_files.write(tmp_path, made.files, "")

    assert [each.reason for each in run_cases([tmp_path]) if not each.passed] == []
    assert "210987654321" not in made.files["snapshot_shared.cases.yml"].text


@pytest.mark.parametrize(
    ("name", "events", "message"),
    [
        ("x", [], "no events"),
        ("x", [{"eventName": "A"}], "no eventSource"),
        ("No Name", EXAMPLES, "snake_case"),
    ],
)
def test_what_cannot_be_drafted_is_a_message(
    name: str, events: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        draft(name, events, None)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["draft", *map(str, arguments)])


def test_the_command_reports_fields_and_counts(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps({"Records": EXAMPLES}))
    # The logs of the day hold the examples as well.
    (tmp_path / "day.json").write_text(json.dumps({"Records": EXAMPLES + BASELINE}))

    done = run(
        tmp_path / "bad.json", "--baseline", tmp_path / "day.json", "--dir", tmp_path
    )

    assert done.exit_code == 0, done.output
    assert "matches 4 of 4 examples" in done.output
    assert "matches 0 of 10 events of the baseline" in done.output
    assert (tmp_path / "modify_snapshot_attribute_drafted.yml").is_file()


@pytest.mark.parametrize("text", [None, '{"Records": ['])
def test_examples_that_cannot_be_read_are_named(
    tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "incident.json"
    if text is not None:
        file.write_text(text)

    done = run(file, "--dir", tmp_path)

    assert done.exit_code == 3
    assert str(file) in done.stderr


def test_a_rule_that_is_not_exact_exits_1_and_names_the_event(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(json.dumps({"Records": EXAMPLES}))
    twin = {**EXAMPLES[0], "eventID": "ordinary-one"}
    (tmp_path / "day.json").write_text(json.dumps({"Records": [twin]}))

    done = run(
        tmp_path / "bad.json", "--baseline", tmp_path / "day.json", "--dir", tmp_path
    )

    assert done.exit_code == 1
    assert "ordinary-one" in done.output


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.name[:20])
def test_a_story_of_an_attack_makes_a_rule_that_ordinary_days_do_not_match(
    attack: Path, tmp_path: Path
) -> None:
    examples = json.loads(gzip.decompress(attack.read_bytes()))
    ordinary = [json.loads(gzip.decompress(day.read_bytes())) for day in ORDINARY]
    made = draft(
        "attack_seen",
        records(examples),
        [event for day in ordinary for event in records(day)],
    )

    rule_files.write(tmp_path, made.files, "")
    assert (made.matched, made.remaining) == (made.examples, ())
    assert [each.reason for each in run_cases([tmp_path]) if not each.passed] == []


def records(value: Any) -> list[dict[str, Any]]:
    return list(value["Records"] if isinstance(value, dict) else value)
