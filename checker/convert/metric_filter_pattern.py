"""Write forms as the pattern of a metric filter, in the style that fits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checker.conditions import tree
from checker.convert import form
from checker.convert.alternatives import alternatives
from checker.convert.form import Part, Text
from checker.convert.kinds import Kind, Kinds
from checker.convert.literals import reads_as_scalar
from checker.convert.refusal import RefusedError, unsaid
from checker.convert.target import At, AtomWriter, FormWriter

LONGEST = 1024
"""Characters of a pattern: API_PutMetricFilter."""


_MOST_EXPRESSIONS = 2
_DIGITS = "a filter takes digits in a text for a number"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_UNQUOTED = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PLAIN = frozenset(":_#=@/;,-")
"""What a regular expression takes unescaped, beside letters and digits."""


_REGULAR = re.compile(
    r"\^?(?:[A-Za-z0-9:_#=@/;,.+*?|-]|\\[.*+?^$/-]|\[[A-Za-z0-9._:/-]+\])+\$?"
)


def pattern_of(forms: list[tuple[form.Form, Kinds]]) -> tuple[str, tuple[str, ...]]:
    """Return a pattern that fits, and what it then takes for granted."""
    length = 0
    for style in _STYLES:
        pieces = [_Writer(kinds, style).said(whole) for whole, kinds in forms]
        parts = dict.fromkeys(pieces)
        pattern = "{ " + style.join("||", list(parts)) + " }"
        if pattern.count("%") > 2 * _MOST_EXPRESSIONS:
            raise RefusedError(
                "a filter takes two regular expressions, and it has more"
            )
        if len(pattern) <= LONGEST:
            return pattern, style.assumed
        length = len(pattern)
    raise RefusedError(
        f"its pattern has {length:,} characters, and a filter takes {LONGEST:,}"
    )


@dataclass(frozen=True, slots=True)
class _Style:
    """How short a pattern is written."""

    spaced: bool
    quoted: bool
    null_header: bool

    @property
    def assumed(self) -> tuple[str, ...]:
        if self.null_header:
            return ()
        return ("fields of the event's header are left out, never null",)

    def join(self, operator: str, parts: list[str]) -> str:
        return (f" {operator} " if self.spaced else operator).join(parts)

    def compare(self, selector: str, operator: str, value: str) -> str:
        glue = " " if self.spaced else ""
        return f"{selector}{glue}{operator}{glue}{value}"


_STYLES = (
    _Style(spaced=True, quoted=True, null_header=True),
    _Style(spaced=False, quoted=True, null_header=True),
    _Style(spaced=False, quoted=False, null_header=True),
    _Style(spaced=False, quoted=False, null_header=False),
)


@dataclass(frozen=True, slots=True)
class _Writer(FormWriter[str], AtomWriter[str, str]):
    """Writes forms as the text of a pattern; alternatives stand without parentheses."""

    kinds: Kinds
    style: _Style

    def all_of(self, parts: tuple[form.Form, ...]) -> str:
        return self.style.join("&&", [self._unit(part) for part in parts])

    def any_of(self, parts: tuple[form.Form, ...]) -> str:
        return self.style.join("||", [self.said(part) for part in parts])

    def _unit(self, part: form.Form) -> str:
        text = self.said(part)
        if isinstance(part, form.AnyOf) or (
            isinstance(part, form.Atom) and "||" in text
        ):
            return f"({text})"
        return text

    def atom(self, atom: form.Atom) -> str:
        return self.tested(atom)

    def elements(self, elements: form.Elements) -> str:
        why = "a filter does not look at each element of an array"
        raise RefusedError(why, elements)

    def at(self, atom: form.Atom) -> At[str]:
        return At(atom, _selector(atom), self.kinds.of(atom.names))

    def one_of(self, at: At[str], values: tuple[form.Scalar, ...]) -> str:
        rest = [value for value in values if value is not None]
        if at.atom.holds:
            text = self.style.join("||", [self._equal(at, value) for value in rest])
            return text if len(rest) == len(values) else self._absent_or(at, text)
        if len(rest) < len(values):
            if rest or not at.kind.is_scalar:
                why = "a filter has nothing that is all but null"
                raise RefusedError(why, at.atom)
            return self._compare(at, "=", '"*"')
        tests = [self._unequal(at, value) for value in rest]
        return self._absent_or(at, self.style.join("&&", tests))

    def text(self, at: At[str], test: Text) -> str:
        return self._texts(at, (test,))

    def contains(self, at: At[str], literal: str) -> str:
        if not at.kind.is_scalar:
            raise RefusedError("it is not known to be a text", at.atom)
        return self.text(at, Text(Part.INSIDE, literal))

    def matches(self, at: At[str], pattern: str, *, fold: bool) -> str:
        texts = alternatives(pattern, fold=fold)
        if texts is not None:
            return self._texts(at, texts)
        if fold or not at.atom.holds or not _REGULAR.fullmatch(pattern):
            why = "a filter's regular expressions have no groups and no flags"
            raise RefusedError(why, at.atom)
        return self._compare(at, "=", f"%{pattern}%")

    def ordered(self, at: At[str], operator: str, number: float) -> str:
        if at.kind is not Kind.NUMBER:
            raise RefusedError(_DIGITS, at.atom)
        if at.atom.holds:
            return self._compare(at, operator, str(number))
        opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator]
        return self._absent_or(at, self._compare(at, opposite, str(number)))

    def truthy(self, at: At[str]) -> str:
        if not at.kind.is_scalar:
            raise RefusedError(
                "it is not known to be a text, number or boolean, and a filter cannot "
                "see others",
                at.atom,
            )
        return self._something(at) if at.atom.holds else self._nothing(at)

    def _something(self, at: At[str]) -> str:
        match at.kind:
            case Kind.TEXT:
                there = self._compare(at, "=", '"*"')
                return self.style.join("&&", [there, self._compare(at, "!=", '""')])
            case Kind.NUMBER:
                return self._compare(at, "=", '"*"')
            case Kind.BOOLEAN:
                return f"{at.field} IS TRUE"
        raise RefusedError("a filter cannot tell false from its text", at.atom)

    def _nothing(self, at: At[str]) -> str:
        empty = self._compare(at, "=", '""')
        match at.kind:
            case Kind.NUMBER:
                return self._absent_or(at, "")
            case Kind.TEXT:
                return self._absent_or(at, empty)
        either = self.style.join("||", [empty, f"{at.field} IS FALSE"])
        return self._absent_or(at, either)

    def in_networks(self, at: At[str], networks: tuple[str, ...]) -> str:  # noqa: ARG002 - none can be said
        raise RefusedError("a filter has no networks", at.atom)

    def same_as(self, at: At[str], names: form.Names) -> str:  # noqa: ARG002 - none can be said
        raise RefusedError("a filter compares a field with constants alone", at.atom)

    def opaque(self, atom: form.Atom, node: tree.Node) -> str:
        raise RefusedError(unsaid(node, "a filter"), atom)

    def _compare(self, at: At[str], operator: str, value: str) -> str:
        return self.style.compare(at.field, operator, value)

    def _absent_or(self, at: At[str], rest: str) -> str:
        nothing = [f"{at.field} NOT EXISTS"]
        if self.style.null_header or not _is_header(at.atom.names):
            nothing.append(f"{at.field} IS NULL")
        return self.style.join("||", [*nothing, *([rest] if rest else [])])

    def _equal(self, at: At[str], value: form.Scalar) -> str:
        if isinstance(value, bool):
            return f"{at.field} IS {str(value).upper()}"
        if isinstance(value, str):
            return self._like(at, Text(Part.WHOLE, value))
        if at.kind is not Kind.NUMBER:
            raise RefusedError(_DIGITS, at.atom)
        return self._compare(at, "=", str(value))

    def _unequal(self, at: At[str], value: form.Scalar) -> str:
        if isinstance(value, bool):
            if at.kind is not Kind.BOOLEAN:
                raise RefusedError("it is not known to be a boolean", at.atom)
            return f"{at.field} IS {str(not value).upper()}"
        if isinstance(value, str):
            quoted = self._value(at, Text(Part.WHOLE, value))
            return self._compare(at, "!=", quoted)
        if at.kind is not Kind.NUMBER:
            raise RefusedError(_DIGITS, at.atom)
        return self._compare(at, "!=", str(value))

    def _texts(self, at: At[str], texts: tuple[Text, ...]) -> str:
        if not texts:
            raise RefusedError("it never holds", at.atom)
        if at.atom.holds:
            return self.style.join("||", [self._like(at, text) for text in texts])
        if any(text.fold for text in texts):
            raise RefusedError("a filter has no `!=` in any case", at.atom)
        tests = [self._compare(at, "!=", self._value(at, text)) for text in texts]
        return self._absent_or(at, self.style.join("&&", tests))

    def _like(self, at: At[str], text: Text) -> str:
        folded = _any_case(at.atom, text) if text.fold else None
        return self._compare(at, "=", folded or self._value(at, text))

    def _value(self, at: At[str], text: Text) -> str:
        literal = text.literal
        if "*" in literal:
            raise RefusedError("a filter takes `*` for a wildcard", at.atom)
        if "\\" in literal or '"' in literal or not literal.isprintable():
            why = "AWS documents no escape for a character of it"
            raise RefusedError(why, at.atom)
        if literal == "" and text.part is not Part.WHOLE:
            if at.kind is not Kind.TEXT:
                raise RefusedError("it is not known to be a text", at.atom)
            return '"*"'
        if at.kind is not Kind.TEXT and reads_as_scalar(text):
            why = "a filter takes a number or boolean for its text"
            raise RefusedError(why, at.atom)
        if text.part is Part.WHOLE:
            short = not self.style.quoted and _UNQUOTED.fullmatch(literal)
            return literal if short else f'"{literal}"'
        before = "" if text.part is Part.PREFIX else "*"
        after = "" if text.part is Part.SUFFIX else "*"
        return f'"{before}{literal}{after}"'


def _selector(atom: form.Atom) -> str:
    for name in atom.names:
        if not _NAME.fullmatch(name):
            raise RefusedError(f"AWS documents no selector for the name '{name}'", atom)
    return "$." + ".".join(atom.names)


def _is_header(names: form.Names) -> bool:
    return names[0] not in ("requestParameters", "responseElements")


def _any_case(atom: form.Atom, text: Text) -> str:
    """Return a regular expression of classes, such as `%^[Aa][Bb]%`."""
    if not text.literal.isascii() or not text.literal.isprintable():
        raise RefusedError("a filter's regular expressions are ASCII", atom)
    made = []
    for character in text.literal:
        if character.isalpha():
            made.append(f"[{character.upper()}{character.lower()}]")
        elif character.isalnum() or character in _PLAIN:
            made.append(character)
        elif character == "%":
            raise RefusedError("`%` ends a filter's regular expression", atom)
        else:
            made.append(f"\\{character}")
    begin = "^" if text.part in (Part.WHOLE, Part.PREFIX) else ""
    end = "$" if text.part in (Part.WHOLE, Part.SUFFIX) else ""
    return f"%{begin}{''.join(made)}{end}%"
