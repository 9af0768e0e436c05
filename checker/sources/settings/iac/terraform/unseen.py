"""Find what a plan says of itself that it does not hold, or holds in another form.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.sources.settings.iac.declarations import Unseen
from checker.sources.settings.iac.terraform import resources
from checker.sources.settings.iac.terraform.plan_shape import object_of, objects_of

_STACKS = frozenset(
    {
        "aws_cloudformation_stack",
        "aws_cloudformation_stack_instances",
        "aws_cloudformation_stack_set",
        "aws_cloudformation_stack_set_instance",
        "aws_servicecatalog_provisioned_product",
        "awscc_cloudformation_stack",
        "awscc_cloudformation_stack_set",
        "awscc_servicecatalog_cloud_formation_provisioned_product",
    }
)

# The provider awscc names a resource after its type in CloudFormation.
_OTHER_PROVIDER: Mapping[str, str] = {
    "awscc_cloudtrail_trail": "trails",
    "awscc_cloudtrail_event_data_store": "event_data_stores",
    "awscc_s3_bucket": "buckets",
    "awscc_s3_bucket_policy": "buckets",
    "awscc_kms_key": "kms_keys",
    "awscc_logs_log_group": "log_groups",
    "awscc_logs_metric_filter": "metric_filters",
    "awscc_cloudwatch_alarm": "alarms",
    "awscc_cloudwatch_composite_alarm": "alarms",
    "awscc_sns_topic": "sns_topics",
    "awscc_sns_topic_policy": "sns_topics",
    "awscc_sns_topic_inline_policy": "sns_topics",
    "awscc_sns_subscription": "sns_topics",
    "awscc_oam_sink": "oam_sinks",
    "awscc_oam_link": "oam_links",
    "awscc_cognito_identity_pool": "identity_pools",
    "awscc_cognito_user_pool": "user_pools",
    "awscc_cognito_user_pool_client": "user_pools",
}


def unseen(plan: Mapping[str, Any]) -> Iterator[Unseen]:
    """Yield what a plan leaves to a later one, to a stack or to another provider."""
    for deferred in objects_of(plan.get("deferred_changes")):
        change = object_of(deferred.get("resource_change"))
        yield from _of_kind(change, "the change of {} is deferred to a later plan")
    for change in objects_of(plan.get("resource_changes")):
        if "forget" in _actions(change):
            yield from _of_kind(change, "{} is forgotten, and stays as it is")
    for kind, address in _planned(plan):
        if kind in _STACKS:
            yield Unseen(f"the stack {address:.100} is not read")
        elif kind in _OTHER_PROVIDER:
            section = frozenset({_OTHER_PROVIDER[kind]})
            yield Unseen(f"{address:.100} is of a provider that is not read", section)
    if plan.get("complete") is False:
        yield Unseen("the plan is not complete: another has to follow it")


def _of_kind(change: Mapping[str, Any], reason: str) -> Iterator[Unseen]:
    section = resources.SECTIONS_OF.get(str(change.get("type")))
    if section is not None:
        address = str(change.get("address"))
        yield Unseen(reason.format(address[:100]), frozenset({section}))


def _actions(change: Mapping[str, Any]) -> list[Any]:
    found = object_of(change.get("change")).get("actions")
    return found if isinstance(found, list) else []


def _planned(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield type and address of what is there after a plan, or changed by it."""
    planned = plan.get("planned_values")
    if planned is None:
        for change in objects_of(plan.get("resource_changes")):
            if object_of(change.get("change")).get("after") is not None:
                yield str(change.get("type")), str(change.get("address"))
        return
    todo = [object_of(object_of(planned).get("root_module"))]
    while todo:
        module = todo.pop()
        for resource in objects_of(module.get("resources")):
            if resource.get("mode") == "managed":
                yield str(resource.get("type")), str(resource.get("address"))
        todo += objects_of(module.get("child_modules"))
