"""Read the settings that a CloudFormation template would make.

Templates are JSON, or YAML with the short forms of the functions (`!Ref`, `!Sub` …);
aliases and merge keys CloudFormation does not support either.  A resource whose
condition is false is not there; while a condition cannot be decided, a trail or event
data store is read as one that may or may not record.  Resources that
macros, nested stacks or `Fn::ForEach` make are not seen.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checker import documents
from checker.conditions.sketch import ACCOUNT
from checker.model import Unreadable
from checker.sources.settings import json_lines
from checker.sources.settings.iac.cloudformation import (
    resources as cloudformation_resources,
)
from checker.sources.settings.iac.cloudformation.functions import references
from checker.sources.settings.iac.cloudformation.intrinsics import Intrinsics
from checker.sources.settings.iac.cloudformation.template_shape import mistakes
from checker.sources.settings.iac.cloudformation.unseen import looped, unseen
from checker.sources.settings.iac.declarations import (
    Declaration,
    Settings,
    Source,
    assemble,
    hole,
    is_unknown,
    partition_of,
    pending,
)
from checker.sources.settings.iac.typed import WORDS

MAX_BYTES = 1024 * 1024
"""The size that CloudFormation itself accepts (from S3)."""

_FUNCTIONS = frozenset(
    {
        "And",
        "Base64",
        "Cidr",
        "Equals",
        "FindInMap",
        "GetAtt",
        "GetAZs",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
    }
)


def is_template(value: Any) -> bool:
    """Return a template: it has resources, and a version or a resource type of AWS."""
    if not isinstance(value, dict) or value.get("Resources") is None:
        return False
    resources = value["Resources"]
    if isinstance(resources, dict):
        resources = list(resources.values())
    return "AWSTemplateFormatVersion" in value or (
        isinstance(resources, list)
        and any(
            isinstance(each, dict) and "::" in str(each.get("Type"))
            for each in resources
        )
    )


def document(uri: str, data: bytes) -> documents.Document:
    """Read a template's text; mistakes are in its `problems`."""
    data = data.replace(b"\r\n", b"\n")
    if len(data) <= MAX_BYTES and data.lstrip(b"\xef\xbb\xbf \t\n")[:1] == b"{":
        try:
            text = data.decode("utf-8-sig")
            value = json.loads(text)
        except (ValueError, RecursionError):
            pass  # it may be YAML in the braces of a flow mapping
        else:
            if not _deep(value):
                return documents.load_json(uri, text)
    return documents.load_yaml(uri, data, limit=MAX_BYTES, tags=_tag)


def read(
    uri: str,
    template: documents.Document,
    size: int = 0,
    *,
    region: str | None = None,
    account: str | None = None,
) -> Settings | Unreadable:
    """Read a template; `region` and `account` say where it will be deployed, if known.

    `size` is that of its text in bytes.
    """
    if template.problems:
        first = template.problems[0]
        return Unreadable(uri, None, f"line {first.line}: {first.message}")
    if not is_template(template.value):
        return Unreadable(uri, None, "no CloudFormation template: it has no Resources")
    for path, told in mistakes(template.value):
        reason = f"line {_line(template, path)}: {told}, which CloudFormation refuses"
        return Unreadable(uri, None, reason)
    pseudo = {"AWS::Region": region, "AWS::AccountId": account}
    partition = partition_of(region or "")
    pseudo["AWS::Partition"] = partition
    given = {name: value for name, value in pseudo.items() if value}
    _read_words(template)
    found = list(_declarations(template, Intrinsics(template.value, given)))
    who: dict[str, Any] = {
        "id": account or hole("account: a template does not name it", (ACCOUNT,)),
        "partition": partition,
        "_state": {},
    }
    entries = cloudformation_resources.entries(found, looped(template.value))
    source = Source(uri, "template", size)
    return assemble(source, entries, who, list(unseen(template.value)))


def _read_words(template: documents.Document) -> None:
    """Make booleans of the unquoted words that are some to CloudFormation's YAML 1.1.

    https://yaml.org/type/bool.html
    """
    for path, scalar in template.values.items():
        if scalar.style or not path:
            continue
        inside: Any = template.value
        for step in path[:-1]:
            inside = inside[step]
        word = inside[path[-1]]
        if isinstance(word, str) and word in _BOOLEANS:
            inside[path[-1]] = _BOOLEANS[word]


