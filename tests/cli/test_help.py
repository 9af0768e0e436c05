"""Tests of the help: nothing is cut, and every example is a command that exists."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from checker.cli import main

NAMES = sorted(main.commands)


def helped(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--help"], terminal_width=80)
    assert result.exit_code == 0
    return result.output


def completed(*arguments: str) -> list[str]:
    words = list(arguments)
    shell = ShellComplete(main, {}, "trailcheck", "_TRAILCHECK_COMPLETE")
    return [item.value for item in shell.get_completions(words[:-1], words[-1])]


def test_no_summary_of_a_command_is_cut() -> None:
    assert "..." not in helped().partition("Commands:")[2]
    assert all(f"\n  {name} " in helped() for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_examples_that_it_can_parse(name: str) -> None:
    examples = helped(name).partition("Examples:")[2]
    assert max(map(len, examples.splitlines())) <= 80
    lines = re.findall(r"^ +trailcheck (\S+) ?(.*)$", examples, re.MULTILINE)
    assert lines
    for command, rest in lines:
        assert command == name
        words = shlex.split(rest.partition(" < ")[0])
        with main.commands[name].make_context(name, words) as context:
            assert isinstance(context, click.Context)


def test_names_of_rules_are_completed() -> None:
    for words in (
        ["scan", "--select"],
        ["scan", "--ignore"],
        ["top", "--select"],
        ["show"],
        ["remediate"],
    ):
        found = completed(*words, "root_console_login_w")
        assert found == ["root_console_login_without_mfa"], words


def test_names_of_frameworks_are_completed_in_any_case() -> None:
    assert "CIS-AWS-3.0" in completed("audit", "--framework", "cis")
    assert completed("list", "--framework", "soc") == ["SOC-2"]
