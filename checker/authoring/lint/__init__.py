"""Lint rules: what no schema sees, and no other linter knows.

    lint(paths)          every problem of every rule file, in file and line order
    lint_exceptions(…)   every problem of files of exceptions
    exit_code(problems)  2 when a problem is as bad as asked for, else 0
    FORMATS              text, JSON and SARIF
    CHECKS               every check, by its stable name

A rule keeps a check silent with a reason: `lint: [{ignore: <check>, reason: <text>}]`.
"""

from __future__ import annotations

from checker.authoring.lint.exceptions import lint_exceptions
from checker.authoring.lint.problem import CHECKS, Check, Problem, Severity
from checker.authoring.lint.render import FORMATS
from checker.authoring.lint.run import exit_code, lint

__all__ = [
    "CHECKS",
    "FORMATS",
    "Check",
    "Problem",
    "Severity",
    "exit_code",
    "lint",
    "lint_exceptions",
]
