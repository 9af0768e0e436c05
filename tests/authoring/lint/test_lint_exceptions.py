"""Lint reports exceptions that have ended, and those that can never match."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from checker.authoring import placeholders
from checker.authoring.lint import Severity, exit_code, lint_exceptions

TODAY = date(2026, 11, 30)


def checks(folder: Path, entry: str, until: str = "2027-06-30") -> dict[str, str]:
    path = folder / "exceptions.yml"
    rest = f"reason: r, owner: team, expires: {until}"
    path.write_text(f"exceptions:\n  - {{rule: {entry}, {rest}}}\n")
    return {
        each.check: each.message for each in lint_exceptions([str(path)], (), TODAY)
    }


@pytest.mark.parametrize(
    ("until", "check"),
    [
        ("2026-11-29", {"exception-expired"}),
        ("2026-11-30", {"exception-ends-soon"}),
        ("2026-12-14", {"exception-ends-soon"}),
        ("2026-12-15", set()),
        ("2027-12-01", set()),
        ("2027-12-02", {"exception-far"}),
    ],
)
def test_the_end_is_looked_at(tmp_path: Path, until: str, check: set[str]) -> None:
    assert checks(tmp_path, "trail_not_logging", until).keys() == check


@pytest.mark.parametrize(
    ("reason", "owner", "key"),
    [
        (placeholders.EXCEPTION_REASON, "cloud team", "reason"),
        ("TODO", "cloud team", "reason"),
        ("A drill", placeholders.EXCEPTION_OWNER, "owner"),
    ],
)
def test_what_nobody_has_written_yet_is_told(
    tmp_path: Path, reason: str, owner: str, key: str
) -> None:
    path = tmp_path / "exceptions.yml"
    entry = f"rule: trail_not_logging, reason: {reason}, owner: {owner}"
    path.write_text(f"exceptions:\n  - {{{entry}, expires: 2027-06-30}}\n")

    (problem,) = lint_exceptions([str(path)], (), TODAY)

    assert problem.check == "placeholder"
    assert problem.message.startswith(f"'{key}' is still a placeholder")


@pytest.mark.parametrize(
    ("entry", "check", "said"),
    [
        ("trail_not_loging", "exception-rule", "did you mean 'trail_not_logging'?"),
        (
            "trail_not_logging, match: {identity: x}",
            "exception-field",
            "has no identity",
        ),
        (
            "trail_not_logging, covers: visibility",
            "exception-field",
            "has no visibility",
        ),
        (
            "root_console_login_without_mfa, match: {fields: {userIdentty.arn: x}}",
            "exception-field",
            "userIdentty",
        ),
        (
            "root_console_login_without_mfa, match: {fields: {sign_in: true}}",
            "exception-field",
            "the name of a selection",
        ),
        (
            "root_console_login_without_mfa, match: {fields: {userAgent: x}}",
            "exception-claim",
            "says of itself",
        ),
        (
            "root_after_long_silence, match: {fields: {userAgent: x}}",
            "exception-field",
            "has no group-by",
        ),
        (
            "root_after_long_silence, match: {resource: x}",
            "exception-field",
            "no one resource",
        ),
    ],
)
def test_what_cannot_match_is_told(
    tmp_path: Path, entry: str, check: str, said: str
) -> None:
    assert said in checks(tmp_path, entry)[check]


def test_what_is_sound_is_not_told(tmp_path: Path) -> None:
    entry = (
        "root_console_login_without_mfa, match: "
        "{fields: {additionalEventData.MFAUsed: 'No'}, account: 123456789012}"
    )

    assert checks(tmp_path, entry) == {}


def test_the_same_twice_is_told_and_a_broken_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yml"
    entry = "{rule: trail_not_logging, reason: r, owner: o, expires: 2027-01-01}"
    path.write_text(f"exceptions:\n - {entry}\n - {entry}\n")
    (problem,) = lint_exceptions([str(path)], (), TODAY)
    assert (problem.check, problem.line) == ("exception-twice", 3)
    assert problem.severity is Severity.WARNING

    path.write_text("exceptions: [{rule: 1}]")
    assert exit_code(lint_exceptions([str(path)], (), TODAY)) == 2
