"""Find the names that customers gave: of users, roles, buckets and others.

A name looks like any word, so it is found by where it stands: under a key that holds
names, in an ARN, after the colon of a principal id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

_KEYS: Final = {
    "username": "user",
    "rolename": "role",
    "groupname": "group",
    "bucketname": "bucket",
    "rolesessionname": "session",
    "sourceidentity": "session",
    "policyname": "policy",
    **dict.fromkeys(
        "trailname instanceprofilename functionname keyname clientname poolname "
        "userpoolname identitypoolname displayname accountname accountalias topicname "
        "queuename clustername tablename dbinstanceidentifier dbclusteridentifier "
        "loggroupname logstreamname streamname stackname repositoryname secretid "
        "secretname s3bucketname snstopicname samlprovidername virtualmfadevicename "
        "servercertificatename loadbalancername".split(),
        "name",
    ),
}
_ARN = re.compile(
    r"arn(?::|%3[Aa])aws[\w-]*(?::|%3[Aa])(?P<service>[\w-]*)(?::|%3[Aa])[\w-]*"
    r"(?::|%3[Aa])(?P<account>[0-9]{12}|aws|)(?::|%3[Aa])(?P<resource>[^\s\"',;&]+)"
)
_IAM = {
    "user": "user",
    "role": "role",
    "group": "group",
    "assumed-role": "role",
    "federated-user": "user",
    "policy": "policy",
    "mfa": "user",
}
_SEPARATORS = re.compile(r"[/:]|%2[Ff]|%3[Aa]")
# Words of AWS's own that stand where names stand.
_AWS = re.compile(
    r"root|aws|aws-[\w-]+|service-role|sso\.amazonaws\.com|default|\*+|\$LATEST|[0-9]{1,4}"
    r"|AWSServiceRoleFor\w*|CognitoIdentityCredentials|AWSCloudFormation"
    r"|botocore-session-[0-9]+|aws-go-sdk-[0-9]+"
    r"|AWS ROOT USER|Anonymous|ANONYMOUS_PRINCIPAL|AWS Internal"
    r"|[a-z]{2}(?:-[a-z]+)+-[0-9]|HIDDEN_\w*|[\w-]+\.amazonaws\.com",
)
_EXAMPLES: Final = {
    "user": ("Alice", "Bob", "Carlos", "Diana", "Mateo", "Nikki", "Saanvi", "Wang"),
    "role": ("ExampleRole",),
    "group": ("ExampleGroup",),
    "bucket": ("amzn-s3-demo-bucket",),
    "session": ("ExampleSession",),
    "policy": ("ExamplePolicy",),
    "key": ("example-key",),
    "name": ("ExampleName",),
}
_EXAMPLE = re.compile(
    rf"(?:{'|'.join(word for words in _EXAMPLES.values() for word in words)})[0-9]*"
    r"|AWSReservedSSO_Example[0-9]+_0{8}[0-9a-f]{8}"
)


def find(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, kind) for each name in a value; `key` is what it stands under."""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _in_text(name)
            yield from find(entry, "" if "value" in value and name == "name" else name)
    elif isinstance(value, list):
        for entry in value:
            yield from find(entry, key)
    elif isinstance(value, str):
        yield from _in_text(value)
        kind = _KEYS.get(key.lower())
        if kind and "arn:" not in value:
            yield from _sound(value, kind)
        elif key == "principalId" and ":" in value:
            yield from _sound(value.split(":", 1)[1], "session")


def example(kind: str, number: int) -> str:
    """Return the documentation name of a kind with a number (from 1)."""
    if kind == "reserved":
        # The form of IAM Identity Center's roles, which rules know them by.
        return f"AWSReservedSSO_Example{number}_{number:016x}"
    words = _EXAMPLES[kind]
    if number <= len(words):
        return words[number - 1]
    return f"{words[0]}{number}"


def is_example(name: str) -> bool:
    """Return whether a name is one of documentation already."""
    return _EXAMPLE.fullmatch(name) is not None


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    for arn in _ARN.finditer(text):
        if arn["account"] != "aws":
            yield from _in_arn(arn["service"], arn["resource"])


def _in_arn(service: str, resource: str) -> Iterator[tuple[str, str]]:
    parts = _SEPARATORS.split(resource)
    if service == "s3":
        yield from _sound(parts[0], "bucket")
        for part in parts[1:]:
            yield from _sound(part, "key")
        return
    if service in ("iam", "sts"):
        kind = _IAM.get(parts[0], "name")
        last = len(parts) - 1
        for index, part in enumerate(parts[1:], 1):
            if parts[0] == "assumed-role":
                yield from _sound(part, "role" if index == 1 else "session")
            elif "aws-reserved" not in parts and "aws-service-role" not in parts:
                yield from _sound(part, kind if index == last else "name")
            elif index == last:
                yield from _sound(part, kind)
        return
    if "aws" in parts[:3]:
        # /aws/lambda/name: AWS's own groups of logs.
        parts = parts[parts.index("aws") + 1 :]
    for part in parts[1:] or parts:
        yield from _sound(part, "name")


def _sound(name: str, kind: str) -> Iterator[tuple[str, str]]:
    if len(name) > 1 and not _AWS.fullmatch(name):
        yield name, "reserved" if name.startswith("AWSReservedSSO_") else kind
