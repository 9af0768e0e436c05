"""Put lists of values together into the `detail` of an EventBridge pattern.

The fields of an object must all match, and one branch of its `$or`.  Of two lists for
one field along a branch the later one silently replaces the first, so none is ever
written twice: the lists become one, or the rule is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeAlias

from checker.convert.event_values import Values, common, union, written
from checker.convert.form import Atom, Elements, Form, Names, atoms
from checker.convert.refusal import RefusedError
from checker.convert.target import FormWriter

Say: TypeAlias = Callable[[Atom, Names], Values]
"""The list for an atom, whose field is found in documents by these names."""

_MOST_BRANCHES = 96
"""AWS bounds the combinations of `$or` to 1,000; a pattern of this project is smaller
anyway: it would be too long."""
_OPERATORS = frozenset(
    "prefix suffix anything-but numeric cidr exists wildcard equals-ignore-case".split()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The list of one field, the parts that it says, and the array that it is in.

    `scope` is the place of the array whose element is meant, and which test means it.
    """

    values: Values
    parts: tuple[Atom | Elements, ...]
    scope: tuple[Names, int] | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """What must hold together: a list a field, and a branch of each `$or`."""

    fields: Mapping[Names, Entry] = field(default_factory=dict)
    choices: tuple[tuple[Pattern, ...], ...] = ()


