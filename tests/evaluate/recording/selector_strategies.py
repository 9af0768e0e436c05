"""Draw trails and events that share a small world of values."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.evaluate.recording.trails import (
    ALICE,
    COGNITO,
    MALLORY,
    POOL,
    S3,
    event,
    field,
    selector,
    trail,
)

NAMES = ("GetId", "GetOpenIdToken", "PutObject", "GetObject", "DeleteObject")
SOURCES = ("s3.amazonaws.com", "kms.amazonaws.com", "cognito-identity.amazonaws.com")
ARNS = (
    POOL,
    "arn:aws:s3:::shop/a",
    "arn:aws:s3:::shop2/b",
    "arn:aws:s3:::audit-logs/x",
)
PARTS = ("Get", "Put", "Object", "arn:aws:s3:::shop", "arn:aws:s3:::shop/", "a", "b")
CALLERS = (ALICE, MALLORY, None)
TYPES = (S3, COGNITO)
ANY = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


def _lists(values: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


@st.composite
def _field(draw: st.DrawFn, name: str, values: tuple[str, ...]) -> dict[str, Any]:
    operators = draw(_lists(ANY))
    return field(name, **{operator: draw(_lists(values)) for operator in operators})


_DATA_FIELDS = st.one_of(
    _field("eventName", NAMES + PARTS[:3]),
    _field("resources.ARN", ARNS + PARTS[3:]),
    _field("userIdentity.arn", (ALICE, MALLORY, "arn:aws:iam::")),
    _field("eventSource", SOURCES),
    st.sampled_from(["true", "false"]).map(lambda v: field("readOnly", Equals=v)),
)
_MANAGEMENT_FIELDS = st.one_of(
    _field("eventSource", SOURCES),
    st.sampled_from(["true", "false"]).map(lambda v: field("readOnly", Equals=v)),
)


@st.composite
def advanced_selectors(draw: st.DrawFn) -> dict[str, Any]:
    """One advanced event selector that AWS accepts."""
    if draw(st.booleans()):
        return selector("Management", *draw(st.lists(_MANAGEMENT_FIELDS, max_size=2)))
    kind = field("resources.type", Equals=draw(st.sampled_from(TYPES)))
    return selector("Data", kind, *draw(st.lists(_DATA_FIELDS, max_size=3)))


@st.composite
def trails(draw: st.DrawFn) -> dict[str, Any]:
    """A logging multi-Region trail with advanced event selectors."""
    return trail(advanced=draw(st.lists(advanced_selectors(), max_size=3)))


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """A management event or a data event of the same world."""
    caller = draw(st.sampled_from(CALLERS))
    made = event(
        draw(st.sampled_from(SOURCES)),
        draw(st.sampled_from(NAMES)),
        readOnly=draw(st.booleans()),
        userIdentity={"arn": caller} if caller else {"type": "Unknown"},
    )
    if draw(st.booleans()):
        return made
    resource = st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES), "ARN": st.sampled_from(ARNS)}
    )
    found = draw(st.lists(resource, max_size=2))
    return {**made, "eventCategory": "Data", "resources": found}
