"""Checks of an answer of AWS, before it is parsed and after.

Botocore takes a JSON body that it cannot parse for an answer without members, does not
compare a body with its Content-Length, and takes any XML for the one that was expected.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import ParseError, XMLPullParser

from checker.aws.answer_members import ANSWER_MEMBERS, XML_ROOTS
from checker.sources.api.failures import BrokenAnswer

_START: Final = 1 << 16
_SHOWN: Final = 60
_TOKENS: Final = ("Marker", "NextMarker", "NextContinuationToken", "NextToken")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "blob": (str,),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float, str),
    "double": (int, float, str),
    "timestamp": (int, float, str),
}
_ERROR: Final = "Error"
"""The root by which S3 reports an error under any status; botocore reads that.

https://repost.aws/knowledge-center/s3-resolve-200-internalerror
"""
_QUERY: Final = frozenset({"query", "ec2"})


def check_body(
    operation_model: Any, response_dict: Mapping[str, Any], **_: Any
) -> None:
    """Check a body before it is parsed; a handler of botocore's `before-parse`.

    Raises `BrokenAnswer` when it is shorter or longer than announced, is not in the
    operation's format, or is another document.  Errors and streams are left alone.
    """
    body = response_dict["body"]
    if not isinstance(body, bytes) or operation_model.has_streaming_output:
        return
    _check_length(response_dict.get("headers") or {}, body)
    if response_dict["status_code"] >= 300:
        return
    protocol = operation_model.service_model.resolved_protocol
    output = operation_model.output_shape
    response = f"{operation_model.name}Response"
    if protocol in ("json", "rest-json"):
        _check_json(body, output)
    elif protocol in _QUERY:
        _check_root(body, response)
    elif protocol == "rest-xml" and _is_text(output):
        if not body.strip():
            raise BrokenAnswer("the answer is empty")
    elif protocol == "rest-xml":
        # Some stores that speak S3's protocol name the root as query APIs do.
        _check_root(
            body, XML_ROOTS.get(_operation(operation_model), ""), response, _ERROR
        )


def check_members(
    model: Any, http_response: Any, parsed: Mapping[str, Any], **_: Any
) -> None:
    """Check what was parsed; a handler of botocore's `after-call`.

    Raises `BrokenAnswer` when a member is missing that AWS always returns, or when
    there is more to come and no token to ask for it with.
    """
    if http_response.status_code >= 300:
        return
    for path in ANSWER_MEMBERS[_operation(model)]:
        names = path.split("|")
        if not any(all(_present(parsed, name.split("."))) for name in names):
            raise BrokenAnswer(
                f"the answer to {model.name} has no {' or '.join(names)}"
            )
    if parsed.get("IsTruncated") and not any(map(parsed.get, _TOKENS)):
        raise BrokenAnswer(f"the answer to {model.name} ends before its last page")


def _operation(model: Any) -> tuple[str, str]:
    return model.service_model.service_name, model.name


def _is_text(output: Any) -> bool:
    payload = output.serialization.get("payload")
    return bool(payload) and output.members[payload].type_name in ("string", "blob")


def _check_length(headers: Mapping[str, str], body: bytes) -> None:
    announced = headers.get("Content-Length") or headers.get("content-length")
    if announced and announced.isdecimal() and int(announced) != len(body):
        raise BrokenAnswer(
            f"the answer was cut off: {len(body):,} of {int(announced):,} bytes came"
        )


def _check_json(body: bytes, output: Any) -> None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenAnswer(f"the answer is not JSON: {_begin(body)}") from None
    if not isinstance(value, dict):
        raise BrokenAnswer(f"the answer is not a JSON object: {_begin(body)}")
    for path in _misfits(value, output, ""):
        raise BrokenAnswer(f"the answer's {path} has another type than AWS documents")


def _misfits(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Yield the paths whose values are not of the types of a shape."""
    kind = shape.type_name
    fits = value is None or isinstance(value, _TYPES.get(kind, object))
    if not fits:
        yield path or "body"
    elif value is None:
        return
    elif kind == "structure":
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            yield from _misfits(value.get(wire), member, f"{path}.{name}".lstrip("."))
    elif kind == "list":
        for part in value:
            yield from _misfits(part, shape.member, f"{path}[]")
    elif kind == "map":
        for part in value.values():
            yield from _misfits(part, shape.value, f"{path}{{}}")


def _check_root(body: bytes, *expected: str) -> None:
    """Check the root of a document; the rest is read by botocore, which may object."""
    parser: XMLPullParser[Any] = XMLPullParser(events=("start",))
    with contextlib.suppress(ParseError):
        parser.feed(body[:_START])
    event: Any = next(iter(parser.read_events()), None)
    root = None if event is None else event[1].tag.rpartition("}")[2]
    if root is None:
        raise BrokenAnswer(f"the answer is not XML: {_begin(body)}")
    if root not in expected:
        raise BrokenAnswer(f"the answer is <{root}>, not <{expected[0]}>")


def _begin(body: bytes) -> str:
    text = ascii(body[:_SHOWN].decode("utf-8", "replace"))
    return text if body else "it is empty"


def _present(value: Any, path: list[str]) -> Iterator[bool]:
    """Yield whether a path leads to a value, for each row where it names lists.

    A list below the first member of a path may be left out where it would be empty.
    """
    name = path[0].removesuffix("[]")
    rest = path[1:]
    found = value.get(name) if isinstance(value, Mapping) else None
    if not path[0].endswith("[]"):
        yield found is not None
        if rest and found is not None:
            yield from _present(found, rest)
        return
    for row in found or ():
        yield from _present(row, rest)
