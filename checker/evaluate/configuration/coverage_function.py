"""Answer the `coverage` function: what all the trails together record.

Where the Region of a need or of a trail is not known yet, the answer for all of them
does, unless it is one thing here and another there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from checker import conditions
from checker.conditions.unknown import either
from checker.evaluate.configuration.asked import Answer, Asked, account_of
from checker.evaluate.recording.coverage import Coverage, Need, coverage
from checker.evaluate.recording.named import with_names
from checker.evaluate.recording.placed import STAND_INS, placed, somewhere
from checker.evaluate.recording.recorder import Recorders
from checker.evaluate.recording.verdict import readable


def covered(
    need: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    asked: Asked,
    recorders: Recorders,
) -> object:
    """Answer the `coverage` function: what all the trails together record."""
    trails = need.get("trails") or snapshot.get("trails")
    if not isinstance(trails, list):
        return trails or conditions.Unknown(
            "trails: not collected", conditions.Cause.NOT_COLLECTED
        )
    region = _unknown_region(need)
    if region is not None:
        known = [readable(trail) for trail in trails]
        return _in_any_region(need, known, region, snapshot, asked)
    arn = need.get("arn")
    if isinstance(arn, conditions.Unknown):
        made_up = with_names(arn, [readable(trail) for trail in trails])
        if made_up is not None:
            return _of_named(need, made_up, snapshot, asked)
    # Where it is not known which ARN or Region matters, the answer for all of them
    # does, unless it is one thing here and another there.
    vague = [value for value in need.values() if _is_unknown(value)]
    wanted = _need(
        {key: value for key, value in need.items() if not _is_unknown(value)}, snapshot
    )
    answer = coverage(trails, wanted, recorders)
    if answer.verdict == "unknown":
        placed = _in_any_home(need, trails, snapshot, asked)
        if placed is not None:
            return placed
    asked.append(Answer(answer.reason, wanted, answer))
    return {
        "verdict": _verdict(answer, vague, only_arn=_is_unknown(need.get("arn"))),
        "trails": list(answer.trails),
        "gaps": list(answer.gaps),
        "reason": answer.reason,
    }


def _of_named(
    need: Mapping[str, Any],
    made_up: tuple[str, list[Any]],
    snapshot: Mapping[str, Any],
    asked: Asked,
) -> object:
    """Answer for a resource that has no name yet; the need stays without its ARN."""
    arn, trails = made_up
    own: Asked = []
    asking = {**need, "arn": arn, "trails": trails}
    answer = covered(asking, snapshot, own, Recorders())
    asked += [
        dataclasses.replace(
            each, need=each.need and dataclasses.replace(each.need, arn=None)
        )
        for each in own
    ]
    return answer


def _verdict(answer: Coverage, vague: list[Any], *, only_arn: bool) -> Any:
    """Return the extent of a need, or what stands for the extents that it may have.

    `vague` are the parts of the need that are not known, perhaps the ARN alone.
    """
    if answer.verdict in ("full", "none"):
        return answer.verdict
    if not vague:
        return answer.unknown if answer.verdict == "unknown" else answer.verdict
    first = vague[0][0] if isinstance(vague[0], list) else vague[0]
    reason = f"{first.reason}; {answer.reason}"
    if len(vague) > 1 or not only_arn:
        return conditions.Unknown(reason, first.cause)
    return either(sorted(answer.of_one), reason, first.cause)


def _unknown_region(need: Mapping[str, Any]) -> conditions.Unknown | None:
    """Return the one Region of a need, if it is not known."""
    regions = need.get("regions")
    if isinstance(regions, list) and len(regions) == 1:
        (region,) = regions
        return region if isinstance(region, conditions.Unknown) else None
    return None


def _in_any_region(
    need: Mapping[str, Any],
    trails: list[Mapping[str, Any]],
    region: conditions.Unknown,
    snapshot: Mapping[str, Any],
    asked: Asked,
) -> object:
    """Answer for a Region that is not known, if the answer is the same in each."""
    answers: list[Any] = []
    for stand_in in STAND_INS:
        own: Asked = []
        known = [placed(trail, region, stand_in) for trail in trails]
        answer = covered(
            {**need, "regions": [stand_in], "trails": known},
            snapshot,
            own,
            Recorders(),
        )
        if not isinstance(answer, dict):
            return answer
        answers.append((answer, own))
    several = [answer["verdict"] for answer, _ in answers]
    answer, own = answers[0]
    doubts = [one for one in several if isinstance(one, conditions.Unknown)]
    why = doubts[0] if doubts else region
    answer["verdict"] = either(several, why.reason, why.cause)
    # The need stays without the Region that only stood in.
    asked += [
        Answer(
            each.reason,
            each.need and dataclasses.replace(each.need, regions=None),
            each.coverage,
        )
        for each in own
    ]
    return answer


def _in_any_home(
    need: Mapping[str, Any],
    trails: list[Any],
    snapshot: Mapping[str, Any],
    asked: Asked,
) -> object:
    """Answer for trails of one Region that is not known, if it is the same in each.

    A trail of one Region does not record them all, in whichever it is.  Null where the
    answer hangs on it.
    """
    answers: list[tuple[Any, Asked]] = []
    for several in somewhere(trails):
        own: Asked = []
        asking = {**need, "trails": several}
        answers.append((covered(asking, snapshot, own, Recorders()), own))
    if not answers:
        return None
    several = [answer["verdict"] for answer, _ in answers]
    verdict = either(several, "", conditions.Cause.UNDECIDABLE)
    if isinstance(verdict, conditions.Unknown):
        return None
    answer, own = answers[-1]
    taken = f"its Region is not known, and {STAND_INS[-1]} stands for it"
    asked += [
        dataclasses.replace(each, reason=f"{each.reason} ({taken})") for each in own
    ]
    return answer


def _is_unknown(value: object) -> bool:
    """Return an `Unknown`, also as the item of a list such as `regions: [region]`."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, conditions.Unknown)


def _need(need: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Need:
    regions = need.get("regions")
    names = need.get("names") or ()
    return Need(
        category=need["category"],
        source=need.get("source"),
        names=(names,) if isinstance(names, str) else tuple(names),
        resource_type=need.get("resourceType"),
        arn=need.get("arn"),
        access=need.get("access") or "All",
        regions=tuple(regions) if regions is not None else None,
        account=need.get("account") or account_of(snapshot),
    )
