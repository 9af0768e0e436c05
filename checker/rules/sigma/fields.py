"""Turn one key of a selection, its modifiers and its values, into a condition.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from checker import documents
from checker.conditions import sigma_functions, sigma_text, tree
from checker.conditions.sigma_functions import CASED, ORDERS, PREFIX, TIME_PARTS
from checker.conditions.sigma_text import Place
from checker.conditions.text_functions import pattern_problem
from checker.documents import Document, Path
from checker.errors import ConditionError
from checker.rules.sigma import encodings

_FLAGS = {
    **dict.fromkeys(("i", "ignorecase"), "i"),
    **dict.fromkeys(("m", "multiline"), "m"),
    **dict.fromkeys(("s", "dotall"), "s"),
}
_PLACES = {place.value: place for place in Place if place is not Place.WHOLE}
_OPERATORS = frozenset(
    {*_PLACES, "re", "cidr", "exists", "fieldref", *ORDERS, *TIME_PARTS}
)
_KNOWN = {*_OPERATORS, *_FLAGS, *encodings.MODIFIERS, "all", "cased", "neq", "expand"}
_LOOK_AROUND = re.compile(r"\(\?<?[!=]")
_MOST_NAMES = 64


@dataclass(frozen=True, slots=True)
class Item:
    """A key of a selection, taken apart; `field` is None for keywords.

    `operator` is the modifier that says how values are compared, empty for equality.
    """

    field: tree.Path | None
    modifiers: tuple[str, ...]
    operator: str

    @property
    def target(self) -> tree.Node:
        """The field to test; for keywords the whole event."""
        return self.field or tree.Current()


def node(document: Document, path: Path) -> tree.Node:
    """Return the condition that the key at a path, with its values, stands for.

    Raises `DocumentError`.
    """
    try:
        item = read_key(str(path[-1]))
    except ConditionError as error:
        raise document.error(error.message, path, key=True) from None
    if item.field is not None:
        # Where the key is in the file: a selection may be a list of maps.
        field = structs.replace(item.field, offset=document.key_offset(path))
        item = replace(item, field=field)
    return of_values(document, path, item)


def of_values(document: Document, path: Path, item: Item) -> tree.Node:
    """Return the condition that the values at a path stand for."""
    given = document.at(path)
    values = given if isinstance(given, list) else [given]
    if not values:
        raise document.error("an empty list matches nothing: write the values", path)
    found: list[tree.Node] = []
    texts: list[str] = []
    for index, value in enumerate(values):
        where = (*path, index) if isinstance(given, list) else path
        try:
            _check_value(item, value, several=len(values) > 1)
            made = _made(item, value)
        except ConditionError as error:
            raise document.error(error.message, where) from None
        if isinstance(made, tree.Node):
            found.append(made)
        elif "all" in item.modifiers:
            found.append(_call(item, made))
        else:
            texts += made
    if texts:
        found.append(_call(item, texts))
    every = "all" in item.modifiers and "neq" not in item.modifiers
    joined = joined_by(tree.And if every else tree.Or, found)
    return tree.Not(joined) if "neq" in item.modifiers else joined


def joined_by(kind: type[tree.And | tree.Or], nodes: Sequence[tree.Node]) -> tree.Node:
    """Join nodes in the tree's normal form: no chain directly in one of its kind."""
    opened: list[tree.Node] = []
    for each in nodes:
        opened += each.operands if isinstance(each, kind) else [each]
    return opened[0] if len(opened) == 1 else kind(tuple(opened))


def read_key(key: str) -> Item:
    """Take a key such as `userAgent|contains|all` apart; raises `ConditionError`."""
    name, *modifiers = [part.strip() for part in key.split("|")]
    for modifier in modifiers:
        if modifier not in _KNOWN:
            hint = documents.nearest(modifier, sorted(_KNOWN))
            if modifier == "not":
                hint = ": write neq, or 'not' in the condition"
            raise ConditionError(f"unknown modifier '{modifier}'{hint}")
    operators = [each for each in dict.fromkeys(modifiers) if each in _OPERATORS]
    if len(operators) > 1:
        both = " and ".join(operators[:2])
        raise ConditionError(f"{both} exclude each other: a field has one of them")
    operator = operators[0] if operators else ""
    item = Item(_field(name), tuple(modifiers), operator)
    _check_modifiers(item)
    return item


def path_of(name: str) -> tree.Path:
    """Return the path of a dotted name; raises `ConditionError` for what is none."""
    names = tuple(name.split("."))
    if not all(names) or len(names) > _MOST_NAMES:
        raise ConditionError(
            f"'{name}' is not a field: write a dotted path such as a.b"
        )
    if "[" in name or "]" in name:
        raise ConditionError(
            f"'{name}': brackets in fields are a proposal, not part of Sigma 2.1; "
            "a path leads through arrays without them"
        )
    return tree.Path(names)


def _field(name: str) -> tree.Path | None:
    return path_of(name) if name else None


