"""Name resources that have no name yet, to see what event selectors make of them.

A name that is made up for a resource is in no selector but by reference: what a
selector says of `${Bucket.Arn}/` is known before the bucket has a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import Hole, Sketch

_BUCKETS = tuple(
    f"arn:{partition}:s3:::" for partition in ("aws", "aws-cn", "aws-us-gov")
)


def with_names(value: Unknown, trails: Sequence[Any]) -> tuple[str, list[Any]] | None:
    """Return a name or ARN, and the trails, with names for the resources in both.

    None where more than the name of a resource is not known, or where a selector has a
    beginning that the name may have.
    """
    text = _text(value.sketch)
    if text is None or value.sketch is None:
        return None
    first = value.sketch[0]
    # A bucket's ARN has nothing but its name after the partition.
    heads = (first,) if isinstance(first, str) else _BUCKETS
    # What names a whole bucket names another one: nobody can write a made-up name.
    if any(
        one.startswith(head) and one != head and "/" not in one.removeprefix(head)
        for trail in trails
        for one in _texts(trail.get("event_selectors"))
        for head in heads
    ):
        return None
    return text, [_named(trail) for trail in trails]


def _text(sketch: Sketch | None) -> str | None:
    """Return a text with the resource for each name that is not known."""
    if not sketch:
        return None
    if all(isinstance(part, str) or _is_name(part) for part in sketch):
        return "".join(map(str, sketch))
    return None


def _is_name(hole: Hole) -> bool:
    return hole.resource and not hole.attribute


def _named(value: Any) -> Any:
    if isinstance(value, Unknown):
        text = _text(value.sketch) if value.among is None else None
        return value if text is None else text
    if isinstance(value, Mapping):
        return {key: _named(inner) for key, inner in value.items()}
    return [_named(inner) for inner in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
