"""Settings that are declared in code but do not exist yet.

A Terraform plan and a CloudFormation template are read into declarations, and from
those into a snapshot of the shape that a live account gives, so that the same rules
judge both.  What that means:

- A value that is known only once it is applied is `Unknown`; never absent, never a
  guess.  A rule that does not need it is answered as usual.
- A setting that a declared resource leaves out has the default that AWS or the provider
  documents; where AWS documents none that holds for every resource, it is `Unknown`.
- Code declares what it declares.  That it has no trail does not say that the account
  has none, so a section of which nothing is declared is `Unknown` and not empty.  One
  of which something is declared holds just that: coverage is then what the declared
  trails record together, without help from trails that stand elsewhere.
- As in a snapshot, `buckets`, `kms_keys`, `log_groups` and `sns_topics` are those that
  trails, event data stores and alarms use, not each one that is declared.  A bucket or
  key that CloudTrail is let in to by its own policy counts as used.
- Names of secrets are read, secrets are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checker.conditions import Cause, Unknown
from checker.conditions.sketch import Hole, Sketch, joined
from checker.conditions.unknown import either
from checker.sources.settings.iac.typed import typed

SECTIONS = (
    "trails",
    "event_data_stores",
    "buckets",
    "kms_keys",
    "log_groups",
    "metric_filters",
    "alarms",
    "sns_topics",
    "identity_pools",
    "user_pools",
    "oam_sinks",
    "oam_links",
)


ACCOUNT_BLOCK = "account_public_access_block"
"""The section that holds one object."""

# What an account has in each Region is more than any code declares.
_OF_ACCOUNT = (
    "iam",
    ACCOUNT_BLOCK,
    "config_recorders",
    "config_aggregators",
    "guardduty",
    "security_hub",
    "access_analyzers",
    "delegated_administrators",
)

# Of what others name, AWS answers whether it exists; what code declares will.
_NAMED = frozenset({"buckets", "kms_keys", "log_groups", "sns_topics"})

# Parts of a resource that neither plans nor templates tell of.
_ELSEWHERE = {
    "identity_pools": ("guest_role", "authenticated_role"),
}


@dataclass(frozen=True, slots=True)
class SourcePosition:
    """Where a resource stands: a line from 1, and its address.

    Of a plan, which may be one long line, the column counts as well.  `address` is
    Terraform's (`module.logs.aws_cloudtrail.main`) or CloudFormation's logical id; for
    a snapshot it is the JSON pointer.
    """

    line: int
    address: str
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of the code that makes resources that are not read, and why.

    `sections` are those that they belong to; none where they may belong to any.
    """

    reason: str
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settings:
    """One source of settings: a settled snapshot, and where each resource stands.

    `places` maps the JSON pointer of a resource in the snapshot (`/trails/0`) to its
    place.  `size` is in bytes.  `declared` says that it is code, which tells of its own
    resources and not of the account; `notes` say what of it could not be read.
    `removed` are the ARNs and names of resources that the code deletes, and `unseen`
    the parts of it that make resources which are not read.
    """

    uri: str
    snapshot: Mapping[str, Any]
    places: Mapping[str, SourcePosition]
    size: int = 0
    declared: bool = False
    notes: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    unseen: tuple[Unseen, ...] = ()

    def doubts(self, section: str) -> list[Unknown]:
        """Return what stands for resources of a section that are not read."""
        return [
            pending(f"{section}: {each.reason}")
            for each in self.unseen
            if not each.sections or section in each.sections
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One resource of a plan or template.

    `values` are its attributes, unknown ones `Unknown`.  `references` gives, for each
    attribute, the addresses of the declarations that it surely or possibly refers to;
    an attribute in `opaque` may refer to others as well.  `aliases` are expressions
    that name the declaration; a reference by the same name means it.  `new` says
    that applying creates it (None where that is not known).  `exists` is True, or
    `Unknown` where a condition that is not decided makes it.  `name` and `arn` are its
    own, known in part at least, and `names` others that it has, such as a key's alias.
    """

    type: str
    address: str
    values: Mapping[str, Any]
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opaque: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    line: int = 1
    new: bool | None = None
    region: Any = None
    account: Any = None
    exists: Any = True
    name: Any = None
    arn: Any = None
    names: tuple[Any, ...] = ()


Entry: TypeAlias = tuple[str, dict[str, Any], SourcePosition]
"""A section of the snapshot, one body for it, and where that was declared."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of code: its URI, its kind (plan or template) and its size in bytes."""

    uri: str
    kind: str
    size: int


_OF_ACCOUNT_ITSELF = ("regions_enabled", "organization")


def assemble(
    source: Source,
    entries: Iterable[Entry],
    account: Mapping[str, Any],
    unseen: Sequence[Unseen] = (),
) -> Settings:
    """Put the bodies into a snapshot.

    Where parts of it are `unseen`, a section may hold more than what is read.
    """
    snapshot: dict[str, Any] = {
        "kind": "cloudtrail-settings-snapshot",
        "schema_version": 1,
        "account": {
            **{part: undeclared(part, source.kind) for part in _OF_ACCOUNT_ITSELF},
            **account,
        },
        "errors": [],
    }
    places: dict[str, SourcePosition] = {}
    for section, body, place in entries:
        if section == ACCOUNT_BLOCK:
            snapshot[section] = typed(section, body)
            places[f"/{section}"] = place
            continue
        bodies = snapshot.setdefault(section, [])
        places[f"/{section}/{len(bodies)}"] = place
        missing = {
            part: undeclared(part, source.kind)
            for part in _ELSEWHERE.get(section, ())
            if part not in body
        }
        if section in _NAMED:
            missing["exists"] = body.get("_exists", True)
        bodies.append({**typed(section, body), **missing})
    for each in unseen:
        for section in each.sections or SECTIONS:
            if each.sections:
                snapshot.setdefault(section, [])
            if section in snapshot:
                snapshot[section].append(pending(f"{section}: {each.reason}"))
    for section in (*SECTIONS, *_OF_ACCOUNT):
        snapshot.setdefault(section, undeclared(section, source.kind))
    notes = tuple(dict.fromkeys(f"{source.uri}: {each.reason}" for each in unseen))
    return Settings(
        source.uri,
        snapshot,
        places,
        source.size,
        declared=True,
        notes=notes,
        unseen=tuple(unseen),
    )


def undeclared(name: str, what: str) -> Unknown:
    """Return what stands for a section or part of which the code declares nothing."""
    reason = f"{name}: the {what} declares none, and the account may have some"
    return Unknown(reason, Cause.UNDECLARED)


def pending(reason: str) -> Unknown:
    """Return what stands for a value that only applying the code settles."""
    return Unknown(reason, Cause.NOT_KNOWN_BEFORE_APPLY)


def text(parts: Iterable[Any], reason: str) -> Any:
    """Return a text put together, known in part where a part of it is not known."""
    found: list[str | Hole] = []
    whole = True
    for part in parts:
        sketch = part.sketch if isinstance(part, Unknown) else (str(part),)
        if sketch is None:
            return pending(reason)
        whole &= not isinstance(part, Unknown)
        found += sketch
    if whole:
        return "".join(part for part in found if isinstance(part, str))
    return hole(reason, joined(tuple(found)))


def arn_start(service: str, region: Any, account: Any) -> tuple[Any, ...]:
    """Return the parts that an ARN of a service begins with."""
    partition = partition_of(region) if isinstance(region, str) else "aws"
    return (f"arn:{partition}:{service}:", region, ":", account, ":")


def partition_of(region: str) -> str:
    """Return the partition that a Region is of.

    https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    for start, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(start):
            return partition
    return "aws"


def hole(reason: str, sketch: Sketch) -> Unknown:
    """Return what stands for a text of which only a part is known."""
    return Unknown(reason, Cause.NOT_KNOWN_BEFORE_APPLY, sketch=sketch)


def is_unknown(value: object) -> bool:
    """Return an `Unknown`, which may not be compared with anything."""
    return value.__class__ is Unknown


def known(*values: Any) -> str | None:
    """Return the first value that is text with something in it."""
    for value in values:
        if isinstance(value, str) and value:
            return value
    return None


def present(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is null: AWS does not answer a member that is not set."""
    return {key: value for key, value in body.items() if value is not None}


def policy(value: Any, name: str) -> Any:
    """Parse a policy document that may be text; what is no policy is unknown."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return Unknown(f"{name}: not valid JSON")
    if isinstance(value, Unknown) and value.among is not None:
        several = [policy(one, name) for one in value.among]
        return either(several, value.reason, value.cause)
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, Mapping):
        return Unknown(f"{name}: not a policy, which is a map")
    statements = value.get("Statement", [])
    if not _are_statements(statements):
        return Unknown(f"{name}: a statement of it is not a map: AWS refuses it")
    for each in statements if isinstance(statements, list) else [statements]:
        effect = each.get("Effect") if isinstance(each, Mapping) else None
        if isinstance(effect, str) and effect not in ("Allow", "Deny"):
            told = f"{name}: {effect:.40} is not an Effect: AWS refuses it"
            return Unknown(told)
    return value


def _are_statements(value: Any) -> bool:
    """Return whether a value is a statement or several, whichever of some it is."""
    if isinstance(value, Unknown):
        return all(each is None or _are_statements(each) for each in value.among or ())
    if isinstance(value, list):
        return all(_are_statements(each) for each in value)
    return isinstance(value, Mapping)


def names_cloudtrail(document: Any) -> bool:
    """Return whether a policy has a statement for CloudTrail, as a log bucket's has."""
    try:
        return "cloudtrail.amazonaws.com" in json.dumps(document, default=_quiet)
    except (ValueError, RecursionError):
        return False


def _quiet(_: object) -> str:
    return "unknown"
