"""Write in plain JMESPath, nearly, what Sigma's functions test.

For who only wants to know which fields are compared with what: letter case, arrays on
the way and the types of scalars are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.conditions import sigma_text, tree
from checker.conditions.sigma_functions import CASED, ORDERS, PREFIX
from checker.conditions.sigma_text import Place, Wildcard

_SYMBOLS: dict[str, tree.Operator] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TESTS = {
    Place.INSIDE: "contains",
    Place.START: "starts_with",
    Place.END: "ends_with",
}


def plain(node: tree.Node) -> tree.Node:
    """Copy a condition with the tests of fields in plain JMESPath.

    What has no such form stays: keywords, and parts of times.
    """
    if isinstance(node, tree.Function) and node.name.startswith(PREFIX):
        return _test(node)
    below = [plain(child) for child in tree.children(node)]
    return tree.with_children(node, below)


def _test(node: tree.Function) -> tree.Node:
    field, *others = node.arguments
    name = node.name.removeprefix(PREFIX)
    if not isinstance(field, tree.Path):
        return node
    given: Any = (
        others[0].value if others and isinstance(others[0], tree.Literal) else 0
    )
    if name == "null":
        return tree.Comparator("==", field, tree.Literal(None))
    if name == "exists":
        return tree.Comparator("!=", field, tree.Literal(None))
    if name.removesuffix(CASED) == "fieldref":
        return tree.Comparator("==", field, others[0])
    if name == "cidr":
        return tree.Function(
            "cidr_contains", (tree.Literal(given), field), field.offset
        )
    if name == "re":
        return _any(_call("matches", field, pattern) for pattern in given)
    if name in ORDERS:
        return tree.Comparator(_SYMBOLS[name], field, tree.Literal(given))
    place = _PLACES.get(name.removesuffix(CASED))
    return node if place is None else _any(_texts(field, place, given))


_PLACES = {place.value: place for place in Place}


def _texts(field: tree.Path, place: Place, values: list[str]) -> Iterator[tree.Node]:
    """Yield the test of each value; those that are compared whole, together."""
    whole: list[str] = []
    for value in values:
        found, text = _shape(place, value)
        if found is None:
            # Any text will do, but text it must be: an object never is.
            pattern = sigma_text.pattern(place, value, cased=False)
            name, wanted = ("contains", "") if text == "" else ("matches", pattern)
            yield _call(name, field, wanted)
        elif found is Place.WHOLE:
            whole.append(text)
        else:
            yield _call(_TESTS[found], field, text)
    if len(whole) == 1:
        yield tree.Comparator("==", field, tree.Literal(whole[0]))
    elif whole:
        yield tree.Function("one_of", (field, tree.Literal(whole)), field.offset)


def _shape(place: Place, value: str) -> tuple[Place | None, str]:
    """Return where a text has to be, and the text; None where only a pattern says it.

    The text is empty where anything will do.
    """
    front, back, found = sigma_text.trimmed(place, value)
    if len(found) > 1 or any(isinstance(part, Wildcard) for part in found):
        return None, "?"
    text = "".join(map(str, found))
    if front or back:
        if not text:
            return None, ""
        both = Place.INSIDE if front and back else Place.END if front else Place.START
        return both, text
    return Place.WHOLE, text


def _call(name: str, field: tree.Path, value: str) -> tree.Node:
    return tree.Function(name, (field, tree.Literal(value)), field.offset)


def _any(nodes: Iterator[tree.Node]) -> tree.Node:
    found = tuple(nodes)
    return found[0] if len(found) == 1 else tree.Or(found)
