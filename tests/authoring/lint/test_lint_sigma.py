"""Lint says what a Sigma file does not say, or says otherwise than it looks."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from checker.authoring.lint import Problem, lint

RULE = """\
title: Trail stopped
id: 0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0a01
logsource: {product: aws, service: cloudtrail}
detection:
  s: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  condition: s
"""
CORRELATION = """\
title: Many stops
id: 0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0b01
correlation:
  type: event_count
  rules: [stopped]
  group-by: [sourceIPAddress]
  timespan: 5m
  condition: {gte: 3}
"""


def found(folder: Path, check: str, **texts: str) -> list[Problem]:
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(textwrap.dedent(text), encoding="utf-8")
    return [each for each in lint([folder]) if each.check == check]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.10", "1.1"),
        ("0443", "291"),
        ("1e3", "1e3"),
        ("1.0e+3", "1000.0"),
        ("+5", "5"),
        ("No", "false"),
        ("1.9", None),
        ("'1.10'", None),
        ("443", None),
    ],
)
def test_a_value_that_yaml_reads_as_another_is_doubtful(
    tmp_path: Path, written: str, read: str | None
) -> None:
    text = RULE.replace("StopLogging", f"StopLogging, eventVersion: {written}")
    problems = found(tmp_path, "sigma-doubtful", stopped=text)

    shown = [each.message.partition(",")[0] for each in problems]
    assert shown == ([f"{written} is read as {read}"] if read else [])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[stopped]", "[stoped]", "did you mean 'stopped'"),
        ("timespan", "aliases: {w: {other: a}}\n  timespan", "speaks of 'other'"),
        ("[stopped]", "[root_console_login_without_mfa]", None),
    ],
)
def test_a_correlation_names_rules_that_are_there(
    tmp_path: Path, old: str, new: str, message: str | None
) -> None:
    many = CORRELATION.replace(old, new)
    problems = found(tmp_path, "rule-unknown", stopped=RULE, many=many)

    if message is None:
        assert problems == []
    else:
        assert message in " ".join(each.message for each in problems)


@pytest.mark.parametrize("beside", [True, False])
def test_a_file_of_either_dialect_is_unclear_beside_sigmas(
    tmp_path: Path,
    beside: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    either = RULE.replace(
        "title: Trail", "name: either\nstatus: test\nlevel: low\ntitle: A"
    )
    texts = {"either": either.replace("0a01", "0a02")}
    if beside:
        texts["stopped"] = RULE

    problems = found(tmp_path, "dialect-unclear", **texts)

    assert [Path(each.path).name for each in problems] == ["either.yml"] * beside


def lint_of(folder: Path, block: str) -> list[Problem]:
    """Return what lint says of a rule with a detection block."""
    text = RULE[: RULE.index("detection:")] + block
    (folder / "rule.yml").write_text(text, encoding="utf-8")
    return lint([folder])


@pytest.mark.parametrize(
    ("field", "never"),
    [
        ("requestParameters|contains: '*'", True),
        ("requestParameters: '*'", True),
        ("userIdentity.sessionContext|startswith: ''", True),
        ("errorCode|contains: '*'", False),
        ("userIdentity.userName: '*'", False),
    ],
)
def test_any_text_is_a_text_test_that_no_object_passes(
    tmp_path: Path, field: str, *, never: bool
) -> None:
    block = f"detection:\n  s:\n    eventName: GetUser\n    {field}\n  condition: s\n"
    checks = [each.check for each in lint_of(tmp_path, block)]

    assert checks == ["object-used-as-string"] * never


def test_what_to_write_is_sigmas_spelling(tmp_path: Path) -> None:
    block = (
        "detection:\n  s: {eventName: GetUser, errorCode: Success}\n"
        "  t: {eventName: ListUsers}\n  condition: s or not s\n"
    )
    fixes = {each.check: each.fix for each in lint_of(tmp_path, block)}

    assert fixes["impossible-value"] == "write errorCode: null"
    assert fixes["selection-unused"].endswith(": … and t")


def test_a_selection_that_begins_with_an_underscore_is_left_out_on_purpose(
    tmp_path: Path,
) -> None:
    block = (
        "detection:\n  s: {eventName: GetUser}\n  _t: {eventName: ListUsers}\n"
        "  condition: all of them\n"
    )

    assert lint_of(tmp_path, block) == []


def test_the_timeframe_of_sigma_1_is_no_selection_and_does_nothing(
    tmp_path: Path,
) -> None:
    block = "detection:\n  s: {eventName: GetUser}\n  timeframe: 5m\n  condition: s\n"
    (problem,) = lint_of(tmp_path, block)

    assert (problem.check, problem.line) == ("sigma-doubtful", 6)
    assert "write a correlation" in problem.message
