"""Describe a CloudTrail record, field by field.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from checker.aws.shapes import (
    ANY,
    BOOLEAN,
    OBJECT,
    TEXT,
    Shape,
    always,
    closed,
    lists,
    text,
)

IDENTITY_TYPES = (
    "Root IAMUser AssumedRole Role FederatedUser Directory AWSAccount AWSService "
    "IdentityCenterUser SAMLUser WebIdentityUser Unknown"
)

_ISSUER = closed(
    type=text(IDENTITY_TYPES, more=True),
    userName=TEXT,
    principalId=TEXT,
    arn=TEXT,
    accountId=TEXT,
)
_SESSION = closed(
    sessionIssuer=_ISSUER,
    webIdFederationData=closed(federatedProvider=TEXT, attributes=OBJECT),
    attributes=closed(creationDate=TEXT, mfaAuthenticated=text("true false")),
    sourceIdentity=TEXT,
    ec2RoleDelivery=text("1.0 2.0"),
    assumedRoot=text("true false"),
    signInSessionArn=TEXT,
)
_IDENTITY = closed(
    type=text(IDENTITY_TYPES),
    userName=TEXT,
    principalId=TEXT,
    arn=TEXT,
    accountId=TEXT,
    accessKeyId=TEXT,
    sessionContext=_SESSION,
    invokedBy=TEXT,
    invokedByDelegate=closed(accountId=TEXT),
    onBehalfOf=closed(userId=TEXT, identityStoreArn=TEXT),
    inScopeOf=closed(
        sourceArn=TEXT, sourceAccount=TEXT, issuerType=TEXT, credentialsIssuedTo=TEXT
    ),
    credentialId=TEXT,
    identityProvider=TEXT,
)
_INSIGHT = closed(
    state=text("Start End"),
    eventSource=TEXT,
    eventName=TEXT,
    insightType=text("ApiCallRateInsight ApiErrorRateInsight", more=True),
    errorCode=TEXT,
    insightContext=OBJECT,
    sourceEventCategory=TEXT,
    insightEventId=TEXT,
    baselineId=TEXT,
    trainingStartTime=TEXT,
    trainingEndTime=TEXT,
)
ADDITIONAL = Shape(
    "object",
    {
        "MFAUsed": always(text("Yes No")),
        "MobileVersion": always(text("Yes No")),
        "LoginTo": always(TEXT),
        "MFAIdentifier": always(TEXT),
        "SamlProviderArn": always(TEXT),
    },
)

RECORD = closed(
    eventVersion=TEXT,
    userIdentity=_IDENTITY,
    eventTime=TEXT,
    eventSource=TEXT,
    eventName=TEXT,
    awsRegion=TEXT,
    sourceIPAddress=TEXT,
    userAgent=TEXT,
    errorCode=TEXT,
    errorMessage=TEXT,
    requestParameters=OBJECT,
    responseElements=OBJECT,
    additionalEventData=ADDITIONAL,
    requestID=TEXT,
    eventID=TEXT,
    eventType=text(
        "AwsApiCall AwsServiceEvent AwsConsoleAction AwsConsoleSignIn "
        "AwsCloudTrailInsight AwsVpceEvent AwsVpceEvents AwsAggregatedEvent"
    ),
    apiVersion=TEXT,
    managementEvent=BOOLEAN,
    readOnly=BOOLEAN,
    resources=lists(closed(ARN=TEXT, ARNPrefix=TEXT, accountId=TEXT, type=TEXT)),
    recipientAccountId=TEXT,
    serviceEventDetails=OBJECT,
    sharedEventID=TEXT,
    vpcEndpointId=TEXT,
    vpcEndpointAccountId=TEXT,
    eventCategory=text(
        "Management Data NetworkActivity Insight Aggregated ConfigurationItem Evidence "
        "ActivityAuditLog"
    ),
    addendum=closed(
        reason=text("DELIVERY_DELAY UPDATED_DATA SERVICE_OUTAGE"),
        updatedFields=TEXT,
        originalRequestID=TEXT,
        originalEventID=TEXT,
    ),
    sessionCredentialFromConsole=text("true"),
    eventContext=closed(requestContext=OBJECT, tagContext=OBJECT),
    edgeDeviceDetails=OBJECT,
    tlsDetails=closed(
        tlsVersion=TEXT,
        cipherSuite=TEXT,
        clientProvidedHostHeader=TEXT,
        keyExchange=TEXT,
    ),
    insightDetails=_INSIGHT,
    accountId=TEXT,
    eventId=TEXT,
    timeWindow=OBJECT,
    summary=OBJECT,
)

_SIGN_IN = text("Success Failure", more=True)
SIGN_IN_RESPONSE = closed(
    credentials=closed(accessKeyId=TEXT, sessionToken=TEXT, expiration=ANY),
    **dict.fromkeys(
        "ConsoleLogin CheckMfa SwitchRole ExitRole RenewRole GetSigninToken "
        "PasswordRecoveryRequested PasswordRecoveryCompleted PasswordUpdated "
        "CredentialVerification CredentialChallenge UserAuthentication".split(),
        _SIGN_IN,
    ),
)
