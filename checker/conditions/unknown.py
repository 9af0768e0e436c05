"""Values that could not be found out, which no condition can overlook.

A part of a settings snapshot that was denied, throttled or not collected is an
`Unknown` in the document.  A condition that does not need it is answered as usual; one
that does raises `UnknownValue`, which the evaluator reports as `unknown`.  Events never
hold one, and nothing on their path looks for it: only values that are neither object
nor array where one is wanted are checked.
"""

from __future__ import annotations

import enum
from typing import Any, NoReturn


class Cause(enum.Enum):
    """Why a value is not known; decisions are made by it, never by the reason."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNSUPPORTED = "unsupported"
    """The service does not exist in the Region."""
    GONE = "gone"
    """What was listed had been deleted when it was asked for."""
    BROKEN_ANSWER = "broken_answer"
    """AWS answered, but not in a form that it documents; or the call failed."""
    NOT_COLLECTED = "not_collected"
    UNDECLARED = "undeclared"
    """Code declares nothing of it, and the account may have it nevertheless."""
    NOT_KNOWN_BEFORE_APPLY = "not_known_before_apply"
    UNDECIDABLE = "undecidable"
    """All that is documented is known, and does not decide."""


class UnknownValue(Exception):  # noqa: N818 - an outcome, not an error of anybody's
    """A condition needs a value that is not known; `unknown` has reason and cause."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown

    @property
    def reason(self) -> str:
        """The reason in words, for people only."""
        return self.unknown.reason

    @property
    def cause(self) -> Cause:
        """The cause."""
        return self.unknown.cause


class Unknown:
    """A value that is not known, for a `reason` such as "trail status: AccessDenied".

    Truth, comparison, hashing, length, iteration, indexing and field access all raise
    `UnknownValue`.  Passing it along, `is`, `repr` and pickling are free.
    """

    __slots__ = ("cause", "reason")

    def __init__(self, reason: str, cause: Cause = Cause.UNDECIDABLE) -> None:
        self.reason = reason
        self.cause = cause

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, {self.cause})"

    def __reduce__(self) -> tuple[type[Unknown], tuple[str, Cause]]:
        return Unknown, (self.reason, self.cause)

    def __getattr__(self, name: str) -> NoReturn:
        # Python's own protocols probe for optional dunder methods.
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValue(self)

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = _refuse


def refuse(*values: object) -> Any:
    """Raise `UnknownValue` when one of the values is unknown, else return null."""
    for value in values:
        if value.__class__ is Unknown:
            raise UnknownValue(value)
    return None
