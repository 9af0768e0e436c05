"""Write the cases of a drafted rule: its examples, and what is unlike each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from checker import conditions
from checker.authoring.draft.clauses import Clause
from checker.authoring.importing import texts
from checker.authoring.redact import redact
from checker.cases.read import merge_patch
from checker.errors import UsageError
from checker.model import DetectionRule, Event

_MOST_CASES: Final = 12
_OTHER: Final = "another-value"
_ENDS: Final = {
    "The call ended otherwise, by its code": {
        "errorCode": "OtherError",
        "errorMessage": None,
    },
    "The call ended otherwise, by its message": {
        "errorCode": None,
        "errorMessage": "Request refused",
    },
    "The call succeeded": {"errorCode": None, "errorMessage": None},
}
"""Other ends of a call, as patches."""


def cases_of(
    rule: DetectionRule,
    examples: Sequence[Event],
    clauses: Sequence[Clause],
    baseline: Sequence[Event],
) -> Iterator[str]:
    """Yield cases: an example of each kind, and what each condition leaves out."""
    test = conditions.closure(rule.detection.condition)
    shown = {(each["eventSource"], each["eventName"]): each for each in examples}
    chosen = [*shown.values(), *examples][:_MOST_CASES]
    distinct = list({id(each): each for each in chosen}.values())
    redacted = [
        _with_tested(safe, event, clauses)
        for safe, event in zip(redact.redact(distinct), distinct, strict=True)
    ]
    matching = [
        (f"{event['eventName']} of the examples ({number})", event)
        for number, event in enumerate(redacted, 1)
        if conditions.holds(test(event))
    ]
    if not matching:
        raise UsageError("no example is fit for a case: write the rule with new")
    others = [
        (sentence, event)
        for sentence, event in _others(matching, clauses, baseline)
        if not conditions.holds(test(event))
    ]
    yield from texts.cases(matching, list(dict(others).items()))


def _with_tested(safe: Event, event: Event, clauses: Sequence[Clause]) -> Event:
    """Return a redacted event with the values that the rule tests as they were."""
    made: Any = safe
    for clause in clauses:
        names = clause.profile.names
        end = names.index("[]") if "[]" in names else len(names)
        value: Any = event
        for name in names[:end]:
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            continue
        for name in reversed(names[:end]):
            value = {name: value}
        made = merge_patch(made, value)
    return dict(made)


def _others(
    matching: Sequence[tuple[str, Event]],
    clauses: Sequence[Clause],
    baseline: Sequence[Event],
) -> Iterator[tuple[str, Event]]:
    """Yield events that lack one thing of an example each, with a sentence."""
    first = matching[0][1]
    for sentence, patch in _ENDS.items():
        yield sentence, merge_patch(first, patch)
    fields = {each.profile.path: each for each in clauses}
    for _, base in matching:
        name = base["eventName"]
        other = {**base, "eventSource": "example.amazonaws.com"}
        yield f"{name} of another service", other
        unlike = {**base, "eventName": "AnotherCall"}
        yield f"Another call of {base['eventSource'].partition('.')[0]}", unlike
        for path, clause in fields.items():
            yield f"{name} with another {path}", _changed(base, clause)
        like = (each for each in baseline if each.get("eventName") == name)
        ordinary_call = next(like, None)
        if ordinary_call is not None:
            yield f"An ordinary {name}", redact.redact([ordinary_call])[0]


def _changed(base: Event, clause: Clause) -> Event:
    """Return an event whose field has another value."""
    names = clause.profile.names
    value: Any = _OTHER
    first = clause.profile.values[0]
    if isinstance(first, bool):
        value = not first
    elif isinstance(first, int | float):
        value = first + 1
    if "[]" in names:
        names, value = names[: names.index("[]")], []
    for name in reversed(names):
        value = {name: value}
    return dict(merge_patch(base, value))
