"""Ordinary days report little, days of attacks report enough."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from checker import rules
from checker.model import Level
from tests.days import (
    attacks,
    builds,
    campaigns,
    intrusions,
    operations,
    people,
    platforms,
    programs,
    routines,
    takeovers,
    teams,
)
from tests.days.recorder import Day
from tools.corpora import Judge

STORIES = Path(__file__).resolve().parents[2] / "shared" / "faults" / "stories"

LOW = 36
"""How many findings at low an ordinary day may have, at most."""

ORDINARY: Mapping[Callable[[], Day], tuple[int, int]] = {
    # At most so many at high or above, and at medium.
    builds.terraform_by_oidc: (0, 0),
    builds.cdk_deploy: (0, 0),
    builds.terraform_cloud: (0, 0),
    builds.account_vending: (0, 1),  # the contact for security of an account
    builds.jenkins_on_instance: (0, 0),
    people.power_user: (0, 1),  # code of a function, changed in the console
    people.developer_debugging: (0, 0),
    people.break_glass: (0, 2),  # a trust policy and an organization policy, by hand
    people.offboarding: (0, 1),  # another user's MFA device
    people.key_rotation: (0, 0),
    people.owner_as_root: (1, 1),  # root signed in, and changed something
    programs.scanner: (0, 1),
    programs.monitoring_vendor: (0, 0),
    programs.data_pipeline: (0, 1),  # fifteen gigabytes of a bucket
    programs.backups: (0, 2),  # copies for another account, a database without one
    programs.patching: (0, 0),
    programs.cluster: (0, 0),
    programs.autoscaling: (0, 0),
    programs.cold_starts: (0, 0),
    programs.shop_at_night: (0, 0),
    platforms.crossplane: (0, 0),
    platforms.warehouse_vendor: (0, 0),
    platforms.data_team: (0, 0),
    platforms.amplify_release: (0, 0),
    platforms.cluster_upgrade: (0, 0),
    operations.incident: (0, 1),  # a shell command on an instance
    operations.organization_baseline: (0, 0),
    operations.responder: (0, 1),  # a snapshot for the account of forensics
    operations.support_desk: (0, 0),
    routines.posture_vendor: (0, 0),
    routines.spending_vendor: (0, 1),  # a savings plan
    routines.blue_and_green: (0, 0),
    routines.keys_rotated: (0, 5),  # keys of five others, by a role like any other
    routines.people_who_come: (0, 1),  # an account assigned
    routines.sign_in_broken: (0, 1),  # a SAML provider
    routines.disaster_drill: (0, 0),
    routines.clean_up_of_costs: (0, 2),  # thirty snapshots, four log groups
    routines.security_services_tuned: (0, 1),  # findings of GuardDuty archived
    routines.models_in_a_product: (0, 0),
    routines.partners_connected: (0, 0),
    routines.region_tried: (0, 1),  # a Region enabled
    routines.shop_team_releases: (0, 0),
    routines.users_with_keys: (0, 1),  # code of a function, by hand
    teams.machine_learning_team: (0, 0),
    teams.desktop_team: (0, 1),  # a password of the directory
    teams.database_team: (0, 0),
    teams.network_team: (0, 0),
    teams.mail_team: (0, 0),
    teams.device_fleet: (0, 0),
    teams.auditor: (0, 0),
    teams.cluster_names_and_certificates: (0, 0),
    teams.chaos_day: (0, 0),
    teams.private_network: (0, 0),
    teams.logs_to_archive: (0, 0),
    teams.hybrid_servers: (0, 1),  # an activation for twenty servers
    teams.developers_deploy_functions: (0, 0),
}

HOSTILE: Mapping[Callable[[], Day], tuple[Level, set[str]]] = {
    attacks.key_theft: (
        Level.MEDIUM,
        {"account_surveyed_by_credential", "many_actions_denied"},
    ),
    attacks.persistence: (
        Level.HIGH,
        {"admin_user_created", "iam_role_trusts_foreign_account"},
    ),
    attacks.mass_deletion: (
        Level.HIGH,
        {"data_and_backups_deleted", "data_stores_deleted_in_bulk"},
    ),
    attacks.mass_deletion_as_template_tool: (Level.HIGH, {"data_and_backups_deleted"}),
    attacks.ransom_by_customer_key: (
        Level.HIGH,
        {"objects_encrypted_with_customer_key_in_bulk", "ransom_note_uploaded"},
    ),
    attacks.exfiltration: (
        Level.HIGH,
        {"objects_copied_away_then_deleted", "snapshots_shared_by_one_caller"},
    ),
    attacks.mining: (Level.HIGH, {"instances_launched_in_several_regions"}),
    attacks.trails_blinded: (
        Level.CRITICAL,
        {"several_logs_removed", "vpc_flow_logs_not_replaced"},
    ),
    attacks.secrets_taken: (Level.MEDIUM, {"many_secrets_read"}),
    attacks.root_taken_over: (Level.CRITICAL, {"root_access_key_created"}),
    attacks.commands_and_user_data: (
        Level.HIGH,
        {"instance_restarted_with_new_user_data", "ssm_shell_commands_by_one_caller"},
    ),
    intrusions.function_backdoor: (Level.HIGH, {"lambda_function_invocable_by_anyone"}),
    intrusions.cluster_taken_over: (Level.MEDIUM, {"eks_endpoint_opened_to_world"}),
    intrusions.customers_taken_over: (Level.MEDIUM, {"cognito_pool_mfa_turned_off"}),
    intrusions.data_platform_opened: (
        Level.MEDIUM,
        {"resource_policy_shared_with_another_account", "redshift_data_shared"},
    ),
    intrusions.directory_taken_over: (
        Level.HIGH,
        {"identity_center_signing_certificate_changed"},
    ),
    intrusions.blinded_by_playbook: (Level.HIGH, {"guardduty_detector_suspended"}),
    intrusions.mining_by_build: (Level.HIGH, {"instances_launched_in_several_regions"}),
    intrusions.instances_by_manager: (
        Level.MEDIUM,
        {"ssm_commands_on_several_instances"},
    ),
    intrusions.secrets_by_function: (
        Level.HIGH,
        {"secrets_read_by_function_after_discovery"},
    ),
    intrusions.organization_taken_over: (Level.HIGH, {"organization_policy_emptied"}),
    intrusions.pipeline_trust_loosened: (
        Level.HIGH,
        {"iam_role_trusts_shared_identity_provider_loosely"},
    ),
    takeovers.wipe_by_terraform: (Level.HIGH, {"data_and_backups_deleted"}),
    takeovers.admin_by_stack: (Level.HIGH, {"admin_user_created"}),
    takeovers.console_persistence: (Level.HIGH, {"admin_group_user_created"}),
    takeovers.chained_roles: (
        Level.MEDIUM,
        {"iam_role_trusts_foreign_account", "many_secrets_read"},
    ),
    takeovers.ransom_by_policy: (
        Level.HIGH,
        {"ransom_note_uploaded", "objects_expire_within_days"},
    ),
    takeovers.ransom_by_foreign_key: (
        Level.HIGH,
        {"bucket_encrypted_for_ransom", "bucket_encrypted_with_key_of_another_account"},
    ),
    takeovers.pool_taken_over: (Level.HIGH, {"cognito_trigger_of_another_account"}),
    takeovers.models_abused: (
        Level.HIGH,
        {"bedrock_models_invoked_after_listing", "bedrock_api_key_created"},
    ),
    takeovers.mail_abused: (
        Level.MEDIUM,
        {"ses_enumeration", "user_created_with_access_key"},
    ),
    takeovers.organization_left: (
        Level.HIGH,
        {"organization_controls_changed_in_several_ways"},
    ),
    takeovers.instance_credentials_stolen: (
        Level.MEDIUM,
        {"account_surveyed_by_credential", "sharp_calls_denied"},
    ),
    takeovers.directory_persistence: (
        Level.MEDIUM,
        {"identity_center_admin_policy_attached", "identity_center_password_reset"},
    ),
    takeovers.functions_poisoned: (
        Level.MEDIUM,
        {"lambda_layer_attached", "lambda_function_invocable_from_another_account"},
    ),
    takeovers.shells_in_containers: (
        Level.HIGH,
        {"ecs_task_reads_credential_endpoint", "ecs_commands_in_several_tasks"},
    ),
    takeovers.fleet_by_documents: (Level.HIGH, {"ssm_document_made_public"}),
    takeovers.disks_read: (
        Level.HIGH,
        {"snapshot_blocks_read_in_bulk", "resource_shared_with_another_account"},
    ),
    takeovers.keys_destroyed: (Level.HIGH, {"key_policy_replaced"}),
    takeovers.names_hijacked: (Level.HIGH, {"domain_name_servers_changed"}),
    takeovers.lights_out: (Level.HIGH, {"trail_write_events_turned_off"}),
    takeovers.secrets_of_a_function_used: (
        Level.MEDIUM,
        {"table_exported_to_another_account"},
    ),
    campaigns.models_by_one_key: (
        Level.MEDIUM,
        {"bedrock_models_invoked_in_several_regions"},
    ),
    campaigns.compute_in_odd_services: (
        Level.MEDIUM,
        {
            "compute_created_in_several_services",
            "managed_compute_created_in_several_regions",
        },
    ),
    campaigns.groups_made_by_script: (
        Level.HIGH,
        {"instances_launched_in_several_regions"},
    ),
    campaigns.certificates_by_stack: (
        Level.HIGH,
        {"roles_anywhere_external_ca_trusted"},
    ),
    campaigns.keys_for_a_stranger: (
        Level.MEDIUM,
        {"key_created_for_another_account", "kms_grant_given_to_another_account"},
    ),
    campaigns.sign_in_handed_over: (
        Level.MEDIUM,
        {"oauth_access_authorized_for_another_device"},
    ),
    campaigns.directory_and_nodes: (
        Level.MEDIUM,
        {
            "directory_opened_to_another_domain",
            "directory_password_reset",
            "ssm_managed_instance_role_changed",
        },
    ),
    campaigns.watchmen_dismissed: (
        Level.HIGH,
        {"guardduty_organization_weakened", "security_administrator_removed"},
    ),
    campaigns.doors_by_other_names: (Level.HIGH, {"admin_port_opened_to_world"}),
    campaigns.boundary_of_everything: (
        Level.MEDIUM,
        {"iam_permissions_boundary_removed"},
    ),
    campaigns.listeners_in_the_account: (
        Level.MEDIUM,
        {"events_sent_to_another_account", "trail_weakened"},
    ),
    campaigns.policies_of_lesser_services: (
        Level.HIGH,
        {
            "redshift_data_shared",
            "resource_policy_made_public",
            "resource_policy_shared_with_another_account",
            "resource_shared_with_another_account",
        },
    ),
    campaigns.stopped_at_the_endpoint: (Level.MEDIUM, {"trail_change_failed"}),
    campaigns.guests_of_a_pool: (Level.HIGH, {"cognito_session_control_plane_call"}),
    campaigns.builds_of_strangers: (
        Level.HIGH,
        {"iam_role_trusts_shared_identity_provider_loosely"},
    ),
    campaigns.walls_taken_down: (
        Level.MEDIUM,
        {"instance_metadata_v1_enabled", "waf_web_acl_disassociated"},
    ),
}


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(rules.load())


def findings(judge: Judge, records: Iterable[dict[str, Any]]) -> dict[str, Level]:
    return {found.rule.name: found.level for found in judge.judge(list(records))}


def counted(judge: Judge, records: Iterable[dict[str, Any]]) -> Counter[Level]:
    found = judge.judge(list(records))
    return Counter(each.level for each in found if each.level >= Level.LOW)


def name(value: object) -> str:
    return getattr(value, "__name__", "")


@pytest.mark.parametrize(("day", "most"), ORDINARY.items(), ids=name)
def test_an_ordinary_day_is_quiet(
    judge: Judge, day: Callable[[], Day], most: tuple[int, int]
) -> None:
    levels = counted(judge, day())

    assert levels[Level.CRITICAL] == 0
    assert levels[Level.HIGH] <= most[0]
    assert levels[Level.MEDIUM] <= most[1]
    assert levels[Level.LOW] <= LOW


@pytest.mark.parametrize(("day", "least"), HOSTILE.items(), ids=name)
def test_a_hostile_day_is_not(
    judge: Judge, day: Callable[[], Day], least: tuple[Level, set[str]]
) -> None:
    found = findings(judge, day())

    assert max(found.values()) >= least[0]
    assert least[1] <= {rule for rule, level in found.items() if level >= Level.MEDIUM}


@pytest.mark.parametrize(
    ("story", "high", "medium"),
    [
        ("01-ci-oidc", 0, 1),
        ("03-eks-karpenter", 0, 0),
        ("05-backups", 0, 2),
        ("06-sso-admin-morning", 0, 7),
        ("09-security-scanner", 0, 1),
    ],
)
def test_a_shared_story_of_an_ordinary_day_is_quiet(
    judge: Judge, story: str, high: int, medium: int
) -> None:
    path = STORIES / f"{story}.json.gz"
    if not path.is_file():
        pytest.skip("the shared stories are not here")
    levels = counted(judge, json.loads(gzip.decompress(path.read_bytes()))["Records"])

    assert (levels[Level.CRITICAL], levels[Level.HIGH]) <= (0, high)
    assert levels[Level.MEDIUM] <= medium
