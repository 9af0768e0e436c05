"""What plans and templates are read into has the very names that AWS's answers have."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from checker.sources import (
    cloudformation_pools,
    cloudformation_resources,
    cloudformation_trails,
    terraform_buckets,
    terraform_pools,
    terraform_resources,
    terraform_trails,
)

# Keys of ours in a snapshot, beside AWS's.
OURS = {
    "tags",
    "insight_selectors",
    "aggregation_configurations",
    "arn",
    "has_client_secret",
}

SPECS = [
    (terraform_trails._TRAIL, "cloudtrail", "Trail"),
    (cloudformation_trails._TRAIL, "cloudtrail", "Trail"),
    (terraform_trails._STORE, "cloudtrail", "GetEventDataStoreResponse"),
    (cloudformation_trails._STORE, "cloudtrail", "GetEventDataStoreResponse"),
    (terraform_trails._BASIC, "cloudtrail", "EventSelector"),
    (cloudformation_trails._BASIC, "cloudtrail", "EventSelector"),
    (terraform_trails._ADVANCED, "cloudtrail", "AdvancedEventSelector"),
    (cloudformation_trails._ADVANCED, "cloudtrail", "AdvancedEventSelector"),
    (terraform_trails._FIELD_SELECTOR, "cloudtrail", "AdvancedFieldSelector"),
    (terraform_buckets._BLOCK, "s3", "PublicAccessBlockConfiguration"),
    (terraform_buckets._LOGGING, "s3", "LoggingEnabled"),
    (terraform_buckets._RULE, "s3", "ServerSideEncryptionRule"),
    (terraform_buckets._LIFECYCLE, "s3", "LifecycleRule"),
    (terraform_buckets._LOCK, "s3", "ObjectLockConfiguration"),
    (terraform_resources._METRIC_FILTER, "logs", "MetricFilter"),
    (cloudformation_resources._FILTER, "logs", "MetricFilter"),
    (terraform_resources._LOG_GROUP, "logs", "LogGroup"),
    (terraform_resources._ALARM, "cloudwatch", "MetricAlarm"),
    (cloudformation_resources._ALARM, "cloudwatch", "MetricAlarm"),
    (terraform_resources._SUBSCRIPTION, "sns", "Subscription"),
    (cloudformation_resources._SUBSCRIPTION, "sns", "Subscription"),
    (terraform_pools._IDENTITY_POOL, "cognito-identity", "IdentityPool"),
    (cloudformation_pools._IDENTITY_POOL, "cognito-identity", "IdentityPool"),
    (terraform_pools._PROVIDER, "cognito-identity", "CognitoIdentityProvider"),
    (terraform_pools._MAPPING, "cognito-identity", "RoleMapping"),
    (terraform_pools._MAPPING_RULE, "cognito-identity", "MappingRule"),
    (terraform_pools._USER_POOL, "cognito-idp", "UserPoolType"),
    (cloudformation_pools._USER_POOL, "cognito-idp", "UserPoolType"),
    (terraform_pools._POLICIES, "cognito-idp", "UserPoolPolicyType"),
    (terraform_pools._PASSWORD, "cognito-idp", "PasswordPolicyType"),
    (cloudformation_pools._PASSWORD, "cognito-idp", "PasswordPolicyType"),
    (terraform_pools._LAMBDA, "cognito-idp", "LambdaConfigType"),
    (terraform_pools._MFA, "cognito-idp", "GetUserPoolMfaConfigResponse"),
    (terraform_pools._CLIENT, "cognito-idp", "UserPoolClientType"),
    (cloudformation_pools._CLIENT, "cognito-idp", "UserPoolClientType"),
    (terraform_pools._RISK, "cognito-idp", "RiskConfigurationType"),
    (cloudformation_pools._RISK, "cognito-idp", "RiskConfigurationType"),
    (terraform_pools._DELIVERY, "cognito-idp", "LogDeliveryConfigurationType"),
]


@pytest.mark.parametrize(("spec", "service", "shape"), SPECS)
def test_every_key_is_a_member_of_awss_answer(
    spec: dict[str, Any], service: str, shape: str
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    answer: Any = model.shape_for(shape)
    members = set(answer.members)
    if shape == "MetricAlarm":
        members.add("AlarmRule")  # a composite alarm's

    assert spec.keys() - OURS <= members
