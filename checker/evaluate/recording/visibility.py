"""Determine whether today's trails would show the events that a rule is about.

What a rule needs is read off the rule itself: the event sources and names without which
its condition cannot hold (`conditions.required`), and the records of its `match` cases,
which say the category, the resource type and the readOnly value.  Each need is put to
`coverage`, so the answer is exact to the selector, and names the one that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker import conditions
from checker.aws import data_events
from checker.aws.event_categories import category_of
from checker.aws.resource_types import RESOURCE_TYPES
from checker.conditions import Cause, Unknown
from checker.conditions.unknown import UnknownValue
from checker.correlation_types import kind
from checker.evaluate.recording.coverage import Coverage, Need, coverage
from checker.evaluate.recording.recorder import Recorders, Trail
from checker.model import CorrelationRule, DetectionRule, Event, Status

# A sign-in is recorded in the Region of the endpoint, and at the global endpoint in one
# of these four: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
_SIGN_IN = "signin.amazonaws.com"
_SIGN_IN_REGIONS = ("us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2")


@dataclass(frozen=True, slots=True)
class Visibility:
    """Whether a rule's events are recorded: by which trails, or what is missing.

    `missing` names what no trail records, in words that several rules can share; empty
    when the rule is visible.  `needs` are those that are not fully covered.
    """

    rule: str
    status: Status
    trails: tuple[str, ...]
    missing: str
    reason: str
    needs: tuple[Need, ...]


def of_detection(
    rule: DetectionRule,
    samples: Iterable[Event],
    snapshot: Mapping[str, Any],
    recorders: Recorders | None = None,
) -> Visibility:
    """Evaluate a detection rule against a settled snapshot.

    `samples` are records that the rule matches, those of its cases; `recorders` are
    those of the snapshot's trails, for whoever asks for many rules.
    """
    try:
        return _of_detection(rule, samples, snapshot, recorders)
    except UnknownValue as error:
        return Visibility(rule.name, Status.UNKNOWN, (), "", error.reason, ())


def _of_detection(
    rule: DetectionRule,
    samples: Iterable[Event],
    snapshot: Mapping[str, Any],
    recorders: Recorders | None,
) -> Visibility:
    trails = _trails(snapshot)
    if isinstance(trails, Unknown):
        return Visibility(rule.name, Status.UNKNOWN, (), "", trails.reason, ())
    asked = [
        (need, coverage(trails, need, recorders))
        for need in needs(rule, samples, snapshot)
    ]
    if not asked:
        reason = "the rule names no event, and has no case to learn from"
        return Visibility(rule.name, Status.UNKNOWN, (), "", reason, ())
    status = _status([answer.verdict for _, answer in asked])
    open_needs = [(need, answer) for need, answer in asked if answer.verdict != "full"]
    recorded = [trail for _, answer in asked for trail in answer.trails]
    if not open_needs:
        reason = asked[0][1].reason
        return Visibility(rule.name, status, _unique(recorded), "", reason, ())
    return Visibility(
        rule=rule.name,
        status=status,
        trails=_unique(recorded),
        missing="; ".join(_unique(_missing(*each) for each in open_needs)),
        reason="; ".join(_unique(answer.reason for _, answer in open_needs)),
        needs=tuple(need for need, _ in open_needs),
    )


def of_correlation(rule: CorrelationRule, bases: Sequence[Visibility]) -> Visibility:
    """Evaluate a correlation by its base rules.

    One that counts can still fire while any base is visible; one that wants several
    things to happen cannot, once one of them is blind.
    """
    statuses = [base.status for base in bases]
    every = kind(rule.correlation.type).needs_every_rule
    blind = every and Status.BLIND in statuses
    status = Status.BLIND if blind else _combined(statuses)
    short = [base for base in bases if base.status is not Status.VISIBLE]
    return Visibility(
        rule=rule.name,
        status=status,
        trails=_unique(trail for base in bases for trail in base.trails),
        missing="; ".join(_unique(base.missing for base in short if base.missing)),
        reason="; ".join(f"{base.rule}: {base.reason}" for base in short or bases[:1]),
        needs=tuple(need for base in short for need in base.needs),
    )


def needs(
    rule: DetectionRule, samples: Iterable[Event], snapshot: Mapping[str, Any]
) -> list[Need]:
    """List what a rule needs recorded, one need for each kind of event."""
    required = conditions.required(rule.detection.condition)
    sources = required.get(("eventSource",), frozenset())
    names = required.get(("eventName",), frozenset())
    seen = [event for event in samples if isinstance(event.get("eventSource"), str)]
    wanted = {
        (event["eventSource"], event["eventName"])
        for event in seen
        if isinstance(event.get("eventName"), str)
    }
    # A name that several sources share is needed of those that have it in a case; a
    # name or source without any case is needed as the rule writes it.
    shown = {source for source, _ in wanted}
    wanted |= {
        (source, name)
        for source in sources
        for name in names or {None}
        if not (name is None and source in shown)
        and (len(sources) == 1 or source not in shown)
    }
    found: dict[Need, list[str]] = {}
    for source, name in sorted(wanted, key=str):
        for need in _needs_of(source, name, seen, rule, snapshot):
            found.setdefault(need, []).extend([name] if name else [])
    return [replace(need, names=_unique(each)) for need, each in found.items()]


def _needs_of(
    source: str,
    name: str | None,
    samples: Sequence[Event],
    rule: DetectionRule,
    snapshot: Mapping[str, Any],
) -> Iterator[Need]:
    """The needs for one event of one source, without its name."""
    regions = _regions(rule, source, snapshot)
    account = _account(snapshot)
    mine = [
        event
        for event in samples
        if event["eventSource"] == source and event.get("eventName") == name
    ]
    documented = data_events.lookup(source, name) if name else None
    if not mine:
        yield Need(
            category="Data" if documented else "Management",
            source=source,
            resource_type=documented.resource_type if documented else None,
            regions=regions,
            account=account,
        )
    for event in mine:
        category = category_of(event)
        types = _types(event) if category == "Data" else []
        if category == "Data" and not types and documented:
            types = [documented.resource_type]
        for resource_type in types or (None,):
            yield Need(
                category=category,
                source=source,
                resource_type=resource_type,
                access=_access(event),
                regions=regions,
                account=account,
            )


def _types(event: Event) -> list[str]:
    resources = event.get("resources")
    return [
        each["type"]
        for each in (resources if isinstance(resources, list) else [])
        if isinstance(each, dict) and each.get("type") in RESOURCE_TYPES
    ]


def _access(event: Event) -> Any:
    value = event.get("readOnly")
    if value in (True, "true"):
        return "Read"
    return "Write" if value in (False, "false") else "All"


def _regions(
    rule: DetectionRule, source: str, snapshot: Mapping[str, Any]
) -> tuple[str, ...] | None:
    """The Regions in which the rule's events can be recorded, None for every one."""
    required = conditions.required(rule.detection.condition)
    pinned = required.get(("awsRegion",))
    if pinned and all(isinstance(region, str) for region in pinned):
        return tuple(sorted(str(region) for region in pinned))
    account = snapshot.get("account")
    known = account if isinstance(account, Mapping) else {}
    scanned, partition = (
        None if isinstance(value, Unknown) else value
        for value in (known.get("regions_scanned"), known.get("partition"))
    )
    if source == _SIGN_IN and partition in (None, "aws"):
        # "Root users: us-east-1" says the page above.
        if required.get(("userIdentity", "type")) == frozenset({"Root"}):
            return ("us-east-1",)
        return _unique([*_SIGN_IN_REGIONS, *(scanned or ())])
    return _unique(scanned) if scanned else None


