"""Find the events of one identity, and the credentials that it was given.

A chain of roles is followed by access keys: whoever gets temporary credentials signs
the next calls with their accessKeyId, which is in both events.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from checker.conditions.networks import read_network
from checker.model import Event
from checker.story import Issued

# Unique ids of access keys: AKIA long-term, ASIA temporary.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_KEY: Final = re.compile(r"A[KS]IA[A-Z0-9]{12,124}")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


class Kind(StrEnum):
    """What names an identity."""

    ACCESS_KEY = "access key"
    ARN = "ARN"
    ACCOUNT = "account"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose events to collect: `text` as the user wrote it, read as a `kind`."""

    text: str
    kind: Kind
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None


def identity(text: str) -> Identity:
    """Read an access key id, an ARN, an account id, an address or network, or a name.

    A name is that of a user, a role or a role session, or a principal id.
    """
    if text.startswith("arn:"):
        return Identity(text, Kind.ARN)
    if _KEY.fullmatch(text):
        return Identity(text, Kind.ACCESS_KEY)
    if _ACCOUNT.fullmatch(text):
        return Identity(text, Kind.ACCOUNT)
    try:
        network = read_network(text, strict=False)
    except ValueError:
        return Identity(text, Kind.NAME)
    return Identity(text, Kind.ADDRESS, network)


def matches(wanted: Identity, keys: Collection[str], event: Event) -> bool:
    """Return whether an event is of an identity, or made with one of some keys."""
    caller = event.get("userIdentity")
    if not isinstance(caller, Mapping):
        caller = {}
    key = caller.get("accessKeyId")
    if isinstance(key, str) and key in keys:
        return True
    if wanted.kind is Kind.ACCESS_KEY:
        return key == wanted.text
    if wanted.kind is Kind.ADDRESS:
        return _is_from(wanted, event.get("sourceIPAddress"))
    if wanted.kind is Kind.ACCOUNT:
        return _is_account(wanted.text, caller.get("accountId"))
    issuer = _issuer(caller)
    if wanted.kind is Kind.ARN:
        holder = _holder(wanted.text)
        return any(
            arn == wanted.text or (holder and holder == _holder(_without_session(arn)))
            for arn in (caller.get("arn"), issuer.get("arn"))
            if isinstance(arn, str)
        )
    return _folded(wanted.text) in set(map(_folded, _names(caller, issuer)))


def issued(event: Event) -> Issued | None:
    """Return the credentials that a call gave its caller, or that it made."""
    answer = event.get("responseElements")
    if not isinstance(answer, Mapping) or event.get("errorCode"):
        return None
    for made in (answer.get("credentials"), answer.get("accessKey"), _of_set(answer)):
        key = made.get("accessKeyId") if isinstance(made, Mapping) else None
        if isinstance(key, str) and _KEY.fullmatch(key):
            return Issued(key, _owner(answer), str(event.get("eventName")))
    return None


def _of_set(answer: Mapping[str, Any]) -> object:
    """Return the credentials that IAM Roles Anywhere gives: a list, of one.

    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
    """
    entry = _first(answer.get("credentialSet"))
    return entry.get("credentials") if isinstance(entry, Mapping) else None


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _owner(answer: Mapping[str, Any]) -> str | None:
    """Return who the credentials are: a role session, a federated user, a user."""
    entry = _first(answer.get("credentialSet"))
    if isinstance(entry, Mapping):
        answer = entry
    for part, name in (
        ("assumedRoleUser", "arn"),
        ("federatedUser", "arn"),
        ("accessKey", "userName"),
    ):
        owner = answer.get(part)
        value = owner.get(name) if isinstance(owner, Mapping) else None
        if isinstance(value, str):
            return value
    return None


def _is_account(wanted: str, account: object) -> bool:
    """Compare account ids; one written as a number has lost its leading zeros."""
    if isinstance(account, int) and not isinstance(account, bool):
        return account == int(wanted)
    return account == wanted


def _is_from(wanted: Identity, address: object) -> bool:
    if not isinstance(address, str) or wanted.network is None:
        return False
    try:
        return ipaddress.ip_address(address) in wanted.network
    except ValueError:
        return False


def _issuer(caller: Mapping[str, Any]) -> Mapping[str, Any]:
    context = caller.get("sessionContext")
    found = context.get("sessionIssuer") if isinstance(context, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _folded(name: str) -> str:
    """Return a name as it is compared: only the root user's is written in two ways."""
    return "root" if name == "Root" else name


def _holder(arn: str) -> tuple[str, ...] | None:
    """Return the role or user that an ARN names, without its path; None for others.

    A path tells no two of them apart: their names are unique within an account, and the
    ARN of a role's session has no path.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    _, partition, _, _, account, resource = parts
    kind, *names = resource.split("/")
    if kind in ("role", "user") and names and names[-1]:
        return partition, account, kind, names[-1]
    if kind == "assumed-role" and len(names) == 1 and names[0]:
        return partition, account, "role", names[0]
    return None


def _without_session(arn: str) -> str:
    """Return the ARN of a role's sessions without the name of the session."""
    parts = arn.split("/")
    if parts[0].endswith(":assumed-role") and len(parts) == 3:
        return "/".join(parts[:2])
    return arn


def _names(caller: Mapping[str, Any], issuer: Mapping[str, Any]) -> set[str]:
    """Return the names by which people know a caller, and reports show it."""
    principal = caller.get("principalId")
    names = {caller.get("userName"), issuer.get("userName"), principal}
    if caller.get("type") == "Root":
        names.add("root")
    if caller.get("type") == "AWSService":
        names.add(caller.get("invokedBy"))
    for arn in (caller.get("arn"), issuer.get("arn")):
        if isinstance(arn, str):
            names.update(_names_of(arn))
    if isinstance(principal, str):
        names.update(principal.split(":", 1))
    return {name for name in names if isinstance(name, str) and name}


def _names_of(arn: str) -> Iterator[str]:
    """Yield the names in an ARN: `user/Anaya` and `Anaya`, `Admin/alice` and both."""
    resource = arn.split(":", 5)[-1]
    kind, *names = resource.split("/")
    yield resource
    if names:
        yield "/".join(names)
        yield names[-1]
    if kind == "assumed-role" and names:
        yield names[0]
