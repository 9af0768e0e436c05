"""Describe what `requestParameters` and `responseElements` can hold.

It is made from botocore's shapes, in CloudTrail's spelling: a member begins with a
small letter, some services write their leading acronym small, and addresses, headers
and S3's documents keep the API's own capitals.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

from checker.aws import api_models, wire_parameters
from checker.aws.api_models import Service
from checker.aws.non_api_events import EXTRA_PARAMETERS
from checker.aws.shapes import ANY, BOOLEAN, NUMBER, OBJECT, TEXT, Shape, always

# Their records follow the wire, which the model tells in part.
_AS_THEY_TRAVEL = {"ec2": wire_parameters.of_ec2, "s3": wire_parameters.of_s3}

# Their records follow a template or several APIs of one name, not the model.
_PAYLOADS_AS_THEY_ARE = frozenset(
    """
    ec2 s3 s3control cloudfront sdb apigateway apigatewayv2 ce resource-explorer-2
    securityhub route53 ses sesv2 pinpoint-email
    """.split()
)
_SCALARS = {
    "string": TEXT,
    "character": TEXT,
    "boolean": BOOLEAN,
    "integer": NUMBER,
    "long": NUMBER,
    "float": NUMBER,
    "double": NUMBER,
    # Times are written in several ways and blobs are left out or summed up.
    "timestamp": ANY,
    "blob": ANY,
}


@functools.cache
def parameters(service: Service, operation: str, part: str) -> Shape:
    """Shape of `requestParameters` (`input`) or `responseElements` (`output`).

    An object of anything where CloudTrail does not follow the model.
    """
    if part == "input" and service.folder in _AS_THEY_TRAVEL:
        return _AS_THEY_TRAVEL[service.folder](service, operation)
    if service.folder in _PAYLOADS_AS_THEY_ARE:
        return OBJECT
    known = api_models.model(service)["operations"].get(operation)
    if known is None or part not in known:
        return OBJECT
    if part == "output" and service.protocol in ("query", "rest-xml"):
        # Results may be wrapped, and lists are written as XML has them.
        return OBJECT
    return _structure(service, known[part]["shape"], top=True)


@functools.cache
def _shape(service: Service, name: str) -> Shape:
    written = api_models.model(service)["shapes"][name]
    kind = written["type"]
    if written.get("sensitive"):
        # Masked by a text, whatever it was.
        return ANY
    if kind == "structure":
        if written.get("document") or not written.get("members"):
            return OBJECT
        return _structure(service, name)
    if kind == "list":
        member = written["member"]["shape"]
        if service.protocol in ("query", "rest-xml"):
            return Shape("any")
        return Shape("list", element=lambda: _shape(service, member))
    if kind == "map":
        return OBJECT
    if "enum" in written:
        return Shape("string", values=frozenset(written["enum"]), open_values=False)
    return _SCALARS.get(kind, ANY)


def _structure(service: Service, name: str, *, top: bool = False) -> Shape:
    written: Mapping[str, Any] = api_models.model(service)["shapes"][name]
    members: dict[str, Callable[[], Shape]] = {}
    for member, told in written.get("members", {}).items():
        # What travels in an address or a header is text there, whatever its type.
        outside = told.get("location") in ("uri", "querystring", "header")
        shape = (
            always(ANY)
            if outside
            else functools.partial(_shape, service, told["shape"])
        )
        for spelling in spellings(member, told.get("locationName"), service):
            members.setdefault(spelling, shape)
    if top:
        for extra in (*EVERYWHERE, *EXTRA_PARAMETERS.get(service.folder, ())):
            members.setdefault(extra, always(ANY))
    return Shape("object", members, closed=True)


# What any call's parameters may hold besides its own: the notes of over-long ones, and
# what tools and proxies add.
EVERYWHERE = ("omitted", "reason", "originalSize", "Host", "host", "message")


def spellings(member: str, location: str | None, service: Service) -> tuple[str, ...]:
    """Return the ways in which CloudTrail may write a member, the usual one first."""
    names = [member, *([location] if location else [])]
    found = dict.fromkeys(_small(name) for name in names)
    for name in names:
        found[_acronym(name)] = None
        if location and service.protocol in ("rest-json", "rest-xml"):
            found[name] = None
    return tuple(found)


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _acronym(name: str) -> str:
    """Write a leading acronym small: `DBInstance` is `dbInstance`, `ARN` is `arn`."""
    match = re.match(r"[A-Z]+(?=[A-Z][a-z]|[0-9]|\b|$)", name)
    return match.group().lower() + name[match.end() :] if match else _small(name)
