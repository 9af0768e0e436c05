"""Show a condition as a tree: what holds, what does not, and why.

The clauses are judged by the closures that judge in a scan, and put together by
Kleene's logic, as configuration rules do: the tree cannot tell another story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from checker import conditions, secrets
from checker.conditions import STANDARD, Function, Unknown, UnknownValue, tree
from checker.reports.evidence import brief
from checker.reports.segments import Line, Segment, visible

_MARKS: Final = {True: "✓", False: "✗", None: "?"}
_ASCII_MARKS: Final = {True: "+", False: "-", None: "?"}
_STYLES: Final = {True: "pass", False: "fail", None: "unknown"}
_LONGEST: Final = 300
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Branch:
    """One part of a condition on one document.

    `text` is a clause, the name of a selection, or `all of`, `any of` and `not`;
    `holds` is None where an unknown value decides.  `values` say in words what
    a clause has read; `branches` are the parts of what is no clause.
    """

    text: str
    holds: bool | None
    values: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()


def explain(
    node: tree.Node,
    document: object,
    functions: Mapping[str, Function] = STANDARD,
    said: Callable[[], Iterable[str]] = tuple,
) -> Branch:
    """Evaluate each part of a condition on a document (an event, a resource's body).

    `said` gives what the functions have had to say since it was last asked: the reasons
    of `coverage`, for one.
    """

    def again(child: tree.Node) -> Branch:
        return explain(child, document, functions, said)

    match node:
        case tree.Selection(name, inner):
            branch = again(inner)
            if branch.branches and branch.text != "not":
                return replace(branch, text=f"{name}: {branch.text}")
            return Branch(name, branch.holds, (), (branch,))
        case tree.And(operands):
            branches = tuple(map(again, operands))
            return Branch("all of", _every(branches, wanted=True), (), branches)
        case tree.Or(operands):
            branches = tuple(map(again, operands))
            none = _every(branches, wanted=False)
            return Branch("any of", None if none is None else not none, (), branches)
        case tree.Not(operand) if isinstance(
            operand, tree.And | tree.Or | tree.Not | tree.Selection
        ):
            branch = again(operand)
            opposite = None if branch.holds is None else not branch.holds
            return Branch("not", opposite, (), (branch,))
    return _clause(node, document, functions, said)


def decisive(branch: Branch) -> Branch:
    """Leave out the parts that did not decide: what holds where all must, for one."""
    children = branch.branches
    kind = branch.text.rsplit(": ", 1)[-1]
    if (kind, branch.holds) in (("all of", False), ("any of", True)):
        children = tuple(each for each in children if each.holds is branch.holds)
    elif branch.holds is None:
        children = tuple(each for each in children if each.holds is None)
    return replace(branch, branches=tuple(map(decisive, children)))


def lines(branch: Branch, *, unicode: bool = True, indent: int = 0) -> Iterator[Line]:
    """Yield the tree, one part a line, deeper parts further to the right.

    Without `unicode` everything is ASCII, for streams that have no more.
    """
    marks = _MARKS if unicode else _ASCII_MARKS

    def written(text: str) -> str:
        text = visible(text, _LONGEST)
        return text if unicode else text.encode("ascii", "backslashreplace").decode()

    margin = "  " * min(indent, _DEEPEST)
    values = "; ".join(branch.values)
    yield (
        Segment(margin),
        Segment(marks[branch.holds], _STYLES[branch.holds]),
        Segment(f" {written(branch.text)}"),
        *([Segment(f"   {written(values)}", "faint")] if values else []),
    )
    for each in branch.branches:
        yield from lines(each, unicode=unicode, indent=indent + 1)


def _every(branches: Iterable[Branch], *, wanted: bool) -> bool | None:
    """Return whether each truth is `wanted`; one that is not decides alone."""
    truths = {branch.holds for branch in branches}
    if (not wanted) in truths:
        return False
    return None if None in truths else True


def _clause(
    node: tree.Node,
    document: object,
    functions: Mapping[str, Function],
    said: Callable[[], Iterable[str]],
) -> Branch:
    holds: bool | None = None
    unknown: tuple[str, ...] = ()
    try:
        holds = conditions.holds(conditions.closure(node, functions)(document))
    except UnknownValue as error:
        unknown = (error.reason,)
    values = tuple(_values(conditions.paths(node, document), document))
    told = dict.fromkeys((*values, *said(), *unknown))
    return Branch(conditions.show(node), holds, tuple(told))


def _values(paths: tuple[str, ...], document: object) -> Iterator[str]:
    """Describe what stands at each path; of an array, what is read of its elements."""
    for path in paths:
        if any(other != path and other.startswith(path) for other in paths):
            continue
        array = path.split("[]", 1)[0]
        if array and array != path and _read(array, document) is None:
            yield _value(array, document)
        else:
            yield _value(path, document)


def _read(path: str, document: object) -> Any:
    try:
        return conditions.compile(path)(document)
    except UnknownValue as error:
        return error.unknown


def _value(path: str, document: object) -> str:
    read, present = secrets.reading(path)
    value = present(_read(read, document))
    if isinstance(value, Unknown):
        return f"{path} is unknown: {value.reason}"
    if value is None:
        names = conditions.parse(path)
        absent = isinstance(names, tree.Path) and not _present(names.names, document)
        return f"{path} is {'absent' if absent else 'null'}"
    return f"{path} is {brief(value)}"


def _present(names: tuple[str, ...], document: Any) -> bool:
    for name in names:
        if not isinstance(document, dict) or name not in document:
            return False
        document = document[name]
    return True
