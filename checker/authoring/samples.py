"""Make something for a new rule to start from: an event, or a resource.

An event is a record of the bundled cases if there is one of that name, else it is made
from AWS's API model of the call: what the model requires, with values of its types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from checker import documents, resources
from checker.authoring.lint import suggestions
from checker.aws import api_calls, api_models, api_parameters, data_events
from checker.aws.api_models import Service
from checker.aws.non_api_events import EXTRA_EVENTS
from checker.errors import UsageError
from checker.model import Event

_SUFFIX = ".amazonaws.com"
_MOST = 8
"""Parameters of a made-up record: enough to see their spelling."""


def event(name: str) -> Event:
    """Return a record of `SERVICE:EVENT`, such as `ec2:CreateVpc`.

    Raises `UsageError`, with what may be meant, for an event that AWS does not record.
    """
    word, colon, call = name.strip().partition(":")
    if not colon or not word or not call:
        raise UsageError(
            f"--event {name}: write a service and an event, such as ec2:CreateVpc"
        )
    source = _source(name, word.lower())
    if not api_calls.occurs(source, call):
        hint = suggestions.event_name(call, [source])
        raise UsageError(
            f"--event {name}: {source} has no event '{call}'{'; ' * bool(hint)}{hint}"
        )
    return _bundled(source, call) or _made(source, call)


def _source(name: str, word: str) -> str:
    known = {*api_models.by_source(), *EXTRA_EVENTS}
    source = word if word.endswith(_SUFFIX) else word + _SUFFIX
    if source in known:
        return source
    service = next((s for s in api_models.services() if s.folder == word), None)
    if service is not None:
        return service.sources[0]
    words = sorted(each.removesuffix(_SUFFIX) for each in known)
    hint = documents.nearest(word, words)
    raise UsageError(f"--event {name}: no AWS service is called '{word}'{hint}")


def _bundled(source: str, call: str) -> Event | None:
    folder = resources.root() / "rules" / "events"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        text = file.read_text(encoding="utf-8")
        if f'"{call}"' not in text:
            continue
        record: Event = json.loads(text)
        if (record.get("eventSource"), record.get("eventName")) == (source, call):
            return record
    return None


def _made(source: str, call: str) -> Event:
    sample = resources.root() / "rules" / "events" / "stop_logging.json"
    record: dict[str, Any] = json.loads(sample.read_text(encoding="utf-8"))
    data = data_events.lookup(source, call)
    reads = bool(suggestions.READS.match(call))
    record |= {
        "eventSource": source,
        "eventName": call,
        "requestParameters": dict(_parameters(source, call)) or None,
        "readOnly": reads,
        "managementEvent": data is None,
        "eventCategory": "Management" if data is None else "Data",
    }
    record["tlsDetails"]["clientProvidedHostHeader"] = source.replace(
        _SUFFIX, f".us-east-1{_SUFFIX}"
    )
    return record


def _parameters(source: str, call: str) -> Iterator[tuple[str, Any]]:
    """Yield the members of a call's input that have a simple value, required first."""
    services = api_models.operations(source).get(call, ())
    if not services:
        return
    service = services[0]
    model = api_models.model(service)
    given = model["operations"][call].get("input")
    if given is None:
        return
    shape = model["shapes"][given["shape"]]
    required = shape.get("required", [])
    members = shape.get("members", {})
    ordered = [*required, *(each for each in members if each not in required)]
    count = 0
    for member in ordered:
        if count >= max(_MOST, len(required)) or member not in members:
            continue
        value = _value(service, members[member]["shape"], member, depth=0)
        if value is None:
            continue
        told = members[member].get("locationName")
        yield api_parameters.spellings(member, told, service)[0], value
        count += 1


def _value(service: Service, name: str, member: str, *, depth: int) -> Any:
    """Return an example of a shape; None for what a record leaves out or masks."""
    shape = api_models.model(service)["shapes"][name]
    if shape.get("sensitive") or depth > 2:
        return None
    match shape["type"]:
        case "string":
            if "enum" in shape:
                return shape["enum"][0]
            if member.lower().endswith("arn"):
                return f"arn:aws:{service.folder}:us-east-1:123456789012:example"
            return "example"
        case "boolean":
            return True
        case "integer" | "long" | "float" | "double":
            return shape.get("min", 1)
        case "list" if service.protocol not in ("query", "ec2", "rest-xml"):
            inner = _value(service, shape["member"]["shape"], member, depth=depth + 1)
            return None if inner is None else [inner]
        case "structure":
            return _structure(service, shape, depth=depth) or None
    return None


