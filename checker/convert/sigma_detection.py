"""Write the form of a rule as the detection block of a Sigma rule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checker.conditions import tree
from checker.conditions.sigma_functions import PREFIX
from checker.convert import form
from checker.convert.form import Part, Text
from checker.convert.kinds import Kind, Kinds
from checker.convert.literals import reads_as_scalar
from checker.convert.refusal import RefusedError
from checker.convert.target import At, AtomWriter, FormWriter, bare

_TIED = "Sigma cannot express that two tests are of the same element"
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


def detection(wanted: form.Form, kinds: Kinds) -> dict[str, Any]:
    """Return the detection block: a selection of each test, and the condition."""
    writer = _Writer(kinds)
    condition = bare(wanted, writer.said(wanted))
    return {"detection": {**writer.selections, "condition": condition}}


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a selection asks for; `opposite`: the test holds where it does not."""

    value: Any
    opposite: bool = False


@dataclass(frozen=True, slots=True)
class _Writer(FormWriter[str], AtomWriter[str, _Selection]):
    """Makes a selection of each test, and the condition over them."""

    kinds: Kinds
    selections: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def all_of(self, parts: tuple[form.Form, ...]) -> str:
        return f"({' and '.join(map(self.said, parts))})"

    def any_of(self, parts: tuple[form.Form, ...]) -> str:
        return f"({' or '.join(map(self.said, parts))})"

    def atom(self, atom: form.Atom) -> str:
        selection = self.tested(atom)
        name = self._name(atom, selection)
        return f"not {name}" if atom.holds is selection.opposite else name

    def elements(self, elements: form.Elements) -> str:
        """Write tests of elements as tests of the field: of an array any one counts."""
        tests = [self._name(at, selection) for at, selection in self._each(elements)]
        if not tests:
            raise RefusedError(_TIED, elements)
        text = " or ".join(dict.fromkeys(tests))
        text = f"({text})" if len(tests) > 1 else text
        return text if elements.holds else f"not {text}"

    def _each(
        self,
        elements: form.Elements,
        names: form.Names = (),
        documented: form.Names = (),
    ) -> Iterator[tuple[form.Atom, _Selection]]:
        """Yield a selection for each test of which one element must pass one."""
        names += elements.names
        documented = (*documented, *elements.names, "[]")
        inside = elements.inside
        for part in inside.parts if isinstance(inside, form.AnyOf) else (inside,):
            match part:
                case form.Elements(holds=True):
                    yield from self._each(part, names, documented)
                case form.Atom(
                    below, form.OneOf() | Text() | form.Matches() as test, True
                ) if not (isinstance(test, form.OneOf) and None in test.values):
                    whole = replace(
                        part,
                        names=names + below,
                        holds=elements.holds,
                        origin=elements.origin,
                    )
                    kind = self.kinds.of(documented + below)
                    yield whole, self.tested_at(self._field(whole, kind), test)
                case _:
                    raise RefusedError(_TIED, elements)

    def _name(self, atom: form.Atom, selection: _Selection) -> str:
        key = json.dumps(selection.value)
        if key not in self._names:
            stem = re.sub(r"\W", "_", atom.names[-1]) if atom.names else "event"
            name, number = stem, 1
            while name in self.selections or name in _RESERVED:
                number += 1
                name = f"{stem}_{number}"
            self._names[key] = name
            self.selections[name] = selection.value
        return self._names[key]

    def at(self, atom: form.Atom) -> At[str]:
        return self._field(atom, self.kinds.of(atom.names))

    def _field(self, atom: form.Atom, kind: Kind) -> At[str]:
        if not atom.names:
            raise RefusedError("it is about the whole event", atom)
        return At(atom, _spelled(atom, atom.names), kind)

    def one_of(self, at: At[str], values: tuple[form.Scalar, ...]) -> _Selection:
        texts = [value for value in values if isinstance(value, str)]
        for text in texts:
            _check_text(at, Text(Part.WHOLE, text))
        others = [v for v in values if v is not None and not isinstance(v, str)]
        for value in others:
            wanted = Kind.BOOLEAN if isinstance(value, bool) else Kind.NUMBER
            if at.kind is not wanted:
                raise RefusedError("Sigma takes its text for the same value", at.atom)
        found: list[dict[str, Any]] = []
        if texts:
            escaped = [_escaped(text) for text in texts]
            found.append({f"{at.field}|cased": _one_or_list(escaped)})
        if others:
            found.append({at.field: _one_or_list(others)})
        if None in values:
            found.append({at.field: None})
        return _Selection(found[0] if len(found) == 1 else found)

    def text(self, at: At[str], test: Text) -> _Selection:
        _check_text(at, test)
        if test.literal == "" and test.part is not Part.WHOLE:
            raise RefusedError("Sigma has nothing that is any text", at.atom)
        cased = "" if test.fold else "|cased"
        key = f"{at.field}{_MODIFIERS[test.part]}{cased}"
        return _Selection({key: _escaped(test.literal)})

    def contains(self, at: At[str], literal: str) -> _Selection:
        if at.kind.is_scalar:
            return self.text(at, Text(Part.INSIDE, literal))
        if at.kind is Kind.ARRAY:
            return _Selection({f"{at.field}|cased": _escaped(literal)})
        raise RefusedError("it is not known to be a text or an array", at.atom)

    def matches(self, at: At[str], pattern: str, *, fold: bool) -> _Selection:
        flags, pattern = _without_flags(pattern)
        if any(map(_FOREIGN.fullmatch, _PARTS.findall(pattern))):
            why = "the specification's expressions have no such part"
            raise RefusedError(why, at.atom)
        key = "".join(f"|{flag}" for flag in sorted(flags | ({"i"} if fold else set())))
        return _Selection({f"{at.field}|re{key}": pattern})

    def ordered(self, at: At[str], operator: str, number: float) -> _Selection:
        if at.kind is not Kind.NUMBER:
            raise RefusedError("Sigma takes digits in a text for a number", at.atom)
        return _Selection({f"{at.field}|{_ORDERINGS[operator]}": number})

    def truthy(self, at: At[str]) -> _Selection:
        match at.kind:
            case Kind.BOOLEAN:
                return _Selection({at.field: True})
            case Kind.NUMBER:
                return _Selection({at.field: None}, opposite=True)
            case Kind.TEXT:
                return _Selection([{at.field: ""}, {at.field: None}], opposite=True)
        why = "it is not known to be a text, and Sigma has no word for the others"
        raise RefusedError(why, at.atom)

    def in_networks(self, at: At[str], networks: tuple[str, ...]) -> _Selection:
        return _Selection({f"{at.field}|cidr": _one_or_list(list(networks))})

    def same_as(self, at: At[str], names: form.Names) -> _Selection:  # noqa: ARG002 - no names can be said
        raise RefusedError("Sigma compares two fields in any case", at.atom)

    def opaque(self, atom: form.Atom, node: tree.Node) -> _Selection:
        return _Selection(_own(atom, node))


def _check_text(at: At[str], test: Text) -> None:
    if at.kind is not Kind.TEXT and reads_as_scalar(test):
        raise RefusedError("Sigma takes a number or boolean for its text", at.atom)


def _own(atom: form.Atom, node: tree.Node) -> Any:
    """Return the selection that Sigma's own function of a condition stands for."""
    refused = RefusedError("Sigma has nothing that says it", atom)
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


def _spelled(atom: form.Atom, names: form.Names) -> str:
    for name in names:
        if "." in name or "|" in name or not name.isprintable():
            raise RefusedError(f"Sigma has no spelling for the field '{name}'", atom)
    return ".".join(names)


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _escaped(text: str) -> str:
    """Return a value in which nothing is a wildcard.

    A backslash escapes only before `*`, `?` and another backslash.
    """
    return re.sub(r"[\\*?]", r"\\\g<0>", text)
