"""Read the findings that users accept for a time (`schemas/exceptions.json`).

    exceptions:
      - rule: bucket_of_trail_without_access_logging
        match: {resource: arn:aws:s3:::sandbox-*}
        reason: The sandbox keeps no logs
        owner: platform team
        expires: 2027-03-31

Whatever could hide a finding by mistake is a mistake of the file: a key that is not
known, an exception without an end, a matcher that holds on everything.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from checker import conditions, documents
from checker.conditions import tree
from checker.conditions.networks import read_network
from checker.documents import Document
from checker.errors import (
    ConditionError,
    DocumentError,
    MistakeKind,
    RulesError,
    UsageError,
)
from checker.model import Acceptance, AnyRule
from checker.rules.exception_shapes import are_sound

MAX_BYTES: Final = 16 << 20
"""How large a file of exceptions may be: some hundred thousand of them."""

_ACCOUNT: Final = re.compile(r"[0-9]{12}")

Scalar: TypeAlias = str | int | float | bool
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class Covers(enum.Enum):
    """What an exception accepts: findings, or that a rule would find nothing."""

    FINDINGS = "findings"
    VISIBILITY = "visibility"


class Matcher(msgspec.Struct, frozen=True):
    """What a finding must be like to be covered; without any entry it may be any.

    A text may have `*` in it.  `fields` maps a path to the values that it may have.
    """

    identity: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    address: tuple[Network, ...] = ()
    fields: Mapping[str, tuple[Scalar, ...]] = msgspec.field(default_factory=dict)


class FindingException(msgspec.Struct, frozen=True):
    """One entry of a file of exceptions; `rule` is a name or id as it is written.

    `expires` is the last day, in UTC, on which it is in force.
    """

    rule: str
    matcher: Matcher
    covers: Covers
    expires: date
    acceptance: Acceptance
    path: str
    line: int
    column: int

    def in_force(self, today: date) -> bool:
        """Return whether it still applies on a day."""
        return today <= self.expires

    @property
    def source(self) -> str:
        """Where the entry is: `exceptions.yml:12`."""
        return f"{self.path}:{self.line}"


def read_document(path: str) -> Document:
    """Read a file of exceptions; raises `UsageError` if it cannot be read."""
    file = Path(path)
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"--exceptions {path}: not a regular file")
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--exceptions {path}: {error.strerror}") from error
    return documents.load_yaml(path, data, limit=MAX_BYTES)


def load_exceptions(paths: Sequence[str]) -> list[FindingException]:
    """Read some files of exceptions, in their order.

    Raises `RulesError` with every mistake, `UsageError` for a file that cannot be read.
    Whether their rules exist is for `lint`: what names none hides nothing.
    """
    problems: list[DocumentError] = []
    found: list[FindingException] = []
    for path in dict.fromkeys(paths):
        found += read(read_document(path), problems)
    if problems:
        raise RulesError(problems)
    return found


def read(document: Document, problems: list[DocumentError]) -> list[FindingException]:
    """Read the exceptions of a document; its mistakes go into `problems`."""
    mistakes = list(document.problems)
    if not mistakes and not are_sound(document.value):
        mistakes = documents.check(document, "exceptions")
    if mistakes:
        problems.extend(mistakes)
        return []
    found = []
    for index, entry in enumerate(document.value["exceptions"]):
        at: documents.Path = ("exceptions", index)
        before = len(problems)
        expires = _date(document, (*at, "expires"), problems)
        matcher = _matcher(document, (*at, "match"), entry.get("match", {}), problems)
        covers = Covers(entry.get("covers", "findings"))
        if covers is Covers.VISIBILITY and "match" in entry:
            message = (
                "an exception that covers visibility has no 'match': it is for all"
            )
            problems.append(document.error(message, (*at, "match"), key=True))
        if len(problems) > before or expires is None:
            continue
        line, column = document.position(at)
        acceptance = Acceptance(
            reason=" ".join(entry["reason"].split()),
            owner=" ".join(entry["owner"].split()),
            expires=entry["expires"],
        )
        found.append(
            FindingException(
                rule=entry["rule"],
                matcher=matcher,
                covers=covers,
                expires=expires,
                acceptance=acceptance,
                path=document.path,
                line=line,
                column=column,
            )
        )
    return found


def rules_by_word(rules: Sequence[AnyRule]) -> dict[str, AnyRule]:
    """Return the rules by what an exception may call them: a name, or an id."""
    return {word: rule for rule in rules for word in (rule.id, rule.name)}


def _date(
    document: Document, path: documents.Path, problems: list[DocumentError]
) -> date | None:
    text = document.at(path)
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"'expires': {text} is not in the calendar"
        problems.append(document.error(message, path, kind=MistakeKind.SCHEMA))
        return None


def _matcher(
    document: Document,
    path: documents.Path,
    match: Mapping[str, Any],
    problems: list[DocumentError],
) -> Matcher:
    def texts(key: str) -> tuple[str, ...]:
        values = tuple(str(each) for each in _listed(match.get(key, [])))
        for index, value in enumerate(values):
            if not value.strip("*"):
                wrong(
                    f"'{key}: {value}' holds on every finding: leave it out", key, index
                )
        return values

    def wrong(message: str, key: str, index: int) -> None:
        listed = isinstance(match.get(key), list)
        where = (*path, key, index) if listed else (*path, key)
        problems.append(document.error(message, where, kind=MistakeKind.SCHEMA))

    accounts = texts("account")
    for index, account in enumerate(accounts):
        if not _ACCOUNT.fullmatch(account):
            message = f"'account': {account} is not the twelve digits of an account id"
            wrong(message, "account", index)
    return Matcher(
        identity=texts("identity"),
        resource=texts("resource"),
        account=accounts,
        region=texts("region"),
        address=tuple(_networks(_listed(match.get("address", [])), wrong)),
        fields=dict(_fields(document, (*path, "fields"), match, problems)),
    )


def _networks(
    texts: Sequence[Any], wrong: Callable[[str, str, int], None]
) -> Iterator[Network]:
    for index, text in enumerate(texts):
        try:
            network = read_network(text)
        except ValueError as error:
            wrong(f"'address': not a network in CIDR form: {error}", "address", index)
            continue
        if not network.prefixlen:
            message = f"'address: {text}' holds on every address: leave it out"
            wrong(message, "address", index)
        yield network


def _fields(
    document: Document,
    path: documents.Path,
    match: Mapping[str, Any],
    problems: list[DocumentError],
) -> Iterator[tuple[str, tuple[Scalar, ...]]]:
    for name, written in match.get("fields", {}).items():
        values = tuple(_listed(written))
        message = _field_problem(name)
        if message is None and any(_is_open(each) for each in values):
            message = f"'{name}': '*' holds on every value: leave it out"
        if message:
            where = (*path, name)
            error = document.error(message, where, key=True, kind=MistakeKind.SCHEMA)
            problems.append(error)
            continue
        yield name, values


def _is_open(value: Scalar) -> bool:
    return isinstance(value, str) and not value.strip("*")


def _field_problem(name: str) -> str | None:
    """Describe why a text is no path to a field; None if it is one."""
    try:
        node = conditions.parse(name)
    except ConditionError as error:
        return f"'{name}' is not the path of a field: {error.message}"
    if not isinstance(node, tree.Path):
        return f"'{name}' is not the path of a field, such as requestParameters.name"
    return None


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
