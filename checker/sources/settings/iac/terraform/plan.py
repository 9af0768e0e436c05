"""Read the settings that a Terraform plan would make.

The input is `terraform show -json PLAN` (OpenTofu writes the same): every managed
resource of `planned_values` as it will be, so deleted ones are not there, with what
`resource_changes` says is known only after apply.  Data sources are not settings.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.conditions.sketch import ACCOUNT, Hole
from checker.model import Unreadable
from checker.sources.settings.iac.declarations import (
    Declaration,
    Settings,
    Source,
    assemble,
    hole,
    is_unknown,
    known,
    partition_of,
    pending,
)
from checker.sources.settings.iac.terraform import plan_shape, resources
from checker.sources.settings.iac.terraform.names import (
    account_of,
    arn_of,
    foreign,
    name_of,
    referred,
)
from checker.sources.settings.iac.terraform.plan_shape import object_of, objects_of
from checker.sources.settings.iac.terraform.references import (
    MAX_DEPTH,
    Configuration,
    Target,
    steps,
)
from checker.sources.settings.iac.terraform.unseen import unseen

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
    wrong = plan_shape.mistake(plan)
    if wrong is not None:
        return Unreadable(uri, None, wrong)
    found = _declarations(plan)
    owners = {each.account for each in found if isinstance(each.account, str)}
    account = {
        "id": owners.pop()
        if len(owners) == 1
        else hole("account: a plan does not name it", (ACCOUNT,)),
        "partition": _partition(found),
        "_state": {},
    }
    source = Source(uri, "plan", size)
    entries = resources.entries(found, _hidden(plan))
    made = assemble(source, entries, account, list(unseen(plan)))
    return replace(made, removed=_removed(plan))


def _removed(plan: Mapping[str, Any]) -> frozenset[str]:
    """Return the ARNs and names of what the plan deletes and does not create again."""
    gone: set[str] = set()
    for change in objects_of(plan.get("resource_changes")):
        body = object_of(change.get("change"))
        if body.get("actions") == ["delete"] and "deposed" not in change:
            values = object_of(body.get("before"))
            named = (values.get(key) for key in ("arn", "name", "bucket", "id"))
            gone.update(name for name in named if isinstance(name, str) and name)
    return frozenset(gone)


def _hidden(plan: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of which another plan has to make resources."""
    deferred = [
        object_of(each.get("resource_change"))
        for each in objects_of(plan.get("deferred_changes"))
    ]
    found = {str(change.get("type")) for change in deferred}
    if plan.get("complete") is False:
        # Such as those that -target leaves out.
        planned = {
            (each.names, each.resource) for each in _instances(plan, _changes(plan))
        }
        configured = Configuration(plan.get("configuration")).resources
        found |= {
            resource.partition(".")[0]
            for module, resource in configured
            if (module, resource) not in planned
        }
    return frozenset(found)


def _changes(plan: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        str(change.get("address")): change
        for change in objects_of(plan.get("resource_changes"))
        if "deposed" not in change
    }


def _partition(found: Sequence[Declaration]) -> Any:
    """Return the partition that the Regions or ARNs of the resources are of."""
    for each in found:
        if isinstance(each.region, str):
            return partition_of(each.region)
    for each in found:
        if isinstance(each.arn, str):
            return each.arn.split(":")[1]
    reason = "partition: a plan does not name it"
    return hole(reason, (Hole("AWS::Partition"),))


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
    changes = _changes(plan)
    instances = [
        each for each in _instances(plan, changes) if each.type in resources.TYPES
    ]
    places: defaultdict[tuple[tuple[str, ...], str], list[_Instance]] = defaultdict(
        list
    )
    for each in instances:
        places[each.names, each.resource].append(each)
    return [_declare(each, changes, configuration, places) for each in instances]


