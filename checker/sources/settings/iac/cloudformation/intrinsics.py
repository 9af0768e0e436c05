"""Work out what the functions of a CloudFormation template give.

What can be told from the template is: parameters by their defaults, mappings,
conditions, and functions over known values.  What is decided only when the stack is
made (parameters without a default, attributes and generated names of resources,
imports, dynamic references, macros) is `Unknown`, and so is whatever needs it.

A template cannot make it work for long: each parameter, name and condition is worked
out once, references that go round are unknown, depth and text are bounded.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from checker.conditions import Cause, Unknown, UnknownValue
from checker.conditions.sketch import Hole
from checker.conditions.unknown import either
from checker.sources.settings.iac.cloudformation.functions import (
    OVER_KNOWN,
    OVER_PARTS,
    PLACEHOLDER,
    doubt,
    join,
    text_of,
)
from checker.sources.settings.iac.declarations import is_unknown, pending

MAX_DEPTH = 100

MOST_MADE = 16 << 20
"""How many characters the functions of one template make together."""

NO_VALUE = object()
"""AWS::NoValue: the property is as if it were not there."""

_DYNAMIC = "{{resolve:"
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

_MOST_LISTS = 16
"""How many lists are worked out for one with elements that may be absent."""

# The property that sets a resource's name.
_NAMES = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Logs::MetricFilter": "FilterName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Oam::Sink": "Name",
}
_ARNS = {
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::CloudTrail::Trail": (
        "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"
    ),
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    "AWS::CloudWatch::Alarm": (
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"
    ),
    "AWS::CloudWatch::CompositeAlarm": (
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"
    ),
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::KMS::Key": "arn:{partition}:kms:{region}:{account}:key/{name}",
    "AWS::Cognito::UserPool": (
        "arn:{partition}:cognito-idp:{region}:{account}:userpool/{name}"
    ),
}
_REFERENCE_IS_ARN = frozenset({"AWS::SNS::Topic", "AWS::Oam::Sink"})
_ARN_ATTRIBUTES = frozenset({("AWS::SNS::Topic", "TopicArn")})


class Intrinsics:
    """The values of one template.

    `known` gives pseudo parameters (`AWS::Region`, `AWS::AccountId`) where the user
    says what they will be.
    """

    def __init__(
        self, template: Mapping[str, Any], known: Mapping[str, str] | None = None
    ) -> None:
        self._parameters = _object(template.get("Parameters"))
        self._mappings = _object(template.get("Mappings"))
        self._conditions = _object(template.get("Conditions"))
        self._resources = _object(template.get("Resources"))
        self._pseudo = {**_PSEUDO, **(known or {})}
        self._references: dict[str, Any] = {}
        self._decided: dict[str, Any] = {}
        self._open: set[str] = set()
        self._made = 0

    def resolve(self, node: Any, depth: int = 0) -> Any:
        """Return the value of a node; it may be `NO_VALUE`, or hold `Unknown`."""
        if depth > MAX_DEPTH:
            return pending(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(node, str):
            if _DYNAMIC in node:
                return pending("a dynamic reference, resolved only when it is deployed")
            return node
        if isinstance(node, list):
            found = [self.resolve(each, depth + 1) for each in node]
            return _elements([each for each in found if each is not NO_VALUE])
        if not isinstance(node, dict):
            return node
        function = _function(node)
        if function:
            return self._call(function, node[function], depth + 1)
        return self._body(node, depth)

    def _body(self, node: Mapping[str, Any], depth: int) -> Any:
        if "Fn::Transform" in node:
            return pending("Fn::Transform adds to it when it is deployed")
        body: dict[str, Any] = {}
        for key, inner in node.items():
            value = self.resolve(inner, depth + 1)
            if isinstance(value, Unknown):
                value = value.with_reason(f"{key}: {value.reason}")
            if value is not NO_VALUE:
                body[key] = value
        return body

    def condition(self, name: Any, depth: int = 0) -> Any:
        """Return True, False or `Unknown` for a condition of the template."""
        if not isinstance(name, str) or name not in self._conditions:
            return pending(f"there is no condition {name!s:.60}")
        if name not in self._decided:
            key = f"condition {name}"
            if key in self._open:
                return pending(f"{key} refers to itself")
            self._open.add(key)
            self._decided[name] = self._truth(self._conditions[name], depth + 1)
            self._open.discard(key)
        return self._decided[name]

    def _truth(self, node: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return pending(f"nested deeper than {MAX_DEPTH} levels")
        function = _function(node) if isinstance(node, dict) else None
        if isinstance(node, dict) and list(node) == ["Condition"]:
            return self.condition(node["Condition"], depth)
        operands = node.get(function) if function else None
        if not isinstance(operands, list) or not operands:
            return pending("a condition that is no condition function")
        if function == "Fn::Equals" and len(operands) == 2:
            return self._equals(operands[0], operands[1], depth)
        truths = [self._truth(each, depth + 1) for each in operands]
        if function == "Fn::Not":
            return truths[0] if is_unknown(truths[0]) else not truths[0]
        if function in ("Fn::And", "Fn::Or"):
            decides = function == "Fn::Or"
            if any(each is decides for each in truths):
                return decides
            unsure = [each for each in truths if is_unknown(each)]
            return unsure[0] if unsure else not decides
        return pending(f"{function} is no condition function")

    def _equals(self, left: Any, right: Any, depth: int) -> Any:
        if left == right:
            return True
        first, second = self.resolve(left, depth), self.resolve(right, depth)
        try:
            for each in (first, second):
                if not isinstance(each, str | int | float | bool | Unknown):
                    return pending("Fn::Equals compares what is not text")
            return _text(first) == _text(second)
        except UnknownValue as unknown:
            return Unknown(unknown.reason, unknown.cause)

    def _call(self, function: str, argument: Any, depth: int) -> Any:
        if function == "Ref":
            return self._ref(argument, depth)
        if function == "Fn::If":
            return self._if(argument, depth)
        call: Callable[[Any, int], Any] | None = {
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_att,
            "Fn::FindInMap": self._find_in_map,
        }.get(function)
        if call:
            return self._bounded(call(argument, depth))
        if function in OVER_PARTS:
            return self._bounded(OVER_PARTS[function](self.resolve(argument, depth)))
        over = OVER_KNOWN.get(function)
        if over is None:
            return pending(f"{function}: known only when it is deployed")
        value = self.resolve(argument, depth)
        unsure = doubt(value)
        if is_unknown(unsure):
            return Unknown(unsure.reason, unsure.cause)
        return over(value)

    def _bounded(self, value: Any) -> Any:
        """Return a value, or that it is not known: a template makes so much text."""
        if isinstance(value, str):
            self._made += len(value)
            if self._made > MOST_MADE:
                return pending(f"the template makes more than {MOST_MADE:,} characters")
        return value

    def _ref(self, name: Any, depth: int) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if not isinstance(name, str):
            return pending("Ref to what is no name")
        if name not in self._references:
            if name in self._open:
                return pending(f"{name} refers to itself")
            self._open.add(name)
            self._references[name] = self._referred(name, depth)
            self._open.discard(name)
        return self._references[name]

    def _referred(self, name: str, depth: int) -> Any:
        if name in self._pseudo:
            return self._pseudo[name]
        if name.startswith("AWS::"):
            return _hole(f"{name}: known only when it is deployed", Hole(name))
        if name in self._parameters:
            return _parameter(name, _object(self._parameters[name]))
        kind = str(_object(self._resources.get(name)).get("Type"))
        if not kind.startswith("AWS::"):
            return pending(f"{name}: known only when it is deployed")
        if kind in _REFERENCE_IS_ARN:
            return self.arn(name, depth)
        return self.name(name, depth)

    def name(self, resource: str, depth: int = 0) -> Any:
        """Return the name of a resource of the template."""
        declared = _object(self._resources.get(resource))
        named = _NAMES.get(str(declared.get("Type")))
        properties = _object(declared.get("Properties"))
        if named and named in properties:
            value = self.resolve(properties[named], depth)
            if value is not NO_VALUE:
                return value
        hole = Hole(resource, resource=True)
        return _hole(f"{resource}: known only when it is deployed", hole)

    def arn(self, resource: str, depth: int = 0) -> Any:
        """Return the ARN of a resource of the template.

        https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
        """
        kind = str(_object(self._resources.get(resource)).get("Type"))
        form = _ARNS.get(kind)
        if form is None:
            hole = Hole(resource, resource=True, attribute="Arn")
            return _hole(f"{resource}.Arn: known only when it is deployed", hole)
        given: dict[str, Callable[[], Any]] = {
            "name": lambda: self.name(resource, depth),
            "partition": lambda: self._ref("AWS::Partition", depth),
            "region": lambda: self._ref("AWS::Region", depth),
            "account": lambda: self._ref("AWS::AccountId", depth),
        }
        parts = re.split(r"\{(\w+)\}", form)
        found = join(
            "", [given[part]() if part in given else part for part in parts if part]
        )
        if isinstance(found, Unknown):
            return found.with_reason(f"{resource}.Arn: known only when it is deployed")
        return found

    def _if(self, argument: Any, depth: int) -> Any:
        if not isinstance(argument, list) or len(argument) != 3:
            return pending("Fn::If without its three arguments")
        chosen = self.condition(argument[0], depth)
        if not is_unknown(chosen):
            return self.resolve(argument[1 if chosen else 2], depth)
        several = [self.resolve(each, depth) for each in argument[1:]]
        reason = f"condition {argument[0]!s:.60}: {chosen.reason}"
        return either(
            [None if each is NO_VALUE else each for each in several],
            reason,
            chosen.cause,
        )

    def _sub(self, argument: Any, depth: int) -> Any:
        several = isinstance(argument, list)
        text, own = (argument, {}) if not several else [*argument, None, None][:2]
        own = _object(own)
        if not isinstance(text, str):
            return pending("Fn::Sub without a text")

        known: dict[str, Any] = {}

        def value(name: str) -> Any:
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                # Once, however often the text names it: they may be nested.
                if name not in known:
                    known[name] = self.resolve(own[name], depth)
                return known[name]
            if "." in name:
                return self._get_att(name, depth)
            return self._ref(name, depth)

        parts: list[Any] = []
        end = 0
        for match in PLACEHOLDER.finditer(text):
            parts += [text[end : match.start()], value(match.group(1).strip())]
            end = match.end()
        return self.resolve(join("", [*parts, text[end:]]), depth)

    def _get_att(self, argument: Any, depth: int) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) < 2:
            return pending("Fn::GetAtt without a resource and an attribute")
        resource, attribute = str(parts[0]), ".".join(str(each) for each in parts[1:])
        kind = str(_object(self._resources.get(resource)).get("Type"))
        if (kind, attribute) in _ARN_ATTRIBUTES or (
            attribute == "Arn" and kind.startswith("AWS::")
        ):
            return self.arn(resource, depth)
        name = f"{resource[:60]}.{attribute[:60]}"
        filled = kind.startswith("AWS::") and not kind.startswith("AWS::CloudFormation")
        hole = Hole(resource[:60], resource=filled, attribute=attribute[:60])
        return _hole(f"{name}: known only when it is deployed", hole)

    def _find_in_map(self, argument: Any, depth: int) -> Any:
        keys = self.resolve(argument, depth)
        if not isinstance(keys, list) or len(keys) < 3:
            return pending("Fn::FindInMap without its three arguments")
        given = keys[-1] if isinstance(keys[-1], dict) else {}
        found = _in_map(self._mappings, keys[:3], given.get("DefaultValue"))
        return pending("Fn::FindInMap finds nothing") if found is None else found


def _in_map(mappings: Any, keys: Sequence[Any], otherwise: Any) -> Any:
    """Return what stands under keys, or otherwise.

    A key that is not known is one of those that there are: of any other one no stack
    can be made, unless there is a default.
    """
    if not keys:
        return mappings
    held = mappings if isinstance(mappings, dict) else {}
    key, *others = keys
    if isinstance(key, Unknown):
        inner = held.values() if key.among is None else map(held.get, key.among)
        found = [_in_map(one, others, otherwise) for one in inner if one is not None]
        found += [] if otherwise is None else [otherwise]
        several = [one for one in found if one is not None]
        return either(several, key.reason, key.cause) if several else None
    text = text_of(key) if isinstance(key, str | int | float) else ""
    return _in_map(held[text], others, otherwise) if text in held else otherwise


def _parameter(name: str, declared: Mapping[str, Any]) -> Any:
    """Return a parameter's default, if that is its value and no secret."""
    kind = str(declared.get("Type"))
    value = declared.get("Default")
    several = "List<" in kind or kind == "CommaDelimitedList"
    reason = None
    if value is None:
        reason = f"parameter {name} has no default"
    elif kind.startswith("AWS::SSM::Parameter::"):
        reason = f"parameter {name} is read from the parameter store"
    elif declared.get("NoEcho") in (True, "true"):
        reason = f"parameter {name} is not shown (NoEcho)"
    if reason is not None:
        if several:
            return pending(reason)
        allowed = declared.get("AllowedValues")
        plain = isinstance(allowed, list) and all(
            isinstance(each, str | int | float) for each in allowed
        )
        among = tuple(map(text_of, allowed)) if plain and allowed else None
        return _hole(reason, Hole(name), among)
    if isinstance(value, str) and several:
        return [each.strip() for each in value.split(",")] if value else []
    return value


