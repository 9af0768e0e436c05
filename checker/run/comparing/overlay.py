"""Put two settings on one ground before they are compared.

A plan or template declares its own resources and does not change any other.  Beside an
account, what it does not declare is as in the account; beside other code, it is what
that code declares and this no longer does, or not yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from checker.conditions import Cause, Unknown
from checker.evaluate.configuration.resources import KINDS
from checker.sources.settings.iac.declarations import SECTIONS
from checker.sources.settings.read import Settings

_NAMES: Final = {
    kind.section: kind.names for kind in KINDS.values() if kind.within is None
}
"""The fields that name a resource, by the section of the snapshot."""

_KEEPERS: Final = ("trails", "event_data_stores")
"""The sections of what keeps events: with one of them it is known what is recorded."""

_REGIONAL: Final = frozenset(
    {
        *SECTIONS,
        "access_analyzers",
        "config_aggregators",
        "config_recorders",
        "guardduty",
        "security_hub",
    }
)
"""The sections that are collected Region by Region, or that hang on such ones."""


def aligned(before: Settings, after: Settings) -> tuple[Settings, Settings]:
    """Return both settings with the same things known of what neither declares."""
    if before.declared and after.declared:
        return _emptied(before, after), _emptied(after, before)
    if before.declared:
        return _completed(before, after), after
    if after.declared:
        return before, _completed(after, before)
    return _in_regions(before, after), _in_regions(after, before)


def _in_regions(settings: Settings, other: Settings) -> Settings:
    """Return a snapshot that does not know of the Regions that only the other scanned.

    Both are asked about the Regions of either: what was not looked at in one of them
    is no less than what was found there.
    """
    own, others = _scanned(settings), _scanned(other)
    missing = sorted(others - own)
    if not own or not missing:
        return settings
    where = ", ".join(missing)
    snapshot = dict(settings.snapshot)
    for section in _REGIONAL & snapshot.keys():
        if isinstance(snapshot[section], list):
            reason = f"{section}: not collected in {where}"
            unknown = Unknown(reason, Cause.NOT_COLLECTED)
            snapshot[section] = [*snapshot[section], unknown]
    regions = sorted(own | others)
    snapshot["account"] = {**snapshot["account"], "regions_scanned": regions}
    note = f"{settings.uri}: not collected in {where}, which the other settings have"
    return replace(settings, snapshot=snapshot, notes=(*settings.notes, note))


def _scanned(settings: Settings) -> set[str]:
    account = settings.snapshot.get("account")
    regions = account.get("regions_scanned") if isinstance(account, Mapping) else None
    return set(regions) if isinstance(regions, list) else set()


def is_undeclared(body: object) -> bool:
    """Return whether code says nothing of a section or part."""
    return isinstance(body, Unknown) and body.cause is Cause.UNDECLARED


def _emptied(settings: Settings, other: Settings) -> Settings:
    """Read the code as the whole of what either of the two declares."""
    gone: dict[str, Any] = {
        section: settings.doubts(section)
        for section, body in other.snapshot.items()
        if isinstance(body, list) and is_undeclared(settings.snapshot.get(section))
    }
    snapshot = {**settings.snapshot, **gone}
    if any(isinstance(snapshot.get(section), list) for section in _KEEPERS):
        # What neither declares, neither changes.
        for section in _KEEPERS:
            if is_undeclared(snapshot.get(section)):
                snapshot[section] = settings.doubts(section)
    return replace(settings, snapshot=snapshot)


def _completed(code: Settings, account: Settings) -> Settings:
    """Add what the account has and the code neither declares nor deletes."""
    snapshot = dict(code.snapshot)
    snapshot["account"] = account.snapshot.get("account")
    for section, body in account.snapshot.items():
        own = snapshot.get(section)
        if section not in snapshot and section != "_state":
            snapshot[section] = body  # as when it was collected
        elif is_undeclared(own):
            kept = [*_kept(section, body, code.removed), *code.doubts(section)]
            snapshot[section] = kept if isinstance(body, list) else body
        elif isinstance(own, list) and section in _NAMES:
            snapshot[section] = _united(section, own, body, code.removed)
    return replace(code, snapshot=snapshot)


def _united(
    section: str, own: Sequence[Any], body: Any, removed: frozenset[str]
) -> list[Any]:
    """Return the declared resources, then those that only the account has.

    Of two that are left over, one on each side, the declared one has no name yet, and
    is taken for the other.
    """
    if not isinstance(body, list):
        return [*own, body] if isinstance(body, Unknown) else list(own)
    there = list(body)
    united = []
    nameless = [one for one in own if not _names(section, one)]
    for one in own:
        names = _names(section, one)
        same = next((two for two in there if names & _names(section, two)), None)
        if same is not None:
            there.remove(same)
        united.append(_with_parts(section, one, same))
    there = _kept(section, there, removed)
    if len(there) == len(nameless) == 1:
        index = next(i for i, one in enumerate(own) if one is nameless[0])
        united[index] = _with_parts(section, united[index], there.pop())
    return [*united, *there]


def _with_parts(section: str, one: Any, same: Any) -> Any:
    """Take from the account what code never declares, and which resource it is."""
    if not (isinstance(one, Mapping) and isinstance(same, Mapping)):
        return one
    identity = {*_NAMES[section], "HomeRegion", "region"}
    status, there = one.get("status"), same.get("status")
    if isinstance(status, Mapping) and isinstance(there, Mapping):
        # What a trail delivered is no setting, and no code tells of it.
        one = {**one, "status": {**there, **status}}
    return {
        key: same.get(key, value)
        if is_undeclared(value) or (key in identity and isinstance(value, Unknown))
        else value
        for key, value in one.items()
    }


def _kept(section: str, body: Any, removed: frozenset[str]) -> list[Any]:
    if not isinstance(body, Iterable):
        return []
    return [one for one in body if not _names(section, one) & removed]


def _names(section: str, body: Any) -> set[str]:
    if not isinstance(body, Mapping):
        return set()
    values = (body.get(name) for name in _NAMES.get(section, ()))
    return {value for value in values if isinstance(value, str) and value}
