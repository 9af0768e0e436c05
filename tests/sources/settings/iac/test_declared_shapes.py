"""What plans and templates are read into has the very names that AWS's answers have."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from checker.sources.settings.iac.cloudformation import cognito as template_cognito
from checker.sources.settings.iac.cloudformation import resources as template_resources
from checker.sources.settings.iac.cloudformation import trails as template_trails
from checker.sources.settings.iac.terraform import buckets as plan_buckets
from checker.sources.settings.iac.terraform import cognito as plan_cognito
from checker.sources.settings.iac.terraform import resources as plan_resources
from checker.sources.settings.iac.terraform import trails as plan_trails

# Keys of ours in a snapshot, beside AWS's.
OURS = {
    "tags",
    "insight_selectors",
    "aggregation_configurations",
    "arn",
    "has_client_secret",
    "FilterPolicy",  # of GetSubscriptionAttributes, which is not asked
}

SPECS = [
    (plan_trails._TRAIL, "cloudtrail", "Trail"),
    (template_trails._TRAIL, "cloudtrail", "Trail"),
    (plan_trails._STORE, "cloudtrail", "GetEventDataStoreResponse"),
    (template_trails._STORE, "cloudtrail", "GetEventDataStoreResponse"),
    (plan_trails._BASIC, "cloudtrail", "EventSelector"),
    (template_trails._BASIC, "cloudtrail", "EventSelector"),
    (plan_trails._ADVANCED, "cloudtrail", "AdvancedEventSelector"),
    (template_trails._ADVANCED, "cloudtrail", "AdvancedEventSelector"),
    (plan_trails._FIELD_SELECTOR, "cloudtrail", "AdvancedFieldSelector"),
    (plan_buckets._BLOCK, "s3", "PublicAccessBlockConfiguration"),
    (plan_buckets._LOGGING, "s3", "LoggingEnabled"),
    (plan_buckets._RULE, "s3", "ServerSideEncryptionRule"),
    (plan_buckets._LIFECYCLE, "s3", "LifecycleRule"),
    (plan_buckets._LOCK, "s3", "ObjectLockConfiguration"),
    (plan_resources._METRIC_FILTER, "logs", "MetricFilter"),
    (template_resources._FILTER, "logs", "MetricFilter"),
    (plan_resources._LOG_GROUP, "logs", "LogGroup"),
    (plan_resources._ALARM, "cloudwatch", "MetricAlarm"),
    (template_resources._ALARM, "cloudwatch", "MetricAlarm"),
    (plan_resources._SUBSCRIPTION, "sns", "Subscription"),
    (template_resources._SUBSCRIPTION, "sns", "Subscription"),
    (plan_cognito._IDENTITY_POOL, "cognito-identity", "IdentityPool"),
    (template_cognito._IDENTITY_POOL, "cognito-identity", "IdentityPool"),
    (plan_cognito._PROVIDER, "cognito-identity", "CognitoIdentityProvider"),
    (plan_cognito._MAPPING, "cognito-identity", "RoleMapping"),
    (plan_cognito._MAPPING_RULE, "cognito-identity", "MappingRule"),
    (plan_cognito._USER_POOL, "cognito-idp", "UserPoolType"),
    (template_cognito._USER_POOL, "cognito-idp", "UserPoolType"),
    (plan_cognito._POLICIES, "cognito-idp", "UserPoolPolicyType"),
    (plan_cognito._PASSWORD, "cognito-idp", "PasswordPolicyType"),
    (template_cognito._PASSWORD, "cognito-idp", "PasswordPolicyType"),
    (plan_cognito._LAMBDA, "cognito-idp", "LambdaConfigType"),
    (plan_cognito._MFA, "cognito-idp", "GetUserPoolMfaConfigResponse"),
    (plan_cognito._CLIENT, "cognito-idp", "UserPoolClientType"),
    (template_cognito._CLIENT, "cognito-idp", "UserPoolClientType"),
    (plan_cognito._RISK, "cognito-idp", "RiskConfigurationType"),
    (template_cognito._RISK, "cognito-idp", "RiskConfigurationType"),
    (plan_cognito._DELIVERY, "cognito-idp", "LogDeliveryConfigurationType"),
]


@pytest.mark.parametrize(("spec", "service", "shape"), SPECS)
def test_every_key_is_a_member_of_awss_answer(
    spec: dict[str, Any], service: str, shape: str
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    answer: Any = model.shape_for(shape)
    members = set(answer.members)
    if shape == "MetricAlarm":
        composite: Any = model.shape_for("CompositeAlarm")
        members |= set(composite.members)

    assert spec.keys() - OURS <= members
