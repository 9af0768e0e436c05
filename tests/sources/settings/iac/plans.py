"""Write Terraform plans the way `terraform show -json` does.

A plan is made from resources as one writes them: `UNKNOWN` is a value known only after
apply, `ref(...)` for one that the configuration takes from other resources.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


class _Unknown:
    pass


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Ref:
    """An expression: what it names, and its value where the plan knows it."""

    names: tuple[str, ...]
    value: Any = UNKNOWN


def ref(*names: str, value: Any = UNKNOWN) -> Ref:
    every = []
    for name in names:
        every.append(name)
        parent = name.rsplit(".", 1)[0]
        if "." in parent:
            every.append(parent)
    return Ref(tuple(every), value)


def split(value: Any) -> tuple[Any, Any, Any]:
    """Return the planned value, `after_unknown` and the expression of one attribute."""
    if isinstance(value, Ref):
        planned, unknown, _ = split(value.value)
        return planned, unknown, {"references": list(value.names)}
    if isinstance(value, _Unknown):
        return None, True, {}
    if isinstance(value, dict):
        parts = {key: split(each) for key, each in value.items()}
        return (
            {key: part[0] for key, part in parts.items() if part[1] is not True},
            {key: part[1] for key, part in parts.items() if part[1]},
            {key: part[2] for key, part in parts.items()},
        )
    if isinstance(value, list):
        several = [split(each) for each in value]
        unknowns = [part[1] for part in several]
        marks = [
            one or ({} if isinstance(each, dict) else False)
            for one, each in zip(unknowns, value, strict=True)
        ]
        return [part[0] for part in several], marks, [part[2] for part in several]
    return value, False, {"constant_value": value}


@dataclass(frozen=True)
class Res:
    """One resource instance; `computed` are attributes that nobody configures."""

    type: str
    name: str
    values: dict[str, Any]
    computed: dict[str, Any]
    module: str = ""
    index: Any = None
    actions: tuple[str, ...] = ("create",)
    provider: str = "aws"

    @property
    def address(self) -> str:
        own = f"{self.type}.{self.name}"
        if self.index is not None:
            own += (
                f'["{self.index}"]'
                if isinstance(self.index, str)
                else f"[{self.index}]"
            )
        return f"{self.module}.{own}" if self.module else own


def res(
    kind: str,
    label: str,
    /,
    *,
    computed: dict[str, Any] | None = None,
    module: str = "",
    index: Any = None,
    actions: tuple[str, ...] = ("create",),
    provider: str = "aws",
    **values: Any,
) -> Res:
    return Res(kind, label, values, computed or {}, module, index, actions, provider)


def _bare(module: str) -> tuple[str, ...]:
    return tuple(re.sub(r"\[[^\]]*\]", "", module).split(".")[1::2]) if module else ()


def plan(
    *resources: Res,
    region: Any = "eu-west-1",
    calls: dict[str, dict[str, Any]] | None = None,
    outputs: dict[str, dict[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Write a plan; `calls` are the arguments and `outputs` the outputs of modules."""
    planned: dict[str, list[Any]] = {}
    changes: list[Any] = []
    configured: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in resources:
        parts = {key: split(value) for key, value in each.values.items()}
        after = {key: part[0] for key, part in parts.items() if part[1] is not True}
        unknown = {key: part[1] for key, part in parts.items() if part[1]}
        for key, value in each.computed.items():
            planned_value, mark, _ = split(value)
            unknown.update({key: mark} if mark else {})
            after.update({} if mark is True else {key: planned_value})
        head = {
            "address": each.address,
            "mode": "managed",
            "type": each.type,
            "name": each.name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
        }
        if each.index is not None:
            head["index"] = each.index
        if each.actions != ("delete",):
            planned.setdefault(each.module, []).append(
                {**head, "schema_version": 0, "values": after, "sensitive_values": {}}
            )
        changes.append(
            {
                **head,
                **({"module_address": each.module} if each.module else {}),
                "change": {
                    "actions": list(each.actions),
                    "before": None,
                    "after": after,
                    "after_unknown": unknown,
                },
            }
        )
        configured.setdefault(_bare(each.module), {})[f"{each.type}.{each.name}"] = {
            "address": f"{each.type}.{each.name}",
            "mode": "managed",
            "type": each.type,
            "name": each.name,
            "provider_config_key": each.provider,
            "expressions": {key: part[2] for key, part in parts.items()},
        }

    def configuration(path: tuple[str, ...]) -> dict[str, Any]:
        inner = {
            p[len(path)]
            for p in configured
            if p[: len(path)] == path and len(p) > len(path)
        }
        name = path[-1] if path else ""
        return {
            "resources": list(configured.get(path, {}).values()),
            "outputs": {
                key: {"expression": split(value)[2]}
                for key, value in (outputs or {}).get(name, {}).items()
            },
            "module_calls": {
                each: {
                    "source": f"./{each}",
                    "expressions": {
                        key: split(value)[2]
                        for key, value in (calls or {}).get(each, {}).items()
                    },
                    "module": configuration((*path, each)),
                }
                for each in sorted(inner)
            },
        }

    provider: dict[str, Any] = {"name": "aws", "expressions": {}}
    if region is not None:
        provider["expressions"]["region"] = split(region)[2]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {
            "root_module": {
                "resources": planned.get("", []),
                "child_modules": [
                    {"address": address, "resources": held}
                    for address, held in planned.items()
                    if address
                ],
            }
        },
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": provider},
            "root_module": configuration(()),
        },
        **more,
    }
