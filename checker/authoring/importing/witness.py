"""Make an event on which a condition of Sigma holds, or does not.

Fields are set as the tests ask, one after the other, and what comes out is tried on the
condition itself: an event that this gives is one for sure.  Not every condition has one
that is found.
"""

from __future__ import annotations

import copy
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from checker import conditions
from checker.aws import api_calls
from checker.aws.record_schema import RECORD
from checker.aws.shapes import Shape
from checker.conditions import sigma_text, tree
from checker.conditions.sigma_functions import CASED, PREFIX, TIME_PARTS
from checker.model import Event

_TRIES: Final = 400
_OTHER: Final = "another-value"

PLAIN: Final[Event] = {
    "eventVersion": "1.11",
    "userIdentity": {
        "type": "IAMUser",
        "principalId": "AIDACKCEVSQ6C2EXAMPLE",
        "arn": "arn:aws:iam::123456789012:user/alice",
        "accountId": "123456789012",
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "userName": "alice",
    },
    "eventTime": "2026-01-14T09:30:00Z",
    "eventSource": "example.amazonaws.com",
    "eventName": "ExampleCall",
    "awsRegion": "eu-west-1",
    "sourceIPAddress": "192.0.2.10",
    "userAgent": "aws-cli/2.31.0",
    "requestParameters": {},
    "responseElements": None,
    "requestID": "11111111-2222-4333-8444-555555555555",
    "eventID": "66666666-7777-4888-8999-000000000000",
    "readOnly": False,
    "eventType": "AwsApiCall",
    "managementEvent": True,
    "recipientAccountId": "123456789012",
    "eventCategory": "Management",
}
"""An ordinary record: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""

Typed = Callable[[tree.Path, str], Any]
"""Returns a text as the value that AWS records in a field."""


def holding(
    condition: tree.Node, tests: Sequence[tree.Node], typed: Typed
) -> Event | None:
    """Return an event on which all of `tests` hold, made for a condition, or None."""
    run = [conditions.closure(test) for test in tests]
    for event in itertools.islice(
        _Maker(typed).made(condition, PLAIN, want=True), _TRIES
    ):
        found = _with_source(event)
        for each in (found, event):
            if all(conditions.holds(test(each)) for test in run):
                return each
    return None


def near_misses(
    condition: tree.Node, tests: Sequence[tree.Node], event: Event, typed: Typed
) -> Iterator[tuple[str, Event]]:
    """Yield events on which none of `tests` holds, each one test away, with a name."""
    run = [conditions.closure(test) for test in tests]
    seen: list[Event] = []
    for part, wanted in _parts(condition, wanted=True):
        changed = next(iter(_Maker(typed).made(part, event, want=not wanted)), None)
        if changed is None or changed in seen:
            continue
        if not any(conditions.holds(test(changed)) for test in run):
            seen.append(changed)
            yield _name(part, wanted=wanted), changed


def _name(part: tree.Node, *, wanted: bool) -> str:
    """Name what a near miss lacks, or has."""
    if isinstance(part, tree.Selection):
        return f"{part.name} does not hold" if wanted else f"{part.name} holds"
    found = [n for n in tree.walk(part) if isinstance(n, tree.Path)]
    field = ".".join(found[0].names) if found else "a value"
    return f"{field} is another" if wanted else f"{field} is excluded"


def _parts(node: tree.Node, *, wanted: bool) -> Iterator[tuple[tree.Node, bool]]:
    """Yield what all must hold (or not) for a condition, each by itself."""
    match node:
        case tree.Selection(_, tree.And() as inner) if wanted:
            yield from _parts(inner, wanted=wanted)
        case tree.Not(operand):
            yield from _parts(operand, wanted=not wanted)
        case tree.And(operands) if wanted:
            for each in operands:
                yield from _parts(each, wanted=wanted)
        case tree.Or(operands) if not wanted:
            for each in operands:
                yield from _parts(each, wanted=wanted)
        case _:
            yield node, wanted


def _with_source(event: Event) -> Event:
    """Name the source that has the event, where no test has said which."""
    if event["eventSource"] != PLAIN["eventSource"]:
        return event
    owners = api_calls.owners(str(event["eventName"]))
    return {**event, "eventSource": owners[0]} if owners else event


class _Maker:
    """Changes an event until a condition comes out as wanted."""

    def __init__(self, typed: Typed) -> None:
        self._typed = typed

    def made(self, node: tree.Node, event: Event, *, want: bool) -> Iterator[Event]:
        """Yield copies of an event on which a node should hold, or should not."""
        match node:
            case tree.Selection(_, inner):
                yield from self.made(inner, event, want=want)
            case tree.Not(operand):
                yield from self.made(operand, event, want=not want)
            case tree.And(operands) | tree.Or(operands):
                if isinstance(node, tree.And) is want:
                    yield from self._all(operands, event, want=want)
                else:
                    for each in operands:
                        yield from self.made(each, event, want=want)
            case _:
                if conditions.holds(conditions.closure(node)(event)) is want:
                    yield event
                yield from self._changed(node, event, want=want)

    def _all(
        self, operands: Sequence[tree.Node], event: Event, *, want: bool
    ) -> Iterator[Event]:
        if not operands:
            yield event
            return
        first, *rest = operands
        for changed in self.made(first, event, want=want):
            yield from self._all(rest, changed, want=want)

    def _changed(self, node: tree.Node, event: Event, *, want: bool) -> Iterator[Event]:
        if not isinstance(node, tree.Function):
            return
        name = node.name.removeprefix(PREFIX).removesuffix(CASED)
        field = node.arguments[0]
        if isinstance(field, tree.Current):
            field = tree.Path(("requestParameters", "note"))
        if not isinstance(field, tree.Path):
            return
        if name == "fieldref" and isinstance(node.arguments[1], tree.Path):
            yield from _equal(event, field, node.arguments[1], want=want)
            return
        given = node.arguments[1].value if len(node.arguments) > 1 else None  # type: ignore[attr-defined] # a literal
        is_missing = name == "null"
        for value in _values(name, given, want=want):
            if isinstance(value, str):
                yield set_field(event, field.names, self._typed(field, value))
            elif value is not None:
                yield set_field(event, field.names, value)
        if want is is_missing:
            yield set_field(event, field.names, None)


def _equal(
    event: Event, one: tree.Path, other: tree.Path, *, want: bool
) -> Iterator[Event]:
    changed = set_field(event, one.names, "a-value")
    yield set_field(changed, other.names, "a-value" if want else _OTHER)
    if not want:
        yield set_field(event, one.names, None)


def _values(name: str, given: Any, *, want: bool) -> Iterator[Any]:
    """Yield values of a field on which a test should hold, or should not."""
    if not want:
        yield from () if name in ("exists", "null") else (_OTHER,)
        if name == "null":
            yield "a-value"
    elif name == "exists":
        yield "a-value"
    elif name in ("gt", "gte", "lt", "lte"):
        yield given + (1 if name in ("gt", "gte") else -1)
    elif name in TIME_PARTS:
        yield from (_time(name, each) for each in given)
    elif name == "cidr":
        yield from (str(ipaddress.ip_network(each)[0]) for each in given)
    elif name == "re":
        yield from (text for each in given for text in _samples(each))
    elif name != "null":
        yield from (_sample(each) for each in given)


def _sample(value: str) -> str:
    """Return a text that a value with wildcards fits."""
    signs = {sigma_text.Wildcard.ANY: "", sigma_text.Wildcard.ONE: "x"}
    text = "".join(
        signs[part] if isinstance(part, sigma_text.Wildcard) else part
        for part in sigma_text.parts(value)
    )
    return text or "a-value"


def _samples(pattern: str) -> Iterator[str]:
    """Yield texts that a simple pattern may fit: the tests decide whether they do."""
    text = re.sub(r"\(\?[a-z]+\)|[\^$]|\\[AzbB]", "", pattern)
    text = re.sub(r"\\([^A-Za-z0-9])", r"\1", text.replace(".*", "").replace(".+", "x"))
    yield from re.sub(r"[()]", "", text).split("|")
    yield re.sub(r"\[[^]]*\][+*]?", "a", text)


def _time(part: str, value: int) -> str:
    found = {"year": 2026, "month": 1, "day": 14, "hour": 9, "minute": 30}
    if part == "week":
        found |= {"month": 1, "day": 1 + (value * 7 - 4) % 28}
    else:
        found[part] = value
    return "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z".format(**found)


def set_field(event: Event, names: Sequence[str], value: Any) -> Event:
    """Copy an event with a value at a path, or without one there.

    What AWS records as a list, such as `resources`, holds it in one element.
    """
    changed = copy.deepcopy(event)
    inner: Any = changed
    shape: Shape | None = RECORD
    for name in names[:-1]:
        shape = shape.member(name) if shape else None
        if shape and shape.kind == "list":
            if not isinstance(inner.get(name), list):
                inner[name] = [{}]
            inner, shape = inner[name][0], shape.each()
        else:
            if not isinstance(inner.get(name), dict):
                inner[name] = {}
            inner = inner[name]
    if value is None:
        inner.pop(names[-1], None)
    else:
        inner[names[-1]] = value
    return changed
