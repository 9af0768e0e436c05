"""The reference for the normal form: whether it holds on a record, by its words."""

from __future__ import annotations

from typing import Any

from checker.conditions import closure, holds
from checker.conditions import text_functions as text
from checker.conditions.compile import ORDERINGS
from checker.convert import form as forms
from checker.convert.form import Form, Part


def evaluate(form: Form, value: Any) -> bool:
    match form:
        case forms.AllOf(parts):
            return all(evaluate(part, value) for part in parts)
        case forms.AnyOf(parts):
            return any(evaluate(part, value) for part in parts)
        case forms.Atom(names, test, sign):
            return _test(test, reach(value, names), value) is sign
        case forms.Elements(names, inside, sign, or_self):
            found = reach(value, names)
            if not isinstance(found, list):
                found = [found] if or_self else []
            some = any(evaluate(inside, x) for x in found if x is not None)
            return some is sign


def reach(value: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _test(  # noqa: C901 - one case for each test
    test: forms.Test, value: Any, root: Any
) -> bool:
    match test:
        case forms.OneOf(values):
            return any(_same(value, wanted) for wanted in values)
        case forms.Text(part, literal, fold):
            if not isinstance(value, str):
                return False
            given = value.lower() if fold else value
            return {
                Part.WHOLE: given == literal,
                Part.PREFIX: given.startswith(literal),
                Part.SUFFIX: given.endswith(literal),
                Part.INSIDE: literal in given,
            }[part]
        case forms.Contains(literal):
            return isinstance(value, str | list) and literal in value
        case forms.Matches(pattern, fold):
            if not isinstance(value, str):
                return False
            return bool(text.matches(value.lower() if fold else value, pattern))
        case forms.Ordered(operator, number):
            number_like = isinstance(value, int | float) and not isinstance(value, bool)
            return number_like and ORDERINGS[operator](value, number)
        case forms.Truthy():
            return holds(value)
        case forms.InNetworks(networks):
            return bool(text.cidr_contains(list(networks), value))
        case forms.SameAs(names):
            return _same(value, reach(root, names))
        case forms.Opaque(node):
            return holds(closure(node)(root))


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return one == other and isinstance(one, bool) is isinstance(other, bool)
