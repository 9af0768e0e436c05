"""Read the names that other tools give to the fields of a CloudTrail event.

A column may be in any casing (`eventName`, `eventname`, `EVENT_NAME`), dotted
(`useridentity.type`), below a tool's own prefix (`aws.cloudtrail.event_version`), or
named as in the table AWSCloudTrail of Microsoft Sentinel (`UserIdentityType`).

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/awscloudtrail
"""

from __future__ import annotations

import enum
import functools
import re
from typing import Final, TypeAlias

import msgspec

from checker.model import RECORD_FIELDS

Path: TypeAlias = tuple[str, ...]

OBJECTS: Final = frozenset(
    """
    userIdentity requestParameters responseElements additionalEventData
    serviceEventDetails tlsDetails insightDetails addendum edgeDeviceDetails
    eventContext
    """.split()
)
"""The top-level fields that hold an object."""

LISTS: Final = frozenset({"resources"})

NAMES: Final = frozenset({"eventSource", "eventName"})
"""The top-level texts by which every rule is chosen."""

OPAQUE: Final = frozenset(
    """
    requestParameters responseElements additionalEventData serviceEventDetails
    edgeDeviceDetails
    """.split()
)
"""The objects whose keys are the service's own: they keep the casing they have."""

_IDENTITY: Final = """
    type principalId arn accountId accessKeyId userName invokedBy identityProvider
    credentialId invokedByDelegate.accountId onBehalfOf.userId
    onBehalfOf.identityStoreArn inScopeOf.sourceArn inScopeOf.sourceAccount
    inScopeOf.issuerType inScopeOf.credentialsIssuedTo
    sessionContext.attributes.creationDate sessionContext.attributes.mfaAuthenticated
    sessionContext.sessionIssuer.type sessionContext.sessionIssuer.principalId
    sessionContext.sessionIssuer.arn sessionContext.sessionIssuer.accountId
    sessionContext.sessionIssuer.userName sessionContext.sourceIdentity
    sessionContext.webIdFederationData.federatedProvider
    sessionContext.webIdFederationData.attributes sessionContext.ec2RoleDelivery
    sessionContext.ec2IssuedInVpc sessionContext.assumedRoot
    sessionContext.signInSessionArn
    """.split()
_TLS: Final = "tlsVersion cipherSuite clientProvidedHostHeader keyExchange".split()
_OTHER_INNER: Final = """
    reason updatedFields originalRequestID originalEventID requestContext tagContext
    """.split()


def squashed(name: str) -> str:
    """Return a name without what tools change: its case, and signs between words."""
    return _SIGNS.sub("", name).lower()


_SIGNS = re.compile(r"[^A-Za-z0-9]+")

# eventId is a field of aggregated events; everywhere else it is another tool's eventID.
_TOP: Final = {squashed(name): name for name in RECORD_FIELDS - {"eventId"}}
_WITHIN: Final = {
    squashed(name): name
    for name in (
        *(part for path in _IDENTITY for part in path.split(".")),
        *_TLS,
        *_OTHER_INNER,
    )
} | {"credentiaisissuedto": "credentialsIssuedTo"}  # AWS's own spelling in Lake


def _paths() -> dict[str, Path]:
    """Return where the columns belong whose names put a path into one word."""
    found: dict[str, Path] = {}
    for name in _IDENTITY:
        path = ("userIdentity", *name.split("."))
        found[squashed("".join(path))] = path
        # Sentinel leaves out what goes without saying, as Elastic does.
        for shown in ("sessionIssuer", "sessionContext", "webIdFederationData"):
            if shown in path:
                rest = path[path.index(shown) :]
                found.setdefault(squashed("".join(rest)), path)
                found.setdefault(squashed("userIdentity" + "".join(rest)), path)
    attributes = ("userIdentity", "sessionContext", "attributes")
    for name in ("creationDate", "mfaAuthenticated"):
        for before in ("session", "userIdentitySessionContext"):
            found[squashed(before + name)] = (*attributes, name)
    for name in ("ec2RoleDelivery",):
        found[squashed(name)] = ("userIdentity", "sessionContext", name)
    for name in _TLS:
        found[squashed(name)] = ("tlsDetails", name)
    return found | {
        "awseventid": ("eventID",),
        "awsrequestid": ("requestID",),
        "eventtypename": ("eventType",),
        "timegenerated": ("eventTime",),
        "category": ("eventCategory",),
        "eventid": ("eventID",),
    }


_JOINED: Final = _paths()

_WRAPPERS: Final = frozenset(
    """
    aws awscloudtrail cloudtrail detail data result source event attributes fields
    jsonpayload log record records message body payload properties content custom
    """.split()
)
"""What tools put before the fields of the event that they carry."""

WHOLE: Final = frozenset(
    """
    cloudtrailevent eventjson raw original eventoriginal rawevent rawlog rawdata
    rawmessage
    """.split()
)
"""Columns that hold the event as its JSON text, and nothing else."""

CARRIERS: Final = frozenset(
    """
    message event log msg body data payload record detail line content textpayload
    """.split()
)
"""Columns that hold the event as text in a table that has no other column for it."""

