"""Decide whether a condition can hold at all, and whether it must.

It answers only when it is sure: parts that it cannot see into count as free to hold or
not, so that a condition it calls impossible is impossible.  Parts that read one field
alone are run on every value that could tell them apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from checker.authoring.lint.pins import constants
from checker.conditions import STANDARD, closure, holds, show, tree

_MOST_STEPS = 3_000
_MOST_WORK = 1_000_000
_FREE = "\x00some other text"


class TooHard(Exception):  # noqa: N818 - an answer of its own, not an error
    """The question takes more steps than lint spends on it."""


@dataclass(slots=True)
class Solver:
    """Answers questions about one rule's condition, and remembers its parts.

    `work` bounds what one rule may cost, and after that everything counts as possible.
    """

    steps: int = 0
    work: int = 0
    atoms: dict[str, _Atom] = field(default_factory=dict)
    known: dict[int, tuple[tree.Node, str, bool]] = field(default_factory=dict)

    @property
    def is_spent(self) -> bool:
        """Return whether everything counts as possible from now on."""
        return self.work > _MOST_WORK

    def possible(self, *nodes: tree.Node) -> bool:
        """Return whether nodes can all hold for one record; True when unsure."""
        self.steps = 0
        if self.is_spent:
            return True
        try:
            return self._search([(node, True) for node in nodes], {})
        except TooHard:
            return True

    def _search(
        self, todo: list[tuple[tree.Node, bool]], chosen: dict[str, bool]
    ) -> bool:
        """Decide the first open part both ways, until all hold or none can."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise TooHard
        todo = list(todo)
        while todo:
            node, holding = todo.pop()
            match node:
                case tree.Selection(_, inner):
                    todo.append((inner, holding))
                case tree.Not(operand):
                    todo.append((operand, not holding))
                case tree.And(operands) | tree.Or(operands):
                    if isinstance(node, tree.And) is holding:
                        todo.extend((each, holding) for each in operands)
                        continue
                    return any(
                        self._search([*todo, (each, holding)], dict(chosen))
                        for each in operands
                    )
                case _:
                    if not self._choose(node, holding, chosen):
                        return False
        return True

    def _choose(self, node: tree.Node, holding: bool, chosen: dict[str, bool]) -> bool:  # noqa: FBT001 - a truth to reach
        """Take a part as holding or not; False when it then contradicts others."""
        self.work += 1 + len(chosen)
        if self.is_spent:
            raise TooHard
        if id(node) not in self.known:
            plain, as_it_is = _positive(node)
            text = show(plain)
            self.work += len(text)
            self.known[id(node)] = (plain, text, as_it_is)
        node, key, same = self.known[id(node)]
        holding = holding is same
        if isinstance(node, tree.Literal):
            return holds(node.value) is holding
        if key in chosen:
            return chosen[key] is holding
        chosen[key] = holding
        if key not in self.atoms:
            self.atoms[key] = _Atom.of(node)
        path = self.atoms[key].path
        if path is None:
            return True
        others = [
            (self.atoms[each], truth)
            for each, truth in chosen.items()
            if self.atoms[each].path == path
        ]
        return _consistent(others)


class _Atom(msgspec.Struct, frozen=True):
    """A part without `&&`, `||` and `!` around it.

    `path` is the one field that it reads, None when it reads several or computes in
    ways that this module does not follow.  `simple` when running it on the candidates
    of its literals tells all that it can do.
    """

    node: tree.Node
    path: tuple[str, ...] | None
    simple: bool
    run: Any

    @classmethod
    def of(cls, node: tree.Node) -> _Atom:
        paths = set()
        for each in tree.walk(node):
            if isinstance(each, tree.Path):
                paths.add(each.names)
            elif constants(each) is not None:
                continue
            elif not isinstance(each, _FOLLOWED) or _foreign(each):
                return cls(node, None, simple=False, run=None)
        if len(paths) != 1:
            return cls(node, None, simple=False, run=None)
        return cls(node, paths.pop(), simple=_simple(node), run=closure(node))

    def holds(self, value: object) -> bool:
        document: object = value
        for name in reversed(self.path or ()):
            document = {name: document}
        return holds(self.run(document))


_FOLLOWED = (tree.Literal, tree.Comparator, tree.Function, tree.And, tree.Or, tree.Not)


def _foreign(node: tree.Node) -> bool:
    """Return whether a call is one that only the settings evaluator knows."""
    return isinstance(node, tree.Function) and node.name not in STANDARD


def _positive(node: tree.Node) -> tuple[tree.Node, bool]:
    """Write `!=` as the contrary of `==`, and a literal on the right.

    False when the node holds where the one that is given does not.
    """
    if isinstance(node, tree.Comparator) and node.operator in ("==", "!="):
        left, right = node.left, node.right
        if isinstance(left, tree.Literal):
            left, right = right, left
        return tree.Comparator("==", left, right), node.operator == "=="
    return node, True


def _simple(node: tree.Node) -> bool:
    match node:
        case tree.Path():
            return True
        case tree.Comparator(_, tree.Path(), tree.Literal()):
            return True
        case tree.Comparator(_, tree.Literal(), tree.Path()):
            return True
        case tree.Function("one_of", (tree.Path(), listed)):
            return constants(listed) is not None
        case tree.Function("contains", (listed, tree.Path())):
            return constants(listed) is not None
    return False


def _consistent(atoms: list[tuple[_Atom, bool]]) -> bool:
    """Return whether one value of the field can satisfy all of these."""
    confined = _confined(atoms)
    if confined is not None:
        return any(
            all(atom.holds(value) is truth for atom, truth in atoms)
            for value in confined
        )
    plain = [(atom, truth) for atom, truth in atoms if atom.simple]
    return any(
        all(atom.holds(value) is truth for atom, truth in plain)
        for value in _candidates(plain)
    )


def _confined(atoms: list[tuple[_Atom, bool]]) -> list[object] | None:
    """Return all that the field can be, when its parts leave only a few values."""
    for atom, truth in atoms:
        if isinstance(atom.node, tree.Path) and not truth:
            return [None, False, "", [], {}]
        if truth and atom.simple and not _orders(atom.node):
            values = list(_literals(atom.node))
            if values:
                return values
    return None


def _orders(node: tree.Node) -> bool:
    return isinstance(node, tree.Comparator) and node.operator != "=="


def _literals(node: tree.Node) -> Iterator[object]:
    for each in tree.walk(node):
        if isinstance(each, tree.Literal):
            listed = isinstance(node, tree.Function) and isinstance(each.value, list)
            yield from each.value if listed else [each.value]  # type: ignore[misc] # JSON values


def _candidates(atoms: list[tuple[_Atom, bool]]) -> Iterator[object]:
    """Return values of every sort that simple parts can tell apart."""
    yield from (None, False, True, "", _FREE, 0, [], {}, [_FREE], {_FREE: _FREE})
    numbers = []
    for atom, _ in atoms:
        for value in _literals(atom.node):
            yield value
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers.append(value)
    numbers.sort()
    if numbers:
        yield numbers[0] - 1
        yield numbers[-1] + 1
    for low, high in itertools.pairwise(numbers):
        yield (low + high) / 2
