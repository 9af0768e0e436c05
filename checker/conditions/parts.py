"""Take a condition apart into what must hold, each by itself.

A part that reads few fields can be judged before an event is decoded in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import structs

from checker.conditions import tree
from checker.conditions.needs import given_items
from checker.conditions.sigma_functions import EXISTS, PREFIX
from checker.conditions.text_functions import is_spelled_alike, pattern_in_any

Names = tuple[str, ...]

_FIRST_ONLY = frozenset(
    {
        tree.Sub,
        tree.Pipe,
        tree.ListProjection,
        tree.ValueProjection,
        tree.FilterProjection,
    }
)
"""Nodes whose other children are applied to what the first one gives."""

_OF_DOCUMENT = tree.MultiSelectList((tree.Current(),))
"""`[@]`, of which a filter keeps or drops the one element."""


def parts(node: tree.Node) -> tuple[tree.Node, ...]:
    """Return the nodes that all must hold for the node to hold, and suffice for it.

    What must not hold is taken apart too: `!(a || b)` is `!a && !b`.
    """
    found: list[tree.Node] = []
    pending = [(node, True)]
    while pending:
        each, holding = pending.pop()
        kind = each.__class__
        if kind is tree.Selection:
            pending.append((each.node, holding))  # type: ignore[attr-defined] # told by its class
        elif kind is tree.Not:
            pending.append((each.operand, not holding))  # type: ignore[attr-defined] # likewise
        elif kind is (tree.And if holding else tree.Or):
            operands = tree.children(each)
            pending.extend([(operand, holding) for operand in reversed(operands)])
        else:
            found.append(each if holding else tree.Not(each))
    return tuple(found)


def reads(node: tree.Node) -> frozenset[Names] | None:
    """Return the paths that a node reads of the document, by their names.

    What it reads of a value found there, as a projection does, is not among them.  None
    when it reads the document in other ways: `@`, or `*` of it.
    """
    found: set[Names] = set()
    pending = [node]
    while pending:
        each = pending.pop()
        # Asked of every part of every rule at every start: no `match`, which is slower.
        kind = each.__class__
        if kind is tree.Path:
            found.add(each.names)  # type: ignore[attr-defined] # told by its class
        elif kind is tree.Function and each.name.startswith(PREFIX):  # type: ignore[attr-defined] # likewise
            fields = _opened_fields(each)  # type: ignore[arg-type] # likewise
            if fields is None:
                return None
            found |= fields
        elif kind is tree.Current:
            return None
        elif kind in _FIRST_ONLY:
            base, *applied = tree.children(each)
            # What is applied to an array of the document reads the document itself.
            pending.extend(applied if base == _OF_DOCUMENT else [base])
        elif kind is not tree.Literal and kind is not tree.ExpRef:
            pending.extend(tree.children(each))
    return frozenset(found)


def _opened_fields(node: tree.Function) -> frozenset[Names] | None:
    """Return the fields in which a function finds the values that it tests.

    There may be an array on the way, so that is the first field of each path.  Whether
    a first field is there cannot be told from what it has.
    """
    found: set[Names] = set()
    for argument in node.arguments:
        if isinstance(argument, tree.Path):
            found.add(argument.names[:1])
            if node.name == EXISTS and len(argument.names) == 1:
                return None
        elif not isinstance(argument, tree.Literal):
            return None
    return frozenset(found)


def uses_sigma(node: tree.Node) -> bool:
    """Return whether a condition tests a field as Sigma does."""
    return any(
        isinstance(each, tree.Function) and each.name.startswith(PREFIX)
        for each in tree.walk(node)
    )


def opened_fields(node: tree.Node) -> tuple[Names, ...]:
    """Return the paths of several names that Sigma's functions open, each once."""
    found = (
        argument.names
        for each in tree.walk(node)
        if isinstance(each, tree.Function) and each.name.startswith(PREFIX)
        for argument in each.arguments
        if isinstance(argument, tree.Path) and len(argument.names) > 1
    )
    return tuple(dict.fromkeys(found))


