"""Read the settings that a Terraform plan would make.

The input is `terraform show -json PLAN` (OpenTofu writes the same): every managed
resource of `planned_values` as it will be, so deleted ones are not there, with what
`resource_changes` says is known only after apply.  Data sources are not settings.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from checker.model import Unreadable
from checker.sources.settings.iac.declarations import (
    Declaration,
    Settings,
    assemble,
    known,
    pending,
)
from checker.sources.settings.iac.terraform import resources
from checker.sources.settings.iac.terraform.references import (
    MAX_DEPTH,
    Configuration,
    Target,
    steps,
)

MAX_BYTES = 64 * 1024 * 1024


def is_plan(value: Any) -> bool:
    """Return the JSON form of a plan (or of a state, which `read` refuses in words)."""
    return isinstance(value, dict) and (
        isinstance(value.get("format_version"), str)
        and bool({"planned_values", "resource_changes", "values"} & value.keys())
    )


def read(uri: str, plan: Mapping[str, Any], size: int = 0) -> Settings | Unreadable:
    """Read a decoded plan; `size` is that of its text in bytes."""
    version = str(plan.get("format_version"))
    if not version.startswith("1."):
        reason = f"a plan of format_version {version[:20]}; only 1.x is understood"
        return Unreadable(uri, None, reason)
    if not {"planned_values", "resource_changes"} & plan.keys():
        reason = "a Terraform state: give the plan (terraform show -json PLANFILE)"
        return Unreadable(uri, None, reason)
    if plan.get("errored") is True:
        reason = "the plan ended in an error, so it does not hold every resource"
        return Unreadable(uri, None, reason)
    found = _declarations(plan)
    account = {
        "id": pending("account: a plan does not name it"),
        "partition": pending("partition: a plan does not name it"),
        "_state": {},
    }
    owners = {each.account for each in found if isinstance(each.account, str)}
    if len(owners) == 1:
        account["id"] = owners.pop()
    return assemble(uri, "plan", resources.entries(found), account, size)


@dataclass(frozen=True, slots=True)
class _Instance:
    """One resource instance of the plan, with its place in the configuration."""

    address: str
    type: str
    module: tuple[tuple[str, str], ...]
    resource: str
    key: str
    values: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The module calls that lead to it, without instance keys."""
        return tuple(name for name, _ in self.module)


def _declarations(plan: Mapping[str, Any]) -> list[Declaration]:
    configuration = Configuration(plan.get("configuration"))
    changes = {
        str(change.get("address")): change
        for change in _objects(plan.get("resource_changes"))
        if "deposed" not in change
    }
    instances = [
        each for each in _instances(plan, changes) if each.type in resources.TYPES
    ]
    places: defaultdict[tuple[tuple[str, ...], str], list[_Instance]] = defaultdict(
        list
    )
    for each in instances:
        places[each.names, each.resource].append(each)
    return [
        _declare(each, _object(changes.get(each.address)), configuration, places)
        for each in instances
    ]


def _instances(
    plan: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Instance]:
    planned = plan.get("planned_values")
    if planned is None:
        for change in changes.values():
            after = _object(change.get("change")).get("after")
            if isinstance(after, dict):
                yield from _instance(change, after, change.get("module_address"))
        return
    todo = [_object(_object(planned).get("root_module"))]
    while todo:
        module = todo.pop(0)
        for resource in _objects(module.get("resources")):
            values = _object(resource.get("values"))
            yield from _instance(resource, values, module.get("address"))
        todo[:0] = _objects(module.get("child_modules"))


def _instance(
    resource: Mapping[str, Any], values: Mapping[str, Any], module: Any
) -> Iterator[_Instance]:
    if resource.get("mode") != "managed":
        return
    kind, index = str(resource.get("type")), resource.get("index")
    key = f'["{index}"]' if isinstance(index, str) else f"[{index}]"
    yield _Instance(
        address=str(resource.get("address")),
        type=kind,
        module=tuple(steps(module)) if isinstance(module, str) else (),
        resource=f"{kind}.{resource.get('name')}",
        key="" if index is None else key,
        values=values,
    )


def _declare(
    instance: _Instance,
    change: Mapping[str, Any],
    configuration: Configuration,
    places: Mapping[tuple[tuple[str, ...], str], list[_Instance]],
) -> Declaration:
    changed = _object(change.get("change"))
    actions = changed.get("actions")
    values = _object(merge(instance.values, changed.get("after_unknown")))
    references: dict[str, frozenset[str]] = {}
    opaque: set[str] = set()
    expressions = configuration.expressions(instance.names, instance.resource)
    for attribute, expression in expressions.items():
        targets, other = configuration.targets(instance.names, expression)
        references[attribute] = frozenset(
            address
            for each in targets
            for address in _addresses(each, instance, places)
        )
        if other:
            opaque.add(attribute)
    # Without the configuration nobody can tell what an unknown value refers to.
    opaque |= values.keys() - expressions.keys()
    arn = (known(values.get("arn")) or "").split(":")
    region = known(
        values.get("region"), values.get("home_region"), arn[3] if arn[3:] else None
    ) or configuration.region(instance.names, instance.resource)
    return Declaration(
        type=instance.type,
        address=instance.address,
        values=values,
        references=references,
        opaque=frozenset(opaque),
        new=isinstance(actions, list) and "create" in actions,
        region=region or pending("region: the provider's is not constant in the plan"),
        account=known(arn[4] if arn[4:] else None),
    )


def _addresses(
    target: Target,
    origin: _Instance,
    places: Mapping[tuple[tuple[str, ...], str], list[_Instance]],
) -> list[str]:
    """Return the instances that a reference can mean: in the same module instances.

    Without a key in the reference, an instance of the key of the one that refers is
    meant (`for_each` over the same map), else it may be any.
    """
    near = [
        each
        for each in places.get((target.module, target.resource), ())
        if _together(each.module, origin.module)
    ]
    key = target.key or origin.key
    keyed = [each.address for each in near if key and each.key == key]
    return keyed or ([] if target.key else [each.address for each in near])


def _together(
    first: tuple[tuple[str, str], ...], second: tuple[tuple[str, str], ...]
) -> bool:
    """Return whether the module calls of two addresses are the same instances."""
    for (name, key), (other, other_key) in zip(first, second, strict=False):
        if name != other:
            return True
        if key != other_key:
            return False
    return True


def merge(values: Any, unknown: Any, path: str = "", depth: int = 0) -> Any:
    """Put `Unknown` into planned values wherever `after_unknown` is true."""
    if unknown is True:
        return pending(f"{path or 'the resource'}: known only after apply")
    if depth > MAX_DEPTH:
        return pending(f"{path}: nested deeper than {MAX_DEPTH} levels")
    if isinstance(unknown, dict):
        held = _object(values)
        return {
            key: merge(
                held.get(key),
                unknown.get(key),
                f"{path}.{key}" if path else key,
                depth + 1,
            )
            for key in (*held, *(each for each in unknown if each not in held))
        }
    if isinstance(unknown, list):
        held_list = values if isinstance(values, list) else []
        return [
            merge(
                held_list[index] if index < len(held_list) else None,
                unknown[index] if index < len(unknown) else None,
                f"{path}[{index}]",
                depth + 1,
            )
            for index in range(max(len(held_list), len(unknown)))
        ]
    return values


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)]