def _hole(reason: str, hole: Hole, among: tuple[object, ...] | None = None) -> Unknown:
    """Return what stands for a text of which only is known what it will be."""
    cause = Cause.NOT_KNOWN_BEFORE_APPLY
    return Unknown(reason, cause, among=among, sketch=(hole,))


def _text(value: Any) -> Any:
    return value if isinstance(value, Unknown) else text_of(value)


def _elements(found: list[Any]) -> Any:
    """Return a list, or the lists that it can be where an element may be absent."""
    optional = [index for index, each in enumerate(found) if _is_optional(each)]
    if not optional:
        return found
    first: Unknown = found[optional[0]]
    if math.prod(len(found[index].among) for index in optional) > _MOST_LISTS:
        return found
    lists: list[list[Any]] = [[]]
    for each in found:
        choices = each.among if _is_optional(each) else (each,)
        lists = [
            [*so_far, choice] if choice is not None else so_far
            for so_far in lists
            for choice in choices
        ]
    return either(lists, first.reason, first.cause)


def _is_optional(value: Any) -> bool:
    among = value.among if isinstance(value, Unknown) else None
    return among is not None and any(one is None for one in among)


def _function(node: Mapping[str, Any]) -> str | None:
    if len(node) != 1:
        return None
    (name,) = node
    return name if name == "Ref" or str(name).startswith("Fn::") else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
