"""What a command writes moves no cursor, and is no command of a CI runner."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import sys
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner

from checker import cli
from checker.cli import main
from checker.cli.messages import tell

HOSTILE = [
    "\x1b]0;pwn\x07",
    "\x1b[31mred",
    "\x9b31m",
    "a\u202eb",
    "a\u2066b",
    "a\u200bb",
    "a\r\nb",
    "a\n::error::b",
    "::stop-commands::x",
    "  ::error::x",
    "##[error]x",
    "##vso[task.complete]x",
]
RULE = """\
title: {0}
name: a
id: 11111111-2222-4333-8444-000000000001
status: experimental
level: high
logsource: {{product: aws, service: cloudtrail}}
detection: {{condition: eventName}}
description: {0}
falsepositives: [{0}]
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_choices_of_a_missing_argument_are_on_its_line() -> None:
    done = CliRunner().invoke(main, ["schema"])
    assert "Missing argument 'KIND'. Choose from: detection, " in done.stderr


@pytest.mark.parametrize("words", [[], ["import"]])
def test_a_command_that_needs_another_shows_its_help(words: list[str]) -> None:
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert done.stderr.startswith("Usage: ")
    assert "\nCommands:\n" in done.stderr
    assert "\\x0a" not in done.stderr


def test_a_message_hangs_where_the_terminal_is_narrow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    tell("Error: a_long_name_of_something is not there ::error::x")
    assert capsys.readouterr().err.splitlines() == [
        "Error:",
        "  a_long_name_of_something",
        "  is not there",
        "  \\x3a:error::x",
    ]


def check(*arguments: str) -> int:
    """Run a command, and return its exit code."""
    done = CliRunner().invoke(main, arguments)
    for told in (done.stdout, done.stderr):
        for line in re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", told):
            assert not line.lstrip().startswith("::"), line
            assert "##[" not in line
            assert "##vso[" not in line
            wrong = {each for each in line if unicodedata.category(each)[0] == "C"}
            assert not wrong, line
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert done.exit_code in (0, 1, 2, 3)
    return done.exit_code


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_options_and_their_values_are_escaped(text: str) -> None:
    for arguments in (
        ("scan", f"--{text}"),
        ("scan", "--format", text, "x"),
        (text,),
        ("scan", text, "--rules", text),
        ("show", text),
        ("explain", text, text),
    ):
        assert check(*arguments) in (2, 3)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_rules_and_file_names_are_escaped(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(RULE.format(json.dumps(text)))
    (tmp_path / "logs").mkdir()
    name = text.replace("/", "_")
    (tmp_path / "logs" / f"{name}.json").write_text("{")
    (tmp_path / "logs" / "good.json").write_text(
        json.dumps({"Records": [{"eventName": text, "eventID": text}]})
    )
    rules = ("--rules", "rules")
    for form in ("text", "json", "jsonl", "sarif"):
        check("scan", "logs", *rules, "--format", form)
    check("scan", f"logs/{name}.json", *rules)
    check("show", "a", *rules)
    check("list", *rules)
    check("explain", "a", "logs/good.json", *rules)
    check("redact", "logs/good.json")
    check("top", "logs", "eventName")
    check("lint", "rules")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_mistakes_in_rules_are_escaped(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(
        "title: x\nname: a\ndetection: {condition: eventName}\n"
        f"{json.dumps(text)}: {json.dumps(text)}\n"
    )

    check("lint", ".")
    check("scan", "--rules", ".", "x.json")


def test_a_bug_is_told_without_secrets_and_without_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise ValueError("\x1b[31m password=hunter2\n::error::x")

    def leave(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(cli, "main", fail)
    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)

    with pytest.raises(SystemExit) as left:
        cli.command()

    told = capsys.readouterr().err
    assert left.value.code == 2
    assert "report it" in told
    assert "hunter2" not in told
    assert "\x1b" not in told
    assert not any(line.lstrip().startswith("::") for line in told.splitlines())


def test_what_is_written_to_standard_error_by_others_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(os, "_exit", lambda _: None)

    def careless(**_: object) -> None:
        print("caution: password=hunter2hunter2", file=sys.stderr)
        sys.stderr.writelines(["token: 'c2VjcmV0LXRva2Vu'\n", "read 1 input\n"])

    monkeypatch.setattr(cli, "main", careless)
    monkeypatch.setattr(cli, "flush_standard_streams", lambda code: code)
    cli.command()

    assert "hunter2" not in written.getvalue()
    assert "c2VjcmV0" not in written.getvalue()
    assert "read 1 input\n" in written.getvalue()


_SIGMA = """\
title: "Odd ##[error] \\e]0;x\\a\\u202e"
id: 8f9f2f3e-0c69-4b64-9f0a-0a2c63f1c003
status: "##vso[x]"
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: "##[error]x"}, condition: selection | count() > 1}
"""


@pytest.mark.parametrize(
    "words",
    [
        *(["config", "--config", "odd.toml", "-f", form] for form in ("text", "json")),
        *(["lint", "odd.yml", "-f", form] for form in ("text", "json", "sarif")),
        *(
            ["import", "sigma", "odd.yml", "--to", "new", "-f", form]
            for form in ("text", "json")
        ),
        *(
            ["story", "##[error]", "log.json", "--select", "root_*", "-f", form]
            for form in ("text", "json", "html")
        ),
    ],
    ids=" ".join,
)
def test_no_answer_shows_what_a_runner_or_a_terminal_obeys(words: list[str]) -> None:
    Path("odd.toml").write_text('rules = ["##[error]x", "##vso[x]\\u001b\\u202e"]\n')
    Path("odd.yml").write_text(_SIGMA)
    event = {
        "eventSource": "iam.amazonaws.com",
        "eventName": "##[error]",
        "eventID": "##vso[x]",
        "eventTime": "2026-11-01T00:00:00Z",
        "userIdentity": {"type": "IAMUser", "userName": "##[error]"},
    }
    Path("log.json").write_text(json.dumps({"Records": [event]}))

    check(*words)
