"""Turn a condition's text into a tree, or says where it is wrong.

The `jmespath` library parses (this is the only place that knows it, and imports it
where there is something to parse: rules are kept parsed).  Here its untyped answer gets
types, positions, a normal form, bounds, and the checks that the library leaves for run
time.  https://jmespath.org/specification.html
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, cast

from checker.conditions import mistakes, tree
from checker.conditions.functions import STANDARD
from checker.conditions.growth import check_growth
from checker.conditions.mistakes import Token
from checker.conditions.signature import Function
from checker.errors import ConditionError
from checker.memo import Memo

MAX_TEXT = 64 * 1024
"""Longest text, in bytes of UTF-8."""

MAX_NESTING = 100
"""Deepest nesting of brackets, `!`, `&` and projections, and of a literal."""

MAX_DEPTH = 250
"""Deepest tree, in nodes."""

_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_LONGEST_PLAIN = 256
"""Paths of names alone need no parser: there are hundreds at every start.  A longer one
might be too deep."""

_MARKS = {"unquoted_identifier", "quoted_identifier", "literal", "expref"}

OPERATORS = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def parse(text: str, functions: Mapping[str, Function] = STANDARD) -> tree.Node:
    """The tree of a condition.

    Raises `ConditionError` with the offset of the mistake: wrong syntax, an unknown
    function, a wrong number of arguments, an `&expression` where a value is wanted (or
    the reverse), a literal that a function cannot use, too long or too deep a text, or
    one that can build values out of all proportion (`growth`).
    """
    if len(text) <= _LONGEST_PLAIN and _PLAIN.fullmatch(text):
        return tree.Path(tuple(text.split(".")))
    if not text.strip():
        raise ConditionError("the condition is empty", 0)
    if len(text.encode(errors="surrogatepass")) > MAX_TEXT:
        raise ConditionError(f"longer than {MAX_TEXT} bytes", 0)
    tokens = _tokens(text)
    mistakes.check_nesting(tokens, MAX_NESTING)
    node = _Converter(tokens, functions).value(_parsed(text, tokens))
    check_growth(node, functions)
    return node


class _Fields(Memo[str, tree.Node]):
    def __missing__(self, text: str) -> tree.Node:
        return self.keep(text, parse(text), len(text))


_FIELDS = _Fields()


def parse_field(text: str) -> tree.Node:
    """Return the tree of what names a field; most rules name the same few ones."""
    return _FIELDS[text]


def keep_fields(known: Mapping[str, tree.Node]) -> None:
    """Remember what was parsed before: what `parse_field` would return of each text."""
    _FIELDS.update(known)


def _tokens(text: str) -> list[Token]:
    """The library's tokens, with the deprecated bare literals (`` `foo` ``) allowed."""
    import jmespath.exceptions
    import jmespath.lexer

    found: list[Any] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            found.extend(jmespath.lexer.Lexer().tokenize(text))
    except jmespath.exceptions.LexerError as error:
        raise mistakes.of_lexer(text, error) from None
    except (RecursionError, ValueError):
        # A literal nested thousands deep, or a number of thousands of digits.
        raise mistakes.oversized(text, found) from None
    for token in found:
        if token["type"] == "literal":
            mistakes.check_literal(token["value"], token["start"], MAX_NESTING)
    mistakes.check_slices(found)
    return found


def _parsed(text: str, tokens: list[Token]) -> Any:
    import jmespath.exceptions
    import jmespath.parser

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            parsed = jmespath.parser.Parser().parse(text).parsed
    except jmespath.exceptions.ParseError as error:
        raise mistakes.of_parser(text, tokens, error) from None
    except (RecursionError, IndexError):
        raise ConditionError("nested too deeply", 0) from None
    mistakes.check_depth(parsed, MAX_DEPTH)
    return parsed


def _spine(node: Any, kind: str) -> list[Any]:
    """The operands of a chain that the library keeps as a deep tree of pairs."""
    operands: list[Any] = []
    stack = [node]
    while stack:
        each = stack.pop()
        if each["type"] == kind:
            stack.extend(reversed(each["children"]))
        else:
            operands.append(each)
    return operands


