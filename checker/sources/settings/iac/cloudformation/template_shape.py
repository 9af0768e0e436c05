"""Check that a template has the shape that CloudFormation accepts.

A part of another shape would be passed over, and what a template says there would be
taken for what it leaves out.  CloudFormation refuses such templates itself.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

Mistake: TypeAlias = tuple[tuple[str, ...], str]
"""The path of keys to a part of a template, and what is wrong with it."""

_SECTIONS: Final = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_ATTRIBUTES: Final = {
    name.lower(): name for name in ("Type", "Properties", "Condition")
}


def mistakes(template: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield what of a template CloudFormation refuses, in the order of its sections."""
    for section in _SECTIONS:
        body = template.get(section)
        if body is None:
            continue
        if not isinstance(body, Mapping):
            yield (section,), f"{section} is {_kind(body)}, not a map"
        elif section in ("Parameters", "Mappings"):
            yield from _members(section, body)
        elif section == "Resources":
            yield from _resources(body)


def _members(section: str, body: Mapping[str, Any]) -> Iterator[Mistake]:
    for name, value in body.items():
        if not name.startswith("Fn::") and not isinstance(value, Mapping):
            told = f"{name:.80} in {section} is {_kind(value)}, not a map"
            yield (section, name), told


def _resources(resources: Mapping[str, Any]) -> Iterator[Mistake]:
    for name, declared in resources.items():
        path = ("Resources", name)
        if name.startswith("Fn::"):
            continue  # a loop or a macro, which makes resources
        if not isinstance(declared, Mapping):
            yield path, f"the resource {name:.80} is {_kind(declared)}, not a map"
            continue
        yield from _attributes(path, declared)


def _attributes(
    path: tuple[str, ...], declared: Mapping[str, Any]
) -> Iterator[Mistake]:
    name = path[-1][:80]
    for key in declared:
        meant = _ATTRIBUTES.get(str(key).lower(), key)
        if meant != key:
            yield (*path, key), f"{key} of the resource {name}: write {meant}"
    if not isinstance(declared.get("Type", ""), str):
        found = _kind(declared["Type"])
        yield (*path, "Type"), f"the Type of the resource {name} is {found}, not text"
    if not isinstance(declared.get("Properties"), Mapping | None):
        found = _kind(declared["Properties"])
        told = f"the Properties of the resource {name} are {found}, not a map"
        yield (*path, "Properties"), told
    if not isinstance(declared.get("Condition", ""), str):
        found = _kind(declared["Condition"])
        told = f"the Condition of the resource {name} is {found}, not a name"
        yield (*path, "Condition"), told


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text"
        case list():
            return "a list"
        case Mapping():
            return "a map"
    return "a number"
