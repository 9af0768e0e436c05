"""Find what a place in a rule is about: the events, the path under the cursor.

The text is usually not a rule yet, so it is read line by line and not parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from checker.aws import api_models, api_parameters, record_schema
from checker.aws.shapes import Shape

_SOURCE: Final = re.compile(r"[\w.-]+\.amazonaws\.com")
_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]{2,}")
_PATH: Final = re.compile(r'[A-Za-z_][\w."\[\]*-]*\Z')
_WORD: Final = re.compile(r'[\w."\[\]*-]*')
_PARTS: Final = {"requestParameters": "input", "responseElements": "output"}


def sources(text: str) -> list[str]:
    """Return the event sources that a text names, in its order."""
    known = api_models.by_source()
    found = dict.fromkeys(_SOURCE.findall(text))
    return [each for each in found if each in known]


def calls(text: str) -> Iterator[tuple[str, str]]:
    """Yield the event sources and names that a text is about."""
    words = dict.fromkeys(_NAME.findall(text))
    for source in sources(text):
        operations = api_models.operations(source)
        for word in words:
            if word in operations:
                yield source, word


def path_before(line: str, column: int) -> str:
    """Return the beginning of a path that ends at a column (from 1)."""
    match = _PATH.search(line[: column - 1])
    return match.group() if match else ""


def word_at(line: str, column: int) -> str:
    """Return the path or word at a column, from its beginning to the end of a name."""
    before = path_before(line, column)
    rest = re.match(r"\w*", line[column - 1 :])
    return before + (rest.group() if rest else "")


def members(text: str, path: str) -> dict[str, str]:
    """Return the names that can follow a path (`requestParameters.`), with a type.

    `path` ends before the last dot; the empty path is the record itself.
    """
    names = [re.sub(r"\[.*?\]", "", part).strip('"') for part in path.split(".")]
    names = [name for name in names if name]
    if names and names[0] in _PARTS:
        found: dict[str, str] = {}
        for source, call in calls(text):
            found |= _of_call(source, call, _PARTS[names[0]], names[1:])
        return found
    return _below(record_schema.RECORD, names)


def _below(shape: Shape | None, names: list[str]) -> dict[str, str]:
    for name in names:
        while shape is not None and shape.kind == "list":
            shape = shape.each()
        shape = shape.member(name) if shape is not None else None
    while shape is not None and shape.kind == "list":
        shape = shape.each()
    if shape is None:
        return {}
    return {name: described(member()) for name, member in shape.members.items()}


def described(shape: Shape) -> str:
    """Describe a value: its type, and its values where AWS names them all."""
    if shape.values:
        listed = ", ".join(sorted(shape.values)[:12])
        return f"text: {listed}{' …' if len(shape.values) > 12 else ''}"
    return {"string": "text", "any": "any value"}.get(shape.kind, shape.kind)


def _of_call(source: str, call: str, part: str, names: list[str]) -> dict[str, str]:
    """Return the members of a call's input or output, by CloudTrail's spelling."""
    found: dict[str, str] = {}
    for service in api_models.operations(source).get(call, ()):
        shape = api_parameters.parameters(service, call, part)
        known = _below(shape, names)
        for extra in api_parameters.EVERYWHERE:
            known.pop(extra, None)
        # Of EC2, S3 and others the model says the names, but not how all are nested.
        found |= known or _of_model(service, call, part, names)
    return found


def _of_model(
    service: api_models.Service, call: str, part: str, names: list[str]
) -> dict[str, str]:
    model = api_models.model(service)
    given = model["operations"].get(call, {}).get(part)
    name = given["shape"] if given else None
    for wanted in names:
        name = _member(service, model, name, wanted)
    shape = model["shapes"].get(name, {}) if name else {}
    return {
        api_parameters.spellings(member, told.get("locationName"), service)[0]: str(
            model["shapes"][told["shape"]]["type"]
        )
        for member, told in shape.get("members", {}).items()
    }


def _member(
    service: api_models.Service,
    model: Mapping[str, object],
    name: str | None,
    wanted: str,
) -> str | None:
    shapes = model["shapes"]
    assert isinstance(shapes, dict)
    shape = shapes.get(name, {})
    while shape.get("type") == "list":
        shape = shapes[shape["member"]["shape"]]
    for member, told in shape.get("members", {}).items():
        if wanted in api_parameters.spellings(
            member, told.get("locationName"), service
        ):
            return str(told["shape"])
    return None
