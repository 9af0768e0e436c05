"""Return what the resources of a plan will be called, and what refers to them.

Before apply, most ARNs and ids are not known.  What is known is which attribute of
which resource an expression names, and that it will have a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import ACCOUNT, Hole
from checker.sources.settings.iac.declarations import (
    hole,
    is_unknown,
    known,
    partition_of,
    text,
)

_NAMES: Mapping[str, str] = {
    "aws_s3_bucket": "bucket",
    "aws_cloudtrail": "name",
    "aws_cloudtrail_event_data_store": "name",
    "aws_cloudwatch_log_group": "name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_cloudwatch_composite_alarm": "alarm_name",
    "aws_sns_topic": "name",
    "aws_kms_alias": "name",
    "aws_iam_role": "name",
    "aws_oam_sink": "name",
    "aws_iam_policy": "name",
}
_ARNS: Mapping[str, str] = {
    "aws_s3_bucket": "s3:::",
    "aws_cloudtrail": "cloudtrail:{}:trail/",
    "aws_cloudwatch_log_group": "logs:{}:log-group:",
    "aws_cloudwatch_metric_alarm": "cloudwatch:{}:alarm:",
    "aws_cloudwatch_composite_alarm": "cloudwatch:{}:alarm:",
    "aws_sns_topic": "sns:{}:",
    "aws_kms_key": "kms:{}:key/",
    "aws_cognito_user_pool": "cognito-idp:{}:userpool/",
    "aws_cognito_identity_pool": "cognito-identity:{}:identitypool/",
}
# Attributes that have the name or id of a resource, and those that have its ARN.
_OWN_NAME = frozenset({"id", "name", "bucket", "key_id"})
_ID_IS_ARN = frozenset(
    {"aws_sns_topic", "aws_cloudtrail", "aws_iam_policy", "aws_oam_sink"}
)


def name_of(kind: str, address: str, values: Mapping[str, Any]) -> Any:
    """Return the name of a resource, or its id where it has no name."""
    value = values.get(_NAMES.get(kind, "id"))
    if isinstance(value, str) and value:
        return value
    reason = f"{address}: its name is known only after apply"
    return hole(reason, (Hole(address, resource=True),))


def arn_of(
    kind: str, address: str, values: Mapping[str, Any], region: Any, account: Any
) -> Any:
    """Return the ARN of a resource, in part where it does not exist yet."""
    value = values.get("arn")
    if isinstance(value, str) and value:
        return value
    reason = f"{address}.arn: known only after apply"
    form = _ARNS.get(kind)
    if form is None:
        return hole(reason, (Hole(address, resource=True, attribute="arn"),))
    service, place, rest = form.partition("{}")
    where = (region, ":", account) if place else ()
    name = name_of(kind, address, values)
    partition = partition_of(region) if isinstance(region, str) else "aws"
    found = text((f"arn:{partition}:", service, *where, rest, name), reason)
    return found.with_reason(reason) if is_unknown(found) else found


def account_of(values: Mapping[str, Any]) -> Any:
    """Return the account that a resource is in, which its ARN names once it exists."""
    arn = (known(values.get("arn")) or "").split(":")
    if len(arn) > 4 and arn[4]:
        return arn[4]
    return hole("account: a plan does not name it", (ACCOUNT,))


def referred(kind: str, address: str, attribute: str, name: Any, arn: Any) -> Any:
    """Return the value of an attribute of a resource that another one refers to."""
    if attribute == "arn" or (attribute == "id" and kind in _ID_IS_ARN):
        return arn
    if attribute in _OWN_NAME:
        return name
    reason = f"{address}.{attribute}: known only after apply"
    return hole(reason, (Hole(address, attribute=attribute),))


def foreign(address: str, attribute: str) -> Unknown:
    """Return what stands for an attribute of a resource that is not read."""
    filled = attribute in ("arn", "id", "name")
    place = f"{address}.{attribute}"
    return hole(
        f"{place}: known only after apply",
        (Hole(address, resource=filled, attribute=attribute),),
    )
