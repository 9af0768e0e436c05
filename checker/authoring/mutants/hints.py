"""Find the case that is missing: what tells a mutant from its rule.

It takes the cases that are there and changes one field after another, among those that
the rule reads, to the values that the rule names and to their neighbours, until rule
and mutant disagree.  The change is the hint.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from checker import conditions
from checker.authoring.mutants import pattern_variants
from checker.authoring.mutants.mutation import Mutable
from checker.cases.read import Case
from checker.conditions import tree
from checker.evaluate.configuration import evaluate
from checker.model import DetectionRule, Status

Judge: TypeAlias = Callable[[Any], bool | frozenset[Status]]
Steps: TypeAlias = tuple[str, ...]

_STEP = re.compile(r'"(?:[^"\\]|\\.)*"|\[\]|\*|[^.\[\]"]+')
_ABSENT = object()
_ORDINARY = {"errorCode": "AccessDenied", "errorMessage": "Access denied"}
_TRIES = 10_000
_TRIES_OF_SETTINGS = 400


class _Change(msgspec.Struct, frozen=True):
    """Another value at a place of the subject."""

    steps: Steps
    value: Any


def hint(
    rule: Mutable,
    mutant: Mutable,
    settled: Sequence[Case],
    judge: Callable[[Mutable], Judge],
    *,
    thorough: bool = True,
) -> str:
    """Return which case would tell the mutant from the rule, as a patch of one that is.

    Without `thorough` it gives up sooner: a rule with many survivors has few cases, and
    the first hints say what is missing.
    """
    changes = list(_changes(rule, mutant))
    tests = judge(rule), judge(mutant)
    limit = _TRIES if isinstance(rule, DetectionRule) else _TRIES_OF_SETTINGS
    tries = itertools.islice(
        _tries(settled, changes), limit if thorough else limit // 20
    )
    for case, chosen in tries:
        subject: Any = case.subject
        for change in chosen:
            subject = _changed(subject, change.steps, change.value)
        if subject is _ABSENT:
            continue
        said = _disagree(tests, subject)
        if said is not None:
            patch = json.dumps(merge_difference(case.subject, subject), default=str)
            return f"add a {said} like '{case.name}' with the patch {patch}"
    return (
        "no change of one or two fields tells them apart: write a case that needs this "
        "clause, or take it out, or say under 'equivalent' why none can"
    )


def _tries(
    settled: Sequence[Case], changes: Sequence[_Change]
) -> Iterator[tuple[Case, tuple[_Change, ...]]]:
    by_need = sorted(settled, key=lambda case: not case.match)
    for change in changes:
        for case in by_need:
            yield case, (change,)
    for pair in itertools.combinations(changes, 2):
        if pair[0].steps != pair[1].steps:
            for case in by_need[:4]:
                yield case, pair


def _disagree(tests: tuple[Judge, Judge], subject: Any) -> str | None:
    try:
        first, second = tests[0](subject), tests[1](subject)
    except Exception:  # noqa: BLE001 - a made-up subject may be out of all shape
        return None
    if first == second:
        return None
    if isinstance(first, bool):
        return "match case" if first else "no_match case"
    words = " and ".join(sorted(status.value for status in first))
    return f"case ({words})"


def _changes(rule: Mutable, mutant: Mutable) -> Iterator[_Change]:
    """List the changes worth trying: for each field, its own literals first."""
    tops = [_top(rule), _top(mutant)]
    prefix = _prefix(rule)
    values = list(_values(tops))
    seen: set[Steps] = set()
    for top in tops:
        for path in conditions.paths(top):
            steps = tuple(_STEP.findall(path))
            for end in range(len(steps), 0, -1):
                if steps[:end] not in seen:
                    seen.add(steps[:end])
                    if end == len(steps):
                        chosen = [_ABSENT, *_own(path, tops), *values]
                    else:
                        chosen = [_ABSENT, [], {}, "other"]
                    for value in chosen:
                        yield _Change((*prefix, *steps[:end]), value)


def _own(path: str, tops: Sequence[tree.Node]) -> Iterator[Any]:
    """The values that a field is compared with, or that it has in ordinary life."""
    for top in tops:
        for each in tree.walk(top):
            if isinstance(each, tree.Comparator | tree.Function):
                children = tree.children(each)
                if any(path in conditions.paths(child) for child in children):
                    for child in children:
                        yield from _entries(child)
    if path in _ORDINARY:
        yield _ORDINARY[path]


def _entries(node: tree.Node) -> list[Any]:
    if not isinstance(node, tree.Literal):
        return []
    return node.value if isinstance(node.value, list) else [node.value]


def _top(rule: Mutable) -> tree.Node:
    if isinstance(rule, DetectionRule):
        return rule.detection.condition
    block = rule.configuration
    if block.applies is None:
        return block.condition
    return tree.And((block.applies, block.condition))


def _prefix(rule: Mutable) -> Steps:
    section = (
        None
        if isinstance(rule, DetectionRule)
        else evaluate.section(rule.configuration.resource)
    )
    return (section, "[]") if section else ()


def _values(tops: Sequence[tree.Node]) -> Iterator[Any]:
    """The literals of the trees, most telling first, and their neighbours."""
    yield from ("other", "", True, False, [], ["other"], {}, 0, 1)
    literals = [
        entry
        for top in reversed(tops)
        for each in tree.walk(top)
        for entry in _entries(each)
    ]
    for top in tops:
        literals += [text for each in tree.walk(top) for text in _samples(each)]
    unique = {json.dumps(each): each for each in literals}
    yield from unique.values()
    for value in unique.values():
        if isinstance(value, str):
            yield from (value.swapcase(), f"x{value}", f"{value}x", f"x{value}x")
            yield [value]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield from (value - 1, value + 1)


def _samples(node: tree.Node) -> Iterator[str]:
    match node:
        case tree.Function("matches", (_, tree.Literal(str(pattern)))):
            yield from pattern_variants.samples(pattern)


def _changed(subject: Any, steps: Steps, value: Any) -> Any:
    """Copy a subject with another value at a place; absent if that cannot be."""
    if not steps:
        return value
    step, *rest = steps
    if step == "[]":
        if not isinstance(subject, list) or not subject:
            return _ABSENT if value is _ABSENT else [_changed({}, (*rest,), value)]
        first = _changed(subject[0], (*rest,), value)
        return subject[1:] if first is _ABSENT else [first, *subject[1:]]
    if not isinstance(subject, dict):
        return _ABSENT if value is _ABSENT else {step: _changed({}, (*rest,), value)}
    name = _key(step, subject)
    found = _changed(subject.get(name), (*rest,), value)
    if found is _ABSENT:
        return {key: each for key, each in subject.items() if key != name}
    return {**subject, name: found}


def _key(step: str, here: dict[str, Any]) -> str:
    if step == "*":
        return next(iter(here), "other")
    return json.loads(step) if step.startswith('"') else step


def merge_difference(before: Any, after: Any) -> Any:
    """The JSON Merge Patch (RFC 7386) that makes `after` of `before`."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    patch = {key: None for key in before if key not in after}
    for key, value in after.items():
        if key not in before or type(before[key]) is not type(value):
            patch[key] = value
        elif before[key] != value:
            patch[key] = merge_difference(before[key], value)
    return patch
