"""What the answer of each operation that is called always holds, and its XML root.

Botocore's models mark hardly any output member as required, so an answer that is cut
off, or `{}`, or a page of a proxy reads as "nothing there".  Here are the members
without which an answer of AWS is not one.  A path names a member, `[]` each row of a
list that may be missing, and `|` alternatives of which one is enough.  Where AWS
may leave out all members of an answer, its XML root still tells it from another
document.

Each operation's page says what is always returned, for example
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
"""

from __future__ import annotations

from typing import Final, TypeAlias

Operation: TypeAlias = tuple[str, str]
"""Botocore's name of the service, and the operation in the API's spelling."""

_Members: TypeAlias = dict[str, tuple[str, ...]]

_CLOUDTRAIL: Final[_Members] = {
    "DescribeTrails": (
        "trailList",
        "trailList[].TrailARN",
    ),
    "GetTrailStatus": ("IsLogging",),
    "GetEventSelectors": ("TrailARN|EventSelectors|AdvancedEventSelectors",),
    "GetInsightSelectors": ("TrailARN|EventDataStoreArn|InsightSelectors",),
    "GetEventConfiguration": (
        "TrailARN|EventDataStoreArn|MaxEventSize|AggregationConfigurations",
    ),
    "ListTags": (
        "ResourceTagList",
        "ResourceTagList[].ResourceId",
        "ResourceTagList[].TagsList[].Key",
    ),
    "ListEventDataStores": (
        "EventDataStores",
        "EventDataStores[].EventDataStoreArn",
    ),
    "GetEventDataStore": ("EventDataStoreArn", "Status"),
    # What a single event lacks is a problem with that event alone.
    "LookupEvents": ("Events",),
    "ListPublicKeys": (
        "PublicKeyList",
        "PublicKeyList[].Value",
        "PublicKeyList[].Fingerprint",
    ),
}
_COGNITO_USERS: Final[_Members] = {
    "ListUserPools": (
        "UserPools",
        "UserPools[].Id",
    ),
    "DescribeUserPool": ("UserPool.Id",),
    "GetUserPoolMfaConfig": ("MfaConfiguration",),
    "GetLogDeliveryConfiguration": ("LogDeliveryConfiguration.LogConfigurations",),
    "DescribeRiskConfiguration": ("RiskConfiguration",),
    "ListUserPoolClients": (
        "UserPoolClients",
        "UserPoolClients[].ClientId",
    ),
    "DescribeUserPoolClient": ("UserPoolClient.ClientId",),
}
_COGNITO_IDENTITIES: Final[_Members] = {
    "ListIdentityPools": (
        "IdentityPools",
        "IdentityPools[].IdentityPoolId",
    ),
    "DescribeIdentityPool": ("IdentityPoolId", "AllowUnauthenticatedIdentities"),
    "GetIdentityPoolRoles": ("IdentityPoolId|Roles",),
}
_IAM: Final[_Members] = {
    "GetAccountSummary": ("SummaryMap",),
    "GetAccountPasswordPolicy": ("PasswordPolicy",),
    "GenerateCredentialReport": ("State",),
    "GetCredentialReport": ("Content",),
    "ListVirtualMFADevices": (
        "VirtualMFADevices",
        "VirtualMFADevices[].SerialNumber",
    ),
    "ListSAMLProviders": (
        "SAMLProviderList",
        "SAMLProviderList[].Arn",
    ),
    "ListOrganizationsFeatures": ("EnabledFeatures",),
    # One of the four lists: the filter says which.
    "GetAccountAuthorizationDetails": (
        "UserDetailList|GroupDetailList|RoleDetailList|Policies",
        "UserDetailList[].Arn",
        "UserDetailList[].UserPolicyList[].PolicyName",
        "GroupDetailList[].Arn",
        "GroupDetailList[].GroupPolicyList[].PolicyName",
        "RoleDetailList[].Arn",
        "RoleDetailList[].RolePolicyList[].PolicyName",
        "Policies[].Arn",
    ),
    "GetRole": ("Role.Arn", "Role.AssumeRolePolicyDocument"),
    "ListRolePolicies": ("PolicyNames",),
    "ListAttachedRolePolicies": (
        "AttachedPolicies",
        "AttachedPolicies[].PolicyArn",
    ),
    "GetRolePolicy": ("PolicyDocument",),
    "GetPolicy": ("Policy.DefaultVersionId",),
    "GetPolicyVersion": ("PolicyVersion.Document",),
}
_S3: Final[_Members] = {
    # The Region us-east-1, no versioning and no logging are each an empty root.
    "GetBucketLocation": (),
    "GetBucketVersioning": (),
    "GetBucketLogging": (),
    "GetBucketPolicy": ("Policy",),
    "GetBucketPolicyStatus": ("PolicyStatus.IsPublic",),
    "GetBucketAcl": ("Owner|Grants",),
    "GetBucketOwnershipControls": ("OwnershipControls.Rules",),
    "GetPublicAccessBlock": ("PublicAccessBlockConfiguration.BlockPublicAcls",),
    "GetBucketEncryption": ("ServerSideEncryptionConfiguration.Rules",),
    "GetBucketLifecycleConfiguration": ("Rules",),
    "GetObjectLockConfiguration": (
        "ObjectLockConfiguration.ObjectLockEnabled|ObjectLockConfiguration.Rule",
    ),
    "ListObjectsV2": (
        "IsTruncated",
        "Contents[].Key",
        "Contents[].Size",
        "CommonPrefixes[].Prefix",
    ),
    "GetObject": ("Body",),
    "PutObject": ("ETag",),
}
_OTHERS: Final[dict[str, _Members]] = {
    "accessanalyzer": {
        "ListAnalyzers": (
            "analyzers",
            "analyzers[].arn",
            "analyzers[].type",
            "analyzers[].status",
        )
    },
    "cloudwatch": {
        "DescribeAlarms": (
            "MetricAlarms|CompositeAlarms",
            "MetricAlarms[].AlarmName",
            "MetricAlarms[].AlarmArn",
            "CompositeAlarms[].AlarmName",
            "CompositeAlarms[].AlarmArn",
        )
    },
    "config": {
        "DescribeConfigurationAggregators": (
            "ConfigurationAggregators",
            "ConfigurationAggregators[].ConfigurationAggregatorName",
        ),
        "DescribeConfigurationRecorders": (
            "ConfigurationRecorders",
            "ConfigurationRecorders[].name",
        ),
        "DescribeConfigurationRecorderStatus": (
            "ConfigurationRecordersStatus",
            "ConfigurationRecordersStatus[].name",
        ),
    },
    "ec2": {
        "DescribeRegions": (
            "Regions",
            "Regions[].RegionName",
        )
    },
    "events": {"PutEvents": ("FailedEntryCount", "Entries")},
    "guardduty": {
        "ListDetectors": ("DetectorIds",),
        "GetDetector": ("Status",),
    },
    "kms": {
        "DescribeKey": ("KeyMetadata.KeyId", "KeyMetadata.Arn"),
        "GetKeyRotationStatus": ("KeyRotationEnabled",),
        "GetKeyPolicy": ("Policy",),
    },
    "logs": {
        "DescribeLogGroups": (
            "logGroups",
            "logGroups[].logGroupName",
        ),
        "DescribeMetricFilters": (
            "metricFilters",
            "metricFilters[].filterName",
        ),
        "DescribeResourcePolicies": ("resourcePolicies",),
        "FilterLogEvents": ("events",),
    },
    "oam": {
        "ListSinks": ("Items", "Items[].Arn"),
        "GetSinkPolicy": ("SinkArn|Policy",),
        "ListLinks": ("Items", "Items[].Arn", "Items[].SinkArn"),
    },
    "organizations": {
        "DescribeOrganization": ("Organization.Id",),
        "ListDelegatedAdministrators": (
            "DelegatedAdministrators",
            "DelegatedAdministrators[].Id",
        ),
    },
    "s3control": {
        "GetPublicAccessBlock": ("PublicAccessBlockConfiguration.BlockPublicAcls",)
    },
    "securityhub": {"DescribeHub": ("HubArn",)},
    "sns": {
        "GetTopicAttributes": ("Attributes",),
        "ListSubscriptionsByTopic": (
            "Subscriptions",
            "Subscriptions[].SubscriptionArn",
        ),
        "PublishBatch": ("Successful|Failed",),
    },
    "sts": {"GetCallerIdentity": ("Account", "Arn")},
    # "If there is no associated resource, AWS WAF returns a null web ACL":
    # https://docs.aws.amazon.com/waf/latest/APIReference/API_GetWebACLForResource.html
    "wafv2": {"GetWebACLForResource": ()},
}

