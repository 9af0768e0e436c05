"""Determine what a condition needs of a document, without running it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from checker.conditions import sigma_functions, sigma_text, tree
from checker.conditions.show import quoted

Values: TypeAlias = frozenset[str | int | float | bool]
Required: TypeAlias = Mapping[tuple[str, ...], Values]

_EQUALS = frozenset({sigma_functions.EQUALS, sigma_functions.EQUALS + "_cased"})


def paths(node: tree.Node, document: object = None) -> tuple[str, ...]:
    """The fields that the condition reads, each once, in the text's order.

    Each is itself JMESPath, with `[]` for the elements of an array and `.*` for the
    values of an object: `resources[].ARN`.  Fields of computed values are left out.
    What Sigma's functions open by themselves has `[]` where the document has arrays.
    """
    reads = _Reads(document)
    reads.use(reads.of(node, ""))
    return tuple(reads.found)


class _Reads:
    """Follows where in the document each node's value comes from.

    A place is the text of a path, "" for the whole document, None for a computed value.
    """

    def __init__(self, document: object) -> None:
        self.found: dict[str, None] = {}
        self._document = document

    def use(self, place: str | None) -> None:
        if place:
            self.found.setdefault(place)

    def of(  # noqa: C901 - one case for each node
        self, node: tree.Node, here: str | None
    ) -> str | None:
        """Where the node's value comes from, when applied to what stands at `here`."""
        match node:
            case tree.Current():
                return here
            case tree.Path(("null",)):
                # JMESPath takes a bare null for the name of a field. No document has
                # such a field: it is written for the value that an absent one has.
                return None
            case tree.Path(names):
                return _below(here, names)
            case tree.Sub(left, right) | tree.Pipe(left, right):
                return self.of(right, self.of(left, here))
            case tree.Selection(_, inner) | tree.Slice(inner) | tree.Flatten(inner):
                return self.of(inner, here)
            case tree.Index(base):
                return _elements(self.of(base, here))
            case tree.ListProjection(base, right):
                return self.of(right, _elements(self.of(base, here)))
            case tree.ValueProjection(base, right):
                return self.of(right, _values(self.of(base, here)))
            case tree.FilterProjection(base, condition, right):
                each = _elements(self.of(base, here))
                self.use(self.of(condition, each))
                return self.of(right, each)
            case tree.Function(name, arguments):
                if name.startswith(sigma_functions.PREFIX) and here == "":
                    self._opened(arguments)
                else:
                    self._call(arguments, here)
                return None
        for child in tree.children(node):
            self.use(self.of(child, here))
        return None

    def _opened(self, arguments: Iterable[tree.Node]) -> None:
        for argument in arguments:
            if isinstance(argument, tree.Path):
                self.use(opened(argument.names, self._document))

    def _call(self, arguments: Iterable[tree.Node], here: str | None) -> None:
        """The arguments; an `&expression` is applied to the elements of the array."""
        references: list[tree.Node] = []
        array: str | None = None
        for argument in arguments:
            if isinstance(argument, tree.ExpRef):
                references.append(argument.expression)
            else:
                array = self.of(argument, here)
                self.use(array)
        for expression in references:
            self.use(self.of(expression, _elements(array)))


def opened(names: Sequence[str], document: object) -> str:
    """Return a path with `[]` wherever the document has an array on the way."""
    text, value = "", document
    for name in names:
        while isinstance(value, list):
            text += "[]"
            value = next((each for each in value if _leads_to(each, name)), None)
        text = f"{text}.{quoted(name)}" if text else quoted(name)
        value = value.get(name) if isinstance(value, dict) else None
    return text


def _leads_to(value: object, name: str) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and name in value)


def _below(place: str | None, names: tuple[str, ...]) -> str | None:
    if place is None:
        return None
    return ".".join([*([place] if place else []), *map(quoted, names)])


def _elements(place: str | None) -> str | None:
    return None if place is None else f"{place or '@'}[]"


