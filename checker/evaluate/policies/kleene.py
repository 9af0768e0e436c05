"""Put answers together that may not be known, and read values that may be lists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def kleene_any(answers: Iterable[bool | None]) -> bool | None:
    """Return whether any answer is true; None where one that is not known decides."""
    found = list(answers)
    return True if True in found else None if None in found else False


def kleene_all(answers: Iterable[bool | None]) -> bool | None:
    """Return whether all answers are true; None as in `kleene_any`."""
    found = list(answers)
    return False if False in found else None if None in found else True


def negated_answer(answer: bool | None, negated: bool) -> bool | None:  # noqa: FBT001 - the answer's own
    """Return the answer of a negated question."""
    return answer if answer is None else answer is not negated


def many(value: object) -> list[Any]:
    """Return a list of what policies write as one value or as several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
