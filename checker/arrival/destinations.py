"""Send what was found in an object to where the user wants it.

What is sent twice, because its notification came twice, can be recognised: in S3 it has
the same name, elsewhere each finding has the same fingerprint.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TextIO

from checker import secrets
from checker.arrival.notices import Notice
from checker.errors import UsageError
from checker.model import Report, Unreadable
from checker.reports import json as report_json

MOST_BYTES: Final = 256 * 1024
"""The size of a message, or of the entries of one call.

https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

_ROOM: Final = 2 * 1024
"""What attributes, names and times of an entry take at most."""

_TOGETHER: Final = 10
_LONGEST_KEY: Final = 1024
_S3: Final = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<prefix>.*)", re.DOTALL)
_TOPIC: Final = re.compile(r"arn:[^:]+:sns:(?P<region>[^:]+):\d{12}:[\w-]+(\.fifo)?")
_BUS: Final = re.compile(
    r"arn:[^:]+:events:(?P<region>[^:]+):\d{12}:event-bus/[\w./-]+"
)


class SendError(Exception):
    """AWS took some of what was sent, and refused the rest."""


class Destination(Protocol):
    """Where findings and problems go."""

    def send(self, notice: Notice, report: Report) -> None:
        """Send what one object gave; raises what AWS's clients do, or `SendError`."""

    def owns(self, notice: Notice) -> bool:
        """Return whether an object was written by this destination itself."""


@dataclass(frozen=True, slots=True)
class Item:
    """A finding or a problem as it is sent: one line of JSON, and what names it."""

    kind: str
    text: str
    name: str
    rule: str
    level: str


def items(report: Report) -> Iterator[Item]:
    """Yield the findings and the problems of a report, each as one item."""
    for finding in report.findings:
        yield Item(
            "finding",
            report_json.line(finding),
            finding.fingerprint,
            finding.rule.name,
            finding.level.value,
        )
    for problem in report.problems:
        text = _problem(problem)
        name = hashlib.sha256(text.encode()).hexdigest()
        yield Item("problem", text, name, "-", "-")


def _problem(problem: Unreadable) -> str:
    row = {"uri": problem.uri, "record": problem.record, "reason": problem.reason}
    return report_json.encode({"problem": secrets.hide(row)})


@dataclass(frozen=True, slots=True)
class Stdout:
    """One line of JSON for each finding and problem: CloudWatch Logs, in Lambda."""

    stream: TextIO | None = None

    def send(self, notice: Notice, report: Report) -> None:
        """Write the lines."""
        del notice
        stream = self.stream or sys.stdout
        stream.writelines(f"{item.text}\n" for item in items(report))
        stream.flush()

    def owns(self, notice: Notice) -> bool:
        """Return False: nothing here becomes an object."""
        del notice
        return False


@dataclass(frozen=True, slots=True)
class S3:
    """One report (`schemas/report.json`) for each object that gave any."""

    client: Any
    bucket: str
    prefix: str

    def send(self, notice: Notice, report: Report) -> None:
        """Write the report under a name that depends on the object alone."""
        self.client.put_object(
            Bucket=self.bucket,
            Key=self.key(notice),
            Body="".join(report_json.render(report)).encode(),
            ContentType="application/json",
        )

    def owns(self, notice: Notice) -> bool:
        """Return whether an object is one of the reports."""
        # Their names end so; log files are compressed, and may have the same prefix.
        key = notice.key
        is_report = key.startswith(self.prefix) and key.endswith(".json")
        return notice.bucket == self.bucket and is_report

    def key(self, notice: Notice) -> str:
        """Return the name of the report on an object, the same each time."""
        version = f".{_digest(notice.version)[:16]}" if notice.version else ""
        name = f"{self.prefix}{notice.bucket}/{notice.key}{version}.json"
        if len(name.encode("utf-8", "replace")) <= _LONGEST_KEY:
            return name
        digest = _digest(f"{notice.bucket}/{notice.key}")
        return f"{self.prefix}{notice.bucket}/{digest}{version}.json"


