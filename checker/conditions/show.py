"""Print a tree as JMESPath text that parses to the same tree.

What follows a projection (`a[*].b`) belongs to each element, so a projection that is
itself the base of something stands in parentheses: `(a[*].b)[0]`.
"""

from __future__ import annotations

import json
import re

from checker.conditions import tree

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_PROJECTIONS = (tree.ListProjection, tree.ValueProjection, tree.FilterProjection)

# How strongly each operator binds; everything else binds as 5.
_STRENGTH: dict[type[tree.Node], int] = {
    tree.Pipe: 1,
    tree.Or: 2,
    tree.And: 3,
    tree.Comparator: 4,
}
_TIGHT = 5


def show(node: tree.Node) -> str:  # noqa: C901 - one case for each node
    """The text of a tree; a selection shows as its name."""
    match node:
        case tree.Pipe(left, right):
            return f"{_within(left, 1)} | {_within(right, 2)}"
        case tree.Or(operands):
            return " || ".join(_within(each, 3) for each in operands)
        case tree.And(operands):
            return " && ".join(_within(each, 4) for each in operands)
        case tree.Comparator(operator, left, right):
            return f"{_within(left, _TIGHT)} {operator} {_within(right, _TIGHT)}"
        case tree.Not(operand):
            return f"!{_operand(operand)}"
        case tree.ExpRef(expression):
            return f"&{show(expression)}"
        case tree.Literal(_, parameter) if parameter:
            return f"parameter({_literal(parameter)})"
        case tree.Literal(value):
            return _literal(value)
        case tree.Current():
            return "@"
        case tree.Path(names):
            return ".".join(quoted(name) for name in names)
        case tree.Selection(name):
            return quoted(name)
        case tree.Function(name, arguments):
            return f"{name}({', '.join(show(each) for each in arguments)})"
        case tree.MultiSelectList(items):
            return _list(items)
        case tree.MultiSelectDict(items):
            pairs = (f"{quoted(key)}: {show(item)}" for key, item in items)
            return "{" + ", ".join(pairs) + "}"
        case tree.ValueProjection(tree.Current(), right):
            return f"*{_each(right)}"
    return _postfix(node)


def quoted(name: str) -> str:
    """A name as an identifier, in double quotes where it needs them."""
    if _BARE.fullmatch(name):
        return name
    return json.dumps(name, ensure_ascii=False)


def _literal(value: object) -> str:
    if isinstance(value, str) and "\\" not in value:
        return "'" + value.replace("'", "\\'") + "'"
    # A backtick would end the literal; in JSON it has another spelling.
    return "`" + json.dumps(value, ensure_ascii=False).replace("`", "\\u0060") + "`"


def _list(items: tuple[tree.Node, ...]) -> str:
    texts = [show(item) for item in items]
    if texts == ["*"]:
        # `[*]` would be a projection.
        texts = ["(*)"]
    return f"[{', '.join(texts)}]"


def _within(node: tree.Node, strength: int) -> str:
    """A node as an operand of an operator that binds so strongly."""
    text = show(node)
    return text if _STRENGTH.get(type(node), _TIGHT) >= strength else f"({text})"


def _operand(node: tree.Node) -> str:
    """A node after `!`, which takes one name or call, and no dot."""
    match node:
        case tree.Path((_,)) | tree.Selection() | tree.Function() | tree.Not():
            return show(node)
        case tree.Literal() | tree.Current():
            return show(node)
    return f"({show(node)})"


def _base(node: tree.Node) -> str:
    """A node that a dot or bracket follows."""
    strong = type(node) not in _STRENGTH and not isinstance(node, tree.Not)
    if strong and not isinstance(node, _PROJECTIONS):
        return show(node)
    return f"({show(node)})"


def _postfix(node: tree.Node) -> str:
    """A node that ends in a dot, bracket or projection."""
    match node:
        case tree.Sub(left, right):
            return f"{_base(left)}.{show(right)}"
        case tree.Index(base, index):
            return f"{_base(base)}[{index}]"
        case tree.Slice(base):
            return f"{_base(base)}{_slice(node)}"
        case tree.Flatten(base):
            return f"{_base(base)}[]"
        case tree.ListProjection(base, right):
            return f"{_base(base)}{_star(base)}{_each(right)}"
        case tree.ValueProjection(base, right):
            return f"{_base(base)}.*{_each(right)}"
        case tree.FilterProjection(base, condition, right):
            return f"{_base(base)}[?{show(condition)}]{_each(right)}"
    raise TypeError(node)


def _slice(node: tree.Slice) -> str:
    parts = ["" if part is None else str(part) for part in (node.start, node.stop)]
    if node.step is not None:
        parts.append(str(node.step))
    return f"[{':'.join(parts)}]"


def _star(base: tree.Node) -> str:
    """`[*]`, unless a slice or `[]` projects already."""
    if isinstance(base, tree.Flatten):
        return ""
    if isinstance(base, tree.Slice):
        # The library's parser does not project a slice that follows an index.
        return "[*]" if isinstance(base.base, tree.Index | tree.Slice) else ""
    return "[*]"


def _each(node: tree.Node) -> str:
    """What a projection does with each element, as it follows the projection."""
    match node:
        case tree.MultiSelectList(items):
            return f".{_list(items)}"
        case tree.MultiSelectDict():
            return f".{show(node)}"
    return _follow(node)


def _follow(node: tree.Node) -> str:
    """Like `_each`, where more follows: no parentheses are possible or needed here."""
    match node:
        case tree.Current():
            return ""
        case tree.Path() | tree.Function() | tree.Selection():
            return f".{show(node)}"
        case tree.MultiSelectList(items):
            return _list(items)
        case tree.Sub(left, right):
            return f"{_follow(left)}.{show(right)}"
        case tree.Index(base, index):
            return f"{_follow(base)}[{index}]"
        case tree.Slice(base):
            return f"{_follow(base)}{_slice(node)}"
        case tree.ListProjection(base, right):
            return f"{_follow(base)}{_star(base)}{_each(right)}"
        case tree.ValueProjection(base, right):
            return f"{_follow(base)}.*{_each(right)}"
        case tree.FilterProjection(base, condition, right):
            return f"{_follow(base)}[?{show(condition)}]{_each(right)}"
    return f".{show(node)}"
