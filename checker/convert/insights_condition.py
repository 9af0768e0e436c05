"""Write the form of a rule as a filter of Logs Insights."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import assert_never

from checker.conditions import tree
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
from checker.convert.refusal import RefusedError, unsaid

_BARE = re.compile(r"@?[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$/])")


def field_name(names: Names) -> str:
    """Return a field as a query spells it."""
    text = ".".join(names)
    if "`" in text or not text.isprintable():
        raise RefusedError(f"Insights has no spelling for the field '{text}'")
    return text if _BARE.fullmatch(text) else f"`{text}`"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes forms as conditions of a filter."""

    kinds: Kinds

    def whole(self, form: Form) -> str:
        """Write a form without the parentheses around it."""
        text = self.condition(form)
        return text[1:-1] if isinstance(form, AllOf | AnyOf) else text

    def condition(self, form: Form) -> str:
        """Write a form, in parentheses where it has several parts."""
        match form:
            case AllOf(parts) | AnyOf(parts) if not parts:
                why = "it always holds" if isinstance(form, AllOf) else "it never holds"
                raise RefusedError(why)
            case AllOf(parts):
                return f"({' and '.join(map(self.condition, parts))})"
            case AnyOf(parts):
                return f"({' or '.join(map(self.condition, parts))})"
            case Atom():
                return self._atom(form)
            case Elements():
                why = "Insights does not look at each element of an array"
                raise RefusedError(why, form.origin, form)
            case _:
                assert_never(form)

    def _atom(self, atom: Atom) -> str:  # noqa: C901 - one case for each test
        test = atom.test
        if isinstance(test, Opaque):
            return self._opaque(atom, test.node)
        name = field_name(atom.names)
        kind = self.kinds.of(atom.names)
        match test:
            case OneOf(values):
                return self._one_of(atom, name, values)
            case Text():
                return self._signed(atom, name, self._text(atom, name, test))
            case Contains(literal):
                if not kind.is_scalar:
                    raise _refused(atom, "it is not known to be a text")
                text = self._text(atom, name, Text(Part.INSIDE, literal))
                return self._signed(atom, name, text)
            case Matches(pattern, fold):
                subject = f"tolower({name})" if fold else name
                escaped = re.sub(r"(?<!\\)/", r"\\/", pattern)
                return self._signed(atom, name, f"{subject} like /{escaped}/")
            case Ordered(operator, number):
                return self._signed(atom, name, f"{name} {operator} {number}")
            case Truthy():
                return self._truthy(atom, name, kind)
            case InNetworks(networks):
                tests = [_in_network(name, network) for network in networks]
                joined = " or ".join(tests)
                return self._signed(
                    atom, name, f"({joined})" if len(tests) > 1 else joined
                )
            case SameAs(names):
                other = field_name(names)
                same = (
                    f"((ispresent({name}) and ispresent({other}) and {name} = {other})"
                    f" or (not ispresent({name}) and not ispresent({other})))"
                )
                return same if atom.holds else f"not {same}"
            case _:
                assert_never(test)

    def _signed(self, atom: Atom, name: str, test: str) -> str:
        if atom.holds:
            return test
        return f"(not ispresent({name}) or not ({test}))"

    def _one_of(self, atom: Atom, name: str, values: tuple[Scalar, ...]) -> str:
        rest = [value for value in values if value is not None]
        texts = [_quoted(atom, value) for value in rest if isinstance(value, str)]
        others = [
            test
            for value in rest
            if not isinstance(value, str)
            for test in _equals(name, value)
        ]
        tests = [f"{name} in [{', '.join(texts)}]"] if len(texts) > 1 else []
        tests += [f"{name} = {texts[0]}"] if len(texts) == 1 else []
        tests += others
        if len(rest) < len(values):
            tests.append(f"not ispresent({name})")
            joined = " or ".join(tests)
            return f"({joined})" if atom.holds else f"not ({joined})"
        if not atom.holds and not others and len(texts) == 1:
            return f"(not ispresent({name}) or {name} != {texts[0]})"
        joined = " or ".join(tests)
        wanted = f"({joined})" if len(tests) > 1 else joined
        return self._signed(atom, name, wanted)

    def _text(self, atom: Atom, name: str, test: Text) -> str:
        literal = test.literal
        if not literal.isprintable():
            raise _refused(atom, "AWS documents no escape for a character of it")
        if test.part is Part.INSIDE and not test.fold and literal:
            return f"{name} like {_quoted(atom, literal)}"
        if test.part is Part.WHOLE and not test.fold:
            return f"{name} = {_quoted(atom, literal)}"
        begin = "^" if test.part in (Part.WHOLE, Part.PREFIX) else ""
        end = "$" if test.part in (Part.WHOLE, Part.SUFFIX) else ""
        flag = "(?i)" if test.fold else ""
        escaped = _SPECIAL.sub(r"\\\1", literal)
        return f"{name} like /{flag}{begin}{escaped}{end}/"

    def _truthy(self, atom: Atom, name: str, kind: Kind) -> str:
        if not kind.is_scalar:
            raise _refused(
                atom,
                "it is not known to be a text, number or boolean, and Insights "
                "has no field for an object",
            )
        if kind is Kind.BOOLEAN:
            return self._signed(atom, name, f"({' or '.join(_equals(name, True))})")  # noqa: FBT003 - the value
        if atom.holds:
            return f'(ispresent({name}) and {name} != "")'
        return f'(not ispresent({name}) or {name} = "")'

    def _opaque(self, atom: Atom, node: tree.Node) -> str:
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
        raise _refused(atom, unsaid(node, "Insights"))


def _equals(name: str, value: Scalar) -> list[str]:
    """Return tests of a number or boolean; Insights shows true as 1."""
    if isinstance(value, bool):
        return [f"{name} = {int(value)}", f'{name} = "{str(value).lower()}"']
    return [f"{name} = {value}"]


def _quoted(atom: Atom, text: str) -> str:
    if '"' in text or "\\" in text or not text.isprintable():
        raise _refused(atom, "AWS documents no escape for a character of it")
    return f'"{text}"'


def _in_network(name: str, network: str) -> str:
    version = ipaddress.ip_network(network, strict=False).version
    return f'isIpv{version}InSubnet({name}, "{network}")'


def _refused(atom: Atom, why: str) -> RefusedError:
    return RefusedError(why, atom.origin, atom)
