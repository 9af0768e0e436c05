"""An account, a plan and a template of the same settings have the same outcomes.

Where code cannot know, the outcome is unknown, and its cause says so.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker import rules
from checker.conditions import Cause
from checker.evaluate.configuration import evaluate
from checker.model import ConfigurationRule, Status
from checker.sources.settings import snapshot as snapshots
from checker.sources.settings.read import Settings, read
from tests.run.account_by_moto import collected
from tests.run.settings_three_ways import (
    ACCOUNT,
    REGION,
    WANTED,
    Wanted,
    snapshot,
    template,
    terraform,
)

# The account's own block is in no template.
OF_ACCOUNT = {
    "account_without_public_access_block",
    "bucket_of_trail_public",
    "bucket_of_trail_without_public_access_block",
}
# By resources of their own, which other code may declare, or by the account itself.
BESIDE = {
    "organization_without_trail",
    "region_without_trail",
    "bucket_of_trail_acls_enabled",
    "log_group_of_trail_public",
    "user_pool_account_takeover_not_blocked",
    "user_pool_activity_not_exported",
    "user_pool_without_web_acl",
    "user_pool_leaked_passwords_accepted",
}


# What only a trail that runs can answer.
RUNNING = {
    "trail_delivery_failing",
    "trail_digests_not_delivered",
    "trail_events_not_in_cloudwatch_logs",
    "trail_logs_not_delivered",
}
# What is drawn belongs to these; nothing of users, recorders or event data stores is.
SUBJECTS = {"alarms", "cognito", "delivery", "selectors", "trail"}


@functools.cache
def chosen() -> tuple[ConfigurationRule, ...]:
    return tuple(
        rule
        for rule in rules.load()
        if isinstance(rule, ConfigurationRule)
        and rule.name not in RUNNING
        and (Path(rule.path).parent.name in SUBJECTS or rule.name in OF_ACCOUNT)
    )


def outcomes(found: Settings) -> dict[str, list[evaluate.Outcome]]:
    return {
        rule.name: list(evaluate.evaluate(rule, found.snapshot)) for rule in chosen()
    }


def loaded(value: dict[str, Any], folder: Path, **where: str) -> Settings:
    file = folder / "settings.json"
    file.write_text(json.dumps(value))
    found = read(file, **where)
    assert isinstance(found, Settings), found
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


def compared(code: Settings, account: Settings, *, template: bool) -> None:
    live = outcomes(account)
    beside = BESIDE | (OF_ACCOUNT if template else set())
    for name, found in outcomes(code).items():
        expected = Counter(each.status for each in live[name])
        if Status.UNKNOWN in expected:
            continue
        known = [each for each in found if each.status is not Status.UNKNOWN]
        if len(known) == len(found):
            assert Counter(each.status for each in found) == expected, (
                name,
                [each.reason for each in found],
                [each.reason for each in live[name]],
            )
        for each in known:
            assert each.status in expected, (name, each.reason, live[name])
        for each in found:
            if each.status is Status.UNKNOWN:
                causes = {Cause.NOT_KNOWN_BEFORE_APPLY}
                if name in beside or set(expected) == {Status.NOT_APPLICABLE}:
                    causes.add(Cause.UNDECLARED)
                assert each.cause in causes, (name, each.reason)


@settings(max_examples=int(os.environ.get("MOTO_EXAMPLES", "10")), deadline=None)
@given(wanted=WANTED, new=st.booleans())
def test_a_plan_has_the_outcomes_of_the_account(
    folder: Path, wanted: Wanted, *, new: bool
) -> None:
    account = loaded(snapshot(wanted), folder)
    plan = loaded(terraform(wanted, new=new), folder)
    compared(plan, account, template=False)
    if not new:
        assert all(
            each.cause is not Cause.NOT_KNOWN_BEFORE_APPLY
            for found in outcomes(plan).values()
            for each in found
        )


@settings(max_examples=int(os.environ.get("MOTO_EXAMPLES", "10")), deadline=None)
@given(wanted=WANTED, placed=st.booleans())
def test_a_template_has_the_outcomes_of_the_account(
    folder: Path, wanted: Wanted, *, placed: bool
) -> None:
    account = loaded(snapshot(wanted), folder)
    where = {"region": REGION, "account": ACCOUNT} if placed else {}
    compared(loaded(template(wanted), folder, **where), account, template=True)


# A few in each run; `make three-ways` tries a hundred.
@settings(
    max_examples=int(os.environ.get("MOTO_EXAMPLES", "2")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(wanted=WANTED)
def test_a_plan_and_a_template_have_the_outcomes_of_what_aws_answers(
    folder: Path, wanted: Wanted
) -> None:
    # To moto every subscription is confirmed at once, and it has no composite alarms.
    wanted = dataclasses.replace(wanted, waits=False, composite=None)
    account = Settings("account", snapshots.settle(collected(wanted)), {})
    plan = loaded(terraform(wanted, new=False), folder)
    placed = loaded(template(wanted), folder, region=REGION, account=ACCOUNT)

    compared(plan, account, template=False)
    compared(placed, account, template=True)