def _values(place: str | None) -> str | None:
    if place is None:
        return None
    return f"{place}.*" if place else "*"


def literals(node: tree.Node) -> tuple[str, ...]:
    """The strings that stand in the condition, each once, in the text's order."""
    found: dict[str, None] = {}
    for each in tree.walk(node):
        if isinstance(each, tree.Literal):
            values = each.value if isinstance(each.value, list) else [each.value]
            found.update(dict.fromkeys(x for x in values if isinstance(x, str)))
    return tuple(found)


def required(node: tree.Node) -> Required:
    """Equalities without which the condition cannot hold.

    Whenever the tree holds on a document, the value at each of these paths is one of
    the values.  An empty set means that it never holds.  Values are strings, numbers
    and booleans; a path that may be null or absent is not among them.  What a condition
    compares in any case (`sigma_equals`) is as it is written there.
    """
    return _required(node, holding=True)


def _required(  # noqa: C901 - one case for each node
    node: tree.Node, *, holding: bool
) -> Required:
    """What follows for the document when the node holds, or when it does not."""
    match node:
        case tree.Selection(_, inner):
            return _required(inner, holding=holding)
        case tree.Not(operand):
            return _required(operand, holding=not holding)
        case tree.And(operands) | tree.Or(operands):
            found = [_required(each, holding=holding) for each in operands]
            # All of an And hold; and none of an Or that does not hold.
            all_of = isinstance(node, tree.And) is holding
            return _all_of(found) if all_of else _one_of(found)
        case tree.Comparator(operator, left, right):
            if operator == ("==" if holding else "!="):
                if isinstance(left, tree.Literal):
                    left, right = right, left
                if isinstance(right, tree.Literal):
                    return _among(left, [right.value])
        case tree.Function("one_of", (value, listed)) if holding:
            return _among(value, given_items(listed))
        case tree.Function("contains", (listed, value)) if holding:
            return _among(value, given_items(listed))
        case tree.Function(name, (value, tree.Literal(texts))) if name in _EQUALS:
            return _among(value, _plain(texts)) if holding else {}
    return {}


def _plain(texts: object) -> list[object] | None:
    """Return the texts that Sigma's values are; None where one has wildcards."""
    found = [sigma_text.plain(each) for each in texts if isinstance(each, str)]  # type: ignore[attr-defined] # checked when the rule was read
    return None if None in found else list(found)


def given_items(node: tree.Node) -> list[object] | None:
    """The items of an array that the condition itself gives, or None.

    `['a', 'b']` is one as much as a literal: a document is an object, never null.
    """
    if isinstance(node, tree.Literal) and isinstance(node.value, list):
        return node.value
    if isinstance(node, tree.MultiSelectList):
        items = [each.value for each in node.items if isinstance(each, tree.Literal)]
        return items if len(items) == len(node.items) else None
    return None


def _among(node: tree.Node, values: list[object] | None) -> Required:
    while isinstance(node, tree.Selection):
        node = node.node
    if not isinstance(node, tree.Path) or values is None:
        return {}
    plain = [each for each in values if isinstance(each, str | int | float)]
    return {node.names: frozenset(plain)} if len(plain) == len(values) else {}


def _all_of(found: list[Required]) -> Required:
    merged: dict[tuple[str, ...], Values] = {}
    for each in found:
        for path, values in each.items():
            merged[path] = _both(merged[path], values) if path in merged else values
    return merged


def _both(first: Values, second: Values) -> Values:
    """Return what is in both; of texts whatever the case, which may not matter."""
    lower = {each.lower() for each in second if isinstance(each, str)}
    return frozenset(
        each
        for each in first
        if each in second or (isinstance(each, str) and each.lower() in lower)
    )


def _one_of(found: list[Required]) -> Required:
    common = [path for path in found[0] if all(path in each for each in found)]
    return {path: frozenset().union(*(x[path] for x in found)) for path in common}