@dataclass(frozen=True, slots=True)
class Topic:
    """One message of SNS for each finding and problem, with attributes to filter by.

    A FIFO topic drops those with the same fingerprint for five minutes.
    """

    client: Any
    arn: str

    def send(self, notice: Notice, report: Report) -> None:
        """Publish the messages."""
        del notice
        for some in batches(items(report)):
            rows = [self._entry(number, item) for number, item in enumerate(some)]
            answer = self.client.publish_batch(
                TopicArn=self.arn, PublishBatchRequestEntries=rows
            )
            refused = answer.get("Failed") or ()
            if refused:
                raise SendError(
                    f"SNS refused {len(refused)} messages: {_code(refused)}"
                )
            taken = answer.get("Successful") or ()
            if len(taken) < len(rows):
                raise SendError(_untold("SNS", len(rows) - len(taken)))

    def owns(self, notice: Notice) -> bool:
        """Return False: nothing here becomes an object."""
        del notice
        return False

    def _entry(self, number: int, item: Item) -> dict[str, Any]:
        fifo = (
            {"MessageGroupId": item.rule, "MessageDeduplicationId": item.name}
            if self.arn.endswith(".fifo")
            else {}
        )
        about = {
            "kind": item.kind,
            "rule": item.rule,
            "level": item.level,
            "fingerprint": item.name,
        }
        return {
            "Id": str(number),
            "Message": item.text,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value}
                for name, value in about.items()
            },
            **fifo,
        }


@dataclass(frozen=True, slots=True)
class Bus:
    """One event of EventBridge for each finding and problem, with it as the detail."""

    client: Any
    arn: str

    def send(self, notice: Notice, report: Report) -> None:
        """Put the events on the bus."""
        resource = notice.uri.encode("ascii", "backslashreplace").decode()
        for some in batches(items(report)):
            rows = [
                {
                    "Source": "trailcheck",
                    "DetailType": f"trailcheck {item.kind}",
                    "Detail": item.text,
                    "Resources": [resource],
                    "EventBusName": self.arn,
                }
                for item in some
            ]
            answer = self.client.put_events(Entries=rows)
            taken = answer.get("Entries") or ()
            refused = [row for row in taken if row.get("ErrorCode")]
            if refused:
                raise SendError(
                    f"EventBridge refused {len(refused)} events: {_code(refused)}"
                )
            if len(taken) < len(rows):
                raise SendError(_untold("EventBridge", len(rows) - len(taken)))

    def owns(self, notice: Notice) -> bool:
        """Return False: nothing here becomes an object."""
        del notice
        return False


def batches(some: Iterable[Item]) -> Iterator[Sequence[Item]]:
    """Yield the items in groups that one call takes."""
    held: list[Item] = []
    size = 0
    for item in map(fitted, some):
        length = len(item.text) + _ROOM
        if held and (len(held) == _TOGETHER or size + length > MOST_BYTES):
            yield held
            held, size = [], 0
        held.append(item)
        size += length
    if held:
        yield held


def fitted(item: Item) -> Item:
    """Return an item that fits into one message: the evidence goes first.

    The text is ASCII, so that its length is its bytes.
    """
    most = MOST_BYTES - _ROOM
    if len(item.text) <= most:
        return item
    row: dict[str, Any] = json.loads(item.text)
    for name in ("evidence", "location", "message", "problem"):
        if name in row:
            row[name] = _left_out(name)
        text = report_json.encode(row)
        if len(text) <= most:
            break
    return Item(item.kind, text, item.name, item.rule, item.level)


def _left_out(name: str) -> object:
    note = "left out: longer than a message may be"
    if name == "evidence":
        return {"leftOut": note}
    return None if name == "location" else note


def _untold(service: str, count: int) -> str:
    return f"{service}'s answer does not name {count} of the items that were sent"


def _code(refused: Sequence[dict[str, Any]]) -> str:
    row = refused[0]
    return str(row.get("ErrorCode") or row.get("Code"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Clients:
    """Clients of AWS, made when they are first needed and kept."""

    made: dict[tuple[str, str | None], Any] = field(default_factory=dict)

    def get(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service."""
        found = self.made.get((service, region))
        if found is None:
            # boto3 is slow to load, and not needed where nothing has arrived.
            from checker.sources.api.session import open_session
            from checker.sources.events.remote.clients import client

            found = client(open_session(), service, region)
            self.made[service, region] = found
        return found


def open_destination(address: str, clients: Clients) -> Destination:
    """Return the destination that an address names.

    Raises `UsageError` for anything but `stdout`, `s3://BUCKET/PREFIX`, and the ARN of
    a topic or of an event bus.
    """
    if address == "stdout":
        return Stdout()
    if found := _S3.fullmatch(address):
        prefix = found["prefix"].rstrip("/")
        if not prefix:
            raise UsageError(
                f"TRAILCHECK_FINDINGS={address}: name a prefix too, such as "
                f"s3://{found['bucket']}/findings"
            )
        return S3(clients.get("s3"), found["bucket"], f"{prefix}/")
    if found := _TOPIC.fullmatch(address):
        return Topic(clients.get("sns", found["region"]), address)
    if found := _BUS.fullmatch(address):
        return Bus(clients.get("events", found["region"]), address)
    raise UsageError(
        f"TRAILCHECK_FINDINGS={address}: write stdout, s3://BUCKET/PREFIX, or the ARN "
        "of an SNS topic or of an EventBridge event bus"
    )
