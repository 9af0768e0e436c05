"""Open Sigma's tests of text: any value that a path leads to, through arrays.

Sigma compares any scalar as its text.  What no document says may be an array, anywhere
on the way.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from checker.conditions import sigma_text, tree
from checker.conditions.sigma_functions import CASED, PREFIX
from checker.conditions.sigma_text import Place, Wildcard
from checker.convert.form import (
    Atom,
    Elements,
    Form,
    Names,
    Opaque,
    Origin,
    Part,
    Text,
    any_of,
    negated,
    rewritten,
)
from checker.convert.kinds import Kind, Kinds

_TESTS = {
    PREFIX + place.value + suffix: (place, bool(suffix))
    for place in Place
    for suffix in ("", CASED)
}
_MOST_UNKNOWN = 3
"""Each step that may be an array or not is written twice."""


def opened(form: Form, kinds: Kinds) -> Form:
    """Return a form with Sigma's tests of text opened, where they can be.

    A test with a wildcard inside its text stays as it is, and so does one of an object.
    """
    return rewritten(form, functools.partial(_opened, kinds))


def _opened(kinds: Kinds, part: Atom | Elements) -> Form:
    if not isinstance(part, Atom) or not isinstance(part.test, Opaque):
        return part
    match part.test.node:
        case tree.Function(name, (tree.Path(names), tree.Literal(list(values)))) if (
            name in _TESTS
        ):
            steps = list(_steps(names, kinds))
            place, cased = _TESTS[name]
            tests = [_test(place, str(value), cased=cased) for value in values]
            unknown = sum(or_self for _, or_self in steps)
            if not steps or unknown > _MOST_UNKNOWN or None in tests:
                return part
            found = [test for test in tests if test is not None]
            whole = _nested(steps, found, part.origin)
            return whole if part.holds else negated(whole)
    return part


def _nested(
    steps: Sequence[tuple[Names, bool]], tests: Sequence[Text], origin: Origin
) -> Form:
    def atom(names: Names, test: Text) -> Atom:
        return Atom(names, test, holds=True, origin=origin)

    *arrays, (last, _) = steps
    form: Form = any_of(*(atom(last, test) for test in tests))
    for names, or_self in reversed(arrays):
        form = Elements(names, form, holds=True, or_self=or_self, origin=origin)
    return form


def _steps(names: Names, kinds: Kinds) -> Iterator[tuple[Names, bool]]:
    """Yield the names up to each array, and whether it may also be none.

    The last names are those of the value in the innermost one.  Nothing where an
    object is at the end.
    """
    documented: Names = ()
    waiting: Names = ()
    found: list[tuple[Names, bool]] = []
    for name in names:
        documented, waiting = (*documented, name), (*waiting, name)
        kind = kinds.of(documented)
        if kind in (Kind.ARRAY, Kind.UNKNOWN):
            found.append((waiting, kind is Kind.UNKNOWN))
            documented, waiting = (*documented, "[]"), ()
    if kinds.of(documented) is Kind.OBJECT:
        return
    yield from found
    yield waiting, False


def _test(place: Place, value: str, *, cased: bool) -> Text | None:
    """Return the test of a text; None for one with a wildcard inside."""
    front, back, parts = sigma_text.trimmed(place, value)
    if any(isinstance(each, Wildcard) for each in parts):
        return None
    literal = "".join(map(str, parts))
    part = _AT[front, back]
    return Text(part, literal if cased else literal.lower(), not cased, scalar=True)


_AT = {
    (False, False): Part.WHOLE,
    (False, True): Part.PREFIX,
    (True, False): Part.SUFFIX,
    (True, True): Part.INSIDE,
}
"""The part that a literal is, by whether text may stand before it, and behind it."""
