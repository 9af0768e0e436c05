"""Read and writes settings snapshots, and says what they do not know.

A snapshot on disk is what AWS answered (`schemas/snapshot.json`).  Before rules look at
it, `settle` puts an `Unknown` in the place of every part that could not be collected,
so that no rule can take a gap for an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker import documents
from checker.conditions.unknown import Cause, Unknown, either
from checker.errors import SourceError

_KNOWN = frozenset({"ok", "absent"})
_MISTAKES_SHOWN = 5
_MFA_MODE = "MfaConfiguration"

# What identifies a row of each section, and what a person calls one.
_IDENTITY = {
    "trails": ("TrailARN", "trail"),
    "event_data_stores": ("EventDataStoreArn", "event data store"),
    "buckets": ("name", "bucket"),
    "kms_keys": ("id", "key"),
    "log_groups": ("arn", "log group"),
    "metric_filters": ("filterName", "metric filter"),
    "alarms": ("AlarmName", "alarm"),
    "sns_topics": ("TopicArn", "topic"),
    "identity_pools": ("IdentityPoolId", "identity pool"),
    "identity_pools.guest_role": ("", "guest role of the identity pool"),
    "identity_pools.authenticated_role": (
        "",
        "role of signed-in users of the identity pool",
    ),
    "user_pools": ("Id", "user pool"),
    "user_pools.clients": ("ClientId", "user pool client"),
    "config_recorders": ("region", "Region"),
    "guardduty": ("region", "Region"),
    "guardduty.detectors": ("DetectorId", "GuardDuty detector"),
    "security_hub": ("region", "Region"),
    "access_analyzers": ("region", "Region"),
    "config_aggregators": ("ConfigurationAggregatorName", "configuration aggregator"),
    "delegated_administrators": ("service", "service"),
    "oam_sinks": ("Arn", "sink"),
    "oam_links": ("Arn", "link"),
}
_STATES = {
    "denied": ("was denied", "were denied"),
    "throttled": ("was throttled", "were throttled"),
    "unsupported": (
        "is not available in its Region",
        "are not available in its Region",
    ),
    "gone": ("does not exist", "do not exist"),
    "error": ("could not be read", "could not be read"),
}
"""What a reason says of one part in a state, and of several."""

_CAUSES = {
    "denied": Cause.DENIED,
    "throttled": Cause.THROTTLED,
    "unsupported": Cause.UNSUPPORTED,
    "gone": Cause.GONE,
    "error": Cause.BROKEN_ANSWER,
}
_SEVERAL = frozenset(
    {
        "administrators",
        "analyzers",
        "attributes",
        "clients",
        "detectors",
        "event_selectors",
        "insight_selectors",
        "organizations_features",
        "ownership_controls",
        "policies",
        "recorders",
        "resource_policies",
        "roles",
        "saml_providers",
        "subscriptions",
        "tags",
        "virtual_mfa_devices",
    }
)
_WORDS = {
    "Status": "status",
    "acl": "ACL",
    "hub": "Security Hub settings",
    "mfa_config": "MFA configuration",
    "organizations_features": "root features",
    "owned": "owner",
    "saml_providers": "SAML providers",
    "virtual_mfa_devices": "virtual MFA devices",
    "web_acl": "web ACL",
}
"""Parts whose own name is no good English."""


def load(path: Path | str) -> dict[str, Any]:
    """Read a snapshot file and hold it against its schema.

    Raises `SourceError` when it cannot be read, or is no snapshot; the reason lists
    the first mistakes with line and column.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(str(path), reason) from error
    document = documents.load_json(str(path), text)
    problems = [*document.problems] or documents.check(document, "snapshot")
    if problems:
        raise SourceError(str(path), _listed(problems))
    value: dict[str, Any] = document.value
    return value


def write(snapshot: Mapping[str, Any]) -> str:
    """Return a snapshot's text: keys sorted, so that two of them can be compared."""
    text = json.dumps(snapshot, indent=2, sort_keys=True, ensure_ascii=False)
    return text + "\n"


