"""Check that an event has its fields where rules look for them, and put them there.

Other tools write objects as JSON text (`"responseElements": "{…}"`), keys with dots
(`userIdentity.type`), or fields in a casing of their own beside CloudTrail's.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from checker.aws.record_schema import RECORD
from checker.model import RECORD_FIELDS, Header
from checker.sources.events import names
from checker.sources.events.names import LISTS, OBJECTS, Kind

_Raw: Any = msgspec.Raw
_NOTHING: Final = msgspec.Raw()


class _Object(msgspec.Struct, gc=False):
    """Any object; its keys are of no interest."""


_Masked: Any = Annotated[str, msgspec.Meta(pattern=r'^(?!\s*"?[{\[])')]
"""Text in the place of an object, as AWS masks it, but no object as text."""


def _struct(name: str, keys: frozenset[str], typed: dict[str, Any]) -> Any:
    return msgspec.defstruct(
        name,
        [(key, typed.get(key, _Raw), _NOTHING) for key in sorted(keys)],
        forbid_unknown_fields=True,
    )


_Opened: Any = _Object | None
_HOLD = OBJECTS | LISTS
_LONGEST = 2048
"""Longer identities, in bytes, are not remembered."""


class _Attributes(msgspec.Struct):
    """The attributes of a session: a flag that is text, whatever tools make of it."""

    mfaAuthenticated: str | None = None  # noqa: N815 - CloudTrail's own name


_SESSION: Final = _struct(
    "Session",
    frozenset(
        """
        attributes sessionIssuer webIdFederationData sourceIdentity ec2RoleDelivery
        ec2IssuedInVpc assumedRoot signInSessionArn
        """.split()
    ),
    {
        **dict.fromkeys(("sessionIssuer", "webIdFederationData"), _Opened),
        "attributes": _Attributes | None,
    },
)
_IDENTITY: Final = _struct(
    "Identity",
    frozenset(
        """
        type principalId arn accountId accessKeyId userName invokedBy identityProvider
        credentialId invokedByDelegate onBehalfOf inScopeOf sessionContext
        """.split()
    ),
    {
        "sessionContext": _SESSION | None,
        **dict.fromkeys(("invokedByDelegate", "onBehalfOf", "inScopeOf"), _Opened),
    },
)
_RECORD: Final = _struct(
    "Record",
    RECORD_FIELDS,
    {
        **dict.fromkeys(OBJECTS, _Object | _Masked | None),
        "resources": list[_Raw] | None,
        "userIdentity": _IDENTITY | None,
        **dict.fromkeys((*names.NAMES, "eventTime"), str | None),
        **dict.fromkeys(("readOnly", "managementEvent"), bool | None),
    },
)
_record = msgspec.json.Decoder(_RECORD)
_identity = msgspec.json.Decoder(_IDENTITY | None)
_masked = msgspec.json.Decoder(_Masked)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any = msgspec.json.Decoder()
_OPENINGS: Final = {
    **dict.fromkeys((*names.NAMES, "eventTime"), (b'"', b"n")),
    **dict.fromkeys(("readOnly", "managementEvent"), (b"t", b"f", b"n")),
}
"""How the values of fields begin that are one text or flag."""

_STARTS: Final = {"string": b'"n', "boolean": b"tfn", "object": b"{n", "list": b"[n"}
_TYPED: Final = {
    name: _STARTS[kind]
    for name, shape in RECORD.members.items()
    if (kind := shape().kind) in _STARTS
}
"""How the value of each field of a record begins if it is of its type, or null."""


def is_whole(record: bytes) -> bool:
    """Return whether an event, which is valid JSON, has its fields in their places."""
    try:
        _record.decode(record)
    except msgspec.ValidationError:
        return _seems_whole(record)
    return True


def is_whole_shape(record: bytes) -> bool:
    """Return whether events of the shape of this one are whole, but for identities.

    Their fields are of their types, too.  The shape is the keys, and how the value of
    each begins.
    """
    # Whether a text stands for an object depends on what it says.
    return is_whole(record) and all(
        bytes(value)[0] in _TYPED[name]
        for name, value in _keys.decode(record).items()
        if name in _TYPED
    )


Check: TypeAlias = Callable[[Iterable[Header]], bool]
"""Checks what some headers hold as JSON."""


@functools.lru_cache(maxsize=16)
def lines(
    header: type[Header],
) -> tuple[Callable[[bytes], list[Header]], Sequence[Check]]:
    """Return what reads the headers of JSON lines that are whole, and more checks.

    It raises for a line that need not be one.  Of what a header has as JSON the checks
    tell, but for identities.
    """
    own = {each.encode_name: each for each in msgspec.structs.fields(header)}
    fields = msgspec.structs.fields(_RECORD)
    more = [(each.name, each.type, None) for each in fields if each.name not in own]
    kind = msgspec.defstruct(
        "Line", more, bases=(header,), forbid_unknown_fields=True, gc=False
    )
    held = {name: own[name].name for name in _HOLD & own.keys() - {"userIdentity"}}
    checks = [
        functools.partial(
            _are_lists if name in LISTS else _are_objects,
            operator.attrgetter(held[name]),
        )
        for name in sorted(held)
        if own[name].type is _Raw
    ]
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    return decoder.decode_lines, checks


def _are_lists(get: Callable[[Header], Any], headers: Iterable[Header]) -> bool:
    return set(_openings(map(get, headers))) <= _OPEN_LISTS


def _are_objects(get: Callable[[Header], Any], headers: Iterable[Header]) -> bool:
    """Check that a field holds objects, or texts that stand for none."""
    values = list(map(get, headers))
    openings = list(_openings(values))
    if _OPEN_OBJECTS.issuperset(openings):
        return True
    texts = [each not in _OPEN_OBJECTS for each in openings]
    return all(map(_is_masked, set(map(bytes, itertools.compress(values, texts)))))


def _openings(values: Iterable[Any]) -> Iterator[int]:
    """Return the first byte of each."""
    return map(_FIRST, map(_VIEW, values))


def _is_masked(json: bytes) -> bool:
    try:
        _masked.decode(json)
    except msgspec.ValidationError:
        return False
    return True


_FIRST = operator.itemgetter(0)
_VIEW: Callable[[Any], memoryview[int]] = memoryview
_OPEN_OBJECTS = frozenset(b"{n")
_OPEN_LISTS = frozenset(b"[n")


def is_whole_identity(json: bytes) -> bool:
    """Return whether the identity of an event has its fields in their places."""
    return _known(json) if len(json) <= _LONGEST else _is_identity(json)


def _is_identity(json: bytes | msgspec.Raw) -> bool:
    try:
        _identity.decode(json)
    except msgspec.ValidationError:
        return False
    return True


_known = functools.lru_cache(maxsize=4096)(_is_identity)


def _seems_whole(record: bytes) -> bool:
    """Look key by key: CloudTrail adds fields, and tools add keys of their own."""
    fields = _keys.decode(record)
    for name, raw in fields.items():
        if name in OBJECTS or name in LISTS:
            if not _is_plain(name, raw):
                return False
        elif name in _OPENINGS:
            if bytes(raw)[:1] not in _OPENINGS[name]:
                return False
        elif not names.is_own(name):
            column = names.column(name)
            if column.kind is Kind.WHOLE:
                return False
            if column.kind is Kind.UNCLEAR and names.is_part(name):
                return False
            if column.kind is Kind.FIELD and (
                len(column.path) > 1 or column.path[0] not in fields
            ):
                return False
    return True


def _is_plain(name: str, raw: msgspec.Raw) -> bool:
    if name == "userIdentity":
        return _is_identity(raw)
    if not bytes(raw).startswith(b'"'):
        # Numbers, booleans and the wrong kind of brackets are none of CloudTrail's.
        return bytes(raw)[:1] in ((b"[", b"n") if name in LISTS else (b"{", b"n"))
    # Of a field that is JSON in a text, as results of queries have some.
    from checker.sources.events import cells

    text = cells.unquoted(_any.decode(raw)).lstrip()
    return name in names.OPAQUE and text[:1] not in ("{", "[")


def whole(record: bytes) -> bytes | str:
    """Return an event with its fields in their places, or say what cannot be read."""
    try:
        event = _any.decode(record)
    except msgspec.ValidationError:
        return "it has a number that is out of range"
    from checker.sources.events import query_results

    made = query_results.completed(event)
    if made.unread:
        return said(made.unread)
    return record if made.event == event else msgspec.json.encode(made.event)


def said(unread: list[str]) -> str:
    """Return what of an event could not be read."""
    shown = "; ".join(unread[:6])
    more = f"; and {len(unread) - 6} more" if len(unread) > 6 else ""
    return (
        f"a part of the event cannot be read, so that it is not judged: {shown}{more}; "
        "export the events as CloudTrail wrote them"
    )
