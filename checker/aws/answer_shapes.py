"""Which of AWS's shapes each part of a settings snapshot is, member for member.

The paths are those of `schemas/snapshot.json`: a definition there, then the part.  What
has no entry is ours alone, and the schema lists its members.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ANSWER_SHAPES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "trail": (("cloudtrail", "Trail"),),
    "trail.status": (("cloudtrail", "GetTrailStatusResponse"),),
    "trail.insight_selectors[]": (("cloudtrail", "InsightSelector"),),
    "trail.aggregation_configurations[]": (("cloudtrail", "AggregationConfiguration"),),
    "selectors.EventSelectors[]": (("cloudtrail", "EventSelector"),),
    "event_data_store": (("cloudtrail", "GetEventDataStoreResponse"),),
    "bucket.policy_status": (("s3", "PolicyStatus"),),
    "bucket.acl": (("s3", "GetBucketAclOutput"),),
    "bucket.public_access_block": (("s3", "PublicAccessBlockConfiguration"),),
    "bucket.versioning": (("s3", "GetBucketVersioningOutput"),),
    "bucket.logging": (("s3", "LoggingEnabled"),),
    "bucket.encryption": (("s3", "ServerSideEncryptionConfiguration"),),
    "bucket.lifecycle": (("s3", "GetBucketLifecycleConfigurationOutput"),),
    "bucket.object_lock": (("s3", "ObjectLockConfiguration"),),
    "account.organization": (("organizations", "Organization"),),
    "account_public_access_block": (("s3control", "PublicAccessBlockConfiguration"),),
    "kms_key.metadata": (("kms", "KeyMetadata"),),
    "kms_key.rotation": (("kms", "GetKeyRotationStatusResponse"),),
    "log_group": (("logs", "LogGroup"),),
    "resource_policy": (("logs", "ResourcePolicy"),),
    "metric_filter": (("logs", "MetricFilter"),),
    "metric_filter.metricTransformations[]": (("logs", "MetricTransformation"),),
    "alarm": (("cloudwatch", "MetricAlarm"), ("cloudwatch", "CompositeAlarm")),
    "sns_topic.subscriptions[]": (("sns", "Subscription"),),
    "iam.password_policy": (("iam", "PasswordPolicy"),),
    "iam.virtual_mfa_devices[]": (("iam", "VirtualMFADevice"),),
    "iam.saml_providers[]": (("iam", "SAMLProviderListEntry"),),
    "policy": (("iam", "ManagedPolicyDetail"),),
    "guest_role": (("iam", "Role"),),
    "authenticated_role": (("iam", "Role"),),
    "identity_pool": (("cognito-identity", "IdentityPool"),),
    "identity_pool.roles": (("cognito-identity", "GetIdentityPoolRolesResponse"),),
    "user_pool": (("cognito-idp", "UserPoolType"),),
    "user_pool.mfa_config": (("cognito-idp", "GetUserPoolMfaConfigResponse"),),
    "user_pool.risk_configuration": (("cognito-idp", "RiskConfigurationType"),),
    "user_pool.log_delivery": (("cognito-idp", "LogDeliveryConfigurationType"),),
    "user_pool_client": (("cognito-idp", "UserPoolClientType"),),
    "user_pool_client.risk_configuration": (("cognito-idp", "RiskConfigurationType"),),
    "config_region.recorders[]": (("config", "ConfigurationRecorder"),),
    "config_region.recorders[].recordingGroup": (("config", "RecordingGroup"),),
    "config_region.recorders[].status": (("config", "ConfigurationRecorderStatus"),),
}
"""By the schema's path: botocore's folders of the service, and the shapes."""
