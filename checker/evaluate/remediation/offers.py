"""Work out the changes of one trail, and what stands in their way."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.change import Change, Member
from checker.conditions.unknown import Unknown
from checker.evaluate.recording.advanced_selectors import parse
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.recorder import Trail
from checker.evaluate.recording.scope import Scope, scope
from checker.evaluate.recording.selection import selection
from checker.evaluate.remediation import notes, writing
from checker.evaluate.remediation.present import (
    NotConvertibleError,
    Present,
    Selector,
    convert,
    present,
)
from checker.evaluate.remediation.proof import prove
from checker.evaluate.remediation.wanted import SelectorSpec, translate


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a trail cannot be changed so, and the command that helps.

    `unknown` says that only what was not collected stands in the way.
    """

    reason: str
    commands: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """New selectors for one trail, not yet proved; a lower `rank` is a smaller one."""

    trail: Trail
    member: Member
    selectors: tuple[Selector, ...]
    added: tuple[Selector, ...]
    wanted: tuple[SelectorSpec, ...]
    widened: tuple[str, ...]
    converted: bool
    rank: tuple[Any, ...]


def identify(trail: Trail) -> str:
    """Return what commands name a trail by: ARN, or name if unknown.

    One that a template leaves unnamed has the placeholder of the rules' own commands.
    """
    for key in ("TrailARN", "Name"):
        value = trail.get(key)
        if isinstance(value, str) and value:
            return value
    return "TRAIL_ARN"


def addressed(trail: Trail) -> str:
    """Name a trail on a command line, with its home Region."""
    region = scope(trail).region
    name = shlex.quote(identify(trail))
    return f"{name} --region {shlex.quote(region)}" if region else name


def obstacle(trail: Trail, account: str | None) -> Obstacle | None:
    """Return what keeps a trail from being changed from this account, or None."""
    one = scope(trail)
    name = addressed(trail)
    if _foreign(trail, one, account):
        owner = f"account {one.account}" if one.account else "another account"
        return Obstacle(f"{one.name} belongs to {owner}, and can be changed there only")
    held = present(trail)
    if isinstance(held, Unknown):
        command = f"aws cloudtrail get-event-selectors --trail-name {name}"
        reason = f"the event selectors of {one.name} are not known: {held.reason}"
        return Obstacle(reason, (command,), unknown=True)
    if held.advanced:
        doubts = [each for each in parse(held.advanced, "trail") if each.doubt]
        if doubts:
            reason = f"AWS would refuse {doubts[0].label} of {one.name}"
            return Obstacle(f"{reason}: {doubts[0].doubt}")
    if one.logging is not None:
        unknown = one.logging.verdict is None
        verb = "get-trail-status" if unknown else "start-logging"
        command = f"aws cloudtrail {verb} --name {name}"
        return Obstacle(one.logging.reason, (command,), unknown=unknown)
    return None


def _foreign(trail: Trail, one: Scope, account: str | None) -> bool:
    """Return a trail only seen from here, as an organization's from a member."""
    owned = trail.get("owned")
    if isinstance(owned, bool):
        return not owned
    return None not in (account, one.account) and account != one.account


def offers(
    trail: Trail, needs: Sequence[Need], *, preferred: bool
) -> Iterator[Offer | Obstacle]:
    """Return the ways in which a trail's selectors can be added to.

    The trail has no `obstacle`.  Raises `NotSelectableError`.
    """
    held = present(trail)
    assert isinstance(held, Present)
    one = scope(trail)
    wanted, widened = translate(needs, _excluded(held))
    kin = sum(bool(selection(trail).candidates(each.category)) for each in wanted)
    try:
        for member, kept, added in _forms(held, wanted, one.partition or "aws"):
            broken = writing.over_limit((*kept, *added))
            if broken:
                yield Obstacle(f"{one.name}: {broken}")
                continue
            converted = bool(held.basic) and member == "AdvancedEventSelectors"
            yield Offer(
                trail=trail,
                member=member,
                selectors=(*kept, *added),
                added=tuple(added),
                wanted=tuple(wanted),
                widened=tuple(widened),
                converted=converted,
                rank=(
                    not preferred,
                    one.organization is not False,
                    -kin,
                    one.multi_region is not False,
                    converted,
                    len(added),
                    identify(trail),
                ),
            )
    except NotConvertibleError as error:
        yield Obstacle(f"{one.name}: {error}")


def _forms(
    held: Present, wanted: Sequence[SelectorSpec], partition: str
) -> Iterator[tuple[Member, Sequence[Selector], Sequence[Selector]]]:
    """Return what is kept and what is added, basic where that says it, and advanced."""
    if held.basic:
        added = writing.basic(wanted, partition)
        if added is not None:
            yield "EventSelectors", held.basic, added
    kept = convert(held.basic) if held.basic else held.advanced
    yield "AdvancedEventSelectors", kept, writing.advanced(wanted, kept)


def _excluded(held: Present) -> frozenset[str]:
    """Return the sources that every selector for management events leaves out."""
    left_out = [
        frozenset(each["ExcludeManagementEventSources"])
        for each in held.basic
        if each["IncludeManagementEvents"]
    ]
    for each in parse(held.advanced, "trail"):
        if each.category == "Management":
            sources = [one for _, one in each.fields if one.field == "eventSource"]
            left_out.append(frozenset().union(*(one.not_equals for one in sources)))
    return frozenset.intersection(*left_out) if left_out else frozenset()


def changed(
    trail: Trail, member: Member, selectors: Sequence[Mapping[str, Any]]
) -> Trail:
    """Return the trail as it is after its selectors were replaced."""
    held: dict[str, Any] = {"EventSelectors": [], "AdvancedEventSelectors": []}
    states = trail.get("_state")
    return {
        **trail,
        "event_selectors": {**held, member: [*selectors]},
        "_state": {
            **(states if isinstance(states, Mapping) else {}),
            "event_selectors": "ok",
        },
    }


def confirm(offer: Offer, others: Sequence[Trail], needs: Sequence[Need]) -> Change:
    """Prove an offer and put it into words; raises `UnprovedError`."""
    old = offer.trail
    new = changed(old, offer.member, offer.selectors)
    proved = prove(old, new, others, needs, offer.wanted)
    charged = notes.billing(offer.wanted, new, others)
    kept = offer.selectors[: len(offer.selectors) - len(offer.added)]
    also = [*offer.widened]
    also += notes.consequences(
        old, new, needs, offer.wanted, kept if offer.converted else ()
    )
    if proved.insights:
        also.append("Insights, which is on, analyses them too; AWS charges for that")
    return Change(
        trail_arn=identify(old),
        region=scope(old).region,
        member=offer.member,
        selectors=offer.selectors,
        added=offer.added,
        converted=offer.converted,
        records=tuple(one.words() for one in offer.wanted),
        billable=bool(charged),
        billing=charged,
        also=tuple(also),
        proof=proved.proof,
    )
