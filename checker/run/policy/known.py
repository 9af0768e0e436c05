"""Read the findings of an earlier report, so that only new ones are reported.

A finding is known by its fingerprint and status: a resource that passed and now fails
is new.  One that an exception covered is not known: when that ends, it shows again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from checker.errors import UsageError
from checker.model import Status

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_STATUSES: Final = frozenset(status.value for status in Status)
_IDENTITY: Final = "trailcheckIdentity/v1"
_LINES: Final = (".jsonl", ".ndjson")
_COMPARISON: Final = "it is of trailcheck compare: differences, not findings"
_WANTED: Final = "name a report of trailcheck in JSON, JSON lines or SARIF"

COMPARED: Final = frozenset({Status.FAIL, Status.BLIND, Status.PARTIAL})
"""What a baseline can know: an outcome that is not known is never hidden by one."""


class _Rule(msgspec.Struct):
    kind: str | None = None


class _Evidence(msgspec.Struct):
    """What tells the difference of two settings from what was found in one."""

    change: Any = None
    before: Any = None


class _Row(msgspec.Struct):
    """One finding, as JSON and JSON lines have it; or another line of these."""

    rule: _Rule | None = None
    evidence: _Evidence | None = None
    fingerprint: str | None = None
    status: str | None = None
    suppressed: Any = None
    framework: str | None = None


class _Named(msgspec.Struct):
    name: str | None = None


class _Tool(msgspec.Struct):
    driver: _Named | None = None
    name: str | None = None


class _Properties(msgspec.Struct):
    status: str | None = None
    change: str | None = None


class _Result(msgspec.Struct):
    partialFingerprints: dict[str, str] = {}  # noqa: N815 - SARIF's own name
    properties: _Properties | None = None
    suppressions: list[Any] = []


class _Run(msgspec.Struct):
    tool: _Tool | None = None
    results: list[_Result] | None = None


class _File(msgspec.Struct):
    """What tells the kinds of files apart, and the findings of each."""

    tool: _Tool | None = None
    version: Any = None
    findings: list[_Row] | None = None
    runs: list[_Run] | None = None
    rules: Any = None
    calls: Any = None
    fingerprint: str | None = None
    framework: str | None = None


class Baseline:
    """The findings that an earlier report has."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: set[tuple[bytes, str]] = set()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._known)

    def knows(self, fingerprint: str, status: Status) -> bool:
        """Return whether the report has a finding with the same outcome."""
        if status not in COMPARED:
            return False
        return (bytes.fromhex(fingerprint), status.value) in self._known

    def add(self, fingerprint: str, status: str, *, suppressed: bool) -> None:
        """Take a finding; raises ValueError for what trailcheck does not write."""
        if not _FINGERPRINT.fullmatch(fingerprint) or status not in _STATUSES:
            raise ValueError("a finding in it has no fingerprint or status")
        if not suppressed:
            self._known.add((bytes.fromhex(fingerprint), status))

    def withdraw(self, fingerprint: str) -> None:
        """Forget a finding that the report takes back, as JSON lines do."""
        self._known.discard((bytes.fromhex(fingerprint), Status.FAIL.value))


def load_baseline(path: str) -> Baseline:
    """Read a report in JSON, JSON lines or SARIF.

    Raises `UsageError` for what cannot be read, is damaged, or is no such report.
    """
    file = Path(path)
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"--baseline {path}: not a regular file: {_WANTED}")
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--baseline {path}: {error.strerror}") from error
    baseline = Baseline()
    try:
        for found in _findings(path, data):
            baseline.add(found.fingerprint, found.status, suppressed=found.suppressed)
            if found.withdrawn:
                baseline.withdraw(found.fingerprint)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError(
            f"--baseline {path}: damaged, or not a report ({error}): {_WANTED}"
        ) from error
    return baseline


class _Found(NamedTuple):
    fingerprint: str
    status: str
    suppressed: bool
    withdrawn: bool = False


def _findings(path: str, data: bytes) -> Iterator[_Found]:
    rows = data.removeprefix(b"\xef\xbb\xbf").strip()
    if not rows and Path(path).suffix in _LINES:
        return
    first, _, rest = rows.partition(b"\n")
    try:
        head = msgspec.json.decode(first, type=_Row)
    except msgspec.DecodeError:
        head = None
    if head is not None and (head.fingerprint or head.framework):
        yield from _rows(line for line in (first, *rest.split(b"\n")) if line.strip())
        return
    whole = msgspec.json.decode(rows, type=_File)
    if whole.calls is not None:
        raise ValueError("it is the story of an identity")
    if whole.runs is not None:
        yield from _results(whole.runs)
    elif whole.findings is not None and whole.tool and whole.tool.name == "trailcheck":
        if whole.version != 1:
            raise ValueError("another version of the report")
        yield from map(_row, whole.findings)
    elif whole.rules is not None:
        raise ValueError("it is a file of trailcheck learn, for --learned")
    else:
        raise ValueError("it has no findings of trailcheck")


def _rows(lines: Iterator[bytes]) -> Iterator[_Found]:
    for line in lines:
        row = msgspec.json.decode(line, type=_Row)
        if row.framework is None:
            yield _row(row)


def _row(row: _Row) -> _Found:
    seen = row.evidence
    if seen and isinstance(seen.change, str) and isinstance(seen.before, dict):
        raise ValueError(_COMPARISON)
    # Of events: a resource to which a rule does not apply has that status as well.
    events = row.rule is not None and row.rule.kind != "configuration"
    withdrawn = events and row.status == Status.NOT_APPLICABLE.value
    status, suppressed = row.status or "", row.suppressed is not None
    return _Found(row.fingerprint or "", status, suppressed, withdrawn)


def _results(runs: list[_Run]) -> Iterator[_Found]:
    ours = [
        run
        for run in runs
        if run.tool and run.tool.driver and run.tool.driver.name == "trailcheck"
    ]
    if not ours:
        raise ValueError("no run in it is trailcheck's")
    for run in ours:
        for result in run.results or ():
            if result.properties and result.properties.change:
                raise ValueError(_COMPARISON)
            status = result.properties.status if result.properties else None
            fingerprint = result.partialFingerprints.get(_IDENTITY, "")
            yield _Found(fingerprint, status or "", bool(result.suppressions))
