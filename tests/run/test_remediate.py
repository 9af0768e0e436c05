"""The rules that are blind or fail are fixed by one change for each trail."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from checker import rules
from checker.change import Change, NoChange, Remedy
from checker.cli import main
from checker.errors import UsageError
from checker.evaluate.remediation import remedy
from checker.model import Unreadable
from checker.run.remediate import Remediation
from checker.run.remediate import remediate as run_remediate

ROOT = Path(__file__).parent.parent.parent
SETTINGS: dict[str, Any] = json.loads(
    (ROOT / "rules/settings/one_multi_region_trail.json").read_text()
)
COGNITO = SETTINGS["trails"][0]["event_selectors"]["AdvancedEventSelectors"][1]
POOL_RULE = "identity_pool_data_events_not_recorded"
OBTAINED = "cognito_identity_obtained"
ROOT_LOGIN = "root_console_login_without_mfa"
NO_MANAGEMENT = "trail_data_selector_without_management_selector"


def settings(path: Path, *selectors: Any, **changes: Any) -> str:
    trail = {
        **SETTINGS["trails"][0],
        "event_selectors": {
            "EventSelectors": [],
            "AdvancedEventSelectors": [*selectors],
        },
        **changes,
    }
    found = path / "settings.json"
    found.write_text(json.dumps({**SETTINGS, "trails": [trail]}))
    return str(found)


def remediated(where: str, *names: str) -> Remediation:
    found = run_remediate(rules.load(()), (), [where], names)
    assert isinstance(found, Remediation)
    return found


def changes(where: str) -> list[Remedy]:
    """What a change of selectors fixes, of the whole pack."""
    found = remediated(where).remedies
    return [each for each in found if isinstance(each.answer, Change)]


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["remediate", *arguments])


def test_rules_that_the_settings_fulfil_need_no_change() -> None:
    found = remediated(str(ROOT / "rules/settings/one_multi_region_trail.json"))
    named = {name for each in found.remedies for name in each.rules}
    assert not named & {POOL_RULE, OBTAINED, NO_MANAGEMENT, ROOT_LOGIN}
    assert not found.unknown


def test_a_trail_without_management_events_gets_them_back_for_every_rule_at_once(
    tmp_path: Path,
) -> None:
    where = settings(tmp_path, COGNITO)
    (remedy,) = changes(where)

    assert isinstance(remedy.answer, Change)
    assert NO_MANAGEMENT in remedy.rules
    assert ROOT_LOGIN in remedy.rules
    assert len(remedy.rules) > 30
    assert remedy.answer.selectors[0] == COGNITO
    fields = [each["FieldSelectors"] for each in remedy.answer.selectors]
    assert [{"Field": "eventCategory", "Equals": ["Management"]}] in fields


def test_after_the_change_the_rules_that_it_fixes_are_quiet(tmp_path: Path) -> None:
    (remedy,) = changes(settings(tmp_path))
    assert isinstance(remedy.answer, Change)
    after = settings(tmp_path, *remedy.answer.selectors)
    assert changes(after) == []
    assert {POOL_RULE, OBTAINED} <= {*remedy.rules}


def test_what_several_rules_need_of_a_trail_is_one_change(tmp_path: Path) -> None:
    where = settings(tmp_path)
    found = remediated(where, OBTAINED, "cognito_identity_unlinked", POOL_RULE)
    (remedy,) = found.remedies

    assert {*remedy.rules} == {OBTAINED, "cognito_identity_unlinked", POOL_RULE}
    assert isinstance(remedy.answer, Change)
    alone = remediated(where, OBTAINED).remedies[0].answer
    assert isinstance(alone, Change)
    assert alone.records == ("AWS::Cognito::IdentityPool data events: GetId",)


def test_a_rule_that_no_selector_fixes_says_so_when_it_is_named(
    tmp_path: Path,
) -> None:
    where = settings(tmp_path, COGNITO, LogFileValidationEnabled=False)
    (remedy,) = remediated(where, "trail_log_file_validation_disabled").remedies
    assert isinstance(remedy.answer, NoChange)
    assert "another reason" in remedy.answer.reason


def test_a_name_that_no_rule_has_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no_such_rule"):
        remediated(settings(tmp_path), "no_such_rule")


def test_settings_that_cannot_be_read_are_a_value() -> None:
    found = run_remediate([], (), ["nowhere.json"])
    assert isinstance(found, Unreadable)


def test_a_denied_answer_exits_with_three(tmp_path: Path) -> None:
    state = {**SETTINGS["trails"][0]["_state"], "event_selectors": "denied"}
    where = settings(tmp_path, _state=state, event_selectors=None)
    result = command("--settings", where, OBTAINED)
    assert result.exit_code == 3
    assert "get-event-selectors" in result.stdout
    assert "denied" in result.stdout


@pytest.mark.parametrize("form", ["text", "cli", "terraform", "cloudformation", "json"])
def test_each_form_is_written(form: str, tmp_path: Path) -> None:
    result = command("--settings", settings(tmp_path), OBTAINED, "--format", form)
    assert result.exit_code == 0
    assert "AWS::Cognito::IdentityPool" in result.stdout


def test_the_command_that_is_printed_can_be_run(tmp_path: Path) -> None:
    where = settings(tmp_path, COGNITO)
    text = command("--settings", where, NO_MANAGEMENT, "-f", "cli").stdout
    words = shlex.split(text, comments=True)
    assert words[2] == "put-event-selectors"
    assert json.loads(words[-1])["AdvancedEventSelectors"][0] == COGNITO


def test_usage_mistakes_exit_with_two_and_lost_files_with_three(tmp_path: Path) -> None:
    assert command().exit_code == 2
    assert command("--settings", settings(tmp_path), "no_such_rule").exit_code == 2
    assert command("--settings", str(tmp_path / "lost.json")).exit_code == 3


def test_needs_that_rules_share_are_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def counting(base: Any, needs: Any, **others: Any) -> Any:
        asked.append((*needs, *others.values()))
        return remedy(base, needs, **others)

    module = sys.modules["checker.run.remediate"]
    monkeypatch.setattr(module, "remedy", counting)
    where = settings(tmp_path, status={"IsLogging": False})
    names = [
        ROOT_LOGIN,
        "iam_user_console_login_with_mfa",
        "iam_user_console_login_without_mfa",
    ]

    found = remediated(where, *names).remedies

    assert sorted(name for each in found for name in each.rules) == sorted(names)
    assert 0 < len(asked) == len(set(asked)) < len(names)
