"""Parse the condition of a Sigma rule: and, or, not, parentheses, `1 of x*`.

`not` binds before `and`, `and` before `or`.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md#condition
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from checker import documents
from checker.conditions import tree
from checker.conditions.wildcards import like
from checker.errors import ConditionError
from checker.rules.sigma.fields import joined_by

MAX_DEPTH = 50
"""Deepest nesting of parentheses and `not`."""

MAX_TEXT = 64 * 1024

MAX_SIZE = 100_000
"""The most nodes of a condition with its selections put in."""

_TOKEN = re.compile(r"[\w*?.-]+|[()]|\S")
_WORD = re.compile(r"[\w*?.-]+|[()]")
_NEAR = re.compile(r"\|\s*near\b")
_WORDS = frozenset({"and", "or", "not"})
_EVERY = {"1": False, "any": False, "all": True}


class Token(NamedTuple):
    """A word or parenthesis of a condition, and where it is; empty at the end."""

    text: str
    offset: int


def parse(text: str, selections: Mapping[str, tree.Node]) -> tree.Node:
    """Return the tree of a condition over some selections.

    Raises `ConditionError` with the offset of the mistake.
    """
    parser = _Parser(_tokens(text), selections)
    node = parser.either()
    parser.end()
    return node


def _tokens(text: str) -> list[Token]:
    if len(text) > MAX_TEXT:
        raise ConditionError(f"the condition has more than {MAX_TEXT:,} characters")
    found = [Token(each[0], each.start()) for each in _TOKEN.finditer(text)]
    for token in found:
        if not _WORD.fullmatch(token.text):
            raise _unexpected(text, token)
    return [*found, Token("", len(text))]


def _unexpected(text: str, token: Token) -> ConditionError:
    if token.text != "|":
        message = f"unexpected {token.text!r}: write and, or, not"
    elif _NEAR.match(text, token.offset):
        message = (
            "'near' is no longer part of Sigma: write a correlation of type temporal"
        )
    else:
        message = (
            "counting after '|' is no longer part of Sigma: write a correlation of "
            "type event_count or value_count"
        )
    return ConditionError(message, token.offset)


class _Parser:
    """Reads a condition from left to right."""

    def __init__(
        self, tokens: list[Token], selections: Mapping[str, tree.Node]
    ) -> None:
        self._tokens = tokens
        self._selections = selections
        self._at = 0
        self._depth = 0
        self._sizes: dict[str, int] = {}
        self._size = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def either(self) -> tree.Node:
        """Read `a or b`."""
        operands = [self._both()]
        while self._takes("or"):
            operands.append(self._both())
        return joined_by(tree.Or, operands)

    def end(self) -> None:
        """Check that nothing is left."""
        text, offset = self._next
        if text == ")":
            raise ConditionError("this ')' was never opened", offset)
        if text:
            self._refuse_word()
            raise ConditionError(f"unexpected '{text}': join with and or or", offset)

    def _both(self) -> tree.Node:
        operands = [self._negated()]
        while self._takes("and"):
            operands.append(self._negated())
        return joined_by(tree.And, operands)

    def _negated(self) -> tree.Node:
        negations = 0
        while self._takes("not"):
            negations += 1
        node = self._operand()
        return tree.Not(node) if negations % 2 else node

    def _operand(self) -> tree.Node:
        text, offset = self._next
        if text == "(":
            return self._group()
        if not text:
            raise ConditionError("the condition ends too early", offset)
        if text == ")" or text in _WORDS:
            raise ConditionError(f"'{text}' stands where a selection is wanted", offset)
        after = self._tokens[self._at + 1].text
        if after == "of":
            return self._several()
        self._refuse_word()
        self._at += 1
        if text not in self._selections:
            hint = documents.nearest(text, list(self._selections))
            if text == "them":
                hint = ": write '1 of them' or 'all of them'"
            raise ConditionError(f"there is no selection '{text}'{hint}", offset)
        return self._selection(text, offset)

    def _group(self) -> tree.Node:
        opened = self._next.offset
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ConditionError(f"nested more than {MAX_DEPTH} levels deep", opened)
        self._at += 1
        node = self.either()
        if not self._takes(")"):
            raise ConditionError("this '(' is never closed", opened)
        self._depth -= 1
        return node

    def _several(self) -> tree.Node:
        """Read `1 of x*`, `all of them` and the like."""
        quantifier, offset = self._next
        pattern = self._tokens[self._at + 2].text
        if quantifier not in _EVERY:
            raise ConditionError(
                f"'{quantifier} of': Sigma knows '1 of', 'any of' and 'all of'", offset
            )
        if not pattern or pattern in "()" or pattern in _WORDS:
            raise ConditionError("'of' wants a name such as filter_* or 'them'", offset)
        names = [name for name in self._selections if _is_meant(pattern, name)]
        if not names:
            raise ConditionError(
                f"'{quantifier} of {pattern}' names no selection of this rule", offset
            )
        self._at += 3
        chosen = [self._selection(name, offset) for name in names]
        return joined_by(tree.And if _EVERY[quantifier] else tree.Or, chosen)

    def _selection(self, name: str, offset: int) -> tree.Node:
        node = self._selections[name]
        if name not in self._sizes:
            self._sizes[name] = sum(1 for _ in tree.walk(node))
        self._size += self._sizes[name]
        if self._size > MAX_SIZE:
            raise ConditionError(
                f"with its selections the condition has more than {MAX_SIZE:,} parts: "
                "name each selection once",
                offset,
            )
        return tree.Selection(name, node, offset)

    def _refuse_word(self) -> None:
        text, offset = self._next
        if text.lower() in _WORDS and text not in _WORDS:
            raise ConditionError(
                f"operators are written small: '{text.lower()}'", offset
            )

    def _takes(self, text: str) -> bool:
        if self._next.text != text:
            return False
        self._at += 1
        return True


def _is_meant(pattern: str, name: str) -> bool:
    """Return whether a pattern of `of` means a selection.

    Names that begin with `_` are meant only by a pattern that begins so.
    """
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    if pattern == "them":
        return True
    return like(name, pattern, single="")
