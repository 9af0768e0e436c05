"""Documents against our JSON Schemas, in a user's words."""

from __future__ import annotations

import functools
import json
import os.path
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from checker import resources
from checker.documents.document import Document, Path
from checker.documents.reading import placed
from checker.errors import DocumentError, MistakeKind

_MOST_KEYS: Final = 16
"""How many keys are listed where one is unknown and none is like it."""


def check(document: Document, schema: str) -> list[DocumentError]:
    """Hold a document against one of our schemas (`detection`, `cases` …).

    Every mistake is listed, in the order of the file, once for each place.
    """
    errors = list(_validator(schema).iter_errors(document.value))
    if errors and not document.values:
        document = placed(document)
    found = {
        (error.line, error.column, error.message): error
        for error in _explain(document, errors)
    }
    return [found[key] for key in sorted(found)]


def nearest(word: str, words: Sequence[str]) -> str:
    """Return " - did you mean 'x'?" for a misspelt word, or nothing."""
    import difflib

    # What all words begin with, such as `AWS::`, makes none of them any likelier.
    head = os.path.commonprefix(list(words))  # noqa: RUF071 - of words, not paths
    head = head if word.startswith(head) else ""
    ends = [each.removeprefix(head) for each in words]
    close = difflib.get_close_matches(word.removeprefix(head), ends, n=1, cutoff=0.6)
    return f" - did you mean '{head}{close[0]}'?" if close else ""


@functools.cache
def _validator(name: str) -> Any:
    import jsonschema

    schema = _inlined({"$ref": f"{name}.json"}, "", ())
    return jsonschema.Draft202012Validator(schema)


def _inlined(node: Any, file: str, within: tuple[str, ...]) -> Any:
    """Return a part of one of our schemas with what it refers to in it.

    To look each reference up again for each value takes a third of the time.  None of
    our schemas refers to itself.
    """
    if isinstance(node, list):
        return [_inlined(each, file, within) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {
        key: _inlined(value, file, within)
        for key, value in node.items()
        if key not in ("$ref", "$defs", "$id")
    }
    if "$ref" not in node:
        return inner
    name, _, pointer = node["$ref"].partition("#")
    name = name or file
    place = f"{name}#{pointer}"
    assert place not in within, f"{place} refers to itself"
    target = _schema(name)
    for step in filter(None, pointer.split("/")):
        target = target[step]
    target = _inlined(target, name, (*within, place))
    return {**inner, "allOf": [target, *inner.get("allOf", ())]} if inner else target


@functools.cache
def _schema(name: str) -> Any:
    file = resources.root() / "schemas" / name
    return json.loads(file.read_text(encoding="utf-8"))


def _explain(document: Document, errors: Any) -> Iterator[DocumentError]:
    """Turn jsonschema's errors into ours: at the right place, in a user's words."""
    for error in errors:
        path: Path = tuple(error.absolute_path)
        rule, expected = error.validator, error.validator_value
        if rule in ("additionalProperties", "unevaluatedProperties"):
            yield from _unknown_keys(document, error, path)
        elif rule == "required":
            for name in expected:
                if isinstance(error.instance, dict) and name not in error.instance:
                    yield document.error(
                        f"'{name}' is missing", path, key=True, kind=MistakeKind.SCHEMA
                    )
        elif rule in ("anyOf", "oneOf") and error.context:
            yield from _explain(document, _closest(error))
        elif rule == "if":
            yield from _explain(document, error.context)
        else:
            yield document.error(
                f"{_name(path)} {_says(error)}", path, kind=MistakeKind.SCHEMA
            )


def _unknown_keys(
    document: Document, error: Any, path: Path
) -> Iterator[DocumentError]:
    known = list(error.schema.get("properties", {}))
    patterns = [re.compile(p) for p in error.schema.get("patternProperties", {})]
    for key in error.instance:
        if key in known or any(pattern.search(key) for pattern in patterns):
            continue
        if not known and patterns:
            wanted = " or ".join(pattern.pattern for pattern in patterns)
            message = f"the name '{key}' does not fit {wanted}"
        else:
            hint = nearest(key, known)
            if not hint and 0 < len(known) <= _MOST_KEYS:
                hint = f"; the keys here are {', '.join(known)}"
            message = f"unknown key '{key}'{hint}"
        yield document.error(message, (*path, key), key=True, kind=MistakeKind.SCHEMA)


def _closest(error: Any) -> list[Any]:
    """Choose the alternative whose type fits the value, else say what is allowed."""
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner_errors in branches.values():
        if all(
            inner.validator != "type"
            or tuple(inner.absolute_path) != tuple(error.absolute_path)
            for inner in inner_errors
        ):
            return inner_errors
    return branches[min(branches)][:1]


def _name(path: Path) -> str:
    words = [str(part) for part in path if isinstance(part, str)]
    return f"'{'.'.join(words)}'" if words else "the file"


def _says(error: Any) -> str:
    value, expected = error.instance, error.validator_value
    shown = json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    match error.validator:
        case "type":
            kinds = [expected] if isinstance(expected, str) else expected
            wanted = " or ".join(_KINDS[kind] for kind in kinds)
            named = error.schema.get("description", ".")
            # A sentence says what the value is for; a phrase says what it must be.
            listed = "" if isinstance(value, dict | None) else f": write [{shown}]"
            return (
                f"must be {wanted if named.endswith('.') else named}, not {shown}"
                f"{listed if kinds == ['array'] else ''}"
            )
        case "enum":
            hint = nearest(str(value), [str(word) for word in expected])
            return f"must be one of {', '.join(map(str, expected))}, not {shown}{hint}"
        case "const":
            return f"must be {json.dumps(expected)}, not {shown}"
        case "pattern":
            wanted = error.schema.get("description", f"text that fits {expected}")
            return f"must be {wanted}, not {shown}"
        case "minItems" | "minProperties" | "minLength":
            return f"must hold at least {expected}"
        case "maxItems" | "maxProperties" | "maxLength":
            return f"must hold at most {expected}"
        case "uniqueItems":
            return "holds the same entry twice"
        case "minimum":
            return f"must be {expected} or more, not {shown}"
        case _:
            return str(error.message)


_KINDS = {
    "string": "text",
    "object": "a map",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
