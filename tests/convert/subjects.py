"""The bundled detections with their cases, and records that are odd in one place."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from checker import rules
from checker.cases import read as cases
from checker.conditions import closure, holds, tree
from checker.convert import Subject
from checker.model import AnyRule, DetectionRule
from checker.rules.files import RuleFile
from checker.run.convert import subject
from checker.sources.events import files
from checker.sources.events.inputs import find
from tools.corpora import CORPUS, FOLDERS

Record = Mapping[str, Any]

_ODD = (None, "", "*", "?", "a*b", '"', "'", "\\", "%", "é", "𝄞", "\n", " ", 5, "5", 0)
_NOT_SCALAR: tuple[Any, ...] = ([], {}, [None], [""], {"a": 1})


@dataclass(frozen=True, slots=True)
class Shown:
    """A detection, the function of its condition, and the records of its cases."""

    subject: Subject
    holds: Callable[[Record], bool]
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        return self.subject.rule.name


@functools.cache
def detections(every: int = 1) -> tuple[Shown, ...]:
    """The bundled detections: all, or one of so many, the same each time."""
    by_path = {rule.path: rule for rule in rules.load()}
    found = [
        (by_path[file.path], file)
        for file in rules.find(())
        if isinstance(by_path[file.path], DetectionRule)
    ]
    return tuple(_shown(rule, file) for rule, file in found[::every])


def _shown(rule: AnyRule, file: RuleFile) -> Shown:
    assert isinstance(rule, DetectionRule)
    found = cases.of_rule(file, [])
    decide = closure(rule.detection.condition)
    return Shown(
        subject(rule, [case.subject for case in found if case.match]),
        lambda record: holds(decide(record)),
        tuple(case.subject for case in found if not case.parameters),
    )


@functools.cache
def corpus() -> tuple[Record, ...]:
    """Every record of the shared corpus; none where it is not at hand."""
    if not CORPUS.is_dir():
        return ()
    found: list[Record] = []
    for folder in FOLDERS:
        for path in sorted((CORPUS / folder).rglob("*.json*")):
            found += _records(path)
    lines = (CORPUS / "panther_tests.jsonl").read_text("utf-8").splitlines()
    return (*found, *(json.loads(line)["event"] for line in lines))


def _records(path: Path) -> Iterator[Record]:
    for each in find([str(path)]):
        if not isinstance(each, files.Input):
            continue
        for batch in files.read(each):
            for record in getattr(batch, "records", ()):
                yield msgspec.json.decode(record)


def odd_records(
    shown: Shown, seed: int, *, most: int, scalars: bool
) -> Iterator[Record]:
    """Records of a rule's cases in which one field is odd: absent, of another type,
    in another case, or like a literal of the rule.

    With `scalars` no field that is a scalar becomes an array or an object.
    """
    chance = random.Random(f"{shown.name}-{seed}")
    condition = shown.subject.rule.detection.condition
    paths = sorted({n.names for n in tree.walk(condition) if isinstance(n, tree.Path)})
    literals = sorted(_literals(condition))
    if not shown.records or not paths:
        return
    for _ in range(most):
        record = msgspec.json.decode(msgspec.json.encode(chance.choice(shown.records)))
        path = chance.choice(paths)
        path = path[: chance.choice([len(path)] * 4 + [1])]
        value = _odd_value(chance, literals, scalars=scalars)
        yield _with(record, path, value, scalars=scalars)


def _literals(condition: tree.Node) -> set[str]:
    found: set[str] = set()
    for node in tree.walk(condition):
        if isinstance(node, tree.Literal):
            values = node.value if isinstance(node.value, list) else [node.value]
            found.update(value for value in values if isinstance(value, str))
    return found


_ABSENT = object()


def _odd_value(chance: random.Random, literals: list[str], *, scalars: bool) -> Any:
    odd = [*_ODD, _ABSENT, _ABSENT, True, False]
    if not scalars:
        odd += _NOT_SCALAR
    if not literals or chance.random() < 0.4:
        return chance.choice(odd)
    literal = chance.choice(literals)
    made = [
        literal,
        literal.upper(),
        literal.lower(),
        literal.swapcase(),
        f"x{literal}",
        f"{literal}x",
        f"x{literal}x",
        literal[:-1],
        literal[1:],
        f"{literal}\n",
        f" {literal}",
        literal.replace("-", "*"),
    ]
    if not scalars:
        made += [[literal], [f"x{literal}"], [[literal]], {literal: literal}]  # type: ignore[list-item] # odd on purpose
    return chance.choice(made)


def _with(record: Any, path: tuple[str, ...], value: Any, *, scalars: bool) -> Any:
    holder = record
    for name in path[:-1]:
        inner = holder.get(name)
        if not isinstance(inner, dict):
            return record
        holder = inner
    old = holder.get(path[-1])
    if value is _ABSENT:
        holder.pop(path[-1], None)
    elif not (scalars and isinstance(old, dict | list) and value is not None):
        holder[path[-1]] = value
    return record
