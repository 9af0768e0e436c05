"""Find the mistakes in a condition's text and words them for people."""

from __future__ import annotations

import itertools
import math
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from checker.conditions import habits, tree
from checker.conditions.signature import EXPREF, Function
from checker.errors import ConditionError

Token: TypeAlias = dict[str, Any]

_OPEN = {"lparen", "lbracket", "lbrace", "filter"}
_CLOSE = {"rparen", "rbracket", "rbrace"}
_OPERATOR = {"or", "and", "pipe", "eq", "ne", "lt", "lte", "gt", "gte"}
_CHAINS = {"or_expression", "and_expression"}

_QUOTED = re.compile(r"""(["'`])(?:\\.|(?!\1|\\).)*+\1""", re.DOTALL)
"""A text, name or literal with its closing quote."""


def check_nesting(tokens: Iterable[Token], limit: int) -> None:
    """Refuse a text whose parsing would go deeper than `limit`, before it is parsed.

    Counted are open brackets and, inside each, the `!`, `&` and projections that the
    parser keeps open: `!` and projections to the next operator, `&` to the next comma.
    """
    levels = [_Level("")]
    total = 0
    before = ""
    for token in tokens:
        kind = token["type"]
        here = levels[-1]
        if kind in _CLOSE and len(levels) > 1:
            total -= levels.pop().size + 1
            if before == "star" or here.slices:
                levels[-1].chain += 1
                total += 1
        elif kind == "colon" and here.kind == "lbracket":
            here.slices = True
        elif kind == "comma" or kind in _OPERATOR:
            total -= here.end(everything=kind == "comma")
        elif kind == "expref":
            here.references += 1
            total += 1
        elif kind in {"not", "star", "filter"}:
            here.chain += 1
            total += 1
        if kind in _OPEN:
            levels.append(_Level(kind))
            total += 1
        if total > limit:
            raise ConditionError(
                f"nested more than {limit} levels deep", token["start"]
            )
        before = kind


class _Level:
    """What the parser keeps open inside one bracket, or in the text itself."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.chain = 0
        self.references = 0
        self.slices = False

    @property
    def size(self) -> int:
        return self.chain + self.references

    def end(self, *, everything: bool) -> int:
        """Close what an operator closes (a comma: everything); how much that was."""
        size = self.size
        self.chain = 0
        if everything:
            self.references = 0
        return size - self.size


def check_depth(parsed: Any, limit: int) -> None:
    """Refuse a tree of the library's that is deeper than `limit` nodes."""
    stack = [(parsed, 1)]
    while stack:
        node, depth = stack.pop()
        if depth > limit:
            raise ConditionError(f"the condition is more than {limit} levels deep", 0)
        if not isinstance(node, dict):
            continue
        for child in node["children"]:
            chained = (
                node["type"] in _CHAINS
                and isinstance(child, dict)
                and child["type"] == node["type"]
            )
            stack.append((child, depth if chained else depth + 1))


def check_literal(value: Any, offset: int, limit: int) -> None:
    """Refuse NaN, infinities and deep nesting in a literal."""
    stack = [(value, 0)]
    while stack:
        each, depth = stack.pop()
        if depth > limit:
            raise ConditionError(f"nested more than {limit} levels deep", offset)
        if isinstance(each, float) and not math.isfinite(each):
            raise ConditionError("a number that JSON cannot hold", offset)
        if isinstance(each, dict):
            stack.extend((inner, depth + 1) for inner in each.values())
        elif isinstance(each, list):
            stack.extend((inner, depth + 1) for inner in each)


def check_slices(tokens: list[Token]) -> None:
    """Refuse a slice that would step by 0."""
    since: deque[Token] = deque(maxlen=5)  # a slice has no more: start:stop:step
    for token in tokens:
        if token["type"] == "lbracket":
            since.clear()
        elif token["type"] == "rbracket" and len(since) > 2:
            kinds = [each["type"] for each in since]
            step = since[-1]
            if step["value"] == 0 and kinds[-2] == "colon" and kinds.count("colon") > 1:
                raise ConditionError("the step of a slice cannot be 0", step["start"])
        else:
            since.append(token)