def _check_modifiers(item: Item) -> None:
    """Refuse modifiers that mean nothing together."""
    given, operator = item.modifiers, item.operator
    flags = [each for each in given if each in _FLAGS]
    if flags and operator != "re":
        raise ConditionError(f"'{flags[0]}' is a flag of 're': write re|{flags[0]}")
    is_text = operator in ("", *_PLACES)
    for each in given:
        if each in encodings.MODIFIERS and not is_text:
            raise ConditionError(
                f"'{each}' changes text, which '{operator}' does not take"
            )
    if "cased" in given and not is_text and operator != "fieldref":
        raise ConditionError(
            f"'cased' belongs to text, which '{operator}' does not take"
        )
    wide = {each for each in given if each in encodings.WIDE}
    if len(wide) > 1 or {"base64", "base64offset"} <= set(given):
        raise ConditionError("a value is encoded in one way: these exclude each other")
    if item.field is None and operator not in (*_PLACES, "re", ""):
        raise ConditionError(f"'{operator}' needs a field")
    if item.field is None and operator in ("startswith", "endswith"):
        raise ConditionError(f"'{operator}' needs a field: keywords are anywhere")


def _check_value(item: Item, value: Any, *, several: bool) -> None:
    """Refuse a value that no operator takes."""
    if isinstance(value, dict | list):
        kind = "a map" if isinstance(value, dict) else "a list"
        raise ConditionError(
            f"a value is text, a number, true, false or null, not {kind}"
        )
    if value is not None:
        return
    if several:
        message = (
            "null is not allowed in a list of values: make it a selection of its own"
        )
        raise ConditionError(f"{message} (field: null), and join both with or")
    if item.operator or item.field is None or set(item.modifiers) - {"neq", "all"}:
        raise ConditionError("null is compared as it is, without modifiers")


def _made(item: Item, value: Any) -> tree.Node | list[str]:
    """Return the texts that a value stands for, or the node for what is not text."""
    if value is None:
        return tree.Function(f"{PREFIX}null", (item.target,))
    if item.operator in _MAKERS:
        return _MAKERS[item.operator](item, value)
    if item.operator in ORDERS:
        return _order(item, value)
    if item.operator in TIME_PARTS:
        return _time_part(item, value)
    text = sigma_text.of_scalar(value)
    assert text is not None
    texts = encodings.encoded(text, item.modifiers)
    for each in texts:
        problem = sigma_text.problem(
            _place(item), each, cased="cased" in item.modifiers
        )
        if problem:
            raise ConditionError(problem)
    return texts


def _place(item: Item) -> Place:
    if item.field is None or "base64offset" in item.modifiers:
        return Place.INSIDE
    return _PLACES.get(item.operator, Place.WHOLE)


def _call(item: Item, texts: Sequence[str]) -> tree.Node:
    """Return the test of a field against texts."""
    name = PREFIX + _place(item).value + (CASED if "cased" in item.modifiers else "")
    return tree.Function(name, (item.target, tree.Literal(list(texts))))


def _pattern(item: Item, value: Any) -> tree.Node:
    flags = sorted({_FLAGS[each] for each in item.modifiers if each in _FLAGS})
    pattern = str(sigma_text.of_scalar(value))
    problem = pattern_problem(pattern)
    if problem:
        hint = ""
        if _LOOK_AROUND.search(pattern):
            hint = ": test what must not be there in a selection of its own, with 'not'"
        raise ConditionError(
            f"{problem} (patterns are RE2's, which takes linear time){hint}"
        )
    pattern = f"(?{''.join(flags)}){pattern}" if flags else pattern
    literal = tree.Literal([pattern])
    return tree.Function(f"{PREFIX}re", (item.target, literal))


def _network(item: Item, value: Any) -> tree.Node:
    try:
        network = sigma_functions.network(str(value))
    except ValueError as error:
        raise ConditionError(f"not a network in CIDR form: {error}") from None
    return tree.Function(f"{PREFIX}cidr", (item.target, tree.Literal([network])))


def _exists(item: Item, value: Any) -> tree.Node:
    if not isinstance(value, bool):
        raise ConditionError("'exists' takes true or false, without quotes")
    there = tree.Function(f"{PREFIX}exists", (item.target,))
    return there if value else tree.Not(there)


def _reference(item: Item, value: Any) -> tree.Node:
    name = sigma_text.plain(value) if isinstance(value, str) else None
    if name is None:
        raise ConditionError("'fieldref' takes the name of a field, without wildcards")
    suffix = CASED if "cased" in item.modifiers else ""
    return tree.Function(f"{PREFIX}fieldref{suffix}", (item.target, path_of(name)))


def _order(item: Item, value: Any) -> tree.Node:
    number = _number(item, value)
    return tree.Function(PREFIX + item.operator, (item.target, tree.Literal(number)))


def _time_part(item: Item, value: Any) -> tree.Node:
    number = _number(item, value)
    if number != int(number):
        raise ConditionError(f"'{item.operator}' takes a whole number")
    possible = TIME_PARTS[item.operator]
    if number not in possible:
        raise ConditionError(
            f"'{item.operator}' is {possible[0]} to {possible[-1]}, never {int(number)}"
        )
    literal = tree.Literal([int(number)])
    return tree.Function(PREFIX + item.operator, (item.target, literal))


def _number(item: Item, value: Any) -> float:
    if isinstance(value, str) and re.fullmatch(
        r"[-+]?[0-9]{1,30}(\.[0-9]{1,30})?", value
    ):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConditionError(f"'{item.operator}' takes a number")
    if isinstance(value, float) and abs(value) == float("inf"):
        raise ConditionError(f"'{item.operator}' takes a finite number")
    return value


_MAKERS: dict[str, Callable[[Item, Any], tree.Node]] = {
    "re": _pattern,
    "cidr": _network,
    "exists": _exists,
    "fieldref": _reference,
}
