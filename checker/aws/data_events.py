"""Which API calls AWS documents as data events.

Only what AWS's text or its printed samples say is here: a call that is not listed is
not thereby a management event, it is merely not named by AWS, and `lookup` answers
None.  `read_only` is True or False where a page or a printed record says so, and None
where AWS leaves it open.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-info-in-cloudtrail.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html
https://docs.aws.amazon.com/sns/latest/dg/logging-using-cloudtrail.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from checker.aws.resource_types import ARN_FORMATS


class DataEvent(msgspec.Struct, frozen=True):
    """One documented data event: its `resources.type`, and readOnly where AWS says.

    `unsigned` says that the call carries no AWS signature, so that its record names no
    caller: `userIdentity` is `{"type": "Unknown"}`, without an arn.
    """

    resource_type: str
    read_only: bool | None = None
    unsigned: bool = False


class _Group(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one event source on one resource type, by their readOnly value.

    `names` are those whose value AWS leaves open, `unsigned` those of any value that
    carry no AWS signature.  `complete` says that AWS calls the
    list complete, so that no other call can occur.
    """

    source: str
    resource_type: str
    read: str = ""
    write: str = ""
    names: str = ""
    unsigned: str = ""
    complete: bool = False

    def calls(self) -> list[tuple[str, bool | None]]:
        """Each call's name with its readOnly value."""
        kinds: tuple[tuple[str, bool | None], ...] = (
            (self.names, None),
            (self.read, True),
            (self.write, False),
        )
        return [(name, kind) for names, kind in kinds for name in names.split()]


_GROUPS = (
    _Group(
        source="cognito-identity.amazonaws.com",
        resource_type="AWS::Cognito::IdentityPool",
        write="GetCredentialsForIdentity GetId GetOpenIdToken "
        "GetOpenIdTokenForDeveloperIdentity UnlinkIdentity",
        unsigned="GetCredentialsForIdentity GetId GetOpenIdToken UnlinkIdentity",
        complete=True,
    ),
    _Group(
        source="s3.amazonaws.com",
        resource_type="AWS::S3::Object",
        read="GetObject HeadBucket ListObjects",
        write="DeleteObject DeleteObjects PutObject",
        names="AbortMultipartUpload CompleteMultipartUpload CopyObject "
        "CreateMultipartUpload DeleteObjectTagging GetObjectAcl GetObjectAttributes "
        "GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent "
        "HeadObject ListObjectVersions ListParts PostObject "
        "PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging "
        "RestoreObject SelectObjectContent UpdateObjectEncryption UploadPart "
        "UploadPartCopy",
    ),
    _Group(
        source="lambda.amazonaws.com",
        resource_type="AWS::Lambda::Function",
        write="Invoke",
    ),
    _Group(
        source="dynamodb.amazonaws.com",
        resource_type="AWS::DynamoDB::Table",
        write="BatchExecuteStatement ExecuteStatement PutItem TransactWriteItems "
        "UpdateItem",
        names="BatchGetItem BatchWriteItem DeleteItem ExecuteTransaction GetItem "
        "Query Scan TransactGetItems",
    ),
    _Group(
        source="dynamodb.amazonaws.com",
        resource_type="AWS::DynamoDB::Stream",
        read="GetRecords",
        names="GetShardIterator",
    ),
    _Group(
        source="sns.amazonaws.com",
        resource_type="AWS::SNS::Topic",
        write="Publish PublishBatch",
    ),
    _Group(
        source="sns.amazonaws.com",
        resource_type="AWS::SNS::PlatformEndpoint",
        write="Publish",
    ),
    _Group(
        source="sqs.amazonaws.com",
        resource_type="AWS::SQS::Queue",
        write="SendMessage",
        names="ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage "
        "DeleteMessageBatch GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues "
        "ListQueueTags ListQueues ReceiveMessage SendMessageBatch",
    ),
    _Group(
        source="ebs.amazonaws.com",
        resource_type="AWS::EC2::Snapshot",
        names="GetSnapshotBlock ListChangedBlocks ListSnapshotBlocks PutSnapshotBlock",
    ),
    _Group(
        source="cloudtrail-data.amazonaws.com",
        resource_type="AWS::CloudTrail::Channel",
        names="PutAuditEvents",
    ),
    _Group(
        source="appconfig.amazonaws.com",
        resource_type="AWS::AppConfig::Configuration",
        names="GetLatestConfiguration StartConfigurationSession",
    ),
    _Group(
        source="b2bi.amazonaws.com",
        resource_type="AWS::B2BI::Transformer",
        names="GetTransformerJob StartTransformerJob",
    ),
    _Group(
        source="kinesisvideo.amazonaws.com",
        resource_type="AWS::KinesisVideo::Stream",
        names="GetMedia PutMedia",
    ),
    _Group(
        source="sagemaker.amazonaws.com",
        resource_type="AWS::SageMaker::Endpoint",
        names="InvokeEndpointWithResponseStream",
    ),
)

_EVENTS: Mapping[tuple[str, str], DataEvent] = {
    # The first group to name a call wins: SNS Publish is to a topic.
    (group.source, name): DataEvent(
        group.resource_type, read_only, name in group.unsigned.split()
    )
    for group in reversed(_GROUPS)
    for name, read_only in group.calls()
}
_BY_TYPE: Mapping[str, _Group] = {group.resource_type: group for group in _GROUPS}


def lookup(event_source: str, event_name: str) -> DataEvent | None:
    """Return the documented data event of that name, None when AWS names none."""
    return _EVENTS.get((event_source, event_name))


def every() -> Iterable[tuple[str, str]]:
    """Return the event source and name of each documented data event."""
    return _EVENTS.keys()


def names(resource_type: str) -> tuple[str, ...]:
    """Return the calls that AWS names for a type, sorted; empty when it names none."""
    group = _BY_TYPE.get(resource_type)
    return tuple(sorted(name for name, _ in group.calls())) if group else ()


def complete(resource_type: str) -> bool:
    """Return whether AWS calls `names(resource_type)` complete."""
    group = _BY_TYPE.get(resource_type)
    return group is not None and group.complete


def source(resource_type: str) -> str | None:
    """Return the event source of a type's documented calls, None when not named."""
    group = _BY_TYPE.get(resource_type)
    return group.source if group else None


def arn_head(
    resource_type: str, partition: str, region: str, account: str
) -> tuple[str, bool]:
    """Return the text that every ARN of a type begins with, up to its first free part.

    The flag says whether AWS prints the type's format; without it only the partition
    is sure.
    """
    text = ARN_FORMATS.get(resource_type)
    if text is None:
        return f"arn:{partition}:", False
    literal = text.split("<", 1)[0]
    return literal.format(partition=partition, region=region, account=account), True


def arn_fits(resource_type: str, arn: str) -> bool:
    """Return whether a whole ARN can be of a type, by the format that AWS prints.

    The ARN of a bucket is not one of an object.  Which partition, Region and account
    it names does not count; a type without a printed format has ARNs of every shape.
    """
    text = ARN_FORMATS.get(resource_type)
    if text is None:
        return True
    wanted, given = text.split(":", 5), arn.split(":", 5)
    if len(given) < 6 or given[2] != wanted[2]:
        return False
    first, *literals = _FREE.split(wanted[5])
    if not given[5].startswith(first):
        return False
    place = len(first)
    for literal in literals:
        # Each free part has at least one character, and the last goes to the end.
        place = given[5].find(literal, place + 1)
        if place < 0:
            return False
        place += len(literal)
    return True


_FREE = re.compile(r"<[^>]*>")
