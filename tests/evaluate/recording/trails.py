"""Build raw trails, event data stores and events for the tests here."""

from __future__ import annotations

from typing import Any

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
POOL = f"arn:aws:cognito-identity:eu-west-1:{ACCOUNT}:identitypool/eu-west-1:0da1"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
MALLORY = f"arn:aws:iam::{ACCOUNT}:user/mallory"
S3 = "AWS::S3::Object"
LAMBDA = "AWS::Lambda::Function"
TABLE = "AWS::DynamoDB::Table"
COGNITO = "AWS::Cognito::IdentityPool"


def trail(
    *,
    advanced: list[Any] | None = None,
    basic: list[dict[str, Any]] | None = None,
    region: str = "us-east-1",
    account: str = ACCOUNT,
    name: str = "main",
    **overrides: Any,
) -> dict[str, Any]:
    """A logging multi-Region trail, as a snapshot holds it."""
    return {
        "TrailARN": f"arn:aws:cloudtrail:{region}:{account}:trail/{name}",
        "Name": name,
        "HomeRegion": region,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "IsOrganizationTrail": False,
        "S3BucketName": "audit-logs",
        "status": {"IsLogging": True},
        "event_selectors": {
            "EventSelectors": basic or [],
            "AdvancedEventSelectors": advanced or [],
        },
        "insight_selectors": None,
        "aggregation_configurations": None,
        "_state": {
            "status": "ok",
            "event_selectors": "ok",
            "insight_selectors": "absent",
            "aggregation_configurations": "absent",
        },
        **overrides,
    }


def store(*advanced: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    """An enabled multi-Region event data store."""
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/EXAMPLE-f852"
    return {
        "EventDataStoreArn": arn,
        "Name": "lake",
        "Status": "ENABLED",
        "MultiRegionEnabled": True,
        "OrganizationEnabled": False,
        "AdvancedEventSelectors": list(advanced),
        **overrides,
    }


def selector(
    category: str, *fields: dict[str, Any], name: str | None = None
) -> dict[str, Any]:
    """One advanced event selector."""
    named = {"Name": name} if name else {}
    return {
        **named,
        "FieldSelectors": [field("eventCategory", Equals=category), *fields],
    }


def data(
    resource_type: str, *fields: dict[str, Any], name: str | None = None
) -> dict[str, Any]:
    """One advanced event selector for data events of a type."""
    on_type = field("resources.type", Equals=resource_type)
    return selector("Data", on_type, *fields, name=name)


def field(name: str, **operators: Any) -> dict[str, Any]:
    """One field selector; a single value may stand without its list."""
    return {
        "Field": name,
        **{
            operator: [values] if isinstance(values, str) else values
            for operator, values in operators.items()
        },
    }


def basic(access: str = "All", **overrides: Any) -> dict[str, Any]:
    """One basic event selector, as GetEventSelectors gives it."""
    return {
        "ReadWriteType": access,
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
        **overrides,
    }


def resources(resource_type: str, *values: Any) -> dict[str, Any]:
    """The data resources of a basic event selector without management events."""
    return {
        "IncludeManagementEvents": False,
        "DataResources": [{"Type": resource_type, "Values": list(values)}],
    }


def event(
    source: str = "ec2.amazonaws.com", name: str = "RunInstances", **overrides: Any
) -> dict[str, Any]:
    """A management event that writes, of eu-west-1."""
    return {
        "eventVersion": "1.11",
        "eventCategory": "Management",
        "managementEvent": True,
        "eventType": "AwsApiCall",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "readOnly": False,
        "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "IAMUser", "arn": ALICE, "accountId": ACCOUNT},
        **overrides,
    }


def without(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The record without some of its fields."""
    return {key: value for key, value in record.items() if key not in keys}


def data_event(
    source: str, name: str, resource_type: str, arn: str, **overrides: Any
) -> dict[str, Any]:
    """A data event on one resource."""
    made = event(source, name, eventCategory="Data", managementEvent=False)
    made["resources"] = [{"type": resource_type, "ARN": arn, "accountId": ACCOUNT}]
    return {**made, **overrides}


def get_id(**overrides: Any) -> dict[str, Any]:
    """Cognito's unsigned GetId."""
    return data_event(
        "cognito-identity.amazonaws.com",
        "GetId",
        COGNITO,
        POOL,
        **{"userIdentity": {"type": "Unknown"}, **overrides},
    )


def put_object(key: str = "shop/photo", **overrides: Any) -> dict[str, Any]:
    """S3's PutObject."""
    arn = f"arn:aws:s3:::{key}"
    return data_event("s3.amazonaws.com", "PutObject", S3, arn, **overrides)


def get_object(key: str = "shop/photo", **overrides: Any) -> dict[str, Any]:
    """S3's GetObject, with its bucket beside the object."""
    bucket = {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{key.partition('/')[0]}"}
    made = put_object(key, eventName="GetObject", readOnly=True)
    return {**made, "resources": [*made["resources"], bucket], **overrides}


def list_objects(bucket: str = "shop") -> dict[str, Any]:
    """S3's ListObjects, which has an ARNPrefix in place of an object's ARN."""
    found = [
        {"type": S3, "ARNPrefix": f"arn:aws:s3:::{bucket}/"},
        {"type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
    ]
    return put_object(eventName="ListObjects", readOnly=True, resources=found)


def invoke(function: str = "pay", **overrides: Any) -> dict[str, Any]:
    """Lambda's Invoke."""
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{function}"
    return data_event("lambda.amazonaws.com", "Invoke", LAMBDA, arn, **overrides)


def table(name: str = "orders") -> str:
    """The ARN of a DynamoDB table."""
    return f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{name}"


def put_item(name: str = "orders", **overrides: Any) -> dict[str, Any]:
    """DynamoDB's PutItem."""
    return data_event(
        "dynamodb.amazonaws.com", "PutItem", TABLE, table(name), **overrides
    )


def vpce(source: str = "s3.amazonaws.com", **overrides: Any) -> dict[str, Any]:
    """A call through a VPC endpoint that its policy denied."""
    return event(
        source,
        "ListBuckets",
        eventCategory="NetworkActivity",
        managementEvent=False,
        eventType="AwsVpceEvent",
        **{"errorCode": "VpceAccessDenied", "vpcEndpointId": "vpce-0a1", **overrides},
    )


def insight(kind: str = "ApiCallRateInsight", **details: Any) -> dict[str, Any]:
    """The start of an Insights event."""
    return {
        "eventVersion": "1.09",
        "eventType": "AwsCloudTrailInsight",
        "eventCategory": "Insight",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "insightDetails": {
            "state": "Start",
            "eventSource": "ec2.amazonaws.com",
            "eventName": "RunInstances",
            "insightType": kind,
            **details,
        },
    }


def delivery(bucket: str = "audit-logs", **overrides: Any) -> dict[str, Any]:
    """CloudTrail's own delivery of a log file."""
    identity = {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    parameters = {"bucketName": bucket, "key": "AWSLogs/x.json.gz"}
    return put_object(
        f"{bucket}/AWSLogs/x.json.gz",
        **{"userIdentity": identity, "requestParameters": parameters, **overrides},
    )