def _missing(need: Need, answer: Coverage) -> str:
    """Describe what is missing in words that several rules can share."""
    if need.category == "Data":
        what = f"{need.resource_type or need.source} data events"
    elif need.category == "Management":
        what = "management events"
    else:
        what = f"{need.category} events"
    if answer.verdict == "none":
        return f"no trail records {what}"
    if answer.verdict == "unknown":
        return f"it is not known whether {what} are recorded"
    return f"not all {what} are recorded"


def _status(verdicts: Sequence[str]) -> Status:
    words = {
        "full": Status.VISIBLE,
        "partial": Status.PARTIAL,
        "none": Status.BLIND,
        "unknown": Status.UNKNOWN,
    }
    return _combined([words[verdict] for verdict in verdicts])


def _combined(statuses: Sequence[Status]) -> Status:
    """Put the answers for several needs into one."""
    seen = set(statuses)
    if len(seen) == 1:
        return seen.pop()
    if Status.PARTIAL in seen or {Status.VISIBLE, Status.BLIND} <= seen:
        return Status.PARTIAL
    return Status.UNKNOWN


def _trails(snapshot: Mapping[str, Any]) -> list[Trail | Unknown] | Unknown:
    """The trails and event data stores of a snapshot: each keeps events."""
    trails = snapshot.get("trails")
    if isinstance(trails, Unknown):
        return trails
    if not isinstance(trails, list):
        return Unknown("trails: not collected", Cause.NOT_COLLECTED)
    stores = snapshot.get("event_data_stores")
    if isinstance(stores, Unknown):
        stores = [stores]  # there may be one that records what no trail does
    return [*trails, *(stores if isinstance(stores, list) else ())]


def _account(snapshot: Mapping[str, Any]) -> str | None:
    account = snapshot.get("account")
    value = account.get("id") if isinstance(account, Mapping) else None
    return value if isinstance(value, str) else None


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