ANSWER_MEMBERS: Final[dict[Operation, tuple[str, ...]]] = {
    (service, operation): members
    for service, operations in {
        "cloudtrail": _CLOUDTRAIL,
        "cognito-idp": _COGNITO_USERS,
        "cognito-identity": _COGNITO_IDENTITIES,
        "iam": _IAM,
        "s3": _S3,
        **_OTHERS,
    }.items()
    for operation, members in operations.items()
}
"""The members of each operation that is called."""

XML_ROOTS: Final[dict[Operation, str]] = {
    ("s3", "GetBucketLocation"): "LocationConstraint",
    ("s3", "GetBucketVersioning"): "VersioningConfiguration",
    ("s3", "GetBucketLogging"): "BucketLoggingStatus",
    ("s3", "GetBucketPolicyStatus"): "PolicyStatus",
    ("s3", "GetBucketAcl"): "AccessControlPolicy",
    ("s3", "GetPublicAccessBlock"): "PublicAccessBlockConfiguration",
    ("s3", "GetBucketEncryption"): "ServerSideEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "LifecycleConfiguration",
    ("s3", "GetObjectLockConfiguration"): "ObjectLockConfiguration",
    ("s3", "ListObjectsV2"): "ListBucketResult",
    ("s3control", "GetPublicAccessBlock"): "PublicAccessBlockConfiguration",
}
"""The root of the XML that S3 answers with; in query APIs it is `…Response`."""
