"""This module says "we could not find out" in a way that no condition can overlook.

A part of a settings snapshot that was denied, throttled or not collected stands in the
document as an `Unknown`.  A condition that does not need it is answered as usual; one
that does raises `UnknownValue`, which the evaluator reports as `unknown`.  Events never
hold one, and nothing on their path looks for it: only values that are neither object
nor array where one is wanted are asked.
"""

from __future__ import annotations

from typing import Any, NoReturn


class UnknownValue(Exception):  # noqa: N818 - an outcome, not an error of anybody's
    """A condition needs a value that nobody knows; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unknown:
    """A value that is not known, for a `reason` such as "trail status: AccessDenied".

    Truth, comparison, hashing, length, iteration, indexing and field access all raise
    `UnknownValue`.  Passing it along, `is`, `repr` and pickling are free.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"

    def __reduce__(self) -> tuple[type[Unknown], tuple[str]]:
        return Unknown, (self.reason,)

    def __getattr__(self, name: str) -> NoReturn:
        # Python's own protocols probe for optional dunder methods.
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValue(self.reason)

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = _refuse


def refuse(*values: object) -> Any:
    """Raise `UnknownValue` when one of the values is unknown, else give null."""
    for value in values:
        if value.__class__ is Unknown:
            raise UnknownValue(value.reason)
    return None
