"""Settings of which some part is not known: outcomes with reasons, never a crash."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker import rules as loader
from checker.change import NoChange
from checker.model import ConfigurationRule, Finding, Status, Unreadable
from checker.run.audit import audit
from checker.run.remediate import remediate
from checker.run.report import exit_code
from checker.run.settings import collected
from checker.run.visibility import sample_events, visibility
from checker.sources.settings.read import Settings

DEMO = Path(__file__).parents[2] / "demo" / "settings.json"
SNAPSHOT = json.loads(DEMO.read_text(encoding="utf-8"))
STATES = ("denied", "throttled", "unsupported", "gone", "error")
STORE = {
    "EventDataStoreArn": (
        "arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/EXAMPLE"
    ),
    "Name": "lake",
    "region": "us-east-1",
    "Status": "ENABLED",
    "MultiRegionEnabled": True,
    "OrganizationEnabled": False,
    "AdvancedEventSelectors": [
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    ],
    "_state": {},
}
SNAPSHOT["event_data_stores"] = [STORE]
PACK = loader.load(())
RULES = [rule for rule in PACK if isinstance(rule, ConfigurationRule)][::2] + [
    rule for rule in PACK if not isinstance(rule, ConfigurationRule)
][::100]
OURS = {"kind", "schema_version", "collected_at", "collector", "errors", "_state"}


def parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every member of every object."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in OURS:
                yield (*path, name)
                yield from parts(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from parts(part, (*path, index))


PARTS = list(parts(SNAPSHOT))


def without(chosen: dict[tuple[Any, ...], str]) -> Settings:
    """Return the settings with some parts in a state that leaves them unknown."""
    snapshot = copy.deepcopy(SNAPSHOT)
    for path, state in chosen.items():
        holder = snapshot
        for step in path[:-1]:
            holder = holder[step]
        holder.setdefault("_state", {})[path[-1]] = state
    return collected(snapshot)


def outcomes(given_settings: Settings) -> Iterator[Finding]:
    yield from audit(RULES, [given_settings]).findings
    yield from visibility(RULES, (), [given_settings], bases=PACK).findings


@pytest.fixture(scope="module", autouse=True)
def samples() -> Iterator[None]:
    """Read the cases once: hundreds of examples ask for the same ones."""
    known = sample_events(PACK, ())
    with pytest.MonkeyPatch.context() as patch:
        for module in ("visibility", "remediate"):
            name = importlib.import_module(f"checker.run.{module}")
            patch.setattr(name, "sample_events", lambda *_: known)
        yield


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(
        st.sampled_from(PARTS), st.sampled_from(STATES), min_size=1, max_size=4
    )
)
def test_any_unknown_parts_leave_an_outcome_for_every_rule(
    chosen: dict[tuple[Any, ...], str],
) -> None:
    changed = without(chosen)
    for finding in outcomes(changed):
        assert finding.status is not Status.ERROR, finding.message
        assert finding.message
    found = remediate(RULES, (), [changed])
    assert not isinstance(found, Unreadable)
    assert all(
        remedy.answer.reason
        for remedy in found.remedies
        if isinstance(remedy.answer, NoChange)
    )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("section", ["trails", "event_data_stores"])
def test_where_a_section_is_not_known_no_rule_is_called_blind(
    section: str, state: str
) -> None:
    snapshot = SNAPSHOT | {"trails": [], "event_data_stores": []}
    snapshot["_state"] = snapshot.get("_state", {}) | {section: state}
    report = visibility(RULES, (), [collected(snapshot)], bases=PACK)
    assert {finding.status for finding in report.findings} == {Status.UNKNOWN}
    assert exit_code(report, None, allow_partial=False) == 3
