"""Choose the smallest proved change that makes a need recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from checker.change import Change, NoChange
from checker.conditions.unknown import Cause, Unknown, UnknownValue
from checker.evaluate.recording.coverage import coverage
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probes import probes
from checker.evaluate.recording.recorder import Recorders, Trail
from checker.evaluate.recording.scope import leader, scope
from checker.evaluate.recording.verdict import readable
from checker.evaluate.remediation.offers import (
    Obstacle,
    Offer,
    addressed,
    changed,
    confirm,
    identify,
    obstacle,
    offers,
)
from checker.evaluate.remediation.proof import UnprovedError
from checker.evaluate.remediation.wanted import NotSelectableError


def remedy(
    snapshot: Mapping[str, Any],
    needs: Sequence[Need],
    *,
    prefer: str | None = None,
    only: str | None = None,
) -> Change | NoChange:
    """Return the smallest change of one trail's selectors that covers all needs.

    `snapshot` is settled.  `prefer` is the ARN (or name) of the trail to change if
    possible, `only` of the one trail that may be changed.  A change is offered only
    when the evaluator proves that the needs are covered after it, that nothing stops
    being recorded, and that nothing is newly recorded but what fits the needs.
    """
    try:
        return _remedy(snapshot, needs, prefer, only)
    except UnknownValue as error:
        return NoChange(error.reason, (), "unknown")


def _remedy(
    snapshot: Mapping[str, Any],
    needs: Sequence[Need],
    prefer: str | None,
    only: str | None,
) -> Change | NoChange:
    trails = _trails(snapshot)
    if isinstance(trails, Unknown):
        return NoChange(f"the trails are not known: {trails.reason}", (), "unknown")
    recorders = Recorders()
    missing = [
        need for need in needs if coverage(trails, need, recorders).verdict != "full"
    ]
    if not missing:
        return NoChange("everything asked for is recorded", (), "covered")
    for need in missing:
        if next(probes(need, [scope(trail) for trail in trails], ()), None) is None:
            return NoChange("AWS documents no event that fits the need", (), "blocked")
    account = _account(snapshot)
    rows = snapshot["trails"]
    known = [
        row
        for row in rows
        if isinstance(row, Mapping) and only in (None, identify(row))
    ]
    unread = [row for row in rows if isinstance(row, Unknown)]
    try:
        found, obstacles = _search(known, trails, missing, account, prefer)
        obstacles += [Obstacle(each.reason, unknown=True) for each in unread]
        return found or _advise(known, trails, missing, account, obstacles)
    except NotSelectableError as error:
        return NoChange(error.reason, error.commands, "blocked")


def apply(snapshot: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """Return the snapshot as it is after a change."""
    rows = snapshot.get("trails")
    return {
        **snapshot,
        "trails": [
            changed(row, change.member, change.selectors)
            if isinstance(row, Mapping) and identify(row) == change.trail_arn
            else row
            for row in (rows if isinstance(rows, list) else [])
        ],
    }


def _search(
    known: Sequence[Trail],
    trails: Sequence[Trail],
    needs: Sequence[Need],
    account: str | None,
    prefer: str | None,
) -> tuple[Change | None, list[Obstacle]]:
    """Prove the offers of all trails, the smallest first."""
    made: list[Offer] = []
    obstacles: list[Obstacle] = []
    for trail in known:
        blocked = obstacle(trail, account) or _nameless(trail, known)
        if blocked:
            obstacles.append(blocked)
            continue
        for found in offers(trail, needs, preferred=identify(trail) == prefer):
            if isinstance(found, Offer):
                made.append(found)
            else:
                obstacles.append(found)
    for offer in sorted(made, key=lambda each: each.rank):
        others = [trail for trail in trails if trail is not offer.trail]
        try:
            return confirm(offer, others, needs), obstacles
        except UnprovedError as error:
            obstacles.append(Obstacle(f"{scope(offer.trail).name}: {error}"))
    return None, obstacles


def _nameless(trail: Trail, known: Sequence[Trail]) -> Obstacle | None:
    """Refuse a trail that commands could take for another one."""
    name = identify(trail)
    if [identify(each) for each in known].count(name) == 1:
        return None
    return Obstacle(f"several trails go by {name}, so none of them can be told apart")


def _advise(
    known: Sequence[Trail],
    trails: Sequence[Trail],
    needs: Sequence[Need],
    account: str | None,
    obstacles: Sequence[Obstacle],
) -> NoChange:
    """Return what has to be done before a change of selectors can help, or instead."""
    for trail, patch, commands in _repairs(known, account):
        changed = {**trail, **patch}
        after = [changed if each is trail else each for each in trails]
        recorders = Recorders()
        open_needs = [
            need for need in needs if coverage(after, need, recorders).verdict != "full"
        ]
        name = scope(trail).name
        what = " and ".join(_DONE[key] for key in patch if key in _DONE)
        if not open_needs:
            return NoChange(
                f"no selectors are missing: {name} has to {what}", commands, "blocked"
            )
        change, _ = _search([changed], after, open_needs, account, None)
        if change:
            return NoChange(
                f"first {name} has to {what}; then ask again for the selectors to add",
                commands,
                "blocked",
            )
    unknown = [each for each in obstacles if each.unknown]
    reason = "; ".join(dict.fromkeys(each.reason for each in unknown or obstacles))
    if unknown:
        commands = tuple(line for each in unknown for line in each.commands)
        return NoChange(reason, commands, "unknown")
    return NoChange(reason or "the account has no trail", _create(trails), "blocked")


_MOST: Final = 5
"""How many trails are tried for each repair: an account has five in a Region.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
"""

_DONE = {"status": "log", "IsMultiRegionTrail": "be multi-Region"}


def _repairs(
    known: Sequence[Trail], account: str | None
) -> Iterator[tuple[Trail, Mapping[str, Any], tuple[str, ...]]]:
    """Return what could be changed in trails with commands, smallest first."""
    logging = {"status": {"IsLogging": True}}
    everywhere = {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True}
    found: list[tuple[Trail, Mapping[str, Any], tuple[str, ...]]] = []
    for trail in known:
        one = scope(trail)
        name = f"--name {addressed(trail)}"
        patch: Mapping[str, Any] = {}
        commands: tuple[str, ...] = ()
        if one.logging is not None and one.logging.verdict is False:
            patch, commands = logging, (f"aws cloudtrail start-logging {name}",)
            found.append((trail, patch, commands))
        if one.multi_region is False:
            option = "--is-multi-region-trail --include-global-service-events"
            line = f"aws cloudtrail update-trail {name} {option}"
            found.append((trail, {**patch, **everywhere}, (line, *commands)))
    tried: Counter[tuple[str, ...]] = Counter()
    for trail, patch, commands in sorted(found, key=lambda each: len(each[1])):
        repair, changed = (*patch,), {**trail, **patch}
        if tried[repair] < _MOST and obstacle(changed, account) is None:
            tried[repair] += 1
            if not _nameless(trail, known):
                yield trail, patch, commands


def _create(trails: Sequence[Trail]) -> tuple[str, ...]:
    """Return the commands that make a trail of every Region's management events."""
    partitions = [scope(trail).partition for trail in trails]
    region = leader(next(filter(None, partitions), "aws"))
    create = (
        "aws cloudtrail create-trail --name NAME --s3-bucket-name BUCKET "
        f"--is-multi-region-trail --enable-log-file-validation --region {region}"
    )
    return create, f"aws cloudtrail start-logging --name NAME --region {region}"


def _trails(snapshot: Mapping[str, Any]) -> list[Trail] | Unknown:
    """The trails of a snapshot, an entry that could not be read as all unknown."""
    trails = snapshot.get("trails")
    if isinstance(trails, Unknown):
        return trails
    if not isinstance(trails, list):
        return Unknown("trails: not collected", Cause.NOT_COLLECTED)
    return [readable(trail) for trail in trails]


def _account(snapshot: Mapping[str, Any]) -> str | None:
    account = snapshot.get("account")
    value = account.get("id") if isinstance(account, Mapping) else None
    return value if isinstance(value, str) else None
