"""An account, a plan and a template of the same settings have the same outcomes.

Where code cannot know, the outcome is unknown, and its cause says so.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
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

# Rules that all three can answer: none on what only a running account has.
NAMES = """
    trail_not_logging trail_log_file_validation_disabled trail_without_kms_key
    trail_untagged trail_without_cloudwatch_logs trail_without_notifications
    management_event_source_excluded management_events_not_recorded_everywhere
    global_service_events_not_recorded s3_object_reads_not_recorded
    no_trail_meets_security_baseline trail_data_selector_without_management_selector
    trail_records_its_own_deliveries selector_selects_nothing selector_hides_caller
    bucket_of_trail_public bucket_of_trail_without_tls bucket_of_trail_not_versioned
    bucket_of_trail_takes_foreign_trails bucket_of_trail_lifecycle_wrong
    bucket_of_trail_without_public_access_block bucket_of_trail_access_not_logged
    bucket_of_trail_of_another_account log_bucket_events_not_recorded
    alarm_missing_root_use alarm_missing_vpc_changes alarm_without_action
    alarm_actions_switched_off user_pool_without_mfa user_pool_mfa_not_required
    user_pool_passwords_short user_pool_open_registration
""".split()

# The account's own block is in no template.
OF_ACCOUNT = {"bucket_of_trail_public", "bucket_of_trail_without_public_access_block"}


@functools.cache
def chosen() -> tuple[ConfigurationRule, ...]:
    found = {rule.name: rule for rule in rules.load()}
    picked = [found[name] for name in NAMES]
    return tuple(rule for rule in picked if isinstance(rule, ConfigurationRule))


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
    for name, found in outcomes(code).items():
        (expected,) = {each.status for each in live[name]}
        for each in found:
            if each.status is Status.UNKNOWN:
                causes = {Cause.NOT_KNOWN_BEFORE_APPLY}
                if template and name in OF_ACCOUNT:
                    causes.add(Cause.UNDECLARED)
                assert each.cause in causes, (name, each.reason)
            else:
                assert each.status is expected, (name, each.reason, live[name])


@settings(max_examples=40, deadline=None)
@given(wanted=WANTED, new=st.booleans())
def test_a_plan_has_the_outcomes_of_the_account(
    folder: Path, wanted: Wanted, *, new: bool
) -> None:
    account = loaded(snapshot(wanted), folder)
    plan = loaded(terraform(wanted, new=new), folder)
    compared(plan, account, template=False)
    if not new:
        assert all(
            each.status is not Status.UNKNOWN
            for found in outcomes(plan).values()
            for each in found
        )


@settings(max_examples=40, deadline=None)
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
    # To moto every subscription is confirmed at once.
    wanted = dataclasses.replace(wanted, waits=False)
    account = Settings("account", snapshots.settle(collected(wanted)), {})
    plan = loaded(terraform(wanted, new=False), folder)
    placed = loaded(template(wanted), folder, region=REGION, account=ACCOUNT)

    compared(plan, account, template=False)
    compared(placed, account, template=True)
