"""The findings of a scan against the digests of the log files.

A log file that was changed may tell what never happened, or lack what did; one that no
digest vouches for may be either.  https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from checker.model import Finding, Location, Match, Report, Status, Unreadable
from checker.run import verify
from checker.run.scanning.matches import flagged
from checker.run.scanning.scanned import Scanned
from checker.sources.digests.files import MARK
from checker.verdict import FileKind, Integrity, Verdict, Verification

_UNKNOWN: Final = "no digest names it: it is no log file of a bucket or a copy of one"
_S3: Final = "s3://"


class LogFileValidation:
    """What is known of each log file before its events are judged.

    With `refuse`, what a file that does not stand the test holds is left out, and the
    file is a problem; else findings on it say so in their evidence (`logFile`).
    """

    def __init__(self, found: Verification, *, refuse: bool = False) -> None:
        """Take the verdicts of `run.verify.verify`."""
        self._verdicts = {
            _name(each.uri): each
            for each in found.verdicts
            if each.kind is FileKind.LOG
        }
        self._found = found
        self._refuse = refuse
        self.flawed = 0
        """How many inputs with events do not stand the test."""

    def take(self, scanned: Scanned[Match]) -> Scanned[Match]:
        """Flag what an input gave, or leave it out."""
        if not scanned.records:
            return scanned
        verdict = self.of(scanned.uri)
        if verdict.integrity is Integrity.VALID:
            return scanned
        self.flawed += 1
        said = f"{verdict.integrity.value}: {verdict.reason}"
        if self._refuse:
            problem = Unreadable(scanned.uri, None, f"refused, as {said}")
            return Scanned(
                uri=scanned.uri,
                size=scanned.size,
                length=scanned.length,
                digests=scanned.digests,
                problems=(*scanned.problems, problem),
            )
        said_so = _said(verdict)
        matches = [flagged(match, "logFile", said_so) for match in scanned.matches]
        return scanned._replace(matches=tuple(matches))

    def correlated(self, finding: Finding) -> Finding:
        """Flag a finding of a correlation by the log files of its events."""
        events: Sequence[dict[str, Any]] = finding.evidence.get("events", ())
        places = (event["location"] for event in events)
        uris = {place.uri for place in places if isinstance(place, Location)}
        verdicts = [self.of(uri) for uri in sorted(uris)]
        flaws = [
            {"uri": each.uri, **_said(each)}
            for each in verdicts
            if each.integrity is not Integrity.VALID
        ]
        if not flaws:
            return finding
        return structs.replace(
            finding, evidence={**finding.evidence, "logFiles": flaws}
        )

    def of(self, uri: str) -> Verdict:
        """Return the verdict on an input; one that was not judged is unverifiable."""
        known = self._verdicts.get(_name(uri))
        return known or Verdict(FileKind.LOG, uri, Integrity.UNVERIFIABLE, _UNKNOWN)

    def report(self) -> Report:
        """Return the files that were changed or deleted as findings of their own."""
        whole = verify.report(self._found)
        findings = tuple(each for each in whole.findings if each.status is Status.FAIL)
        counts = structs.replace(
            whole.statistics, inputs=0, rules=0, findings=len(findings)
        )
        return Report(findings=findings, statistics=counts, notes=tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        if self.flawed:
            what = (
                "were skipped"
                if self._refuse
                else "have findings marked in their evidence (logFile)"
            )
            several = "inputs" if self.flawed > 1 else "input"
            yield (
                f"{self.flawed:,} {several} with events failed log file validation "
                f"and {what}."
            )


def checkable(inputs: Sequence[str]) -> list[list[str]]:
    """Group the inputs that digests can vouch for, as `run.verify.verify` takes them.

    Those are folders, files below `AWSLogs`, and S3 addresses.
    """
    found = [each for each in inputs if each != "-" and Path(each).exists()]
    folders = [each for each in found if Path(each).is_dir()]
    files = [each for each in found if MARK in Path(each).resolve().as_posix()]
    files = [each for each in files if each not in folders]
    remote = [[each] for each in inputs if each.startswith(_S3)]
    return [group for group in (folders, files, *remote) if group]


def _name(uri: str) -> str:
    return uri if uri.startswith(_S3) else os.path.realpath(uri)


def _said(verdict: Verdict) -> dict[str, str | None]:
    return {
        "verdict": verdict.integrity.value,
        "reason": verdict.reason,
        "digest": verdict.digest,
    }