def check_call(
    call: tree.Function, functions: Mapping[str, Function], offsets: Sequence[int]
) -> None:
    """Refuse a call of an unknown function or with arguments it cannot use.

    `offsets` are those of the arguments.
    """
    function = functions.get(call.name)
    if function is None:
        import difflib

        near = difflib.get_close_matches(call.name, functions, n=1)
        hint = f"; did you mean {near[0]}()?" if near else ""
        usual = habits.function(call.name)
        if usual and not (near and near[0] in usual):
            hint = f"; write {usual}"
        raise ConditionError(f"unknown function {call.name}(){hint}", call.offset)
    _check_arity(call, function)
    if function.opens:
        _check_field(call, function, offsets)
    for position, argument in enumerate(call.arguments):
        wanted = function.arguments[min(position, len(function.arguments) - 1)]
        is_reference = isinstance(argument, tree.ExpRef)
        if is_reference != (wanted == EXPREF):
            needs = "a value, not an &expression"
            if wanted == EXPREF:
                needs = "an expression with & in front, such as &name"
            raise ConditionError(
                f"{call.name}() takes {needs} as argument {position + 1}",
                offsets[position],
            )
        check = function.check.get(position)
        if check and isinstance(argument, tree.Literal):
            problem = check(argument.value)
            if problem:
                raise ConditionError(f"{call.name}(): {problem}", offsets[position])


def _check_field(
    call: tree.Function, function: Function, offsets: Sequence[int]
) -> None:
    """Refuse anything but a field, and a literal where the function takes one."""
    for position, argument in enumerate(call.arguments):
        if position in function.check:
            wanted: tuple[type[tree.Node], ...] = (tree.Literal,)
            needs = "a literal"
        else:
            wanted = (tree.Path, tree.Current)
            needs = "a field such as a.b.c, or @,"
        if not isinstance(argument, wanted):
            message = f"{call.name}() takes {needs} as argument {position + 1}"
            raise ConditionError(message, offsets[position])


def _check_arity(call: tree.Function, function: Function) -> None:
    wanted, given = len(function.arguments), len(call.arguments)
    if given == wanted or (function.variadic and given > wanted):
        return
    least = "at least " if function.variadic else ""
    plural = "" if wanted == 1 else "s"
    raise ConditionError(
        f"{call.name}() takes {least}{wanted} argument{plural}, not {given}",
        call.offset,
    )


def of_lexer(text: str, error: Any) -> ConditionError:
    """What the library's lexer stumbled over."""
    offset = int(error.lexer_position)
    value = str(error.lexer_value)
    if text[offset] in "'\"`" and not _QUOTED.match(text, offset):
        return ConditionError(f"this {text[offset]} is never closed", offset)
    if value == "=":
        return ConditionError(habits.lone_equals(text, offset), offset)
    if value == "-":
        return ConditionError(
            "`-` is no operator; a name that holds one needs double quotes, "
            'such as "x-amz-acl"',
            offset,
        )
    if text[offset] == '"':
        return ConditionError("a name in double quotes must be a JSON string", offset)
    if text[offset] == "`":
        return ConditionError("a literal in backticks must be JSON", offset)
    return ConditionError(f"unexpected {value[:20]!r}", offset)


def oversized(text: str, found: list[Token]) -> ConditionError:
    """A literal or number that is too much for the JSON reader."""
    start = found[-1]["start"] if found else 0
    match = re.compile(r"[`\"'\d-]").search(text, start + 1 if found else 0)
    return ConditionError(
        "a literal nested too deeply, or a number too long",
        match.start() if match else start,
    )


def of_parser(text: str, tokens: list[Token], error: Any) -> ConditionError:
    """What the library's parser stumbled over."""
    offset = int(error.lex_position)
    if type(error).__name__ == "IncompleteExpressionError" or offset == len(text):
        return ConditionError(_ends_early(tokens), len(text))
    if "Quoted identifier" in error.msg:
        offset = _before_parenthesis(tokens)
        return ConditionError("a function's name has no quotes", offset)
    at = next((n for n, t in enumerate(tokens) if t["start"] == offset), 0)
    habit = habits.recognize(text, tokens, at)
    if habit is not None:
        return habit
    token = tokens[at]
    shown = text[offset : offset + 20].split()[:1] or ["the end"]
    if token["type"] == "number":
        hint = (
            "a number needs backticks, such as `1`; a name that holds `-` needs "
            'double quotes, such as "x-amz-acl"'
        )
        return ConditionError(hint, offset)
    return ConditionError(f"unexpected {shown[0]!r}", offset)


def _ends_early(tokens: list[Token]) -> str:
    """Word what is missing at the end."""
    opened = [token["value"] for token in tokens if token["type"] in _OPEN]
    closed = sum(token["type"] in _CLOSE for token in tokens)
    if len(opened) > closed:
        return "the condition ends too early: a bracket is never closed"
    return "the condition ends too early"


def _before_parenthesis(tokens: list[Token]) -> int:
    for name, parenthesis in itertools.pairwise(tokens):
        if name["type"] == "quoted_identifier" and parenthesis["type"] == "lparen":
            return int(name["start"])
    return 0
