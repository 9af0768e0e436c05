"""Hold the types of what AWS answers about settings.

`answer_types.json` is written from botocore's models (tools/answer_types.py): by
section of a snapshot, the path of each leaf to `boolean`, `number`, `string`, or the
words that AWS documents for it.  `[]` is each element of a list, `{}` each value of a
map.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

_KINDS = frozenset({"boolean", "number", "string"})


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a value: a leaf's `kind` and `words`, or what is inside.

    `kind` is `boolean`, `number`, `string` or empty; `members` are those of an object;
    `each` is the type of a list's elements, or of a map's values.
    """

    kind: str = ""
    words: frozenset[str] = frozenset()
    members: dict[str, Type] = field(default_factory=dict)
    each: Type | None = None


@functools.cache
def leaves() -> Mapping[str, Mapping[str, str]]:
    """Return the type of each leaf, by section and path."""
    file = importlib.resources.files("checker.aws") / "answer_types.json"
    table: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return table


@functools.cache
def answer_type(section: str) -> Type | None:
    """Return the type of a section's resources; None where AWS's models have none."""
    if section not in leaves():
        return None
    tree: dict[str, object] = {}
    for path, kind in leaves()[section].items():
        node = tree
        steps = path.replace("[]", ".[]").replace("{}", ".[]").split(".")
        for step in steps[:-1]:
            node = node.setdefault(step, {})  # type: ignore[assignment]  # a tree of dicts
        node[steps[-1]] = kind
    return _type(tree)


def _type(node: object) -> Type:
    if isinstance(node, str):
        if node in _KINDS:
            return Type(node)
        return Type("string", frozenset(node.split("|")))
    assert isinstance(node, dict)
    members = {name: _type(inner) for name, inner in node.items()}
    each = members.pop("[]", None)
    return Type("", frozenset(), members, each)
