"""Find the parts of a Sigma rule that can never hold, and leave them out.

What can never hold is what lint says of it; a name that AWS records differently is
written as AWS records it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from checker.authoring.lint import sigma
from checker.authoring.lint.pins import ANYTHING, Pins, both, pins
from checker.authoring.lint.problem import Problem
from checker.authoring.lint.sigma import SigmaSubject
from checker.aws import api_calls
from checker.aws.non_api_events import IAM_ACTIONS, NAMED_OTHERWISE
from checker.conditions import tree
from checker.conditions.sigma_functions import EQUALS, PREFIX
from checker.conditions.sigma_plain import plain
from checker.documents import Path
from checker.rules.sigma.fields import joined_by

Place = tuple[int, int]


@dataclass(slots=True)
class Mended:
    """A condition without its dead parts; None where nothing is left that can hold.

    `changes` say what was changed and why, `reasons` are what lint has against it.
    """

    condition: tree.Node | None = None
    changes: list[str] = field(default_factory=list)
    reasons: list[Problem] = field(default_factory=list)


def mend(subject: SigmaSubject, condition: tree.Node) -> Mended:
    """Leave out what can never hold of a rule's condition."""
    problems = list(sigma.never(list(sigma.check(subject))))
    found = Mended(reasons=problems)
    dead = {(each.line, each.column): each for each in problems}
    if not dead:
        found.condition = condition
        return found
    left = _Mender(subject, dead, found).node(condition, ANYTHING)
    found.condition = left if isinstance(left, tree.Node) else None
    return found


_WHY = {
    "event-source-unknown": "no such event source is known",
    "event-not-in-service": "its event source has no such event",
    "iam-action-not-event": "that is a permission of IAM, not an event",
    "unknown-field": "no record has this field",
    "object-used-as-string": "it is an object or a list, not text",
    "impossible-value": "the field never has this value",
}
"""Why a part can never hold, by the check that has found it."""


class _Mender:
    """Copies a condition without the parts that lint has found dead.

    A part gives True or False where it always comes out so.
    """

    def __init__(
        self, subject: SigmaSubject, dead: Mapping[Place, Problem], found: Mended
    ) -> None:
        self._subject = subject
        self._dead = dead
        self._found = found
        self._told: set[str] = set()

    def node(self, node: tree.Node, about: Pins) -> tree.Node | bool:
        """Copy a node, about the events that the parts beside it ask for."""
        match node:
            case tree.Selection(name, inner, offset):
                copy = self.node(inner, about)
                if isinstance(copy, bool):
                    return copy
                return tree.Selection(name, copy, offset)
            case tree.Not(operand):
                copy = self.node(operand, about)
                return not copy if isinstance(copy, bool) else tree.Not(copy)
            case tree.And(operands):
                about = both(about, pins(plain(node)))
                return self._chain(tree.And, operands, about)
            case tree.Or(operands):
                return self._chain(tree.Or, operands, about)
            case tree.Function(name, (tree.Path(), *_)) if name.startswith(PREFIX):
                return self._test(node, about)
        return node

    def _chain(
        self,
        kind: type[tree.And | tree.Or],
        operands: Sequence[tree.Node],
        about: Pins,
    ) -> tree.Node | bool:
        decides = kind is tree.Or
        copies = [self.node(each, about) for each in operands]
        if any(each is decides for each in copies):
            return decides
        left = [each for each in copies if isinstance(each, tree.Node)]
        return joined_by(kind, left) if left else not decides

    def _test(self, node: tree.Function, about: Pins) -> tree.Node | bool:
        path = node.arguments[0]
        assert isinstance(path, tree.Path)
        at = self._subject.place((), path)
        if at in self._dead:
            self._tell(f"{_shown(path)} left out: {_why(self._dead[at])}")
            return False
        literal = node.arguments[1] if len(node.arguments) > 1 else None
        if not isinstance(literal, tree.Literal) or not isinstance(literal.value, list):
            return node
        places = self._places(path, literal.value)
        if all(place in self._dead for place in places):
            why = _why(self._dead[places[0]])
            names = ", ".join(map(str, literal.value))
            self._tell(f"{_shown(path)} {names} left out: {why}")
            return False
        values = list(self._values(node, path, literal.value, places, about))
        if values == literal.value:
            return node
        if not values:
            return False
        kept = tree.Literal(list(dict.fromkeys(values)))
        return tree.Function(node.name, (path, kept), node.offset)

    def _values(
        self,
        node: tree.Function,
        path: tree.Path,
        values: Sequence[str],
        places: Sequence[Place],
        about: Pins,
    ) -> Iterator[str]:
        for value, place in zip(values, places, strict=True):
            problem = self._dead.get(place)
            if problem is None:
                yield value
                continue
            better = None
            if node.name == EQUALS and path.names == ("eventName",):
                better = _better(value, about)
            if better is None:
                self._tell(f"{_shown(path)} {value} left out: {_why(problem)}")
            else:
                self._tell(
                    f"{_shown(path)} {value} written as {better}: {_why(problem)}"
                )
                yield better

    def _places(self, path: tree.Path, values: Sequence[str]) -> list[Place]:
        """Return where each value of a field is in the file."""
        document = self._subject.document
        at = self._subject.place((), path)
        key: Path = next((k for k, p in document.keys.items() if p == at), ())
        written = document.at(key) if key else None
        if isinstance(written, list) and len(written) == len(values):
            return [document.position((*key, n)) for n in range(len(values))]
        return [document.position(key)] * len(values)

    def _tell(self, change: str) -> None:
        if change not in self._told:
            self._told.add(change)
            self._found.changes.append(change)


def _why(problem: Problem) -> str:
    return _WHY.get(problem.check, problem.message)


def _shown(path: tree.Path) -> str:
    return ".".join(path.names)


def _better(name: str, about: Pins) -> str | None:
    """Return the event that is recorded for a name of another thing, if there is one.

    That is a permission of IAM, or an operation that CloudTrail calls otherwise.
    """
    for source in sorted({each for pin in about for each in pin.sources or ()}):
        action = IAM_ACTIONS.get(source, {}).get(name, "")
        for event in (NAMED_OTHERWISE.get((source, name)), action.split(" ")[0]):
            if event and api_calls.occurs(source, event):
                return event
    return None
