"""Every exception that trailcheck raises on purpose.

    TrailcheckError
    ├── UsageError          the command was asked for something it cannot do
    ├── ConditionError      a condition's text is wrong, at an offset in that text
    ├── DocumentError       one mistake in a YAML or JSON file, at a line and column
    ├── RulesError          the mistakes of a rule folder, all of them
    └── SourceError         an input that the whole command depends on cannot be read

A bad *input* (one log file, one event) is a value, `model.Unreadable`, and never an
exception: it must not stop the others.  Anything else that is raised is a bug.
"""

from __future__ import annotations

import enum


class TrailcheckError(Exception):
    """Base of every error whose text is meant for a user; exit code 2."""


class UsageError(TrailcheckError):
    """The options do not fit together, or name something that does not exist."""


class ConditionError(TrailcheckError):
    """A condition cannot be understood.

    `message` says what is wrong and how to fix it; `offset` is the character (from 0)
    in the text of the condition.
    """

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class MistakeKind(enum.Enum):
    """What a mistake in a file is about: the bytes, YAML, a schema, or a condition."""

    FILE = "file"
    YAML = "yaml"
    SCHEMA = "schema"
    CONDITION = "condition"


class DocumentError(TrailcheckError):
    """One mistake in a file that people write; `line` and `column` count from 1."""

    def __init__(
        self,
        message: str,
        path: str,
        line: int = 1,
        column: int = 1,
        *,
        kind: MistakeKind = MistakeKind.SCHEMA,
    ) -> None:
        super().__init__(f"{path}:{line}:{column}: {message}")
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.kind = kind


class RulesError(TrailcheckError):
    """Every mistake found while loading rules or cases, in file and line order."""

    def __init__(self, problems: list[DocumentError]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class SourceError(TrailcheckError):
    """An input that the whole command depends on cannot be read; exit code 3."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri = uri
        self.reason = reason