def necessary(
    node: tree.Node, known: frozenset[Names], *, holding: bool = True
) -> tree.Node | None:
    """Return what must hold of some fields for a node to hold; None for nothing.

    `known` are the only paths that it reads.  With `holding` false it is what must hold
    for the node not to hold.
    """
    match node:
        case tree.Selection(_, inner):
            return necessary(inner, known, holding=holding)
        case tree.Not(operand):
            return necessary(operand, known, holding=not holding)
        case tree.And(operands) | tree.Or(operands):
            found = [necessary(each, known, holding=holding) for each in operands]
            kept = tuple(each for each in found if each is not None)
            if isinstance(node, tree.And) is holding:
                return join(kept)
            return tree.Or(kept) if len(kept) == len(operands) else None
        case tree.Function(name, (tree.Path((_,)) as path,)) if name == EXISTS:
            if holding or path.names not in known:
                return None
            return tree.Comparator("==", path, tree.Literal(None))
    paths = reads(node)
    if paths is None or not known.issuperset(paths):
        return None
    return node if holding else tree.Not(node)


def decided(node: tree.Node, known: frozenset[Names]) -> Iterator[tree.Node]:
    """Yield the largest nodes whose truth some fields decide, in a condition.

    `known` are the only paths that they read.  Only their truth matters where they
    stand, never their value.
    """
    paths = reads(node)
    if paths is not None and known.issuperset(paths):
        yield node
    elif isinstance(node, tree.And | tree.Or | tree.Not | tree.Selection):
        for each in tree.children(node):
            yield from decided(each, known)


def settled(node: tree.Node, answers: Mapping[tree.Node, bool]) -> tree.Node:
    """Return what is left of a condition once the truth of some nodes is known.

    It is a literal, true or false, where they decide the whole (`decided`).
    """
    if (answer := answers.get(node)) is not None:
        return tree.Literal(answer)
    match node:
        case tree.Selection(_, inner):
            return settled(inner, answers)
        case tree.Not(operand):
            found = settled(operand, answers)
            if isinstance(found, tree.Literal):
                return tree.Literal(not found.value)
            return tree.Not(found)
        case tree.And(operands) | tree.Or(operands):
            return _settled_chain(type(node), [settled(x, answers) for x in operands])
    return node


def _settled_chain(
    kind: type[tree.And | tree.Or], operands: Iterable[tree.Node]
) -> tree.Node:
    deciding = kind is tree.Or
    left: list[tree.Node] = []
    for each in operands:
        if isinstance(each, tree.Literal):
            if each.value is deciding:
                return each
        elif isinstance(each, kind):
            left += each.operands
        else:
            left.append(each)
    if not left:
        return tree.Literal(not deciding)
    return kind(tuple(left)) if len(left) > 1 else left[0]


def about_value(node: tree.Node) -> tree.Node:
    """Turn a node that reads one path (`reads`) into one on the value found there."""
    match node:
        case tree.Path():
            return tree.Current()
        case tree.Selection(_, inner):
            return about_value(inner)
        case tree.And(operands) | tree.Or(operands):
            return type(node)(tuple(map(about_value, operands)))
        case tree.Not(operand):
            return tree.Not(about_value(operand))
        case tree.Comparator(_, left, right):
            return structs.replace(
                node, left=about_value(left), right=about_value(right)
            )
        case tree.Function(_, arguments):
            return structs.replace(node, arguments=tuple(map(about_value, arguments)))
    # `['a', 'b']` is null on null, but the document that it stood in never was.
    items = given_items(node)
    return node if items is None else tree.Literal(items)


def absent(node: tree.Node) -> Callable[[bytes], bool] | None:
    """Return a function that tells of many texts that a node holds on none of them.

    They are given as one, in UTF-8, with line breaks or quotes between them; or they
    are JSON without a backslash.  There is one for `matches` of `@`, `lower(@)` or
    `to_string(@)` with a pattern, and for what holds only where one such holds (`node`
    is `about_value`).
    """
    match node:
        case tree.Selection(_, inner):
            return absent(inner)
        case tree.Or(operands):
            each = [absent(operand) for operand in operands]
            tests = [test for test in each if test is not None]
            if len(tests) < len(each):
                return None
            return lambda texts: all(test(texts) for test in tests)
        case tree.Function("matches", (value, tree.Literal(str(pattern)))):
            occurs = pattern_in_any(pattern)
        case _:
            return None
    match value:
        case tree.Current() if occurs:
            return lambda texts: not occurs(texts)
        case tree.Function("lower", (tree.Current(),)) if occurs:
            return lambda texts: not occurs(texts.decode().lower().encode())
        case tree.Function("to_string", (tree.Current(),)) if occurs:
            if is_spelled_alike(pattern):
                return lambda texts: not occurs(texts)
    return None


def join(nodes: tuple[tree.Node, ...]) -> tree.Node | None:
    """Join parts into one node again; None when there are none."""
    return tree.And(nodes) if len(nodes) > 1 else next(iter(nodes), None)