def settle(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a snapshot with an `Unknown` for every part that was not collected.

    That is each part whose `_state` is neither ok nor absent.  A list of which some
    rows were found keeps them, with the `Unknown` after the last: what is there can be
    judged, and a reader of all of them sees that there may be more.
    """
    reasons = _Reasons(snapshot.get("errors") or [])
    settled: dict[str, Any] = _settle(snapshot, "", "", reasons)
    pools = settled.get("user_pools")
    if isinstance(pools, list):
        settled["user_pools"] = [_one_mfa_mode(pool) for pool in pools]
    return settled


def _one_mfa_mode(pool: Any) -> Any:
    """Return a user pool whose two answers about MFA agree, or are both `Unknown`.

    DescribeUserPool and GetUserPoolMfaConfig each answer MfaConfiguration, and AWS does
    not document which one is in force where they differ:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUserPoolMfaConfig.html
    """
    config = pool.get("mfa_config") if isinstance(pool, Mapping) else None
    if not isinstance(config, Mapping):
        return pool
    described, configured = pool.get(_MFA_MODE), config.get(_MFA_MODE)
    modes = (described, configured)
    if described == configured or not all(isinstance(mode, str) for mode in modes):
        return pool
    reason = (
        f"DescribeUserPool answers {_MFA_MODE} {described}, and GetUserPoolMfaConfig "
        f"{configured}"
    )
    mode = either(list(modes), reason, Cause.UNDECIDABLE)
    return {**pool, _MFA_MODE: mode, "mfa_config": {**config, _MFA_MODE: mode}}


class _Reasons:
    """The reason why a part is not known, by the row of `errors` that tells."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        self._rows: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in errors:
            key = (row.get("section", ""), row.get("resource") or "")
            self._rows.setdefault(key, []).append(row)
        self._errors = errors

    def part(self, section: str, name: str, part: str, state: str) -> str:
        """Return the reason for one part of one thing, or of `account` and `iam`."""
        noun = _IDENTITY.get(section, ("", section))[1]
        called = name.rpartition("/")[2] if section.endswith(".clients") else name
        of = f"the {noun} {called}" if name else f"the {noun}"
        row = self._row(section, name, part, state)
        state_words = _STATES[state][part in _SEVERAL]
        subject = "IAM" if section == "iam" else of
        part_words = _WORDS.get(part) or _words(part)
        return f"the {part_words} of {subject} {state_words}{_code(row)}"

    def listing(self, section: str, state: str) -> str:
        """Return the reason for a section, or for the rest of one."""
        rows = [row for row in self._errors if row.get("section") == section]
        where = ", ".join(
            f"{row.get('region')}{_code(row)}" for row in rows if row["state"] == state
        )
        place = f" in {where}" if where else ""
        return f"the {_words(section)} could not all be collected: {state}{place}"

    def _row(
        self, section: str, name: str, part: str, state: str
    ) -> Mapping[str, Any] | None:
        for wanted in (f"{section}.{part}", section):
            for row in self._rows.get((wanted, name), []):
                if row["state"] == state:
                    return row
        # A part that comes with another one's call: a topic's policy.
        near = (
            row
            for row in self._errors
            if name and row.get("resource") == name and row["state"] == state
        )
        return next(near, None)


def _settle(value: Any, section: str, name: str, reasons: _Reasons) -> Any:
    if isinstance(value, Mapping):
        return dict(_members(value, section, name, reasons))
    if isinstance(value, list):
        return [_settle(part, section, name, reasons) for part in value]
    return value


def _members(
    value: Mapping[str, Any], section: str, name: str, reasons: _Reasons
) -> Iterator[tuple[str, Any]]:
    key, _ = _IDENTITY.get(section, ("", ""))
    own = str(value.get(key) or "")
    # Where a thing lies inside another, both names make its own.
    name = f"{name}/{own}" if name and own and name != own else own or name
    states = value.get("_state") or {}
    for part in (*value, *(part for part in states if part not in value)):
        within = f"{section}.{part}" if section else part
        held = _settle(value.get(part), within, name, reasons)
        state = states.get(part, "ok")
        if part == "_state" or state in _KNOWN:
            yield part, held
            continue
        reason = (
            reasons.part(section, name, part, state)
            if section
            else reasons.listing(part, state)
        )
        unknown = Unknown(reason, _CAUSES[state])
        found = isinstance(held, list) and held
        yield part, [*held, unknown] if found else unknown


def _listed(problems: Sequence[Any]) -> str:
    shown = [
        f"line {problem.line}, column {problem.column}: {problem.message}"
        for problem in problems[:_MISTAKES_SHOWN]
    ]
    more = len(problems) - len(shown)
    return "not a settings snapshot: " + "; ".join(
        [*shown, f"and {more} more"] if more else shown
    )


def _words(part: str) -> str:
    """Write our own names as words, and leave AWS's as they are."""
    return re.sub(r"\biam\b", "IAM", part.replace("_", " ").replace(".", " "))


def _code(row: Mapping[str, Any] | None) -> str:
    return f" ({row['code']})" if row and row.get("code") else ""