def _structure(
    service: Service, shape: Mapping[str, Any], *, depth: int
) -> dict[str, Any]:
    members = shape.get("members", {})
    found = {}
    for inner in shape.get("required", list(members)[:2]):
        value = _value(service, members[inner]["shape"], inner, depth=depth + 1)
        if value is not None:
            told = members[inner].get("locationName")
            found[api_parameters.spellings(inner, told, service)[0]] = value
    return found


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement on a resource, and parts of a snapshot that fail and satisfy it."""

    condition: str
    failing: Mapping[str, Any]
    passing: Mapping[str, Any]


def _either(
    condition: str,
    snapshot: Callable[[Any], Mapping[str, Any]],
    no: Any = False,  # noqa: FBT002 - what most settings are
    yes: Any = True,  # noqa: FBT002 - what most settings are
) -> Requirement:
    """Return a requirement whose two snapshots differ in one thing."""
    return Requirement(condition, snapshot(no), snapshot(yes))


def _recorders(everything: Any) -> Mapping[str, Any]:
    group = {"allSupported": everything}
    recorder = {"name": "default", "recordingGroup": group}
    return {"config_recorders": [{"region": "us-east-1", "recorders": [recorder]}]}


_KEY = "arn:aws:kms:us-east-1:123456789012:key/example"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:example"
_SINK = "arn:aws:oam:us-east-1:123456789012:sink/example"

REQUIREMENTS: Final[Mapping[str, Requirement]] = {
    "AWS::CloudTrail::Trail": _either(
        "LogFileValidationEnabled",
        lambda on: {"trails": [{"Name": "main", "LogFileValidationEnabled": on}]},
    ),
    "AWS::CloudTrail::EventDataStore": _either(
        "TerminationProtectionEnabled",
        lambda on: {
            "event_data_stores": [
                {"Name": "events", "TerminationProtectionEnabled": on}
            ]
        },
    ),
    "AWS::S3::Bucket": _either(
        "versioning.Status == 'Enabled'",
        lambda status: {
            "buckets": [
                {"name": "amzn-s3-demo-bucket", "versioning": {"Status": status}}
            ]
        },
        "Suspended",
        "Enabled",
    ),
    "AWS::KMS::Key": _either(
        "rotation.KeyRotationEnabled",
        lambda on: {
            "kms_keys": [{"id": "example", "rotation": {"KeyRotationEnabled": on}}]
        },
    ),
    "AWS::Logs::LogGroup": _either(
        "kmsKeyId",
        lambda key: {"log_groups": [{"logGroupName": "example", **key}]},
        {},
        {"kmsKeyId": _KEY},
    ),
    "AWS::CloudWatch::Alarm": _either(
        "ActionsEnabled",
        lambda on: {"alarms": [{"AlarmName": "example", "ActionsEnabled": on}]},
    ),
    "AWS::SNS::Topic": _either(
        "attributes.KmsMasterKeyId",
        lambda found: {"sns_topics": [{"TopicArn": _TOPIC, "attributes": found}]},
        {"DisplayName": ""},
        {"KmsMasterKeyId": "alias/aws/sns"},
    ),
    "AWS::Cognito::IdentityPool": _either(
        "!AllowUnauthenticatedIdentities",
        lambda on: {
            "identity_pools": [
                {"IdentityPoolName": "example", "AllowUnauthenticatedIdentities": on}
            ]
        },
        no=True,
        yes=False,
    ),
    "AWS::Cognito::UserPool": _either(
        "DeletionProtection == 'ACTIVE'",
        lambda state: {
            "user_pools": [{"Id": "us-east-1_example", "DeletionProtection": state}]
        },
        "INACTIVE",
        "ACTIVE",
    ),
    "AWS::Cognito::UserPoolClient": _either(
        "EnableTokenRevocation",
        lambda on: {
            "user_pools": [
                {
                    "Id": "us-east-1_example",
                    "clients": [{"ClientId": "example", "EnableTokenRevocation": on}],
                }
            ]
        },
    ),
    "AWS::IAM::User": _either(
        "mfa_active == 'true'",
        lambda on: {
            "iam": {"credential_report": [{"user": "Alice", "mfa_active": on}]}
        },
        "false",
        "true",
    ),
    "AWS::IAM::Policy": _either(
        "IsAttachable",
        lambda on: {
            "iam": {"policies": [{"PolicyName": "example", "IsAttachable": on}]}
        },
    ),
    "AWS::Config::ConfigurationRecorder": _either(
        "recordingGroup.allSupported", _recorders
    ),
    "AWS::Oam::Sink": _either(
        "Name == 'security'",
        lambda name: {"oam_sinks": [{"Name": name}]},
        "example",
        "security",
    ),
    "AWS::Oam::Link": _either(
        f"SinkArn == '{_SINK}'",
        lambda sink: {"oam_links": [{"Label": "example", "SinkArn": sink}]},
        "arn:aws:oam:us-east-1:444455556666:sink/example",
        _SINK,
    ),
    "AWS::::Account": _either(
        "account_public_access_block.BlockPublicAcls",
        lambda on: {"account_public_access_block": {"BlockPublicAcls": on}},
    ),
}
"""For each resource type, a requirement to replace by what the new rule is about."""


def requirement(resource: str) -> Requirement:
    """Return the requirement for a type; raises `UsageError` for an unknown one."""
    found = REQUIREMENTS.get(resource)
    if found is None:
        hint = documents.nearest(resource, list(REQUIREMENTS))
        raise UsageError(
            f"--resource {resource}: snapshots hold no resources of that type{hint}; "
            f"use one of {', '.join(REQUIREMENTS)}"
        )
    return found
