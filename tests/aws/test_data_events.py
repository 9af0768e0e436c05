from __future__ import annotations

import re

import pytest

from checker.aws import data_events
from checker.aws.data_events import DataEvent
from checker.aws.resource_types import ARN_FORMATS, BASIC_TYPES, RESOURCE_TYPES

COGNITO = "AWS::Cognito::IdentityPool"
COGNITO_SOURCE = "cognito-identity.amazonaws.com"


def test_the_five_calls_of_an_identity_pool_are_all_and_never_read_only() -> None:
    assert data_events.complete(COGNITO)
    assert len(data_events.names(COGNITO)) == 5
    for name in data_events.names(COGNITO):
        found = data_events.lookup(COGNITO_SOURCE, name)
        assert found is not None
        assert (found.resource_type, found.read_only) == (COGNITO, False)


def test_only_the_developer_call_of_an_identity_pool_is_signed() -> None:
    signed = [
        name
        for name in data_events.names(COGNITO)
        if (found := data_events.lookup(COGNITO_SOURCE, name)) and not found.unsigned
    ]
    assert signed == ["GetOpenIdTokenForDeveloperIdentity"]


def test_management_calls_are_no_data_events() -> None:
    for source, name in (
        (COGNITO_SOURCE, "LookupDeveloperIdentity"),
        (COGNITO_SOURCE, "CreateIdentityPool"),
        ("kms.amazonaws.com", "Decrypt"),
        ("s3.amazonaws.com", "PutBucketPolicy"),
        ("sqs.amazonaws.com", "CreateQueue"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2"),
    ):
        assert data_events.lookup(source, name) is None


def test_the_name_alone_does_not_make_a_data_event() -> None:
    assert data_events.lookup("ec2.amazonaws.com", "GetObject") is None


def test_publish_is_to_a_topic_first() -> None:
    found = data_events.lookup("sns.amazonaws.com", "Publish")
    assert found == DataEvent("AWS::SNS::Topic", read_only=False)


def test_every_documented_type_is_in_the_table_of_types() -> None:
    assert len(RESOURCE_TYPES) == 250
    assert set(ARN_FORMATS) <= RESOURCE_TYPES
    assert BASIC_TYPES <= RESOURCE_TYPES
    for kind in RESOURCE_TYPES:
        source = data_events.source(kind)
        for name in data_events.names(kind):
            assert source is not None
            assert data_events.lookup(source, name) is not None


def test_the_head_of_an_arn_is_what_every_arn_of_the_type_begins_with() -> None:
    def head(kind: str) -> str:
        return data_events.arn_head(kind, "aws-cn", "cn-north-1", "123456789012")[0]

    assert head("AWS::S3::Object") == "arn:aws-cn:s3:::"
    assert head(COGNITO) == (
        "arn:aws-cn:cognito-identity:cn-north-1:123456789012:identitypool/"
    )
    assert head("AWS::SES::Template") == "arn:aws-cn:"


@pytest.mark.parametrize(
    ("kind", "arn", "expected"),
    [
        ("AWS::S3::Object", "arn:aws:s3:::shop/photo", True),
        ("AWS::S3::Object", "arn:aws:s3:::shop/", False),
        ("AWS::S3::Object", "arn:aws:s3:::shop", False),
        ("AWS::S3::Object", "arn:aws:s3", False),
        ("AWS::EC2::Snapshot", "arn:aws:ec2:eu-west-1::snapshot/snap-1", True),
        ("AWS::EC2::Snapshot", "arn:aws:ec2:eu-west-1::volume/vol-1", False),
        ("AWS::EC2::Snapshot", "arn:aws:ebs:eu-west-1::snapshot/snap-1", False),
        (
            "AWS::CloudFront::KeyValueStore",
            "arn:aws:cloudfront::123456789012:key-value-store/routes",
            True,
        ),
        ("AWS::New::Thing", "whatever", True),
    ],
)
def test_a_whole_arn_fits_a_type_by_the_format_that_aws_prints(
    kind: str, arn: str, *, expected: bool
) -> None:
    assert data_events.arn_fits(kind, arn) is expected


def test_every_printed_format_fits_itself() -> None:
    for kind, text in ARN_FORMATS.items():
        arn = re.sub(r"<[^>]*>|\{\w+\}", "x", text)

        assert data_events.arn_fits(kind, arn), kind


# What the services' own pages list, as read in November 2026:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html
LISTED = {
    "AWS::S3::Object": """
        AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload
        DeleteObject DeleteObjectTagging DeleteObjects GetObject GetObjectAcl
        GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging
        GetObjectTorrent HeadObject HeadBucket ListObjectVersions ListObjects ListParts
        PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging
        RestoreObject SelectObjectContent UpdateObjectEncryption UploadPart
        UploadPartCopy
    """,
    "AWS::DynamoDB::Table": """
        BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem ExecuteStatement
        ExecuteTransaction GetItem PutItem Query Scan TransactGetItems
        TransactWriteItems UpdateItem
    """,
    "AWS::DynamoDB::Stream": "GetRecords GetShardIterator",
    "AWS::SQS::Queue": """
        ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage
        DeleteMessageBatch GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues
        ListQueues ListQueueTags ReceiveMessage SendMessage SendMessageBatch
    """,
}
# Listed on the page of S3 until 2023, and for a browser's upload only.
EARLIER = {"AWS::S3::Object": {"PostObject"}}


@pytest.mark.parametrize("kind", sorted(LISTED))
def test_the_calls_of_a_type_are_those_that_its_service_lists(kind: str) -> None:
    earlier = EARLIER.get(kind, set())
    assert set(data_events.names(kind)) - earlier == set(LISTED[kind].split())
