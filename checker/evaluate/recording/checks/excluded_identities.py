"""Find callers whose events a selector drops and no other trail records.

A selector can leave out events by `userIdentity.arn`.  That keeps a noisy role out of
the logs, and everybody who has stolen its credentials.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checker.conditions.unknown import Unknown
from checker.evaluate.recording.event_selector import EventSelector
from checker.evaluate.recording.field_selector import FieldSelector, shorten
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import Probe, probes
from checker.evaluate.recording.recorder import Trail, recorder
from checker.evaluate.recording.scope import scope
from checker.evaluate.recording.selection import selection

LIMIT = 20_000
"""How many probes are made at most for a selector; more are not decided."""

_CATEGORIES = ("Management", "Data", "NetworkActivity")


def rows(holder: Trail, others: Sequence[Trail]) -> list[dict[str, str]] | Unknown:
    """Return a row with `selector` and `reason` for each exclusion that hides someone.

    `others` are all trails and event data stores; what one of them records is hidden
    by none.  `Unknown` when only an unknown answer is against it.
    """
    known = selection(holder)
    found: list[dict[str, str]] = []
    doubt: Unknown | None = None
    for category in _CATEGORIES:
        for one in known.candidates(category):
            for test in _exclusions(one):
                hidden = _hidden(one, test, (holder, *others), category)
                if isinstance(hidden, str):
                    row = {"selector": one.label, "reason": hidden}
                    found += [row] if row not in found else []
                elif hidden is None:
                    reason = f"whether {one.label} hides a caller is not known"
                    doubt = Unknown(reason, one.why_unknown())
            if one.doubt and one.category is None:
                doubt = Unknown(one.doubt, one.cause)
    return doubt if doubt is not None and not found else found


def _exclusions(one: EventSelector) -> Iterator[FieldSelector]:
    for _, test in one.fields:
        if test.field == "userIdentity.arn" and (
            test.not_equals or test.not_starts or test.not_ends
        ):
            yield test


def _hidden(
    one: EventSelector, test: FieldSelector, trails: Sequence[Trail], category: str
) -> str | bool | None:
    """Return whom the exclusion hides; False for none, None where not known."""
    judges = [recorder(each) for each in trails]
    own = scope(trails[0])
    open_to_all = dataclasses.replace(
        test, not_equals=frozenset(), not_starts=(), not_ends=()
    )
    widened = dataclasses.replace(
        one,
        fields=tuple(
            (read, open_to_all if field is test else field)
            for read, field in one.fields
        ),
    )
    answer: str | bool | None = False
    for count, probe in enumerate(_probes(one, trails, category)):
        event = probe.event
        caller = event["userIdentity"].get("arn")
        if caller is None or test.test(caller) is not False:
            continue
        selected, reached = widened.decide(event), own.judge(event)
        if selected is False or (reached is not None and reached.verdict is False):
            continue
        verdicts = {judge(event).verdict for judge in judges}
        if True in verdicts:
            continue
        if selected is None or reached is not None or None in verdicts:
            answer = None
        else:
            return _said(one, test, category, probe)
        if count >= LIMIT:
            return None
    return answer


def _probes(
    one: EventSelector, trails: Sequence[Trail], category: str
) -> Iterator[Probe]:
    selectors = [
        each for trail in trails for each in selection(trail).candidates(category)
    ]
    scopes = [scope(trail) for trail in trails]
    kinds: tuple[str | None, ...] = (None,)
    if one.types is not None:
        kinds = tuple(sorted(one.types.equals))
    needs = (
        Need(category, resource_type=kind, account=scopes[0].account) for kind in kinds
    )
    return itertools.chain.from_iterable(
        probes(need, scopes, selectors) for need in needs
    )


def _said(one: EventSelector, test: FieldSelector, category: str, probe: Probe) -> str:
    event: Mapping[str, Any] = probe.event
    kinds = [each["type"] for each in event.get("resources") or ()]
    of = f"{kinds[0]} " if kinds else ""
    words = {"Management": "management", "NetworkActivity": "network activity"}
    shown = " or ".join(
        f"{operator} {shorten(values)}"
        for operator, values in (
            ("NotEquals", test.not_equals),
            ("NotStartsWith", test.not_starts),
            ("NotEndsWith", test.not_ends),
        )
        if values
    )
    what = f"{of}{words.get(category, 'data')} events"
    return f"{one.label}: userIdentity.arn {shown}, and no trail records their {what}"