_BOOLEANS = {
    written: value
    for word, value in WORDS.items()
    for written in (word, word.capitalize(), word.upper())
}


def _deep(value: Any) -> bool:
    """Return whether a value is nested deeper than documents may be."""
    level = [value]
    for _ in range(documents.MAX_DEPTH + 1):
        if not level:
            return False
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return True


def _tag(name: str) -> str | None:
    if name in ("Ref", "Condition"):
        return name
    return f"Fn::{name}" if name in _FUNCTIONS else None


def _declarations(
    template: documents.Document, values: Intrinsics
) -> Iterator[Declaration]:
    resources = template.value["Resources"]
    line = _lines(template)
    parameters = template.value.get("Parameters")
    region = values.resolve({"Ref": "AWS::Region"})
    account = values.resolve({"Ref": "AWS::AccountId"})
    for name, resource in resources.items():
        if (
            not isinstance(resource, dict)
            or resource.get("Type") not in cloudformation_resources.TYPES
        ):
            continue
        exists = True
        if "Condition" in resource:
            exists = values.condition(resource["Condition"])
            if exists is False:
                continue
        raw = resource.get("Properties")
        found = values.resolve(raw)
        named = _referring(raw, resources)
        yield Declaration(
            type=resource["Type"],
            address=name,
            values=_properties(found),
            references=named,
            opaque=frozenset(_opaque(raw, parameters)),
            aliases=frozenset(_expressions(raw)),
            line=line(name),
            region=_located(region),
            account=account,
            exists=_exists(exists),
            name=values.name(name),
            arn=values.arn(name),
        )


def _line(template: documents.Document, path: tuple[str, ...]) -> int:
    if template.values:
        return template.key_position(path)[0]
    pointer = "/".join(
        step.replace("~", "~0").replace("/", "~1") for step in ("", *path)
    )
    return json_lines.json_lines(template.text.encode()).get(pointer, 1)


def _lines(template: documents.Document) -> Callable[[str], int]:
    """Return how to find the line, from 1, of a logical id."""
    if template.values:
        return lambda name: template.key_position(("Resources", name))[0]
    lines = json_lines.json_lines(template.text.encode())
    return lambda name: lines.get(f"/Resources/{name}", 1)


def _located(region: Any) -> Any:
    if is_unknown(region):
        reason = "region: a template does not name it (--region does)"
        return region.with_reason(reason)
    return region


def _properties(found: Any) -> dict[str, Any]:
    if is_unknown(found):
        # Nothing of the properties is known: each that is asked for is unknown.
        return _Unsure(found.reason)
    return found if isinstance(found, dict) else {}


def _exists(exists: Any) -> Any:
    if not is_unknown(exists):
        return True
    return pending(f"whether it is made: {exists.reason}")


class _Unsure(dict[str, Any]):
    """Properties of which nothing is known: every one of them is `Unknown`."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def get(self, key: str, _: Any = None) -> Any:
        """Return `Unknown` for any property."""
        return pending(f"{key}: {self.reason}")


def _referring(raw: Any, resources: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return for each property the resources it refers to, and its own expression.

    Two properties with the same expression have the same value, known or not.
    """
    if not isinstance(raw, dict):
        return {}
    return {
        name: frozenset(
            [each for each in references(node) if each in resources] + _expression(node)
        )
        for name, node in raw.items()
    }


def _expressions(raw: Any) -> list[str]:
    """Return the expressions of the properties that name a resource to others."""
    if not isinstance(raw, dict):
        return []
    return [
        text
        for name in cloudformation_resources.NAMING
        for text in _expression(raw.get(name))
    ]


def _expression(node: Any) -> list[str]:
    if not isinstance(node, dict):
        return []
    return [json.dumps(node, sort_keys=True)]


def _opaque(raw: Any, parameters: Any) -> Iterator[str]:
    """Return the properties that may refer to a resource of the template unseen.

    A parameter can hold the name of one; what another stack exports cannot.
    """
    declared = parameters if isinstance(parameters, dict) else {}
    for name, node in raw.items() if isinstance(raw, dict) else ():
        if any(each in declared for each in references(node)):
            yield name
