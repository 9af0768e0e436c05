"""List the events that are no API operations, and the false friends.

CloudTrail also records sign-ins, pages of hosted user interfaces and what services do
by themselves; S3 calls some operations by other names than its API does; and IAM has
permissions that no call is named after.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-non-api-events.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-info-in-cloudtrail.html
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping

_EXTRA = {
    "signin": """
        ConsoleLogin CheckMfa SwitchRole ExitRole RenewRole GetSigninToken
        PasswordRecoveryRequested PasswordRecoveryCompleted PasswordUpdated
        CredentialChallenge CredentialVerification UserAuthentication
        AccountEmailUpdated EmailUpdated Logout CreateOAuth2Token AuthorizeOAuth2Access
    """,
    "sso": """
        Authenticate Federate Logout CreateToken StartSSO UpdateSsoConfiguration
        AssociateDirectory DisassociateDirectory AssociateProfile DisassociateProfile
        GetSSOStatus CreateProfile UpdateProfile DeleteProfile GetProfile ListProfiles
        ProvisionApplicationInstanceForAWSAccount CreateApplicationInstance
        CreateManagedApplicationInstance DeleteApplicationInstance
        GetApplicationInstance UpdateApplicationInstanceStatus ListApplications
        ListApplicationInstances ListDirectoryAssociations SearchGroups SearchUsers
        EnableExternalIdPConfigurationForDirectory ListProfileAssociations
        DisableExternalIdPConfigurationForDirectory ProvisionSAMLProvider
        CreateExternalIdPConfigurationForDirectory
        CredentialChallenge CredentialVerification UserAuthentication
        PutMfaDeviceManagementForDirectory
        ImportApplicationInstanceServiceProviderMetadata
        UpdateApplicationInstanceResponseConfiguration UpdateTrust GetPermissionsPolicy
        DescribePermissionsPolicies PutPermissionsPolicy
    """,
    "sso-directory": """
        AddMemberToGroup RemoveMemberFromGroup CreateGroup DeleteGroup UpdateGroup
        CreateUser DeleteUser UpdateUser EnableUser DisableUser UpdatePassword
        CompleteVirtualMfaDeviceRegistration CompleteWebAuthnDeviceRegistration
        DeleteMfaDeviceForUser StartVirtualMfaDeviceRegistration UpdateMfaDeviceForUser
        StartWebAuthnDeviceRegistration ListMfaDevicesForUser CreateBearerToken
        CreateProvisioningTenant DeleteProvisioningTenant DeleteBearerToken
        AssociateDirectory DisassociateDirectory VerifyEmail DescribeDirectory
        EnableExternalIdPConfigurationForDirectory ListGroupsForMember SearchUsers
        DisableExternalIdPConfigurationForDirectory SearchGroups ListMembersInGroup
        CreateExternalIdPConfigurationForDirectory DescribeGroups DescribeUsers
        UpdateExternalIdPConfigurationForDirectory ListBearerTokens
        DeleteExternalIdPConfigurationForDirectory ListProvisioningTenants
        ImportExternalIdPCertificate DeleteExternalIdPCertificate
    """,
    "cognito-idp": """
        Login_GET CognitoAuthentication OAuth2_Authorize_GET Beta_Authorize_GET
        OAuth2Response_GET OAuth2Response_POST SAML2Response_POST
        Beta_SAML2Response_POST Login_OIDC_SAML_POST Token_POST Beta_Token_POST
        Signup_GET Signup_POST Confirm_GET Confirm_POST ResendCode_POST
        ForgotPassword_GET ForgotPassword_POST ConfirmForgotPassword_GET
        ConfirmForgotPassword_POST ResetPassword_GET ResetPassword_POST Mfa_GET Mfa_POST
        MfaOption_GET MfaOption_POST MfaRegister_GET MfaRegister_POST Logout
        SAML2Logout_POST Error_GET UserInfo_GET UserInfo_POST Confirm_With_Link_GET
        Event_Feedback_GET login_POST login_continue_POST forgotPassword_POST
        selectChallenge_POST confirmUser_GET mfa_back_POST mfa_options_POST
        mfa_phone_register_POST mfa_phone_verify_POST mfa_phone_resendCode_POST
        mfa_totp_POST signup_POST signup_confirm_POST verifyCode_POST passkeys_add_POST
        passkeys_add_GET login_passkey_POST
    """,
    "kms": "RotateKey DeleteKey SynchronizeMultiRegionKey",
    "ec2": """
        SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated BidEvictedEvent
        BidFulfilledEvent
    """,
    "rds": """
        DescribeRecommendationGroups DescribeRecommendations SharedSnapshotCopyInitiated
    """,
    "s3": """
        PutBucketPublicAccessBlock GetBucketPublicAccessBlock
        DeleteBucketPublicAccessBlock PutAccountPublicAccessBlock
        GetAccountPublicAccessBlock DeleteAccountPublicAccessBlock
        GetAccelerateConfiguration PutAccelerateConfiguration PutBucketLifecycle
        GetBucketLifecycle PutBucketNotification GetBucketNotification
        GetBucketObjectLockConfiguration PutBucketObjectLockConfiguration
        GetStorageLensDashboardDataInternal JobCreated JobStatusChanged
        LifecycleExpiration LifecycleTransition PostObject BatchDeleteObject
        ListObjects ListObjectVersions GetObjectTorrent
    """,
    "secretsmanager": """
        RotationStarted RotationSucceeded RotationFailed RotationAbandoned
        StartSecretVersionDelete CancelSecretVersionDelete EndSecretVersionDelete
        TestRotationStarted TestRotationSucceeded TestRotationFailed
    """,
    "ssm": """
        ListInstanceAssociations UpdateInstanceAssociationStatus
        UpdateInstanceInformation RegisterManagedInstance OpenDataChannel
        OpenControlChannel PutConfigurePackageResult GetManifest
    """,
    "es": "ListNotifications",
    "bedrock": "PutFoundationModelEntitlement GetFoundationModelAvailability",
    "cloudtrail": "CreateServiceLinkedChannel DeleteServiceLinkedChannel "
    "UpdateServiceLinkedChannel GetServiceLinkedChannel ListServiceLinkedChannels",
    "organizations": "CreateAccountResult AccountJoinedOrganization "
    "AccountDepartedOrganization",
    "controltower": """
        CreateManagedAccount UpdateManagedAccount EnableGuardrail DisableGuardrail
        SetupLandingZone UpdateLandingZone RegisterOrganizationalUnit
        DeregisterOrganizationalUnit PrecheckOrganizationalUnit
    """,
    "backup": "BackupJobStarted BackupJobCompleted RestoreStarted RestoreCompleted "
    "RecoveryPointExpired RecoveryPointDeleted",
    "eks": "AccessKubernetesApi",
    "account": "CloseAccount EnableRegion DisableRegion",
    "discovery-marketplace": "GetListingView",
    # No JSON call, so not in the API models: a stream over HTTP.
    "kinesisvideo": "PutMedia",
    "acm": "ExportedCertificateRenewed",
    "ecs": "SubmitTaskStateChange SubmitContainerStateChange",
}

EXTRA_EVENTS: Mapping[str, frozenset[str]] = {
    f"{source}.amazonaws.com": frozenset(names.split())
    for source, names in _EXTRA.items()
}
"""Events of a source beyond the operations of its API."""

OPEN_SOURCES = frozenset(
    f"{source}.amazonaws.com"
    for source in """
    account artifact aws-marketplace awsmarketplace billing billingconsole cloudshell
    console consoleapp discovery-marketplace freetier
    health iq managed-services notifications payments purchase-orders q quicksight
    resource-explorer-2 s3express securitylake support supportapp sustainability tax
    trustedadvisor userportal user-subscriptions vpc-lattice vpce wellarchitected
    malware-protection.guardduty sso-oauth signin-oauth codewhisperer
    monitron
    """.split()
)
"""Event sources with operations that no public API model has, all or some."""

NAMED_OTHERWISE: Mapping[tuple[str, str], str] = {
    ("s3.amazonaws.com", operation): event
    for operation, event in {
        "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
        "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
        "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
        "ListObjectsV2": "ListObjects",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    }.items()
}
"""Operations that a source records under another name."""

_ACTIONS = {
    "iam": {
        "PassRole": "the call that hands the role over, such as RunInstances or "
        "CreateFunction20150331 (no PassRole is recorded)",
    },
    "s3": {
        "ListBucket": "ListObjects",
        "ListAllMyBuckets": "ListBuckets",
        "ListBucketVersions": "ListObjectVersions",
        "ListBucketMultipartUploads": "ListMultipartUploads",
        "ListMultipartUploadParts": "ListParts",
        "PutEncryptionConfiguration": "PutBucketEncryption",
        "GetEncryptionConfiguration": "GetBucketEncryption",
        "PutLifecycleConfiguration": "PutBucketLifecycle",
        "GetLifecycleConfiguration": "GetBucketLifecycle",
        "PutReplicationConfiguration": "PutBucketReplication",
        "GetReplicationConfiguration": "GetBucketReplication",
        "PutInventoryConfiguration": "PutBucketInventoryConfiguration",
        "PutMetricsConfiguration": "PutBucketMetricsConfiguration",
        "PutAnalyticsConfiguration": "PutBucketAnalyticsConfiguration",
        "PutBucketCORS": "PutBucketCors",
        "ReplicateObject": "PutBucketReplication (the copying itself is no call)",
        "ReplicateDelete": "PutBucketReplication (the copying itself is no call)",
        "ReplicateTags": "PutBucketReplication (the copying itself is no call)",
        "GetObjectVersion": "GetObject (versionId is in requestParameters)",
        "DeleteObjectVersion": "DeleteObject (versionId is in requestParameters)",
        "GetObjectVersionAcl": "GetObjectAcl",
        "PutObjectVersionAcl": "PutObjectAcl",
        "BypassGovernanceRetention": "DeleteObject or PutObjectRetention",
    },
    "lambda": {"InvokeFunction": "Invoke", "InvokeFunctionUrl": "Invoke"},
    "kms": {
        "ReEncryptFrom": "ReEncrypt",
        "ReEncryptTo": "ReEncrypt",
    },
    "dynamodb": {"PartiQLSelect": "ExecuteStatement"},
    "execute-api": {"Invoke": "nothing: calls of an API are not in CloudTrail"},
    "sts": {"SetSourceIdentity": "AssumeRole", "TagSession": "AssumeRole"},
    "rds-db": {"connect": "nothing: connections are not in CloudTrail"},
    "ssmmessages": {"CreateControlChannel": "OpenControlChannel"},
    "es": {"ESHttpGet": "nothing: HTTP calls of a domain are not in CloudTrail"},
}

IAM_ACTIONS: Mapping[str, Mapping[str, str]] = {
    f"{source}.amazonaws.com": actions for source, actions in _ACTIONS.items()
}
"""Permissions that are no events, with the event to write instead."""

EXTRA_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "sts": (
        "sAMLAssertionID",
        "roleSessionName",
        "principalTags",
        "incomingTransitiveTags",
    ),
    "ssm": ("interactive",),
    "ec2-instance-connect": ("monitorMode",),
    "cloudwatch": ("excludeManagedAlarms",),
    "rds": ("includeShared",),
    "docdb": ("includeShared",),
    "neptune": ("includeShared",),
    "lambda": ("fullyQualifiedArn",),
    "route53resolver": ("originSequenceNumber",),
}
"""Parameters that records have and no public model does, by botocore's service."""

TWO_FORMS: Mapping[tuple[str, str], tuple[tuple[str, ...], str]] = {
    ("ec2.amazonaws.com", name): (
        ("fromPort", "toPort", "ipProtocol", "cidrIp"),
        "ipPermissions",
    )
    for name in (
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
    )
}
"""Calls that say one thing in two ways, as the caller likes: flat, or in a list.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
"""