def build(form: Form, say: Say) -> Pattern | None:
    """Return the pattern of a form, each field once a branch; None: it never holds.

    Raises `RefusedError`.
    """
    pattern = _Builder(say, _OUTSIDE, count()).said(form)
    settled = None if pattern is None else _settled(pattern)
    if settled is not None:
        _check_scopes(settled, {})
    return settled


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a form reads: below these names, in an element of an array, or outside.

    `documented` are the names with `[]` for elements; `part` is the outermost scope.
    """

    names: Names = ()
    documented: Names = ()
    scope: tuple[Names, int] | None = None
    part: Elements | None = None


_OUTSIDE = _Place()


@dataclass(frozen=True, slots=True)
class _Builder(FormWriter[Pattern | None]):
    """Builds what a form says at a place; each array that is meant has a number."""

    say: Say
    place: _Place
    numbers: Iterator[int]

    def always(self) -> Pattern:
        return Pattern()

    def never(self) -> None:
        return None

    def all_of(self, parts: tuple[Form, ...]) -> Pattern | None:
        found: Pattern | None = Pattern()
        for part in parts:
            found = _both(found, self.said(part))
        return found

    def any_of(self, parts: tuple[Form, ...]) -> Pattern | None:
        return _any([self.said(part) for part in parts])

    def atom(self, atom: Atom) -> Pattern:
        place = self.place
        whole = replace(atom, names=place.names + atom.names)
        part = place.part or atom
        try:
            values = self.say(whole, place.documented + atom.names)
            _check_names(whole)
        except RefusedError as refused:
            raise RefusedError(refused.reason.why, part) from refused
        return Pattern({whole.names: Entry(values, (part,), place.scope)})

    def elements(self, elements: Elements) -> Pattern | None:
        place = self.place
        part = place.part or elements
        if not elements.holds:
            why = "EventBridge cannot express that no element of an array is so"
            raise RefusedError(why, part)
        leaves = [*_leaves(elements.inside)]
        if not all(leaf.holds for leaf in leaves):
            why = "EventBridge looks for what is not so in all elements at once"
            raise RefusedError(why, part)
        if not leaves:
            why = "EventBridge cannot tell an empty array from one of objects"
            raise RefusedError(why, part)
        names = place.names + elements.names
        scope = place.scope or (names, next(self.numbers))
        documented = (*place.documented, *elements.names, "[]")
        inner = _Place(names, documented, scope, part)
        return replace(self, place=inner).said(elements.inside)


def _leaves(form: Form) -> Iterator[Atom]:
    for each in atoms(form):
        if isinstance(each, Atom):
            yield each
        else:
            yield from _leaves(each.inside)


def _check_names(atom: Atom) -> None:
    if not atom.names:
        raise RefusedError("it is about the whole event", atom)
    for name in atom.names:
        if "." in name or not name or name == "$or":
            why = f"EventBridge reads the field name '{name}' otherwise"
            raise RefusedError(why, atom)
    if atom.names[0] in _OPERATORS:
        why = f"EventBridge takes the field name '{atom.names[0]}' for an operator"
        raise RefusedError(why, atom)


def _both(one: Pattern | None, other: Pattern | None) -> Pattern | None:
    """Return what says both; None where they never hold together."""
    if one is None or other is None:
        return None
    fields = dict(one.fields)
    for names, entry in other.fields.items():
        held = fields.get(names)
        merged = entry if held is None else _merged(names, held, entry)
        if not merged.values:
            return None
        fields[names] = merged
    return Pattern(fields, one.choices + other.choices)


def _merged(names: Names, one: Entry, other: Entry) -> Entry:
    last = other.parts[-1]
    if one.scope != other.scope:
        why = f"{'.'.join(names)} is tested twice, and may be of two elements"
        raise RefusedError(why, last)
    values = common(one.values, other.values)
    if values is None:
        why = f"two tests of {'.'.join(names)} cannot become one list of EventBridge's"
        raise RefusedError(why, last)
    return Entry(values, tuple(dict.fromkeys(one.parts + other.parts)), one.scope)


def _any(found: Iterable[Pattern | None]) -> Pattern | None:
    """Return what says that one of some holds: a list, where one field decides."""
    branches = list(_united([each for each in found if each is not None]))
    if not branches:
        return None
    if any(not branch.fields and not branch.choices for branch in branches):
        return Pattern()
    if len(branches) == 1:
        return branches[0]
    return Pattern({}, (tuple(branches),))


def _united(branches: list[Pattern]) -> Iterator[Pattern]:
    """Put branches together that are about the same single field."""
    single: dict[tuple[Names, object], Entry] = {}
    kept: list[Pattern] = []
    for branch in branches:
        if len(branch.fields) == 1 and not branch.choices:
            [(names, entry)] = branch.fields.items()
            key = names, entry.scope
            held = single.get(key)
            if held is not None:
                entry = Entry(
                    union(held.values, entry.values),
                    tuple(dict.fromkeys(held.parts + entry.parts)),
                    entry.scope,
                )
            single[key] = entry
        elif branch not in kept:
            kept.append(branch)
    for (names, _), entry in single.items():
        yield Pattern({names: entry})
    yield from kept


def _settled(pattern: Pattern) -> Pattern | None:
    """Return a pattern in which no field stands twice along a branch, and one `$or`."""
    fields, choices = dict(pattern.fields), list(pattern.choices)
    while choices:
        shared = _shared(fields, choices)
        if shared is None:
            break
        names, index = shared
        outer = Pattern({names: fields.pop(names)})
        joined = _any([_both(outer, branch) for branch in choices.pop(index)])
        whole = _both(Pattern(fields, tuple(choices)), joined)
        if whole is None:
            return None
        fields, choices = dict(whole.fields), list(whole.choices)
    pair = _overlapping(choices)
    if pair is not None:
        return _settled(Pattern(fields, _distributed(choices, *pair)))
    if not choices:
        return Pattern(fields)
    first, *others = sorted(choices, key=len)
    branches = []
    for branch in first:
        inner = _both(branch, Pattern({}, tuple(others)))
        branches.append(None if inner is None else _settled(inner))
    joined = _any(branches)
    whole = _both(Pattern(fields), joined)
    if whole is not None and _overlaps(fields, whole.choices):
        return _settled(whole)
    return whole


def _overlaps(
    fields: Mapping[Names, Entry], choices: Iterable[tuple[Pattern, ...]]
) -> bool:
    return _shared(fields, list(choices)) is not None


def _shared(
    fields: Mapping[Names, Entry], choices: list[tuple[Pattern, ...]]
) -> tuple[Names, int] | None:
    """Return a field that stands outside and inside a `$or`, and which of them."""
    for index, branches in enumerate(choices):
        inside = _all_fields(branches)
        for names in fields:
            if names in inside:
                return names, index
    return None


def _overlapping(choices: list[tuple[Pattern, ...]]) -> tuple[int, int] | None:
    """Return two `$or` that are about a field in common."""
    inside = [_all_fields(branches) for branches in choices]
    for left in range(len(choices)):
        for right in range(left + 1, len(choices)):
            if inside[left] & inside[right]:
                return left, right
    return None


def _distributed(
    choices: list[tuple[Pattern, ...]], left: int, right: int
) -> tuple[tuple[Pattern, ...], ...]:
    one, other = choices[left], choices[right]
    rest = [c for index, c in enumerate(choices) if index not in (left, right)]
    if len(one) * len(other) > _MOST_BRANCHES:
        raise RefusedError("its alternatives come to too many combinations")
    joined = _any([_both(a, b) for a in one for b in other])
    if joined is None:
        return ((),)
    if joined.fields:
        return ((joined,), *rest)
    return (*joined.choices, *rest)


def _all_fields(branches: Iterable[Pattern]) -> frozenset[Names]:
    found: set[Names] = set()
    for branch in branches:
        found.update(branch.fields)
        for choice in branch.choices:
            found |= _all_fields(choice)
    return frozenset(found)


def _check_scopes(pattern: Pattern, around: Mapping[Names, Entry]) -> None:
    """Refuse two tests below one array along a branch: they would bind to one element.

    And refuse a field that is to be a value and an object at once.
    """
    held = {**around, **pattern.fields}
    for names, entry in pattern.fields.items():
        for other, beside in held.items():
            if other == names:
                continue
            last = entry.parts[-1]
            shorter = min(names, other, key=len)
            if names[: len(shorter)] == other[: len(shorter)]:
                why = f"{'.'.join(shorter)} and a field below it are both tested"
                raise RefusedError(why, last)
            for scope in (entry.scope, beside.scope):
                if scope is None or entry.scope == beside.scope:
                    continue
                root = scope[0]
                if names[: len(root)] == root and other[: len(root)] == root:
                    why = f"EventBridge ties all tests below {'.'.join(root)} together"
                    raise RefusedError(why, last)
    for branches in pattern.choices:
        for branch in branches:
            _check_scopes(branch, held)


def detail(pattern: Pattern) -> dict[str, Any]:
    """Return the `detail` of a pattern as it is written."""
    found: dict[str, Any] = {}
    for names, entry in pattern.fields.items():
        inner = found
        for name in names[:-1]:
            inner = inner.setdefault(name, {})
        inner[names[-1]] = [written(value) for value in entry.values]
    for branches in pattern.choices:
        found["$or"] = [detail(branch) for branch in branches]
    return found
