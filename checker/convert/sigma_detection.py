"""Write the form of a rule as the detection block of a Sigma rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from checker.conditions import tree
from checker.conditions.sigma_functions import PREFIX
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
from checker.convert.refusal import RefusedError

_TIED = "Sigma cannot say that two tests are of the same element"
_MODIFIERS = {
    Part.WHOLE: "",
    Part.PREFIX: "|startswith",
    Part.SUFFIX: "|endswith",
    Part.INSIDE: "|contains",
}


_ORDERINGS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_FLAGS = re.compile(r"\(\?([ims]+)\)")
_PARTS = re.compile(r"\\.|\(\?:?|\[\[:", re.DOTALL)
"""What may be more than a character: an escape, a special group or a named class."""
_FOREIGN = re.compile(r"\\[CQEpPzAG]|\(\?|\[\[:")
"""What the specification's subset of PCRE has not; flags become modifiers."""


def detection(form: Form, kinds: Kinds) -> dict[str, Any]:
    """Return the detection block: a selection of each test, and the condition."""
    writer = _Writer(kinds)
    condition = writer.condition(form, outermost=True)
    return {"detection": {**writer.selections, "condition": condition}}


@dataclass(slots=True)
class _Writer:
    """Makes a selection of each test, and the condition over them."""

    kinds: Kinds
    selections: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def condition(self, form: Form, *, outermost: bool = False) -> str:
        match form:
            case AllOf(parts) | AnyOf(parts) if not parts:
                why = "it always holds" if isinstance(form, AllOf) else "it never holds"
                raise RefusedError(why)
            case AllOf(parts):
                text = " and ".join(map(self.condition, parts))
                return text if outermost else f"({text})"
            case AnyOf(parts):
                text = " or ".join(map(self.condition, parts))
                return text if outermost else f"({text})"
            case Atom():
                selection, holds = self._selection(form)
                name = self._name(form, selection)
                return name if holds is form.holds else f"not {name}"
            case Elements():
                return self._elements(form)
            case _:
                assert_never(form)

    def _elements(self, form: Elements) -> str:
        """Write tests of elements as tests of the field: of an array any one counts."""
        tests = [self._name(whole, selection) for whole, selection in self._each(form)]
        if not tests:
            raise RefusedError(_TIED, form.origin, form)
        text = " or ".join(dict.fromkeys(tests))
        text = f"({text})" if len(tests) > 1 else text
        return text if form.holds else f"not {text}"

    def _each(
        self, form: Elements, names: Names = (), documented: Names = ()
    ) -> Iterator[tuple[Atom, Any]]:
        """Yield a selection for each test of which one element must pass one."""
        names += form.names
        documented = (*documented, *form.names, "[]")
        inside = form.inside
        for part in inside.parts if isinstance(inside, AnyOf) else (inside,):
            match part:
                case Elements(holds=True):
                    yield from self._each(part, names, documented)
                case Atom(below, OneOf() | Text() | Matches() as test, True):
                    if isinstance(test, OneOf) and None in test.values:
                        raise RefusedError(_TIED, form.origin, form)
                    kind = self.kinds.of(documented + below)
                    whole = Atom(names + below, test, form.holds, form.origin)
                    yield whole, self._tested(whole, test, kind)
                case _:
                    raise RefusedError(_TIED, form.origin, form)

    def _name(self, atom: Atom, selection: Any) -> str:
        key = json.dumps(selection)
        if key not in self._names:
            stem = re.sub(r"\W", "_", atom.names[-1]) if atom.names else "event"
            name, number = stem, 1
            while name in self.selections or name in _RESERVED:
                number += 1
                name = f"{stem}_{number}"
            self._names[key] = name
            self.selections[name] = selection
        return self._names[key]

    def _selection(self, atom: Atom) -> tuple[Any, bool]:
        """Return a selection, and whether it holds where the test does."""
        test = atom.test
        kind = self.kinds.of(atom.names)
        if isinstance(test, Truthy):
            return self._truthy(atom, kind)
        return self._tested(atom, test, kind), True

    def _tested(  # noqa: C901 - one case for each test
        self, atom: Atom, test: Any, kind: Kind
    ) -> Any:
        if isinstance(test, Opaque):
            return _own(atom, test.node)
        name = _field_name(atom)
        match test:
            case OneOf(values):
                return self._one_of(atom, name, values, kind)
            case Text():
                return self._text(atom, name, test, kind)
            case Contains(literal):
                if kind.is_scalar:
                    text = Text(Part.INSIDE, literal)
                    return self._text(atom, name, text, kind)
                if kind is Kind.ARRAY:
                    return {f"{name}|cased": _escaped(literal)}
                raise _refused(atom, "it is not known to be a text or an array")
            case Matches(pattern, fold):
                return self._matches(atom, name, pattern, fold=fold)
            case Ordered(operator, number):
                if kind is not Kind.NUMBER:
                    raise _refused(atom, "Sigma takes digits in a text for a number")
                return {f"{name}|{_ORDERINGS[operator]}": number}
            case InNetworks(networks):
                return {f"{name}|cidr": _one_or_list(list(networks))}
            case SameAs():
                raise _refused(atom, "Sigma compares two fields in any case")
        raise TypeError(test)

    def _one_of(
        self, atom: Atom, name: str, values: tuple[Scalar, ...], kind: Kind
    ) -> Any:
        texts = [value for value in values if isinstance(value, str)]
        for text in texts:
            self._check_text(atom, Text(Part.WHOLE, text), kind)
        others = [v for v in values if v is not None and not isinstance(v, str)]
        for value in others:
            wanted = Kind.BOOLEAN if isinstance(value, bool) else Kind.NUMBER
            if kind is not wanted:
                raise _refused(atom, "Sigma takes its text for the same value")
        found: list[dict[str, Any]] = []
        if texts:
            escaped = [_escaped(text) for text in texts]
            found.append({f"{name}|cased": _one_or_list(escaped)})
        if others:
            found.append({name: _one_or_list(others)})
        if None in values:
            found.append({name: None})
        return found[0] if len(found) == 1 else found

    def _check_text(self, atom: Atom, test: Text, kind: Kind) -> None:
        if kind is not Kind.TEXT and reads_as_scalar(test):
            raise _refused(atom, "Sigma takes a number or boolean for its text")

    def _text(self, atom: Atom, name: str, test: Text, kind: Kind) -> Any:
        self._check_text(atom, test, kind)
        if test.literal == "" and test.part is not Part.WHOLE:
            raise _refused(atom, "Sigma has nothing that is any text")
        cased = "" if test.fold else "|cased"
        return {f"{name}{_MODIFIERS[test.part]}{cased}": _escaped(test.literal)}

    def _matches(self, atom: Atom, name: str, pattern: str, *, fold: bool) -> Any:
        flags, pattern = _without_flags(pattern)
        if any(map(_FOREIGN.fullmatch, _PARTS.findall(pattern))):
            raise _refused(atom, "the specification's expressions have no such part")
        key = "".join(f"|{flag}" for flag in sorted(flags | ({"i"} if fold else set())))
        return {f"{name}|re{key}": pattern}

    def _truthy(self, atom: Atom, kind: Kind) -> tuple[Any, bool]:
        name = _field_name(atom)
        if kind is Kind.BOOLEAN:
            return {name: True}, True
        if kind is Kind.NUMBER:
            return {name: None}, False
        if kind is Kind.TEXT:
            return [{name: ""}, {name: None}], False
        raise _refused(
            atom, "it is not known to be a text, and Sigma has no word for the others"
        )


