"""What the tests of remote sources share: events, keys, a bucket, counted calls."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import create_loader
from moto import mock_aws

BUCKET = "trail-example-bucket"
ACCOUNT = "123456789012"
OTHER = "210987654321"

Give = Callable[[dict[str, Any]], dict[str, Any] | Exception | None]


def event(
    number: int, time: str = "2026-11-20T12:00:00Z", **more: Any
) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "Root", "accountId": ACCOUNT},
        "eventTime": time,
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "eventID": f"id-{number}",
        **more,
    }


def log_file(*events: dict[str, Any]) -> bytes:
    text = json.dumps({"Records": events}, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def key(
    day: str,
    *,
    account: str = ACCOUNT,
    region: str = "us-east-1",
    root: str = "AWSLogs",
    folder: str = "CloudTrail",
    time: str = "1200",
    name: str = "Mu0KsOhtH1ar15ZZ",
) -> str:
    """The key of a log file that was delivered on a day, as `2026-11-20`."""
    year, month, date = day.split("-")
    stamp = f"{year}{month}{date}T{time}Z"
    return (
        f"{root}/{account}/{folder}/{region}/{year}/{month}/{date}/"
        f"{account}_{folder}_{region}_{stamp}_{name}.json.gz"
    )


LOADER = create_loader()


def new_session() -> boto3.Session:
    """Open a session; all share one loader, for reading the models takes longest."""
    below = botocore.session.get_session()
    below.register_component("data_loader", LOADER)
    return boto3.Session(region_name="us-east-1", botocore_session=below)


@contextmanager
def account(monkeypatch: Any) -> Iterator[boto3.Session]:
    """An empty account, of moto's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        session = new_session()
        session.client("s3").create_bucket(Bucket=BUCKET)
        yield session


def put(session: boto3.Session, name: str, data: bytes) -> None:
    session.client("s3").put_object(Bucket=BUCKET, Key=name, Body=data)


def answer(session: boto3.Session, operation: str, give: Give) -> None:
    """Answer an operation (`s3.GetObject`) in AWS's stead, unless `give` gives None."""

    def handler(model: Any, params: Any, context: Any, **_: Any) -> Any:
        found = give(asked(params, context))
        if found is None:
            return None
        if isinstance(found, Exception):
            raise found
        status = found.get("status", 400 if "Error" in found else 200)
        parsed = {"ResponseMetadata": {"HTTPStatusCode": status}, **found}
        headers = HTTPHeaders()
        return AWSResponse("https://example.invalid", status, headers, None), parsed

    session.events.register_first(f"before-call.{operation}", handler)


def calls(session: boto3.Session, service: str) -> list[tuple[str, dict[str, Any]]]:
    """Keep the calls of a service from now on: operations, and what was asked."""
    made: list[tuple[str, dict[str, Any]]] = []

    def handler(model: Any, params: Any, context: Any, **_: Any) -> None:
        made.append((model.name, asked(params, context)))

    session.events.register(f"before-call.{service}", handler)
    return made


def asked(params: Any, context: Any) -> dict[str, Any]:
    """The query, headers and body of a request, and its Region."""
    body = params.get("body")
    text = body if isinstance(body, (str, bytes)) else b""
    return {
        **(params.get("query_string") or {}),
        **{name.lower(): value for name, value in params["headers"].items()},
        **(json.loads(text) if text[:1] in ("{", b"{") else {}),
        "path": params.get("url_path", ""),
        "region": context["client_region"],
    }


def refusal(code: str, message: str = "no") -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}}
