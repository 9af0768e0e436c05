"""This module describes what can stand where in a record.

The record itself is written out after AWS's page on record contents; what
`requestParameters` and `responseElements` hold is made from botocore's shapes, in
CloudTrail's spelling: a member begins with a small letter, some services write their
leading acronym small, S3 and newer EC2 calls keep the API's own capitals.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checker.testing.lint import services
from checker.testing.lint.event_tables import EXTRA_PARAMETERS
from checker.testing.lint.services import Service


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a value can be: a JSON type, or anything.

    `kind` is `string`, `number`, `boolean`, `object`, `list` or `any`.  An object with
    `closed` has no members but these; `member` finds one by name, lazily, because
    shapes of AWS refer to themselves.  `values` are all that a string can be, when AWS
    names them all.
    """

    kind: str
    members: Mapping[str, Callable[[], Shape]] = field(default_factory=dict)
    element: Callable[[], Shape] | None = None
    closed: bool = False
    values: frozenset[str] = frozenset()
    open_values: bool = False

    def member(self, name: str) -> Shape | None:
        """Give a member's shape; None where the object cannot have it."""
        if name in self.members:
            return self.members[name]()
        return None if self.closed else ANY

    def each(self) -> Shape:
        """Give the shape of an element of a list."""
        return self.element() if self.element else ANY


ANY = Shape("any")
TEXT = Shape("string")
BOOLEAN = Shape("boolean")
NUMBER = Shape("number")
OBJECT = Shape("object")
LIST = Shape("list")


def text(values: str, *, more: bool = False) -> Shape:
    """Give text that is one of some words; `more` when AWS may add others."""
    return Shape("string", values=frozenset(values.split()), open_values=more)


def closed(**members: Shape) -> Shape:
    """Give an object with these members and no others."""
    return Shape(
        "object", {name: _always(shape) for name, shape in members.items()}, closed=True
    )


def lists(element: Shape) -> Shape:
    """Give a list of things of one shape."""
    return Shape("list", element=_always(element))


def _always(shape: Shape) -> Callable[[], Shape]:
    return lambda: shape


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
        "MFAUsed": _always(text("Yes No")),
        "MobileVersion": _always(text("Yes No")),
        "LoginTo": _always(TEXT),
        "MFAIdentifier": _always(TEXT),
        "SamlProviderArn": _always(TEXT),
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
    **dict.fromkeys(
        "ConsoleLogin CheckMfa SwitchRole ExitRole RenewRole GetSigninToken "
        "PasswordRecoveryRequested PasswordRecoveryCompleted PasswordUpdated "
        "CredentialVerification CredentialChallenge UserAuthentication".split(),
        _SIGN_IN,
    )
)

# Their records follow the wire, a template or several APIs of one name, not the model.
_PAYLOADS_AS_THEY_ARE = frozenset(
    """
    ec2 s3 s3control cloudfront sdb apigateway apigatewayv2 ce resource-explorer-2
    securityhub route53 ses sesv2 pinpoint-email
    """.split()
)
_SCALARS = {
    "string": TEXT,
    "character": TEXT,
    "boolean": BOOLEAN,
    "integer": NUMBER,
    "long": NUMBER,
    "float": NUMBER,
    "double": NUMBER,
    # Times are written in several ways and blobs are left out or summed up.
    "timestamp": ANY,
    "blob": ANY,
}


@functools.cache
def parameters(service: Service, operation: str, part: str) -> Shape:
    """Give the shape of `requestParameters` (`input`) or `responseElements` (`output`).

    `any` where CloudTrail does not follow the model: EC2's lists, S3's documents.
    """
    if service.folder in _PAYLOADS_AS_THEY_ARE:
        return OBJECT
    known = services.model(service)["operations"].get(operation)
    if known is None or part not in known:
        return OBJECT
    if part == "output" and service.protocol in ("query", "rest-xml"):
        # Results may be wrapped, and lists are written as XML has them.
        return OBJECT
    return _structure(service, known[part]["shape"], top=True)


@functools.cache
def _shape(service: Service, name: str) -> Shape:
    written = services.model(service)["shapes"][name]
    kind = written["type"]
    if written.get("sensitive"):
        # Masked by a text, whatever it was.
        return ANY
    if kind == "structure":
        if written.get("document") or not written.get("members"):
            return OBJECT
        return _structure(service, name)
    if kind == "list":
        member = written["member"]["shape"]
        if service.protocol in ("query", "rest-xml"):
            return Shape("any")
        return Shape("list", element=lambda: _shape(service, member))
    if kind == "map":
        return OBJECT
    if "enum" in written:
        return Shape("string", values=frozenset(written["enum"]), open_values=False)
    return _SCALARS.get(kind, ANY)


def _structure(service: Service, name: str, *, top: bool = False) -> Shape:
    written: Mapping[str, Any] = services.model(service)["shapes"][name]
    members: dict[str, Callable[[], Shape]] = {}
    for member, told in written.get("members", {}).items():
        # What travels in an address or a header is text there, whatever its type.
        outside = told.get("location") in ("uri", "querystring", "header")
        shape = (
            _always(ANY)
            if outside
            else functools.partial(_shape, service, told["shape"])
        )
        for spelling in spellings(member, told.get("locationName"), service):
            members.setdefault(spelling, shape)
    if top:
        for extra in (*_EVERYWHERE, *EXTRA_PARAMETERS.get(service.folder, ())):
            members.setdefault(extra, _always(ANY))
    return Shape("object", members, closed=True)


# What any call's parameters may hold besides its own: the notes of over-long ones, and
# what tools and proxies add.
_EVERYWHERE = ("omitted", "reason", "originalSize", "Host", "host", "message")


def spellings(member: str, location: str | None, service: Service) -> tuple[str, ...]:
    """Give the ways in which CloudTrail may write a member, the usual one first."""
    names = [member, *([location] if location else [])]
    found = dict.fromkeys(_small(name) for name in names)
    for name in names:
        found[_acronym(name)] = None
        if location and service.protocol in ("rest-json", "rest-xml"):
            found[name] = None
    return tuple(found)


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _acronym(name: str) -> str:
    """Write a leading acronym small: `DBInstance` is `dbInstance`, `ARN` is `arn`."""
    match = re.match(r"[A-Z]+(?=[A-Z][a-z]|[0-9]|\b|$)", name)
    return match.group().lower() + name[match.end() :] if match else _small(name)