_BOOKKEEPING: Final = frozenset(
    """
    time indextime host source index id score version status service env tags
    sourcetype splunkserver splunkservergroup linecount punct
    eventtype timestamp timestartpos timeendpos datehour datemday dateminute datemonth
    datesecond datewday dateyear datezone tag serial cd bkt si kv offset
    billedsize isbillable tenantid type sourcesystem resourceid itemid operationname
    cidrip ipprotocol sourceport destinationport
    year month day hour minute region account organization dt date partition path
    partitionyear partitionmonth partitionday ingestiontime ptr logstream log
    eventdatastore
    """.split()
)
"""Columns of partitions and of tools that say nothing of the event itself.

Sentinel's `CidrIp` and its neighbours repeat what `RequestParameters` has.
"""

_TELLING: Final = re.compile(
    r"identity|param|response|additional|session|mfa|principal|arn$|user|caller|actor"
    r"|accesskey|accountid|error|agent|sourceip|ipaddress|srcip|issuer|request|event"
    r"|resource|readonly|role|assumed"
)

_TOOLS_OWN: Final = ("date_", "@", "p_")
"""How tools' own columns begin: Splunk's times, Elastic's fields, and Panther's.

https://docs.panther.com/search/panther-fields
"""


class Kind(enum.Enum):
    """What a column is."""

    FIELD = "a field of the event"
    WHOLE = "the event as its JSON text"
    UNCLEAR = "a part of the event that cannot be put where it belongs"
    OTHER = "something of the tool's or the user's own"
    BOOKKEEPING = "known to say nothing of the event"


class Column(msgspec.Struct, frozen=True):
    """What the name of a column says; `path` is that of a field."""

    kind: Kind
    path: Path = ()


def column(name: str) -> Column:
    """Read the name of a column or key."""
    return _column(name) if len(name) <= _LONGEST else Column(Kind.OTHER)


_LONGEST: Final = 256
"""The most characters of a name that can be a field's."""


@functools.lru_cache(maxsize=4096)
def _column(name: str) -> Column:
    bare = name.strip().removesuffix("[UTC]").strip()
    if bare == "@message":  # of CloudWatch Logs Insights
        return Column(Kind.WHOLE)
    if "." in bare and (found := _dotted(bare.split("."))):
        return found
    joined = squashed(bare)
    if joined in _TOP:
        return Column(Kind.FIELD, (_TOP[joined],))
    if joined in _JOINED:
        return Column(Kind.FIELD, _JOINED[joined])
    if joined in WHOLE:
        return Column(Kind.WHOLE)
    if joined in _BOOKKEEPING or bare.startswith(_TOOLS_OWN):
        return Column(Kind.BOOKKEEPING)
    is_telling = _TELLING.search(joined) is not None
    return Column(Kind.UNCLEAR if is_telling else Kind.OTHER)


def _dotted(parts: list[str]) -> Column | None:
    """Read a dotted name: the parts before the event's own are a tool's."""
    for at, part in enumerate(parts):
        top = _TOP.get(squashed(part))
        if top is not None:
            return _below(top, parts[at + 1 :])
        if squashed(part) not in _WRAPPERS:
            return None
    return None


def _below(top: str, rest: list[str]) -> Column:
    if not rest:
        return Column(Kind.FIELD, (top,))
    if top not in OBJECTS or any(set(part) & set("{}[]") for part in (top, *rest)):
        return Column(Kind.UNCLEAR)
    joined = _JOINED.get(squashed(top + "".join(rest)))
    if joined is not None and joined[0] == top:
        return Column(Kind.FIELD, joined)
    if top not in OPAQUE:
        rest = [within(part) for part in rest]
    return Column(Kind.FIELD, (top, *rest))


def is_own(name: str) -> bool:
    """Return whether a key is a field of a record, in CloudTrail's own spelling."""
    return name in RECORD_FIELDS


def is_part(name: str) -> bool:
    """Return whether a key looks like a part of one of an event's objects."""
    joined = squashed(name)
    return joined not in _TOP and joined.startswith(_PARTS)


_PARTS: Final = (
    *(squashed(name) for name in OBJECTS - {"addendum"}),
    "sessioncontext",
    "sessionissuer",
)

INNER_OBJECTS: Final = frozenset(
    """
    sessionContext sessionIssuer attributes webIdFederationData onBehalfOf inScopeOf
    invokedByDelegate
    """.split()
)
"""The objects inside of userIdentity."""

_INNER: Final = frozenset(_WITHIN.values())


def is_inner(name: str) -> bool:
    """Return whether a key inside of userIdentity is in CloudTrail's own spelling."""
    return name in _INNER


JSON_TEXT: Final = frozenset(
    """
    policyDocument assumeRolePolicyDocument policy policyText resourcePolicy
    repositoryPolicyText templateBody stackPolicyBody imageManifest definition statement
    document content eventPattern keyPolicy accessPolicies dashboardBody
    """.split()
)
"""Parameters that hold JSON as text, in the records as in the calls."""


def within(name: str) -> str:
    """Return CloudTrail's spelling of a key inside an object; else as it is."""
    return _WITHIN.get(squashed(name), name)
