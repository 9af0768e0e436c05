"""Describe what AWS's error codes mean for a part of the snapshot."""

from __future__ import annotations

# S3 alone gives bare HTTP codes, for answers without a body.
_DENIED = """
    403 AccessDenied AccessDeniedException
    AccountNotManagementOrDelegatedAdministrator
    AccountNotManagementOrDelegatedAdministratorException
    AllAccessDisabled AuthFailure
    AuthorizationError AuthorizationErrorException CloudTrailAccessNotEnabledException
    ExpiredToken ExpiredTokenException Forbidden KMSAccessDeniedException
    NoCredentialsError NoManagementAccountSLRExistsException NotAuthorizedException
    NotOrganizationMasterAccountException OperationNotPermittedException
    PartialCredentialsError RequestExpired
    SignatureDoesNotMatch TokenRetrievalError UnauthorizedException
    UnauthorizedOperation UnauthorizedSSOTokenError
"""
_THROTTLED = """
    BandwidthLimitExceeded EC2ThrottledException PriorRequestNotComplete
    RequestLimitExceeded RequestThrottled RequestThrottledException SlowDown Throttled
    ThrottledException Throttling ThrottlingException TooManyRequestsException
"""
_UNSUPPORTED = """
    InvalidAction InvalidEndpointException MethodNotAllowed NotImplemented OptInRequired
    SubscriptionRequiredException UnknownOperation UnknownOperationException
    UnknownServiceError UnsupportedOperation UnsupportedOperationException
"""
_GONE = """
    404 EventDataStoreNotFoundException NoSuchBucket NoSuchEntity NotFound
    NotFoundException ResourceNotFoundException TrailNotFoundException
"""

STATES = {
    code: state
    for state, names in (
        ("denied", _DENIED),
        ("throttled", _THROTTLED),
        ("unsupported", _UNSUPPORTED),
        ("gone", _GONE),
    )
    for code in names.split()
}

# A Region that is off accepts no credentials at all.
REFUSED_TOKEN = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken"}
)

# No answer at all, or no address to ask: where the service should be, the network is
# at fault; elsewhere the Region has no such service.
UNREACHED = frozenset(
    {
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "EndpointProviderError",
        "EndpointResolutionError",
        "InvalidRegionError",
        "NoRegionError",
        "UnknownEndpointError",
        "UnknownRegionError",
    }
)
