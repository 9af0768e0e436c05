"""Read what correlations compare: callers, addresses and resources, not spellings.

A caller without an ARN is still a caller; an IPv6 address has many spellings; and some
parameters take a name or an ARN of one thing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Field: TypeAlias = Callable[[object], object]

CALLER: Final = "userIdentity.arn"
_ADDRESS: Final = "sourceIPAddress"
_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_ARN = re.compile(r"arn:[^:]*:([^:]*):([^:]*):([^:]*):(.+)", re.DOTALL)


def compared(path: str, read: Field) -> Field:
    """Return the function that reads, from an event, what a path is compared by."""
    if path == CALLER:
        return lambda event: read(event) or caller(event)
    if path == _ADDRESS:
        return lambda event: address(read(event))
    if _is_resource(path):
        return lambda event: _resource(read(event), event)
    return read


def beside(path: str) -> tuple[str, ...]:
    """Return the fields that `compared` reads of an event besides those of the path."""
    if path == CALLER:
        return (_ADDRESS,)
    return _OF_ACCOUNT if _is_resource(path) else ()


_OF_ACCOUNT: Final = ("awsRegion", "recipientAccountId", "userIdentity")


def _is_resource(path: str) -> bool:
    """Return whether there may be a name or an ARN at a path."""
    is_arn = path.rpartition(".")[2].lower().endswith("arn")
    return path.startswith("requestParameters.") and not is_arn


def caller(event: object) -> str | None:
    """Return who made a call without an ARN; None where nothing says it.

    The user of IAM Identity Center on whose behalf it was made, else principal (or user
    name) and account, else the address of an anonymous caller.  AWS services have none.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    identity = event.get("userIdentity") if isinstance(event, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(identity, Mapping):
        return None
    if identity.get("type") == "AWSService":
        return None
    behalf = identity.get("onBehalfOf")
    user = _text(behalf.get("userId")) if isinstance(behalf, Mapping) else None
    if user:
        return f"Identity Center user {user}"
    account = _text(identity.get("accountId"))
    name = _text(identity.get("principalId")) or _text(identity.get("userName"))
    if account == "ANONYMOUS_PRINCIPAL" or not name:
        if identity.get("invokedBy"):
            return None
        source = address(event.get("sourceIPAddress"))
        return f"anonymous at {source}" if isinstance(source, str) and source else None
    provider = _text(identity.get("identityProvider"))
    return " of ".join(part for part in (name, account or provider) if part)


def address(value: object) -> object:
    """Return an address in one spelling; what is none is returned as it is.

    https://www.rfc-editor.org/rfc/rfc5952
    """
    if not isinstance(value, str) or ":" not in value:
        return value
    try:
        found = ipaddress.IPv6Address(value.strip("[]").partition("%")[0])
    except ValueError:
        return value
    return str(found.ipv4_mapped or found)


def _resource(value: object, event: object) -> object:
    """Return the name in an ARN that is of the event's own account and Region."""
    if isinstance(value, list):
        return [_resource(item, event) for item in value]
    found = _ARN.fullmatch(value) if isinstance(value, str) else None
    if found is None or not isinstance(event, Mapping):
        return value
    service, region, account, resource = found.groups()
    own = (event.get("awsRegion"), _account(event))
    if (region and region != own[0]) or (account and account != own[1]):
        return value
    return name_in(service, resource)


def name_in(service: str, resource: str) -> str:
    """Return the name that calls take in the place of an ARN, from its last part.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
    """
    if service == "secretsmanager":
        return _SECRET_SUFFIX.sub("", resource.removeprefix("secret:"))
    if service == "ssm" and resource.startswith("parameter/"):
        name = resource.removeprefix("parameter/")
        return f"/{name}" if "/" in name else name
    if service == "iam":
        return resource.rpartition("/")[2]  # a path stands before the name
    if service == "logs":
        return resource.removeprefix("log-group:").removesuffix(":*")
    kind, sign, name = re.sub(r"^([a-z-]+)[:/]", r"\1\0", resource).partition("\0")
    if not sign:
        return kind
    return name.partition(":")[0] if service == "lambda" else name


def _account(event: Mapping[str, Any]) -> str | None:
    identity = event.get("userIdentity")
    own = identity.get("accountId") if isinstance(identity, Mapping) else None
    return _text(event.get("recipientAccountId")) or _text(own)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