def _instances(
    plan: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Instance]:
    planned = plan.get("planned_values")
    if planned is None:
        for change in changes.values():
            after = object_of(change.get("change")).get("after")
            if isinstance(after, dict):
                yield from _instance(change, after, change.get("module_address"))
        return
    todo = [object_of(object_of(planned).get("root_module"))]
    while todo:
        module = todo.pop(0)
        for resource in objects_of(module.get("resources")):
            values = object_of(resource.get("values"))
            yield from _instance(resource, values, module.get("address"))
        todo[:0] = objects_of(module.get("child_modules"))


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
    changes: Mapping[str, Mapping[str, Any]],
    configuration: Configuration,
    places: Mapping[tuple[tuple[str, ...], str], list[_Instance]],
) -> Declaration:
    change = object_of(object_of(changes.get(instance.address)).get("change"))
    actions = change.get("actions")
    values = _merged(instance, changes)
    references: dict[str, frozenset[str]] = {}
    opaque: set[str] = set()
    expressions = configuration.expressions(instance.names, instance.resource)

    def refer(expression: Any) -> list[Any] | None:
        plain = configuration.plain(instance.names, expression)
        if plain is None:
            return None
        found = [
            _referred(one, instance, changes, configuration, places) for one in plain
        ]
        return None if None in found else found

    for attribute, expression in expressions.items():
        targets, other = configuration.targets(instance.names, expression)
        references[attribute] = frozenset(
            address
            for each in targets
            for address in _addresses(each, instance, places)
        )
        if other:
            opaque.add(attribute)
        if attribute in values:
            values[attribute] = fill(values[attribute], expression, refer, attribute)
    # Without the configuration nothing says what an unknown value refers to.
    opaque |= values.keys() - expressions.keys()
    region = _region(instance, values, configuration)
    account = account_of(values)
    return Declaration(
        type=instance.type,
        address=instance.address,
        values=values,
        references=references,
        opaque=frozenset(opaque),
        new=isinstance(actions, list) and "create" in actions,
        region=region,
        account=account,
        name=name_of(instance.type, instance.address, values),
        arn=arn_of(instance.type, instance.address, values, region, account),
    )


def _merged(
    instance: _Instance, changes: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    change = object_of(object_of(changes.get(instance.address)).get("change"))
    return object_of(merge(instance.values, change.get("after_unknown")))


def _region(
    instance: _Instance, values: Mapping[str, Any], configuration: Configuration
) -> Any:
    arn = (known(values.get("arn")) or "").split(":")
    region = known(
        values.get("region"), values.get("home_region"), arn[3] if arn[3:] else None
    ) or configuration.region(instance.names, instance.resource)
    if region:
        return region
    # Not known, but the same for all that one provider makes.
    provider = configuration.provider(instance.names, instance.resource)
    reason = "region: the provider's is not constant in the plan"
    return hole(reason, (Hole(f"{provider}.region"),))


def _referred(
    reference: tuple[Target, str],
    origin: _Instance,
    changes: Mapping[str, Mapping[str, Any]],
    configuration: Configuration,
    places: Mapping[tuple[tuple[str, ...], str], list[_Instance]],
) -> Any:
    """Return what stands for an attribute of one instance; None if of several."""
    target, attribute = reference
    found = _near(target, origin, places)
    if not found and (target.module, target.resource) not in places:
        module = "".join(f"module.{name}." for name in target.module)
        return foreign(f"{module}{target.resource}{target.key or ''}", attribute)
    if len(found) != 1 or not attribute:
        return None
    (one,) = found
    values = _merged(one, changes)
    region = _region(one, values, configuration)
    return referred(
        one.type,
        one.address,
        attribute,
        name_of(one.type, one.address, values),
        arn_of(one.type, one.address, values, region, account_of(values)),
    )


def fill(
    value: Any,
    expression: Any,
    refer: Callable[[Any], list[Any] | None],
    name: str,
    depth: int = 0,
) -> Any:
    """Return of values that are not known yet what they refer to."""
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, list) and isinstance(expression, list):
        return [
            fill(inner, expression[index], refer, "", depth + 1)
            if index < len(expression)
            else inner
            for index, inner in enumerate(value)
        ]
    if isinstance(value, dict) and isinstance(expression, Mapping):
        return {
            key: fill(inner, expression[key], refer, key, depth + 1)
            if key in expression
            else inner
            for key, inner in value.items()
        }
    if not isinstance(expression, Mapping) or "references" not in expression:
        return value
    hidden = isinstance(value, list) and value and all(map(is_unknown, value))
    if not is_unknown(value) and not hidden:
        return value
    found = refer(expression)
    if not found:
        return value
    if name in _LISTS:
        return found if not hidden or len(found) == len(value) else value
    return found[0] if is_unknown(value) and len(found) == 1 else value


_LISTS = frozenset(
    {"alarm_actions", "ok_actions", "insufficient_data_actions", "managed_policy_arns"}
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
    return [each.address for each in _near(target, origin, places)]


def _near(
    target: Target,
    origin: _Instance,
    places: Mapping[tuple[tuple[str, ...], str], list[_Instance]],
) -> list[_Instance]:
    near = [
        each
        for each in places.get((target.module, target.resource), ())
        if _together(each.module, origin.module)
    ]
    key = target.key or origin.key
    keyed = [each for each in near if key and each.key == key]
    return keyed or ([] if target.key else near)


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
        held = object_of(values)
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
