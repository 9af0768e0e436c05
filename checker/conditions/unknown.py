"""Values that could not be found out, which no condition can overlook.

A part of a settings snapshot that was denied, throttled or not collected is an
`Unknown` in the document.  A condition that does not need it is answered as usual; one
that does raises `UnknownValue`, which the evaluator reports as `unknown`.  Events never
hold one, and nothing on their path looks for it: only values that are neither object
nor array where one is wanted are checked.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from checker.conditions import sketch as sketches
from checker.conditions.sketch import Sketch

_MOST = 32
"""Of how many values one may be; of more, it may be any."""


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

    What is asked of it and does not hang on the value is answered: where it can only
    be one of several values (`among`; null for one that may be absent), what all of
    them have in common; of a text that is known in part (`sketch`), whether it is
    empty or another.  Else truth, comparison, hashing, length, iteration, indexing and
    field access all raise `UnknownValue`.  Passing it along, `is`, `repr` and pickling
    are free.
    """

    __slots__ = ("among", "cause", "reason", "sketch")

    def __init__(
        self,
        reason: str,
        cause: Cause = Cause.UNDECIDABLE,
        *,
        among: tuple[object, ...] | None = None,
        sketch: Sketch | None = None,
    ) -> None:
        self.reason = reason
        self.cause = cause
        self.among = among
        self.sketch = sketch

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, {self.cause})"

    def __reduce__(self) -> tuple[Callable[..., Unknown], tuple[object, ...]]:
        return _again, (self.reason, self.cause, self.among, self.sketch)

    def __getattr__(self, name: str) -> NoReturn:
        # Python's own protocols probe for optional dunder methods.
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownValue(self)

    def __bool__(self) -> bool:
        if self.among is not None:
            return self._agreed(_holds(value) for value in self.among)
        if self.sketch is None or not sketches.filled(self.sketch):
            self._refuse()
        return True

    def __eq__(self, other: object) -> bool:
        if self.among is not None:
            return self._agreed(_equal(value, other) for value in self.among)
        if self.sketch is None:
            self._refuse()
        if isinstance(other, Unknown):
            if other.among is not None:
                return other == self
            if other.sketch is None:
                self._refuse()
            answer = sketches.same(self.sketch, other.sketch)
        elif isinstance(other, str):
            answer = sketches.same(self.sketch, (other,) if other else ())
        else:
            return False
        if answer is None:
            self._refuse()
        return answer

    def __ne__(self, other: object) -> bool:
        return not self == other

    def _agreed(self, answers: Iterable[bool]) -> bool:
        """Return what all answers are; raise where they differ."""
        found = set(answers)
        if len(found) != 1:
            self._refuse()
        return found.pop()

    def with_reason(self, reason: str) -> Unknown:
        """Return the same value with another reason."""
        return Unknown(reason, self.cause, among=self.among, sketch=self.sketch)

    __len__ = __iter__ = __getitem__ = __contains__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __hash__ = _refuse


def _again(
    reason: str,
    cause: Cause,
    among: tuple[object, ...] | None,
    sketch: Sketch | None,
) -> Unknown:
    return Unknown(reason, cause, among=among, sketch=sketch)


def _holds(value: Any) -> bool:
    """JMESPath's truth, in which 0 is true."""
    return bool(value) or (value is not False and value == 0)


def _equal(value: object, other: object) -> bool:
    if value is None or other is None:
        one = other if value is None else value
        return one == None if isinstance(one, Unknown) else one is None  # noqa: E711 - Unknown compares
    kinds = (value.__class__ is bool) is (other.__class__ is bool)
    return value == other and kinds


def refuse(*values: object) -> Any:
    """Raise `UnknownValue` when one of the values is unknown, else return null."""
    for value in values:
        if value.__class__ is Unknown:
            assert isinstance(value, Unknown)
            raise UnknownValue(value)
    return None


def either(values: Iterable[object], reason: str, cause: Cause) -> Any:
    """Return the value that is one of several: itself if all of them are the same."""
    found: list[object] = []
    for value in values:
        if isinstance(value, Unknown) and value.among is not None:
            found += [one for one in value.among if not _among(one, found)]
        elif not _among(value, found):
            found.append(value)
    if len(found) == 1:
        return found[0]
    return Unknown(reason, cause, among=tuple(found) if len(found) <= _MOST else None)


def _among(value: object, found: Iterable[object]) -> bool:
    for other in found:
        try:
            if value is other or _equal(value, other):
                return True
        except UnknownValue:
            continue
    return False


def spread(value: Any, read: Callable[[Any], Any]) -> Any:
    """Read each of the values that an unknown one can only be.

    Raises `UnknownValue` for one that can be anything.
    """
    if value.__class__ is not Unknown:
        return read(value)
    if value.among is None:
        raise UnknownValue(value)
    return either([read(one) for one in value.among], value.reason, value.cause)


def any_of(items: Iterable[Any], test: Callable[[Any], bool]) -> bool:
    """Return whether any item passes, by Kleene's logic: one that does decides."""
    unknown: UnknownValue | None = None
    for item in items:
        try:
            if test(item):
                return True
        except UnknownValue as error:
            unknown = unknown or error
    if unknown:
        raise unknown
    return False
