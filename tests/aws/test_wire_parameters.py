"""Parameters of S3 and EC2 in records: what is surely wrong, and what may be right."""

from __future__ import annotations

import pytest

from checker.aws import api_models, api_parameters
from checker.aws.shapes import Shape


def shape(source: str, call: str) -> Shape:
    several = api_models.operations(f"{source}.amazonaws.com")[call]
    # S3 Control has calls of the same names.
    (service,) = (each for each in several if each.folder == source)
    return api_parameters.parameters(service, call, "input")


def holds(source: str, call: str, path: str) -> bool:
    found: Shape | None = shape(source, call)
    for name in path.split("."):
        listed = name.removesuffix("[]")
        found = None if found is None else found.member(listed)
        if found is not None and listed != name:
            found = found.each()
    return found is not None


@pytest.mark.parametrize(
    ("source", "call", "path"),
    [
        ("s3", "PutObject", "bucketName"),
        ("s3", "PutObject", "x-amz-server-side-encryption"),
        ("s3", "ListObjects", "list-type"),
        ("s3", "PutBucketAcl", "acl"),
        ("s3", "PutBucketAcl", "AccessControlPolicy.AccessControlList.Grant"),
        ("s3", "PutBucketPolicy", "bucketPolicy.Statement"),
        ("s3", "PutBucketPolicy", "policy"),
        ("s3", "PutObject", "anything-else"),
        ("ec2", "StopInstances", "instancesSet.items[].instanceId"),
        ("ec2", "StopInstances", "force"),
        ("ec2", "GetConsoleScreenshot", "GetConsoleScreenshotRequest.InstanceId"),
        ("ec2", "ModifySnapshotAttribute", "createVolumePermission.add.items[].group"),
        (
            "ec2",
            "AuthorizeSecurityGroupIngress",
            "ipPermissions.items[].ipRanges.items[].cidrIp",
        ),
        ("ec2", "RunInstances", "somethingNew.items[].name"),
    ],
)
def test_what_a_record_can_hold_is_taken(source: str, call: str, path: str) -> None:
    assert holds(source, call, path)


@pytest.mark.parametrize(
    ("source", "call", "path", "right"),
    [
        ("s3", "PutObject", "bucket", "bucketName"),
        ("s3", "PutObject", "Key", "key"),
        ("s3", "DeleteBucket", "bucketname", "bucketName"),
        (
            "s3",
            "PutObject",
            "serverSideEncryption",
            "x-amz-server-side-encryption",
        ),
        ("s3", "PutBucketPolicy", "Policy", "bucketPolicy"),
        ("ec2", "StopInstances", "instanceIds", "instancesSet.items[].instanceId"),
        ("ec2", "GetPasswordData", "InstanceId", "instanceId"),
        ("ec2", "GetPasswordData", "instanceid", "instanceId"),
        ("ec2", "CreateFlowLogs", "createFlowLogsRequest", "CreateFlowLogsRequest"),
    ],
)
def test_what_no_record_holds_has_the_right_name_beside_it(
    source: str, call: str, path: str, right: str
) -> None:
    assert not holds(source, call, path)
    assert shape(source, call).instead[path.lower()] == right


def test_a_list_of_ec2_is_within_an_object() -> None:
    found = shape("ec2", "AuthorizeSecurityGroupEgress").member("ipPermissions")

    assert found is not None
    assert found.kind == "object"
    assert found.member("Items") is None
