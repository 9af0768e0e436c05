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

from collections.abc import Callable, Mapping
from typing import Any

from checker.sources.settings.iac.cloudformation.functions import (
    OVER_KNOWN,
    PLACEHOLDER,
    doubt,
    join,
    text_of,
)
from checker.sources.settings.iac.declarations import is_unknown, pending

MAX_DEPTH = 100

NO_VALUE = object()
"""AWS::NoValue: the property is as if it were not there."""

_DYNAMIC = "{{resolve:"
_PSEUDO = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

# Where Ref gives a name that the template can set.
_NAMES = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::CloudWatch::Alarm": "AlarmName",
}


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

    def resolve(self, node: Any, depth: int = 0) -> Any:
        """Return the value of a node; it may be `NO_VALUE`, or hold `Unknown`."""
        if depth > MAX_DEPTH:
            return pending(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(node, str):
            if _DYNAMIC in node:
                return pending("a dynamic reference, resolved only when it is deployed")
            return node
        if isinstance(node, list):
            found = (self.resolve(each, depth + 1) for each in node)
            return [each for each in found if each is not NO_VALUE]
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
            if is_unknown(value):
                value = pending(f"{key}: {value.reason}")
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
        for each in (first, second):
            if is_unknown(each):
                return each
            if not isinstance(each, str | int | float | bool):
                return pending("Fn::Equals compares what is no text")
        return text_of(first) == text_of(second)

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
            return call(argument, depth)
        over = OVER_KNOWN.get(function)
        if over is None:
            return pending(f"{function}: known only when it is deployed")
        value = self.resolve(argument, depth)
        unsure = doubt(value)
        return unsure if is_unknown(unsure) else over(value)

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
        if name in self._parameters:
            return _parameter(name, _object(self._parameters[name]))
        resource = _object(self._resources.get(name))
        named = _NAMES.get(str(resource.get("Type")))
        properties = _object(resource.get("Properties"))
        if named and named in properties:
            value = self.resolve(properties[named], depth)
            if value is not NO_VALUE:
                return value
        return pending(f"{name}: known only when it is deployed")

    def _if(self, argument: Any, depth: int) -> Any:
        if not isinstance(argument, list) or len(argument) != 3:
            return pending("Fn::If without its three arguments")
        chosen = self.condition(argument[0], depth)
        if not is_unknown(chosen):
            return self.resolve(argument[1 if chosen else 2], depth)
        if argument[1] == argument[2]:
            return self.resolve(argument[1], depth)
        return pending(f"condition {argument[0]!s:.60}: {chosen.reason}")

    def _sub(self, argument: Any, depth: int) -> Any:
        several = isinstance(argument, list)
        text, own = (argument, {}) if not several else [*argument, None, None][:2]
        own = _object(own)
        if not isinstance(text, str):
            return pending("Fn::Sub without a text")

        def value(name: str) -> Any:
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return self.resolve(own[name], depth)
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
        kind = _object(self._resources.get(str(parts[0]))).get("Type")
        if kind == "AWS::S3::Bucket" and parts[1] == "Arn":
            partition = self._pseudo["AWS::Partition"]
            return join("", ["arn:", partition, ":s3:::", self._ref(parts[0], depth)])
        name = ".".join(str(each)[:60] for each in parts)
        return pending(f"{name}: known only when it is deployed")

    def _find_in_map(self, argument: Any, depth: int) -> Any:
        keys = self.resolve(argument, depth)
        if not isinstance(keys, list) or len(keys) < 3:
            return pending("Fn::FindInMap without its three arguments")
        found: Any = self._mappings
        for key in keys[:3]:
            if is_unknown(key):
                return key
            text = text_of(key) if isinstance(key, str | int | float) else ""
            found = found.get(text) if isinstance(found, dict) else None
        if found is None and isinstance(keys[-1], dict):
            return keys[-1].get("DefaultValue")
        return pending("Fn::FindInMap finds nothing") if found is None else found


def _parameter(name: str, declared: Mapping[str, Any]) -> Any:
    """Return a parameter's default, if that is its value and no secret."""
    kind = str(declared.get("Type"))
    value = declared.get("Default")
    if value is None:
        return pending(f"parameter {name} has no default")
    if kind.startswith("AWS::SSM::Parameter::"):
        return pending(f"parameter {name} is read from the parameter store")
    if declared.get("NoEcho") in (True, "true"):
        return pending(f"parameter {name} is not shown (NoEcho)")
    if isinstance(value, str) and ("List<" in kind or kind == "CommaDelimitedList"):
        return [each.strip() for each in value.split(",")] if value else []
    return value


def _function(node: Mapping[str, Any]) -> str | None:
    if len(node) != 1:
        return None
    (name,) = node
    return name if name == "Ref" or str(name).startswith("Fn::") else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
