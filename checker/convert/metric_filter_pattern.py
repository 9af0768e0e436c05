"""Write forms as the pattern of a metric filter, in the style that fits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from checker.convert.alternatives import alternatives
from checker.convert.form import (
    AllOf,
    AnyOf,
    Atom,
    Contains,
    Elements,
    Form,
    InNetworks,
    Matches,
    Names,
    OneOf,
    Opaque,
    Ordered,
    Part,
    SameAs,
    Scalar,
    Text,
    Truthy,
)
from checker.convert.kinds import Kind, Kinds
from checker.convert.literals import reads_as_scalar
from checker.convert.refusal import RefusedError, unsaid

LONGEST = 1024
"""Characters of a pattern: API_PutMetricFilter."""


_MOST_EXPRESSIONS = 2
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_UNQUOTED = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PLAIN = frozenset(":_#=@/;,-")
"""What a regular expression takes unescaped, beside letters and digits."""


_REGULAR = re.compile(
    r"\^?(?:[A-Za-z0-9:_#=@/;,.+*?|-]|\\[.*+?^$/-]|\[[A-Za-z0-9._:/-]+\])+\$?"
)


def pattern_of(forms: list[tuple[Form, Kinds]]) -> tuple[str, tuple[str, ...]]:
    """Return a pattern that fits, and what it then takes for granted."""
    length = 0
    for style in _STYLES:
        pieces = [_Writer(kinds, style).or_(form) for form, kinds in forms]
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
class _Writer:
    """Writes forms as the text of a pattern."""

    kinds: Kinds
    style: _Style

    def or_(self, form: Form) -> str:
        """Write a form where alternatives need no parentheses."""
        match form:
            case AllOf(parts) | AnyOf(parts) if not parts:
                why = "it always holds" if isinstance(form, AllOf) else "it never holds"
                raise RefusedError(why)
            case AnyOf(parts):
                return self.style.join("||", [self.or_(part) for part in parts])
            case AllOf(parts):
                return self.style.join("&&", [self._unit(part) for part in parts])
            case Atom():
                return self._atom(form)
            case Elements():
                why = "a filter does not look at each element of an array"
                raise RefusedError(why, form.origin, form)
            case _:
                assert_never(form)

    def _unit(self, form: Form) -> str:
        text = self.or_(form)
        if isinstance(form, AnyOf) or (isinstance(form, Atom) and "||" in text):
            return f"({text})"
        return text

    def _atom(self, atom: Atom) -> str:  # noqa: C901 - one case for each test
        selector = _selector(atom)
        kind = self.kinds.of(atom.names)
        match atom.test:
            case OneOf(values):
                return self._one_of(atom, selector, values, kind)
            case Text():
                return self._texts(atom, selector, (atom.test,), kind)
            case Contains(literal):
                if not kind.is_scalar:
                    raise _refused(atom, "it is not known to be a text")
                texts = (Text(Part.INSIDE, literal),)
                return self._texts(atom, selector, texts, kind)
            case Matches(pattern, fold):
                texts_of = alternatives(pattern, fold=fold)
                if texts_of is not None:
                    return self._texts(atom, selector, texts_of, kind)
                return self._regular(atom, selector, pattern, fold=fold)
            case Ordered(operator, number):
                return self._ordered(atom, selector, operator, number)
            case Truthy():
                return self._truthy(atom, selector, kind)
            case InNetworks():
                raise _refused(atom, "a filter has no networks")
            case SameAs():
                raise _refused(atom, "a filter compares a field with constants alone")
            case Opaque(node):
                raise _refused(atom, unsaid(node, "a filter"))
            case _:
                assert_never(atom.test)

    def _absent_or(self, atom: Atom, selector: str, rest: str) -> str:
        nothing = [f"{selector} NOT EXISTS"]
        if self.style.null_header or not _is_header(atom.names):
            nothing.append(f"{selector} IS NULL")
        return self.style.join("||", [*nothing, *([rest] if rest else [])])

    def _one_of(
        self, atom: Atom, selector: str, values: tuple[Scalar, ...], kind: Kind
    ) -> str:
        rest = [value for value in values if value is not None]
        if atom.holds:
            tests = [self._equal(atom, selector, value, kind) for value in rest]
            text = self.style.join("||", tests)
            if len(rest) == len(values):
                return text
            return self._absent_or(atom, selector, text)
        if len(rest) < len(values):
            if rest or not kind.is_scalar:
                raise _refused(atom, "a filter has nothing that is all but null")
            return self.style.compare(selector, "=", '"*"')
        tests = [self._unequal(atom, selector, value, kind) for value in rest]
        return self._absent_or(atom, selector, self.style.join("&&", tests))

    def _equal(self, atom: Atom, selector: str, value: Scalar, kind: Kind) -> str:
        if isinstance(value, bool):
            return f"{selector} IS {str(value).upper()}"
        if isinstance(value, str):
            return self._like(atom, selector, Text(Part.WHOLE, value), kind)
        if kind is not Kind.NUMBER:
            raise _refused(atom, "a filter takes digits in a text for a number")
        return self.style.compare(selector, "=", str(value))

    def _unequal(self, atom: Atom, selector: str, value: Scalar, kind: Kind) -> str:
        if isinstance(value, bool):
            if kind is not Kind.BOOLEAN:
                raise _refused(atom, "it is not known to be a boolean")
            return f"{selector} IS {str(not value).upper()}"
        if isinstance(value, str):
            quoted = self._value(atom, Text(Part.WHOLE, value), kind)
            return self.style.compare(selector, "!=", quoted)
        if kind is not Kind.NUMBER:
            raise _refused(atom, "a filter takes digits in a text for a number")
        return self.style.compare(selector, "!=", str(value))

    def _texts(
        self, atom: Atom, selector: str, texts: tuple[Text, ...], kind: Kind
    ) -> str:
        if not texts:
            raise _refused(atom, "it never holds")
        if atom.holds:
            tests = [self._like(atom, selector, text, kind) for text in texts]
            return self.style.join("||", tests)
        if any(text.fold for text in texts):
            raise _refused(atom, "a filter has no `!=` in any case")
        tests = [
            self.style.compare(selector, "!=", self._value(atom, text, kind))
            for text in texts
        ]
        return self._absent_or(atom, selector, self.style.join("&&", tests))

    def _like(self, atom: Atom, selector: str, text: Text, kind: Kind) -> str:
        folded = _any_case(atom, text) if text.fold else None
        value = folded or self._value(atom, text, kind)
        return self.style.compare(selector, "=", value)

    def _value(self, atom: Atom, text: Text, kind: Kind) -> str:
        literal = text.literal
        if "*" in literal:
            raise _refused(atom, "a filter takes `*` for a wildcard")
        if "\\" in literal or '"' in literal or not literal.isprintable():
            raise _refused(atom, "AWS documents no escape for a character of it")
        if literal == "" and text.part is not Part.WHOLE:
            if kind is not Kind.TEXT:
                raise _refused(atom, "it is not known to be a text")
            return '"*"'
        if kind is not Kind.TEXT and reads_as_scalar(text):
            raise _refused(atom, "a filter takes a number or boolean for its text")
        if text.part is Part.WHOLE:
            short = not self.style.quoted and _UNQUOTED.fullmatch(literal)
            return literal if short else f'"{literal}"'
        before = "" if text.part is Part.PREFIX else "*"
        after = "" if text.part is Part.SUFFIX else "*"
        return f'"{before}{literal}{after}"'

    def _regular(self, atom: Atom, selector: str, pattern: str, *, fold: bool) -> str:
        if fold or not atom.holds or not _REGULAR.fullmatch(pattern):
            raise _refused(
                atom, "a filter's regular expressions have no groups and no flags"
            )
        return self.style.compare(selector, "=", f"%{pattern}%")

    def _ordered(self, atom: Atom, selector: str, operator: str, number: float) -> str:
        if self.kinds.of(atom.names) is not Kind.NUMBER:
            raise _refused(atom, "a filter takes digits in a text for a number")
        if atom.holds:
            return self.style.compare(selector, operator, str(number))
        opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator]
        other = self.style.compare(selector, opposite, str(number))
        return self._absent_or(atom, selector, other)

    def _truthy(self, atom: Atom, selector: str, kind: Kind) -> str:
        if not kind.is_scalar:
            raise _refused(
                atom,
                "it is not known to be a text, number or boolean, and a filter cannot "
                "see others",
            )
        empty = self.style.compare(selector, "=", '""')
        if atom.holds:
            match kind:
                case Kind.TEXT:
                    there = self.style.compare(selector, "=", '"*"')
                    return self.style.join(
                        "&&", [there, self.style.compare(selector, "!=", '""')]
                    )
                case Kind.NUMBER:
                    return self.style.compare(selector, "=", '"*"')
                case Kind.BOOLEAN:
                    return f"{selector} IS TRUE"
            raise _refused(atom, "a filter cannot tell false from its text")
        if kind is Kind.NUMBER:
            return self._absent_or(atom, selector, "")
        if kind is not Kind.TEXT:
            empty = self.style.join("||", [empty, f"{selector} IS FALSE"])
        return self._absent_or(atom, selector, empty)


def _refused(atom: Atom, why: str) -> RefusedError:
    return RefusedError(why, atom.origin, atom)


def _selector(atom: Atom) -> str:
    if isinstance(atom.test, Opaque):
        raise _refused(atom, unsaid(atom.test.node, "a filter"))
    for name in atom.names:
        if not _NAME.fullmatch(name):
            raise _refused(atom, f"AWS documents no selector for the name '{name}'")
    return "$." + ".".join(atom.names)


def _is_header(names: Names) -> bool:
    return names[0] not in ("requestParameters", "responseElements")


def _any_case(atom: Atom, text: Text) -> str:
    """Return a regular expression of classes, such as `%^[Aa][Bb]%`."""
    if not text.literal.isascii() or not text.literal.isprintable():
        raise _refused(atom, "a filter's regular expressions are ASCII")
    made = []
    for character in text.literal:
        if character.isalpha():
            made.append(f"[{character.upper()}{character.lower()}]")
        elif character.isalnum() or character in _PLAIN:
            made.append(character)
        elif character == "%":
            raise _refused(atom, "`%` ends a filter's regular expression")
        else:
            made.append(f"\\{character}")
    begin = "^" if text.part in (Part.WHOLE, Part.PREFIX) else ""
    end = "$" if text.part in (Part.WHOLE, Part.SUFFIX) else ""
    return f"%{begin}{''.join(made)}{end}%"
