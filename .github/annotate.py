"""Print the problems of `trailcheck lint --format json` as notes of GitHub Actions.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

# ruff: noqa: INP001 - a script of the workflows

from __future__ import annotations

import json
import sys
from pathlib import Path

LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def note(problem: dict[str, object]) -> str:
    """Return the workflow command that shows a problem at its line."""
    stop = "" if problem["fix"].endswith("?") else "."
    fix = f" Fix: {problem['fix']}{stop}" if problem["fix"] else ""
    places = ",".join(
        f"{key}={_property(str(value))}"
        for key, value in (
            ("file", problem["path"]),
            ("line", problem["line"]),
            ("col", problem["column"]),
            ("title", problem["check"]),
        )
    )
    level = LEVELS[str(problem["severity"])]
    message = f"{problem['message']}.{fix}"
    return f"::{level} {places}::{_data(message)}"


def _data(text: str) -> str:
    """Keep a message in one command: a rule file must not write another."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.writelines(note(problem) + "\n" for problem in read["problems"])
