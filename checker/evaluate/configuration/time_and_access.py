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

_DAY_SECONDS = 86400
_DECIDED = {"allow": "allows", "deny": "denies", "none": "does not allow"}
_REQUEST = ("principal", "action", "resource", "context")


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
    return decide(policy, Request(**asked)) if "action" in asked else None


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
