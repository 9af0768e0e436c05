"""Write the form of a rule as a filter of Logs Insights."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from checker.conditions import tree
from checker.convert import form
from checker.convert.form import Part
from checker.convert.kinds import Kind, Kinds
from checker.convert.refusal import RefusedError, unsaid
from checker.convert.target import At, AtomWriter, FormWriter, bare

_UNESCAPED = "AWS documents no escape for a character of it"
_BARE = re.compile(r"@?[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$/])")


def field_name(names: form.Names) -> str:
    """Return a field as a query spells it."""
    text = ".".join(names)
    if "`" in text or not text.isprintable():
        raise RefusedError(f"Insights has no spelling for the field '{text}'")
    return text if _BARE.fullmatch(text) else f"`{text}`"


def condition(wanted: form.Form, kinds: Kinds) -> str:
    """Return the condition of a form, as it stands in a filter; `RefusedError`."""
    return bare(wanted, _Writer(kinds).said(wanted))


@dataclass(frozen=True, slots=True)
class _Writer(FormWriter[str], AtomWriter[str, str]):
    """Writes forms as conditions of a filter, in parentheses where parts are joined."""

    kinds: Kinds

    def all_of(self, parts: tuple[form.Form, ...]) -> str:
        return f"({' and '.join(map(self.said, parts))})"

    def any_of(self, parts: tuple[form.Form, ...]) -> str:
        return f"({' or '.join(map(self.said, parts))})"

    def atom(self, atom: form.Atom) -> str:
        return self.tested(atom)

    def elements(self, elements: form.Elements) -> str:
        why = "Insights does not look at each element of an array"
        raise RefusedError(why, elements)

    def at(self, atom: form.Atom) -> At[str]:
        return At(atom, field_name(atom.names), self.kinds.of(atom.names))

    def one_of(self, at: At[str], values: tuple[form.Scalar, ...]) -> str:
        rest = [value for value in values if value is not None]
        texts = [_quoted(at.atom, value) for value in rest if isinstance(value, str)]
        others = [
            test
            for value in rest
            if not isinstance(value, str)
            for test in _equals(at.field, value)
        ]
        tests = [f"{at.field} in [{', '.join(texts)}]"] if len(texts) > 1 else []
        tests += [f"{at.field} = {texts[0]}"] if len(texts) == 1 else []
        tests += others
        if len(rest) < len(values):
            tests.append(f"not ispresent({at.field})")
            joined = " or ".join(tests)
            return f"({joined})" if at.atom.holds else f"not ({joined})"
        if not at.atom.holds and not others and len(texts) == 1:
            return f"(not ispresent({at.field}) or {at.field} != {texts[0]})"
        return _signed(at, _any(tests))

    def text(self, at: At[str], test: form.Text) -> str:
        return _signed(at, _text(at, test))

    def contains(self, at: At[str], literal: str) -> str:
        if not at.kind.is_scalar:
            raise RefusedError("it is not known to be a text", at.atom)
        return self.text(at, form.Text(Part.INSIDE, literal))

    def matches(self, at: At[str], pattern: str, *, fold: bool) -> str:
        subject = f"tolower({at.field})" if fold else at.field
        escaped = re.sub(r"(?<!\\)/", r"\\/", pattern)
        return _signed(at, f"{subject} like /{escaped}/")

    def ordered(self, at: At[str], operator: str, number: float) -> str:
        return _signed(at, f"{at.field} {operator} {number}")

    def truthy(self, at: At[str]) -> str:
        if not at.kind.is_scalar:
            raise RefusedError(
                "it is not known to be a text, number or boolean, and Insights "
                "has no field for an object",
                at.atom,
            )
        if at.kind is Kind.BOOLEAN:
            return _signed(at, _any(_equals(at.field, value=True)))
        if at.atom.holds:
            return f'(ispresent({at.field}) and {at.field} != "")'
        return f'(not ispresent({at.field}) or {at.field} = "")'

    def in_networks(self, at: At[str], networks: tuple[str, ...]) -> str:
        return _signed(at, _any([_in_network(at.field, each) for each in networks]))

    def same_as(self, at: At[str], names: form.Names) -> str:
        one, other = at.field, field_name(names)
        same = (
            f"((ispresent({one}) and ispresent({other}) and {one} = {other})"
            f" or (not ispresent({one}) and not ispresent({other})))"
        )
        return same if at.atom.holds else f"not {same}"

    def opaque(self, atom: form.Atom, node: tree.Node) -> str:
        match node:
            case tree.Function(
                "contains",
                (
                    tree.Function("to_string", (tree.Current(),)),
                    tree.Literal(str(text)),
                ),
            ):
                sign = "" if atom.holds else "not "
                return f"{sign}@message like {_quoted(atom, text)}"
        raise RefusedError(unsaid(node, "Insights"), atom)


def _signed(at: At[str], test: str) -> str:
    if at.atom.holds:
        return test
    return f"(not ispresent({at.field}) or not ({test}))"


def _any(tests: list[str]) -> str:
    joined = " or ".join(tests)
    return f"({joined})" if len(tests) > 1 else joined


def _text(at: At[str], test: form.Text) -> str:
    literal = test.literal
    if not literal.isprintable():
        raise RefusedError(_UNESCAPED, at.atom)
    if test.part is Part.INSIDE and not test.fold and literal:
        return f"{at.field} like {_quoted(at.atom, literal)}"
    if test.part is Part.WHOLE and not test.fold:
        return f"{at.field} = {_quoted(at.atom, literal)}"
    begin = "^" if test.part in (Part.WHOLE, Part.PREFIX) else ""
    end = "$" if test.part in (Part.WHOLE, Part.SUFFIX) else ""
    flag = "(?i)" if test.fold else ""
    escaped = _SPECIAL.sub(r"\\\1", literal)
    return f"{at.field} like /{flag}{begin}{escaped}{end}/"


def _equals(name: str, value: form.Scalar) -> list[str]:
    """Return tests of a number or boolean; Insights shows true as 1."""
    if isinstance(value, bool):
        return [f"{name} = {int(value)}", f'{name} = "{str(value).lower()}"']
    return [f"{name} = {value}"]


def _quoted(atom: form.Atom, text: str) -> str:
    if '"' in text or "\\" in text or not text.isprintable():
        raise RefusedError(_UNESCAPED, atom)
    return f'"{text}"'


def _in_network(name: str, network: str) -> str:
    version = ipaddress.ip_network(network, strict=False).version
    return f'isIpv{version}InSubnet({name}, "{network}")'
