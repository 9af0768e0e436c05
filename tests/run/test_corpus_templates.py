"""Outcomes of templates that others published, worked out by reading them.

Where the corpus is not beside the project, nothing is tested.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from checker import rules
from checker.evaluate.recording.recorder import Recorders
from checker.model import ConfigurationRule, Unreadable
from checker.run import audit
from checker.sources.settings.read import Settings, read

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "templates"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus")

# The mark of a file's name, then rules by the outcome of all their resources.
OUTCOMES: dict[str, dict[str, str]] = {
    # A new bucket with AWS's example policy, a topic by mail, a trail of all Regions.
    "CloudTrailEncryption-FAILED": {
        "pass": "trail_log_file_validation_disabled trail_without_notifications "
        "management_events_not_recorded_everywhere trail_not_logging "
        "global_service_events_not_recorded topic_of_trail_public "
        "management_event_source_excluded bucket_of_trail_of_another_account",
        "fail": "trail_without_kms_key trail_without_cloudwatch_logs trail_untagged "
        "bucket_of_trail_without_tls bucket_of_trail_takes_foreign_trails "
        "bucket_of_trail_not_versioned bucket_of_trail_lifecycle_wrong "
        "topic_of_trail_not_encrypted alarm_missing_root_use "
        "no_trail_meets_security_baseline s3_object_reads_not_recorded "
        "bucket_of_trail_access_not_logged bucket_of_trail_without_kms",
        # The default of an old bucket, and whether somebody confirms a mail.
        "unknown": "bucket_of_trail_acls_enabled topic_of_trail_without_subscriber "
        "bucket_of_trail_without_public_access_block",
    },
    "CloudTrailLogValidation-FAILED": {
        "pass": "trail_without_kms_key trail_without_notifications "
        "management_events_not_recorded_everywhere trail_records_its_own_deliveries",
        "fail": "trail_log_file_validation_disabled bucket_of_trail_without_tls "
        "no_trail_meets_security_baseline",
    },
    # Two trails of one Region, which is not known.
    "CloudtrailMultiRegion-FAILED": {
        "pass": "trail_not_logging trail_records_its_own_deliveries",
        "fail": "management_events_not_recorded_everywhere trail_without_kms_key "
        "trail_log_file_validation_disabled trail_without_notifications",
        # AWS documents no default of IncludeGlobalServiceEvents.
        "unknown": "global_service_events_not_recorded",
        "not_applicable": "bucket_of_trail_public user_pool_mfa_not_required",
    },
    "CognitoUnauthenticatedIdentities__FAILED": {
        "fail": "identity_pool_open_to_guests identity_pool_classic_flow",
        # Roles may be attached elsewhere.
        "unknown": "identity_pool_guest_role_wide identity_pool_role_when_ambiguous "
        "identity_pool_user_role_trusts_others",
        "not_applicable": "identity_pool_accepts_revoked_tokens trail_not_logging",
    },
    # The filter and the alarm are made for an ARN other than -, which is the default.
    "sso-generic-role": {
        "not_applicable": "alarm_missing_root_use alarm_without_action "
        "alarm_actions_switched_off identity_pool_guest_role_wide trail_not_logging "
        "policy_with_full_cloudtrail_access",
    },
    "RainModules__cognito": {
        "pass": "user_pool_open_registration user_pool_client_implicit_grant "
        "user_pool_client_takes_plain_passwords user_pool_client_tokens_irrevocable "
        "user_pool_client_tokens_long_lived",
        "fail": "user_pool_mfa_not_required user_pool_without_mfa user_pool_deletable "
        "user_pool_client_tells_users_apart user_pool_threat_protection_not_enforced",
        # A parameter without a default; a password policy that AWS does not document.
        "unknown": "user_pool_client_unsafe_redirect user_pool_passwords_short",
        "not_applicable": "user_pool_client_without_secret trail_not_logging",
    },
}

# Sources of templates, for other tools than CloudFormation: said, and not judged.
UNREADABLE = [
    "custom-control-tower-initiation",
    "examples__templates__cloudtrail",
    "cross-account-role-with-alarm",
    "resources__cloudtrail__cloudtrail",
]


def found(mark: str) -> Settings | Unreadable:
    (file,) = (each for each in CORPUS.iterdir() if mark in each.name)
    return read(file)


@functools.cache
def pack() -> dict[str, ConfigurationRule]:
    return {
        rule.name: rule for rule in rules.load() if isinstance(rule, ConfigurationRule)
    }


@pytest.mark.parametrize("mark", OUTCOMES)
def test_a_published_template_has_the_outcomes_that_its_text_gives(mark: str) -> None:
    settings = found(mark)
    assert isinstance(settings, Settings)
    prepared = Recorders()
    expected = {
        name: {status}
        for status, names in OUTCOMES[mark].items()
        for name in names.split()
    }

    outcomes = {
        name: {
            one.status.value for one in audit.outcomes(pack()[name], settings, prepared)
        }
        for name in expected
    }
    assert outcomes == expected


@pytest.mark.parametrize("mark", UNREADABLE)
def test_what_is_not_for_cloudformation_is_said_with_its_line(mark: str) -> None:
    settings = found(mark)

    assert isinstance(settings, Unreadable)
    assert settings.reason.startswith("line ")
