"""The answers that a condition got from functions, and what they were about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker.evaluate.recording.coverage import Coverage, Need


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered: the `reason` that it gives for the outcome.

    `need` and `coverage` are those of the `coverage` function alone: what event
    selectors can change.
    """

    reason: str
    need: Need | None = None
    coverage: Coverage | None = None

    @property
    def open(self) -> bool:
        """Whether it is a need that the trails do not cover."""
        return self.coverage is not None and self.coverage.verdict != "full"


Asked: TypeAlias = list[Answer]
"""The answers that a condition got, in order."""


def account_of(snapshot: Mapping[str, Any]) -> str | None:
    """Return the id of the account that a snapshot is of, where it is known."""
    account = snapshot.get("account")
    value = account.get("id") if isinstance(account, dict) else None
    return value if isinstance(value, str) else None
