"""Print our JSON Schemas, each with everything that it refers to inside.

The files of `schemas/` refer to `rule.json` beside them; what leaves the project must
not: an editor or a validator without a network reads one file.
"""

from __future__ import annotations

import json
from typing import Any

from checker import resources


def standalone(kind: str) -> dict[str, Any]:
    """Return the schema of a kind without references to other files."""
    schema = _load(f"{kind}.json")
    found: dict[str, Any] = {}
    inlined: dict[str, Any] = _inlined(schema, found)
    if found:
        inlined["$defs"] = {**inlined.get("$defs", {}), **found}
    return inlined


def text(kind: str) -> str:
    """Return the file of a schema as `trailcheck schema` prints it."""
    return json.dumps(standalone(kind), ensure_ascii=False, indent=2) + "\n"


def _load(name: str) -> Any:
    file = resources.root() / "schemas" / name
    return json.loads(file.read_text(encoding="utf-8"))


def _inlined(node: Any, found: dict[str, Any]) -> Any:
    """Copy a part of a schema; what it refers to in other files goes to `found`."""
    if isinstance(node, list):
        return [_inlined(each, found) for each in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _inlined(value, found) for key, value in node.items()}
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        copied["$ref"] = _taken_in(reference, found)
    return copied


def _taken_in(reference: str, found: dict[str, Any]) -> str:
    """Copy a definition of another file, and return the reference to the copy."""
    file, _, pointer = reference.partition("#/$defs/")
    name = f"{file.removesuffix('.json')}_{pointer}"
    if name not in found:
        found[name] = None  # a definition may refer to itself
        definition = _load(file)["$defs"][pointer]
        found[name] = _inlined(_absolute(definition, file), found)
    return f"#/$defs/{name}"


def _absolute(node: Any, file: str) -> Any:
    """Copy a definition so that its own references name the file they are in."""
    if isinstance(node, list):
        return [_absolute(each, file) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{file}{value}"
        if key == "$ref" and str(value).startswith("#")
        else _absolute(value, file)
        for key, value in node.items()
    }