class _Converter:
    """From the library's dictionaries to our tree, names matched with their tokens."""

    def __init__(self, tokens: list[Token], functions: Mapping[str, Function]) -> None:
        self._functions = functions
        # In the order of the text, which is the order in which nodes are converted.
        self._marks = [token for token in tokens if token["type"] in _MARKS]
        self._passed = 0

    def convert(self, node: Any) -> tree.Node:
        """The tree of one of the library's nodes and everything below it."""
        handler = cast(
            "Callable[[Any], tree.Node]", getattr(self, f"_convert_{node['type']}")
        )
        return handler(node)

    def value(self, node: Any) -> tree.Node:
        """Like `convert`, where a value is wanted."""
        if node["type"] == "expref":
            raise ConditionError(
                "`&` belongs in front of a function's argument", self._ahead()
            )
        return self.convert(node)

    def _ahead(self) -> int:
        """Where the next mark stands."""
        return int(self._marks[self._passed]["start"])

    def _offset(self) -> int:
        """Where the next mark stands, which the node at hand has brought forth."""
        self._passed += 1
        return int(self._marks[self._passed - 1]["start"])

    def _convert_identity(self, _: Any) -> tree.Node:
        return tree.Current()

    _convert_current = _convert_identity

    def _convert_field(self, node: Any) -> tree.Node:
        return tree.Path((node["value"],), self._offset())

    def _convert_literal(self, node: Any) -> tree.Node:
        self._offset()
        return tree.Literal(node["value"])

    def _convert_subexpression(self, node: Any) -> tree.Node:
        first, *rest = node["children"]
        result = self.value(first)
        for each in rest:
            result = _dotted(result, self.value(each))
        return result

    def _convert_pipe(self, node: Any) -> tree.Node:
        left, right = node["children"]
        return tree.Pipe(self.value(left), self.value(right))

    def _convert_and_expression(self, node: Any) -> tree.Node:
        operands = _spine(node, "and_expression")
        return tree.And(tuple(self.value(each) for each in operands))

    def _convert_or_expression(self, node: Any) -> tree.Node:
        operands = _spine(node, "or_expression")
        return tree.Or(tuple(self.value(each) for each in operands))

    def _convert_not_expression(self, node: Any) -> tree.Node:
        return tree.Not(self.value(node["children"][0]))

    def _convert_comparator(self, node: Any) -> tree.Node:
        left, right = node["children"]
        symbol = cast("tree.Operator", OPERATORS[node["value"]])
        return tree.Comparator(symbol, self.value(left), self.value(right))

    def _convert_index_expression(self, node: Any) -> tree.Node:
        first, *rest = node["children"]
        result = self.value(first)
        for each in rest:
            if each["type"] == "index":
                result = tree.Index(result, each["value"])
            else:
                result = tree.Slice(result, *each["children"])
        return result

    def _convert_flatten(self, node: Any) -> tree.Node:
        return tree.Flatten(self.value(node["children"][0]))

    def _convert_projection(self, node: Any) -> tree.Node:
        left, right = node["children"]
        return tree.ListProjection(self.value(left), self.value(right))

    def _convert_value_projection(self, node: Any) -> tree.Node:
        left, right = node["children"]
        return tree.ValueProjection(self.value(left), self.value(right))

    def _convert_filter_projection(self, node: Any) -> tree.Node:
        left, right, condition = node["children"]
        base = self.value(left)
        wanted = self.value(condition)
        return tree.FilterProjection(base, wanted, self.value(right))

    def _convert_multi_select_list(self, node: Any) -> tree.Node:
        return tree.MultiSelectList(tuple(self.value(x) for x in node["children"]))

    def _convert_multi_select_dict(self, node: Any) -> tree.Node:
        items = []
        for pair in node["children"]:
            self._offset()
            items.append((pair["value"], self.value(pair["children"][0])))
        return tree.MultiSelectDict(tuple(items))

    def _convert_expref(self, node: Any) -> tree.Node:
        self._offset()
        return tree.ExpRef(self.value(node["children"][0]))

    def _convert_function_expression(self, node: Any) -> tree.Node:
        name, offset = node["value"], self._offset()
        arguments, offsets = [], []
        for each in node["children"]:
            offsets.append(self._ahead() if self._passed < len(self._marks) else offset)
            arguments.append(self.convert(each))
        result = tree.Function(name, tuple(arguments), offset)
        mistakes.check_call(result, self._functions, offsets)
        return result


def _dotted(left: tree.Node, right: tree.Node) -> tree.Node:
    """`left.right` in normal form: what is read first stands deepest."""
    if isinstance(left, tree.Current):
        return right
    match right:
        case tree.Path(names, offset):
            return _extended(left, names, offset)
        case tree.Index(base, index):
            return tree.Index(_dotted(left, base), index)
        case tree.Slice(base, start, stop, step):
            return tree.Slice(_dotted(left, base), start, stop, step)
        case tree.Flatten(base):
            return tree.Flatten(_dotted(left, base))
        case tree.ListProjection(base, each):
            return tree.ListProjection(_dotted(left, base), each)
        case tree.ValueProjection(base, each):
            return tree.ValueProjection(_dotted(left, base), each)
        case tree.FilterProjection(base, condition, each):
            return tree.FilterProjection(_dotted(left, base), condition, each)
        case tree.Sub(inner, outer):
            return _dotted(_dotted(left, inner), outer)
    return tree.Sub(left, right)


def _extended(left: tree.Node, names: tuple[str, ...], offset: int) -> tree.Node:
    match left:
        case tree.Path(first, start):
            return tree.Path(first + names, start)
        case tree.Sub(base, tree.Path(first, start)):
            return tree.Sub(base, tree.Path(first + names, start))
    return tree.Sub(left, tree.Path(names, offset))
