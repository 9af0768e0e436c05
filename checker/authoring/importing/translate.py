"""Translate Sigma's tests into this project's conditions, which find the same events.

Text is compared in lower case, unless AWS spells the field in one way; a field
that AWS documents as a number or a truth value is compared as such.  What only Sigma's
own functions can say, stays: arrays on the way, and fields that nobody documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from checker.authoring.importing import shapes
from checker.authoring.importing.shapes import Field
from checker.authoring.lint.pins import ANYTHING, Pins, both, pins
from checker.authoring.lint.sigma import SigmaSubject, spelling
from checker.conditions import sigma_text, tree
from checker.conditions.parts import uses_sigma
from checker.conditions.sigma_functions import CASED, ORDERS, PREFIX
from checker.conditions.sigma_plain import plain
from checker.conditions.sigma_text import Place
from checker.conditions.tree import NO_PLACE
from checker.documents import Document
from checker.model import AnyRule, Detection, DetectionRule
from checker.rules.sigma.fields import joined_by

_TESTS = {
    Place.INSIDE: "contains",
    Place.START: "starts_with",
    Place.END: "ends_with",
}
_PLACES = {place.value: place for place in Place}
_SYMBOLS: dict[str, tree.Operator] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_LOWER = frozenset({("eventSource",), ("awsRegion",)})
"""Fields whose values AWS spells in lower case."""

_SPELLED_ALIKE = frozenset(
    {("eventType",), ("eventCategory",), ("userIdentity", "type")}
)
"""Fields whose documented values AWS spells in one way."""

_WRITTEN_NULL = frozenset(
    {("requestParameters",), ("responseElements",), ("additionalEventData",)}
)
"""Fields that CloudTrail writes as null where there is nothing to say."""


def in_our_dialect(rule: AnyRule) -> AnyRule:
    """Return a rule with Sigma's tests translated; one without any as it is.

    What only Sigma's own functions can say, stays.
    """
    if not isinstance(rule, DetectionRule) or not uses_sigma(rule.detection.condition):
        return rule
    translator = Translator(SigmaSubject(rule, Document(rule.path, "", {})))
    condition = _unplaced(translator.node(rule.detection.condition))
    found = {
        each.name: each.node
        for each in tree.walk(condition)
        if isinstance(each, tree.Selection)
    }
    names = [name for name in rule.detection.selections if name in found]
    detection = Detection({name: found[name] for name in names}, condition)
    return structs.replace(rule, detection=detection)


def _unplaced(node: tree.Node) -> tree.Node:
    """Copy a condition whose parts stand in no text of this project's dialect."""
    below = [_unplaced(child) for child in tree.children(node)]
    copy = tree.with_children(node, below)
    if isinstance(copy, tree.Path | tree.Function | tree.Selection):
        return structs.replace(copy, offset=NO_PLACE)
    return copy


