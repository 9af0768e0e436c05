"""Answer the functions that configuration rules call.

What each takes and gives stands in `conditions.settings`.  An answer that decides keeps
a sentence, which the outcome tells its reader.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from checker import conditions
from checker.conditions.settings import SETTINGS
from checker.evaluate.alarms import chain
from checker.evaluate.configuration import (
    aws_config,
    log_lifecycle,
    regional_services,
    time_and_access,
)
from checker.evaluate.configuration.resources import with_missing_sections
from checker.evaluate.policies import statements
from checker.evaluate.recording.checks import (
    excluded_identities,
    recursive_logging,
    selector_values,
    unmatchable_selectors,
)
from checker.evaluate.recording.coverage import Coverage, Need, coverage
from checker.evaluate.recording.recorder import Recorders
from checker.evaluate.recording.verdict import readable


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered: the `reason` that it gives for the outcome.

    `need` and `coverage` are those of the `coverage` function alone: what event
    selectors can change.
    """

    reason: str
    need: Need | None = None
    coverage: Coverage | None = None

    @property
    def open(self) -> bool:
        """Whether it is a need that the trails do not cover."""
        return self.coverage is not None and self.coverage.verdict != "full"


Asked: TypeAlias = list[Answer]
"""The answers that a condition got, in order."""

READS: Mapping[str, tuple[str, ...]] = {
    "alarmed": ("trails", "metric_filters", "alarms", "sns_topics"),
    "coverage": ("trails",),
    "recorder_gaps": ("config_recorders",),
    "regions_without": tuple(each.value for each in regional_services.Service),
}
"""The sections of a snapshot that a function reads by itself."""

# Regions to stand in for one that is not known yet: where both give the same answer,
# it does not hang on the Region.
_REGIONS = ("us-east-1", "eu-west-1")


def functions(
    snapshot: Mapping[str, Any], asked: Asked, recorders: Recorders | None = None
) -> dict[str, conditions.Function]:
    """Bind the settings functions to a snapshot; `asked` gathers the answers given.

    `recorders` are those of the snapshot's trails.
    """
    prepared = Recorders() if recorders is None else recorders
    bound: dict[str, Callable[..., object]] = {
        "alarmed": lambda need: _alarmed(need, snapshot, asked, prepared),
        "coverage": lambda need: _coverage(need, snapshot, asked, prepared),
        "days_since": lambda time: time_and_access.days_since(time, snapshot),
        "decision": lambda policy, request: _decision(policy, request, asked),
        "grants": lambda policy, need: _clear(
            time_and_access.grants(policy, need), statements.ungranted(need), asked
        ),
        "open_statements": lambda policies, arn: _clear(
            statements.open_statements(policies, arn),
            statements.closed(policies, arn),
            asked,
        ),
        "recorder_gaps": lambda: _clear(
            aws_config.rows(snapshot), aws_config.complete(snapshot), asked
        ),
        "regions_without": lambda section: _clear(
            regional_services.rows(snapshot, section),
            regional_services.everywhere(snapshot, section),
            asked,
        ),
        "snapshot": lambda: with_missing_sections(snapshot),
        "dead_selectors": _of(unmatchable_selectors.rows),
        "hidden_callers": _of(
            lambda one: excluded_identities.rows(one, _all(snapshot))
        ),
        "log_lifecycle": _of(lambda one: log_lifecycle.rows(one, snapshot)),
        "own_deliveries": _of(lambda one: recursive_logging.rows(one, snapshot)),
        "selector_values": _of(selector_values.rows),
        "wide_statements": lambda policies: _clear(
            statements.wide_statements(policies), statements.narrow(policies), asked
        ),
    }
    return {
        name: dataclasses.replace(function, call=bound[name])
        if name in bound
        else function
        for name, function in SETTINGS.items()
    }


def _alarmed(
    need: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    asked: Asked,
    recorders: Recorders,
) -> object:
    """Answer the `alarmed` function; what it lacks cannot be fixed in a trail."""
    answer = chain.alarmed(need, snapshot, recorders)
    if answer.verdict is None:
        return conditions.Unknown(answer.reason, answer.cause)
    _keep(answer.reason, asked)
    return answer.verdict


def _decision(policy: object, request: object, asked: Asked) -> object:
    """Answer the `decision` function, and keep what it said for the outcome."""
    answer = time_and_access.decision(policy, request)
    said = time_and_access.decided(request, answer)
    if said is not None:
        _keep(said, asked)
    return answer


def _clear(rows: object, said: str, asked: Asked) -> object:
    """Return rows, and keep what is to say where there are none."""
    if rows == []:
        _keep(said, asked)
    return rows


def _keep(said: str, asked: Asked) -> None:
    """Keep a sentence for the outcome: an answer that no event selector changes."""
    asked.append(Answer(said))


def _of(rows: Callable[[Mapping[str, Any]], object]) -> Callable[..., object]:
    """Make a function of a trail or store give null for what is neither."""

    def ask(one: object) -> object:
        if isinstance(one, Mapping):
            return rows(one)
        return one if isinstance(one, conditions.Unknown) else None

    return ask


def _all(snapshot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every trail and event data store; Unknown for those not known."""
    found: list[Mapping[str, Any]] = []
    for section in ("trails", "event_data_stores"):
        rows = snapshot.get(
            section,
            conditions.Unknown(
                f"{section}: not collected", conditions.Cause.NOT_COLLECTED
            ),
        )
        found += [readable(row) for row in (rows if isinstance(rows, list) else [rows])]
    return found


def _coverage(
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
    # Where it is not known which ARN or Region matters, the answer for all of them
    # does, unless it is one thing here and another there.
    vague = [value for value in need.values() if _is_unknown(value)]
    wanted = _need(
        {key: value for key, value in need.items() if not _is_unknown(value)}, snapshot
    )
    answer = coverage(trails, wanted, recorders)
    asked.append(Answer(answer.reason, wanted, answer))
    if answer.verdict == "unknown":
        return answer.unknown
    if vague and answer.verdict == "partial":
        first = vague[0][0] if isinstance(vague[0], list) else vague[0]
        return conditions.Unknown(f"{first.reason}; {answer.reason}", first.cause)
    return {
        "verdict": answer.verdict,
        "trails": list(answer.trails),
        "gaps": list(answer.gaps),
        "reason": answer.reason,
    }


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
    for stand_in in _REGIONS:
        own: Asked = []
        placed = [_placed(trail, region, stand_in) for trail in trails]
        answer = _coverage(
            {**need, "regions": [stand_in], "trails": placed},
            snapshot,
            own,
            Recorders(),
        )
        if isinstance(answer, conditions.Unknown):
            return answer
        answers.append((answer, own))
    verdicts = {answer["verdict"] for answer, _ in answers if isinstance(answer, dict)}
    if len(verdicts) > 1:
        return region
    answer, own = answers[0]
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


def _placed(
    trail: Mapping[str, Any], region: conditions.Unknown, stand_in: str
) -> Mapping[str, Any]:
    """Return a trail in the Region that stands in for its own, if it is that one."""
    home = trail.get("HomeRegion")
    if not isinstance(home, conditions.Unknown):
        return trail
    same = home is region or (home.sketch is not None and home.sketch == region.sketch)
    return {**trail, "HomeRegion": stand_in} if same else trail


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


def account_of(snapshot: Mapping[str, Any]) -> str | None:
    """Return the id of the account that a snapshot is of, where it is known."""
    account = snapshot.get("account")
    value = account.get("id") if isinstance(account, dict) else None
    return value if isinstance(value, str) else None
