"""Answer the functions that configuration rules call.

What each takes and gives stands in `conditions.settings`.  An answer that decides keeps
a sentence, which the outcome tells its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import structs

from checker import conditions
from checker.conditions.settings import SETTINGS
from checker.evaluate.alarms import chain
from checker.evaluate.configuration import (
    aws_config,
    log_lifecycle,
    regional_services,
    time_and_access,
)
from checker.evaluate.configuration.asked import Answer, Asked
from checker.evaluate.configuration.coverage_function import covered
from checker.evaluate.configuration.resources import with_missing_sections
from checker.evaluate.policies import statements
from checker.evaluate.recording.checks import (
    excluded_identities,
    recursive_logging,
    selector_values,
    unmatchable_selectors,
)
from checker.evaluate.recording.recorder import Recorders
from checker.evaluate.recording.verdict import readable

READS: Mapping[str, tuple[str, ...]] = {
    "alarmed": ("trails", "metric_filters", "alarms", "sns_topics"),
    "coverage": ("trails",),
    "recorder_gaps": ("config_recorders",),
    "regions_without": tuple(each.value for each in regional_services.Service),
}
"""The sections of a snapshot that a function reads by itself."""


def functions(
    snapshot: Mapping[str, Any], asked: Asked, recorders: Recorders | None = None
) -> dict[str, conditions.Function]:
    """Bind the settings functions to a snapshot; `asked` gathers the answers given.

    `recorders` are those of the snapshot's trails.
    """
    prepared = Recorders() if recorders is None else recorders
    bound: dict[str, Callable[..., object]] = {
        "alarmed": lambda need: _alarmed(need, snapshot, asked, prepared),
        "coverage": lambda need: covered(need, snapshot, asked, prepared),
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
        name: structs.replace(function, call=bound[name]) if name in bound else function
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