@dataclass(slots=True)
class Translator:
    """Translates one rule; `changes` say where more than the spelling is another."""

    subject: SigmaSubject
    changes: dict[str, None] = field(default_factory=dict)

    def node(self, node: tree.Node, about: Pins = ANYTHING) -> tree.Node:
        """Translate a condition, about the events that the parts beside it ask for."""
        match node:
            case tree.Selection(name, inner, offset):
                return tree.Selection(name, self.node(inner, about), offset)
            case tree.Not(operand):
                return tree.Not(self.node(operand, about))
            case tree.And(operands):
                about = both(about, pins(plain(node)))
                return joined_by(tree.And, [self.node(x, about) for x in operands])
            case tree.Or(operands):
                return joined_by(tree.Or, [self.node(x, about) for x in operands])
            case tree.Function(name, (tree.Path() as path, *_)) if name.startswith(
                PREFIX
            ):
                return self._test(node, path, about)
        return node

    def _test(self, node: tree.Function, path: tree.Path, about: Pins) -> tree.Node:
        name = node.name.removeprefix(PREFIX)
        kind = shapes.of(self.subject, path, about)
        if not kind.is_scalar and name not in ("null", "exists"):
            return node
        if name.removesuffix(CASED) in _PLACES:
            return self._texts(node, path, kind)
        if name in _MAKERS and kind.is_text:
            return _MAKERS[name](path, node.arguments[1:])
        if name in ORDERS and kind.kinds == {"number"}:
            return tree.Comparator(_SYMBOLS[name], path, node.arguments[1])
        if name == "null" and (kind.is_scalar or len(path.names) == 1):
            return tree.Comparator("==", path, tree.Literal(None))
        if name == "exists" and kind.is_scalar and path.names not in _WRITTEN_NULL:
            return tree.Comparator("!=", path, tree.Literal(None))
        return node

    def _texts(self, node: tree.Function, path: tree.Path, kind: Field) -> tree.Node:
        name = node.name.removeprefix(PREFIX)
        place, cased = _PLACES[name.removesuffix(CASED)], name.endswith(CASED)
        given = node.arguments[1]
        assert isinstance(given, tree.Literal)
        values: Any = given.value
        plains = [sigma_text.plain(value) for value in values]
        whole = place is Place.WHOLE and None not in plains
        if whole and not kind.is_text:
            typed = self._typed(path, kind, [str(value) for value in plains])
            return node if typed is None else typed
        if not kind.is_text:
            return node
        if whole:
            texts = [str(value) for value in plains]
            return self._whole(path, kind, texts, cased=cased)
        return joined_by(tree.Or, [_part(path, place, x, cased=cased) for x in values])

    def _typed(
        self, path: tree.Path, kind: Field, texts: Sequence[str]
    ) -> tree.Node | None:
        """Compare a truth value or a number as what it is, if all texts are one."""
        found: list[object] = []
        for text in texts:
            if kind.kinds == {"boolean"} and text.lower() in ("true", "false"):
                found.append(text.lower() == "true")
            elif kind.kinds == {"number"} and re.fullmatch(r"-?[0-9]{1,15}", text):
                found.append(int(text))
            else:
                return None
        what = "a truth value" if kind.kinds == {"boolean"} else "a number"
        self._tell(f"{_shown(path)} compared as {what}, which AWS records")
        return _one_of(path, found)

    def _whole(
        self, path: tree.Path, kind: Field, texts: Sequence[str], *, cased: bool
    ) -> tree.Node:
        if cased:
            return _one_of(path, list(texts))
        spelled = [_spelled(path, kind, text) for text in texts]
        if None not in spelled:
            for text, better in zip(texts, spelled, strict=True):
                if text != better:
                    self._tell(f"{_shown(path)} {text} spelled as AWS does: {better}")
            return _one_of(path, list(dict.fromkeys(spelled)))
        lower = list(dict.fromkeys(text.lower() for text in texts))
        if all(text == text.upper() for text in lower):
            return _one_of(path, lower)
        return _one_of(tree.Function("lower", (path,), path.offset), lower)

    def _tell(self, change: str) -> None:
        self.changes.setdefault(change)


def _shown(path: tree.Path) -> str:
    return ".".join(path.names)


def _spelled(path: tree.Path, kind: Field, text: str) -> str | None:
    """Return the one spelling that AWS has for a text in any case, if it has one."""
    if path.names in _LOWER:
        return text.lower()
    if path.names == ("eventName",):
        return spelling(text)
    same = [each for each in kind.values if each.lower() == text.lower()]
    return same[0] if path.names in _SPELLED_ALIKE and len(same) == 1 else None


def _one_of(read: tree.Node, values: list[Any]) -> tree.Node:
    if len(values) == 1:
        return tree.Comparator("==", read, tree.Literal(values[0]))
    return tree.Function("one_of", (read, tree.Literal(values)))


def _part(path: tree.Path, place: Place, value: str, *, cased: bool) -> tree.Node:
    """Return the test of a text for a part of it, or a pattern."""
    text = sigma_text.plain(value)
    if text is None:
        if set(sigma_text.parts(value)) == {sigma_text.Wildcard.ANY}:
            return tree.Comparator("!=", path, tree.Literal(None))
        pattern = sigma_text.pattern(place, value, cased=cased)
        return tree.Function("matches", (path, tree.Literal(pattern)), path.offset)
    if place is Place.WHOLE:
        wanted = tree.Literal(text if cased else text.lower())
        return tree.Comparator("==", _lower(path, cased=cased), wanted)
    literal = tree.Literal(text if cased else text.lower())
    return tree.Function(_TESTS[place], (_lower(path, cased=cased), literal))


def _lower(path: tree.Path, *, cased: bool) -> tree.Node:
    return path if cased else tree.Function("lower", (path,), path.offset)


def _patterns(path: tree.Path, given: Sequence[tree.Node]) -> tree.Node:
    (literal,) = given
    assert isinstance(literal, tree.Literal)
    patterns: Any = literal.value
    return joined_by(
        tree.Or,
        [tree.Function("matches", (path, tree.Literal(each))) for each in patterns],
    )


def _networks(path: tree.Path, given: Sequence[tree.Node]) -> tree.Node:
    return tree.Function("cidr_contains", (given[0], path))


_MAKERS: dict[str, Callable[[tree.Path, Sequence[tree.Node]], tree.Node]] = {
    "re": _patterns,
    "cidr": _networks,
}