def _own(atom: Atom, node: tree.Node) -> Any:
    """Return the selection that Sigma's own function of a condition stands for."""
    refused = _refused(atom, "Sigma has nothing that says it")
    match node:
        case tree.Function(name, (tree.Current(), *rest)) if name.startswith(PREFIX):
            return _keywords(name.removeprefix(PREFIX), rest, refused)
        case tree.Function(name, (tree.Path(names), *rest)) if name.startswith(PREFIX):
            field_ = _spelled(atom, names)
            modifier = name.removeprefix(PREFIX)
        case _:
            raise refused
    match modifier, rest:
        case "re", [tree.Literal(list() as patterns)]:
            return _expressions(field_, patterns, refused)
        case "null", []:
            return {field_: None}
        case "exists", []:
            return {f"{field_}|exists": True}
        case "equals", [tree.Literal(value)]:
            return {field_: _one_or_list_of(value)}
        case "equals_cased", [tree.Literal(value)]:
            return {f"{field_}|cased": _one_or_list_of(value)}
        case (("fieldref" | "fieldref_cased"), [tree.Path(others)]):
            other = _spelled(atom, others)
            return {f"{field_}|{modifier.replace('_', '|')}": other}
        case _, [tree.Literal(value)]:
            return {f"{field_}|{modifier.replace('_', '|')}": _one_or_list_of(value)}
    raise refused


def _keywords(modifier: str, rest: Sequence[tree.Node], refused: RefusedError) -> Any:
    """Return the selection of what may be anywhere in the event."""
    match modifier, rest:
        case "contains", [tree.Literal(list() as words)]:
            return words
        case "contains_cased", [tree.Literal(list() as words)]:
            return {"|cased": _one_or_list(words)}
        case "re", [tree.Literal(list() as patterns)]:
            return _expressions("", patterns, refused)
    raise refused


def _expressions(
    name: str, patterns: Sequence[str], refused: RefusedError
) -> dict[str, Any]:
    """Return the selection of expressions: their flags are modifiers of the key.

    A key has the same flags for all of its values.
    """
    found = [_without_flags(pattern) for pattern in patterns]
    flags = {each for each, _ in found}
    if len(flags) != 1:
        raise refused
    key = "".join(f"|{flag}" for flag in sorted(flags.pop()))
    return {f"{name}|re{key}": _one_or_list([pattern for _, pattern in found])}


def _without_flags(pattern: str) -> tuple[frozenset[str], str]:
    """Take the flags that an expression begins with off it."""
    flags: frozenset[str] = frozenset()
    while found := _FLAGS.match(pattern):
        flags |= frozenset(found[1])
        pattern = pattern[found.end() :]
    return flags, pattern


def _one_or_list_of(value: Any) -> Any:
    return _one_or_list(value) if isinstance(value, list) else value


_RESERVED = frozenset(
    {"condition", "timeframe", "them", "and", "or", "not", "of", "all"}
)


def _field_name(atom: Atom) -> str:
    if not atom.names:
        raise _refused(atom, "it is about the whole event")
    return _spelled(atom, atom.names)


def _spelled(atom: Atom, names: Names) -> str:
    for name in names:
        if "." in name or "|" in name or not name.isprintable():
            raise _refused(atom, f"Sigma has no spelling for the field '{name}'")
    return ".".join(names)


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _escaped(text: str) -> str:
    """Return a value in which nothing is a wildcard.

    A backslash escapes only before `*`, `?` and another backslash.
    """
    return re.sub(r"[\\*?]", r"\\\g<0>", text)


def _refused(atom: Atom, why: str) -> RefusedError:
    return RefusedError(why, atom.origin, atom)
