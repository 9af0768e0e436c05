"""Evaluate the detections on the objects of one Lambda event, and send the findings."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

from checker import secrets
from checker.arrival import logs
from checker.arrival.destinations import Clients, Destination, SendError
from checker.arrival.notices import Broken, Message, Notice, PassedOver, read
from checker.evaluate.correlation import Plan
from checker.model import (
    AnyRule,
    CorrelationRule,
    DetectionRule,
    Report,
    Unreadable,
)
from checker.run.scanning.job import Job, make_job
from checker.run.scanning.merge import merge
from checker.run.scanning.worker import Scanner
from checker.sources.events.files import Input
from checker.sources.events.period import Period

LARGEST: Final = 256 << 20
"""The bytes of an object that is read; CloudTrail's have up to 50 MB."""

_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "InvalidObjectState", "404"})
"""Codes of S3 after which another try gives no other answer."""

_RESERVE_MS: Final = 5_000
"""With less time left than this, no other object is begun."""

Remaining = Callable[[], int]
"""Returns how many milliseconds are left."""


class ArrivalError(Exception):
    """Some of an event failed: Lambda is to try again, then to send it elsewhere."""


class _FailedError(Exception):
    """An object could not be read, or its findings not sent; another try may help."""


@dataclass
class Summary:
    """What became of one event, as it is logged."""

    objects: int = 0
    events: int = 0
    findings: int = 0
    problems: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def line(self, correlations: int) -> str:
        """Return it as one line of JSON, without secrets."""
        row = {
            "objects": self.objects,
            "events": self.events,
            "findings": self.findings,
            "problems": self.problems,
            "passedOver": dict(self.passed_over),
            "failures": self.failures,
            "correlations": f"{correlations} left to the scheduled scan",
        }
        return json.dumps({"trailcheck": secrets.hide(row)})


class Arrival:
    """The rules, compiled, and where findings go: made once in each process."""

    def __init__(
        self,
        rules: Sequence[AnyRule],
        destination: Destination,
        clients: Clients,
        *,
        bases: Sequence[AnyRule] = (),
        log: TextIO | None = None,
    ) -> None:
        """Compile the detections; what correlations silence reports nothing here too.

        `bases` are rules that report nothing, as for `run.scan`.
        """
        job = make_job(rules, bases)
        quiet = job.plan.quiet
        names = {rule.name for rule in job.chosen}
        self._detections = tuple(
            rule
            for rule in job.detections
            if rule.name in names and rule.name not in quiet
        )
        self._correlations = sum(isinstance(r, CorrelationRule) for r in job.chosen)
        self._scanner = Scanner(
            Job(self._detections, self._detections, Plan(), Period())
        )
        self._destination = destination
        self._clients = clients
        self._log = log

    @property
    def detections(self) -> tuple[DetectionRule, ...]:
        """The rules that may report."""
        return self._detections

    def handle(self, event: object, remaining: Remaining | None = None) -> Any:
        """Evaluate what has arrived; returns what Lambda expects.

        Of SQS's messages those that failed are named, so that only they come again:
        the event source mapping must have ReportBatchItemFailures.  Raises
        `ArrivalError` when anything of another event failed.
        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
        """
        found = read(event)
        summary = Summary()
        done: set[Notice] = set()
        failed: list[str | None] = []
        for message in found.messages:
            late = remaining is not None and remaining() < _RESERVE_MS
            if late or (failed and found.in_order):
                why = "no time is left" if late else "a message before it failed"
                summary.failures.append(f"not begun: {why}")
                failed.append(message.id)
            elif not self._message(message, summary, done):
                failed.append(message.id)
        print(summary.line(self._correlations), file=self._log or sys.stderr)
        if found.is_batch:
            if None in failed:
                # Without a name, only the whole batch can come again.
                raise ArrivalError("a message without a messageId failed")
            return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
        if failed:
            reasons = "; ".join(summary.failures[:5])
            raise ArrivalError(secrets.hide_text(reasons))
        return {"objects": summary.objects, "findings": summary.findings}

    def _message(self, message: Message, summary: Summary, done: set[Notice]) -> bool:
        """Evaluate the objects of a message; returns whether all of them are done."""
        whole = True
        for part in message.parts:
            try:
                if isinstance(part, Notice):
                    if part not in done:
                        self._notice(part, summary)
                        done.add(part)
                elif isinstance(part, PassedOver):
                    summary.passed_over[part.reason] += 1
                else:
                    _refuse(part)
            except _FailedError as error:
                summary.failures.append(str(error))
                whole = False
        return whole

    def _notice(self, notice: Notice, summary: Summary) -> None:
        kind = logs.passed_over(notice.key)
        if self._destination.owns(notice):
            kind = "own reports"
        if kind is not None:
            summary.passed_over[kind] += 1
            return
        report = self.evaluate(notice)
        summary.objects += 1
        summary.events += report.statistics.events
        summary.findings += len(report.findings)
        summary.problems += len(report.problems)
        if report.findings or report.problems:
            self._send(notice, report)

    def evaluate(self, notice: Notice) -> Report:
        """Return the report on one object."""
        data = self._get(notice)
        item = (
            data
            if isinstance(data, Unreadable)
            else Input(notice.uri, None, len(data), data=data)
        )
        pieces = self._scanner.pieces(item)
        return merge(self._detections, [[(0, piece) for piece in pieces]])

    def _get(self, notice: Notice) -> bytes | Unreadable:
        from checker.sources.api.failures import code, failures
        from checker.sources.events.remote.errors import reason

        version = {"VersionId": notice.version} if notice.version else {}
        try:
            answer = self._clients.get("s3").get_object(
                Bucket=notice.bucket, Key=notice.key, **version
            )
            with answer["Body"] as body:
                data: bytes = body.read(LARGEST + 1)
        except failures() as error:
            why = f"it cannot be read: {reason(error, 's3:GetObject')}"
            if code(error) in _GONE:
                return Unreadable(notice.uri, None, why)
            raise _FailedError(f"{notice.uri}: {why}") from error
        if len(data) > LARGEST:
            why = f"it has more than {LARGEST >> 20} MiB: scan it with trailcheck scan"
            return Unreadable(notice.uri, None, why)
        return data

    def _send(self, notice: Notice, report: Report) -> None:
        from checker.sources.api.failures import code, failures, message

        try:
            self._destination.send(notice, report)
        except SendError as error:
            raise _FailedError(f"{notice.uri}: {error}") from error
        except failures() as error:
            said = f"{code(error)}: {message(error):.200}"
            raise _FailedError(
                f"{notice.uri}: its findings cannot be sent: {said}"
            ) from error


def _refuse(part: Broken) -> None:
    raise _FailedError(part.reason)


def environment(environ: Mapping[str, str], name: str, default: str) -> str:
    """Return a setting of the user's, the default where it is empty."""
    return environ.get(f"TRAILCHECK_{name}", "").strip() or default
