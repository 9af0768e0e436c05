"""Where AWS's table for CloudTrail has the fields of a record.

https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from checker.convert.form import Names

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Fields: TypeAlias = Mapping[str, "Fields | None"]
"""The fields of a STRUCT by CloudTrail's names; None: text."""

_ISSUER: Fields = dict.fromkeys(("type", "principalId", "arn", "accountId", "userName"))
IDENTITY: Fields = {
    **dict.fromkeys(
        (
            "type",
            "principalId",
            "arn",
            "accountId",
            "invokedBy",
            "accessKeyId",
            "userName",
        )
    ),
    "onBehalfOf": dict.fromkeys(("userId", "identityStoreArn")),
    "sessionContext": {
        "attributes": dict.fromkeys(("mfaAuthenticated", "creationDate")),
        "sessionIssuer": _ISSUER,
        "ec2RoleDelivery": None,
        "webIdFederationData": {"federatedProvider": None},
    },
}
STRUCTS: Mapping[str, Fields] = {
    "userIdentity": IDENTITY,
    "addendum": dict.fromkeys(
        ("reason", "updatedFields", "originalRequestID", "originalEventID")
    ),
    "tlsDetails": dict.fromkeys(
        ("tlsVersion", "cipherSuite", "clientProvidedHostHeader")
    ),
}
TEXTS = frozenset(
    """
    eventVersion eventTime eventSource eventName awsRegion sourceIPAddress userAgent
    errorCode errorMessage requestID eventID readOnly eventType apiVersion
    recipientAccountId sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory
    sessionCredentialFromConsole edgeDeviceDetails
    """.split()
)
JSON = frozenset(
    "requestParameters responseElements additionalEventData serviceEventDetails".split()
)
RESOURCES = ("ARN", "accountId", "type")

Find: TypeAlias = Callable[[Names], "Place | None"]


@dataclass(frozen=True, slots=True)
class Array:
    """An array, and where the fields of its elements are: `element` takes their name.

    It is NULL where there is something else.
    """

    sql: str
    element: Callable[[str], Find]


@dataclass(frozen=True, slots=True)
class _Whole:
    """A whole column or field, which is NULL where it is absent or null."""

    name: str

    def equals_json(self, value: str) -> str:
        """Return whether it has the JSON text of a number or boolean."""
        return f"{self.name} = '{value}'"

    def is_null(self) -> str:
        """Return whether it is null or absent."""
        return f"{self.name} IS NULL"

    def array(self) -> None:
        """Return nothing: neither a text nor parameters are an array."""


@dataclass(frozen=True, slots=True)
class Textual(_Whole):
    """A column or field of text."""

    def text(self, *, exact: bool) -> str:  # noqa: ARG002 - as of JSON
        """Return the text; the column has nothing else."""
        return self.name


@dataclass(frozen=True, slots=True)
class Json:
    """A value in a JSON text, by its path."""

    column: str
    path: str

    def _extracted(self) -> str:
        if self.path == "$":
            return self.column  # an element, which is JSON already
        return f"json_extract({self.column}, {_quoted(self.path)})"

    def json_text(self) -> str:
        """Return the JSON text of the value."""
        return f"json_format({self._extracted()})"

    def text(self, *, exact: bool) -> str:
        """Return the text of a scalar; `exact`: NULL for numbers and booleans."""
        scalar = f"json_extract_scalar({self.column}, {_quoted(self.path)})"
        if not exact:
            return scalar
        return f"IF({self.json_text()} LIKE '\"%', {scalar})"

    def equals_json(self, value: str) -> str:
        """Return whether the value has this JSON text."""
        if re.fullmatch(r"-?\d+(\.\d+)?", value):
            return f"TRY_CAST({self.json_text()} AS DOUBLE) = {value}"
        return f"{self.json_text()} = '{value}'"

    def is_null(self) -> str:
        """Return whether it is null or absent."""
        return f"COALESCE({self.json_text()}, 'null') = 'null'"

    def array(self) -> Array:
        """Return the value as an array of JSON."""
        sql = f"TRY_CAST({self._extracted()} AS ARRAY(JSON))"
        return Array(sql, lambda name: Json(name, "$").below)

    def below(self, names: Names) -> Json:
        """Return a value inside this one."""
        return Json(self.column, self.path + "".join(map(_step, names)))


@dataclass(frozen=True, slots=True)
class Column(_Whole):
    """A whole column of JSON text."""

    def text(self, *, exact: bool) -> str:  # noqa: ARG002 - as of JSON
        """Return the text where the value is one."""
        return f"json_extract_scalar({self.name}, '$')"


@dataclass(frozen=True, slots=True)
class Struct:
    """A STRUCT, or the array of those that `resources` is."""

    name: str
    fields: Fields
    many: bool = False

    def text(self, *, exact: bool) -> str:  # noqa: ARG002 - as of JSON
        """Return no text: a STRUCT is none."""
        return "CAST(NULL AS VARCHAR)"

    def equals_json(self, value: str) -> str:  # noqa: ARG002 - as of JSON
        """Return that it is no scalar."""
        return "FALSE"

    def is_null(self) -> str:
        """Return whether it is absent."""
        return f"{self.name} IS NULL"

    def array(self) -> Array | None:
        """Return the array, if it is one."""
        if not self.many:
            return None
        return Array(self.name, lambda name: partial(_field, name, self.fields))


Place: TypeAlias = Textual | Json | Column | Struct


def place(names: Names) -> Place | None:
    """Return where the table has a field; None: nowhere."""
    if not names:
        return None
    first, *rest = names
    if first in TEXTS:
        return Textual(first.lower()) if not rest else None
    if first in JSON:
        return (
            Json(first.lower(), "$").below(tuple(rest))
            if rest
            else Column(first.lower())
        )
    if first == "resources" and not rest:
        return Struct("resources", dict.fromkeys(RESOURCES), many=True)
    if first in STRUCTS:
        return _field(first.lower(), STRUCTS[first], tuple(rest))
    return None


def _field(text: str, fields: Fields, names: Names) -> Place | None:
    for index, name in enumerate(names):
        if name not in fields:
            return None
        text += f".{name.lower()}"
        inner = fields[name]
        if inner is None:
            return Textual(text) if index == len(names) - 1 else None
        fields = inner
    return Struct(text, fields)


def _step(name: str) -> str:
    return f".{name}" if _BARE.fullmatch(name) else f"[{json.dumps(name)}]"


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"
