"""Find which resources an attribute in a Terraform plan refers to.

Before apply, the name of a bucket is often not known, and a policy's `bucket` with it;
what is known is that the expression names `aws_s3_bucket.logs`.  A plan lists what each
expression names; variables and outputs of modules are followed to what they stand for,
while local values (of which a plan says nothing), data sources and loop variables can
stand for anything.

https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker.sources.settings.iac.terraform.plan_shape import object_of, objects_of

Module: TypeAlias = tuple[str, ...]
"""The names of the module calls from the root, without instance keys."""

MAX_DEPTH = 32
MAX_NAMES = 1000
"""How many names are followed for one expression; beyond, it can be anything."""

_KEY = r'(\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?'
_STEP = re.compile(rf"module\.([\w-]+){_KEY}\.?")
_RESOURCE = re.compile(rf"([a-z]\w*\.[\w-]+){_KEY}(?:\Z|[.\[])")
_OUTPUT = re.compile(rf"module\.([\w-]+){_KEY}\.([\w-]+)")
_OTHERS = frozenset({"data", "local", "self", "path", "terraform"})


@dataclass(frozen=True, slots=True)
class Target:
    """A resource of the configuration, with the instance key where one is named."""

    module: Module
    resource: str
    key: str | None


def steps(address: str) -> list[tuple[str, str]]:
    """Split a module's address into the name and instance key of each call."""
    found = []
    position = 0
    while match := _STEP.match(address, position):
        found.append((match.group(1), match.group(2) or ""))
        position = match.end()
    return found


class Configuration:
    """The `configuration` of a plan: its `resources`, and their values, by module."""

    def __init__(self, raw: Any) -> None:
        raw = raw if isinstance(raw, dict) else {}
        self.providers = object_of(raw.get("provider_config"))
        self._modules: dict[Module, dict[str, Any]] = {}
        self._calls: dict[Module, dict[str, Any]] = {}
        self.resources: dict[tuple[Module, str], dict[str, Any]] = {}
        todo: list[tuple[Module, Any]] = [((), raw.get("root_module"))]
        while todo:
            path, module = todo.pop()
            module = object_of(module)
            self._modules[path] = module
            for resource in objects_of(module.get("resources")):
                self.resources[path, str(resource.get("address"))] = resource
            for name, called in object_of(module.get("module_calls")).items():
                call = object_of(called)
                inner = (*path, name)
                self._calls[inner] = object_of(call.get("expressions"))
                if len(inner) <= MAX_DEPTH:
                    todo.append((inner, call.get("module")))

    def expressions(self, module: Module, resource: str) -> dict[str, Any]:
        """Return the expressions of a resource (`aws_cloudtrail.main`) by attribute."""
        found = self.resources.get((module, resource), {})
        return object_of(found.get("expressions"))

    def region(self, module: Module, resource: str) -> str | None:
        """Return the Region that a resource's provider is set to, if it is constant."""
        found = self.resources.get((module, resource), {})
        provider = object_of(self.providers.get(str(found.get("provider_config_key"))))
        region = object_of(object_of(provider.get("expressions")).get("region"))
        value = region.get("constant_value")
        return value if isinstance(value, str) and value else None

    def provider(self, module: Module, resource: str) -> str:
        """Return the key of the provider's configuration that a resource has."""
        found = self.resources.get((module, resource), {})
        return str(found.get("provider_config_key") or "aws")

    def targets(self, module: Module, expression: Any) -> tuple[set[Target], bool]:
        """Return what an expression refers to, and whether it may be anything else."""
        found: set[Target] = set()
        opaque = indexed = False
        seen: set[tuple[Module, str]] = set()
        todo = [(module, name) for name in _names(expression)]
        while todo:
            place = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MAX_NAMES:
                opaque = True
                break
            here, name = place
            head = re.split(r"[.\[]", name, maxsplit=1)[0]
            resource = _RESOURCE.match(name)
            if head == "var":
                todo += self._variable(here, name)
            elif head == "module":
                todo += self._output(here, name)
            elif head in ("each", "count"):
                indexed = True
            elif head in _OTHERS or resource is None:
                opaque = True
            else:
                found.add(Target(here, resource.group(1), resource.group(2)))
        keyed = {(each.module, each.resource) for each in found if each.key}
        exact = {
            each
            for each in found
            if each.key or (each.module, each.resource) not in keyed
        }
        # Beside a resource, a loop variable is the key of the instance that is meant.
        return exact, opaque or (indexed and not exact)

    def plain(self, module: Module, expression: Any) -> list[tuple[Target, str]] | None:
        """Return the attributes of resources that an expression is made of.

        None where anything else is in it: a condition on a variable may make it null.
        """
        found: list[tuple[Target, str]] = []
        todo = [(module, name) for name in _longest(_names(expression))]
        steps_left = MAX_DEPTH
        while todo:
            here, name = todo.pop()
            steps_left -= 1
            resource = _RESOURCE.match(name)
            head = re.split(r"[.\[]", name, maxsplit=1)[0]
            if steps_left < 0 or head in _OTHERS or head in ("each", "count"):
                return None
            if head in ("var", "module"):
                way = self._variable if head == "var" else self._output
                names = _longest(inner for _, inner in way(here, name))
                places = {inner: place for place, inner in way(here, name)}
                if not names:
                    return None
                todo += [(places[inner], inner) for inner in names]
            elif resource is None:
                return None
            else:
                attribute = name[resource.end() :]
                target = Target(here, resource.group(1), resource.group(2))
                found.append((target, attribute))
        return found or None

    def _variable(self, module: Module, name: str) -> list[tuple[Module, str]]:
        expressions = self._calls.get(module, {})
        variable = name.split(".")[1] if "." in name else ""
        outer = module[:-1]
        return [(outer, each) for each in _names(expressions.get(variable))]

    def _output(self, module: Module, name: str) -> list[tuple[Module, str]]:
        match = _OUTPUT.match(name)
        if match is None:
            return []
        inner = (*module, match.group(1))
        outputs = object_of(self._modules.get(inner, {}).get("outputs"))
        output = object_of(outputs.get(match.group(3)))
        return [(inner, each) for each in _names(output.get("expression"))]


def _longest(names: Iterable[str]) -> list[str]:
    """Return the names that are not the beginning of another one."""
    every = sorted(set(names))
    return [
        name
        for name, after in zip(every, [*every[1:], ""], strict=False)
        if not (
            after.startswith(name) and after[len(name) : len(name) + 1] in (".", "[")
        )
    ]


def _names(expression: Any) -> Iterator[str]:
    """Return the references of an expression or of the blocks in it."""
    todo = [(expression, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, Mapping):
            named = value.get("references")
            if isinstance(named, list):
                yield from (each for each in named if isinstance(each, str))
            todo += [
                (inner, depth + 1)
                for key, inner in value.items()
                if key != "constant_value"
            ]
        elif isinstance(value, list):
            todo += [(inner, depth + 1) for inner in value]
