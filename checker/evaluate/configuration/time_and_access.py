"""Answer what configuration rules ask of time and of resource policies.

What each function takes and gives stands in `conditions.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from checker.conditions import Cause, Unknown
from checker.evaluate.policies import statements
from checker.evaluate.policies.decision import Request, decide
from checker.evaluate.policies.open_keys import Who
from checker.evaluate.policies.operators import chosen

_DAY_SECONDS = 86400
_DECIDED = {"allow": "allows", "deny": "denies", "none": "does not allow"}
_REQUEST = ("principal", "action", "resource", "context")
_FOREIGN = tuple(str(number) for number in range(999_999_999_999, 999_999_990_000, -1))
"""Accounts that stand for any other one; rules write the first."""


def days_since(time: object, snapshot: Mapping[str, Any]) -> object:
    """Answer `days_since`: by the time of collecting, never by a clock."""
    if isinstance(time, Unknown):
        return time
    then = _moment(time)
    if then is None:
        return None
    now = _moment(snapshot.get("collected_at"))
    if now is None:
        return Unknown("collected_at: not collected", Cause.NOT_COLLECTED)
    return (now - then).total_seconds() / _DAY_SECONDS


def decision(policy: object, request: object) -> object:
    """Answer `decision`; null for what is no request."""
    if isinstance(request, Unknown):
        return request
    if not isinstance(request, Mapping):
        return None
    asked = {key: request[key] for key in _REQUEST if request.get(key) is not None}
    for key in ("action", "principal", "context"):
        if isinstance(asked.get(key), Unknown):
            return asked[key]
    if "action" not in asked:
        return None
    who = Who.EVERYONE if request.get("everyone") is True else Who.STRANGER
    context = asked.pop("context", None) or {}
    answer = decide(policy, Request(**asked, context=_chosen(context), who=who))
    other = _not_named(context, policy)
    if other is None or answer == "allow":
        return answer
    again = decide(policy, Request(**asked, context=_chosen(other), who=who))
    return again if again == "allow" or isinstance(again, Unknown) else answer


def _chosen(context: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: chosen(value) if isinstance(value, str) else value
        for key, value in context.items()
    }


def _not_named(context: Mapping[str, Any], policy: object) -> dict[str, Any] | None:
    """Return the context with an account that the policy does not name.

    None where it does not name the one that stands for any other account: what it says
    of that one it says of no other.
    """
    named = str(policy)
    if _FOREIGN[0] not in named:
        return None
    other = next((each for each in _FOREIGN if each not in named), _FOREIGN[0])
    return {
        key: value.replace(_FOREIGN[0], other) if isinstance(value, str) else value
        for key, value in context.items()
    }


def decided(request: object, answer: object) -> str | None:
    """Describe what a policy decided; None for what is no decision."""
    verb = _DECIDED.get(answer) if isinstance(answer, str) else None
    if verb is None or not isinstance(request, Mapping):
        return None
    principal = request.get("principal") or "anybody"
    context = request.get("context") or {}
    given = ", ".join(
        f"{key} {value}"
        for key, value in context.items()
        if not isinstance(value, Unknown)
    )
    resource = request.get("resource")
    known = isinstance(resource, str) and resource
    on = f" on {resource}" if known else ""
    said = f"the policy {verb} {principal} {request.get('action')}{on}"
    return f"{said} ({given})" if given else said


def grants(policy: object, need: object) -> object:
    """Answer `grants`; null for what is no need."""
    if isinstance(need, Unknown):
        return need
    return statements.grants(policy, need) if isinstance(need, Mapping) else None


def _moment(time: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(time) if isinstance(time, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)
