"""What is found: matches, findings, reports, rankings."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

import msgspec

from checker.conditions.unknown import Cause
from checker.model.events import Unreadable
from checker.model.rules import AnyRule, Level

if TYPE_CHECKING:
    from checker.framework import Judgement


class Status(enum.Enum):
    """What was found of one subject.

    Detection and correlation findings are always `FAIL`.  Configuration rules use the
    first five, visibility the last four (with `UNKNOWN` in both).
    """

    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - an outcome, not a password
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ERROR = "error"
    VISIBLE = "visible"
    PARTIAL = "partial"
    BLIND = "blind"


class Location(msgspec.Struct, frozen=True):
    """Where a finding's subject stands.

    `record` counts from 0, `start_line` from 1; `char_offset` and `char_length` are in
    Unicode characters of the decompressed text.
    Lines and columns count from 1, and `end_column` is the one after the last character
    (SARIF 2.1.0 §3.30); the three that have no key in `schemas/report.json` are for it.
    """

    uri: str
    record: int | None = None
    start_line: int = 1
    char_offset: int | None = None
    char_length: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


class Match(NamedTuple):
    """A rule that holds on one event, from its evaluation until it becomes a finding.

    Plain values, which cross a process border: `rule` is the rule's name, and `place`
    are the fields of a `Location`, of which evaluation knows the input and the index of
    the event in it.  Its lines and characters are put there by `run.scanning.worker`,
    and so is the `fingerprint`.  `lowered` tells that a selection of the rule's
    `lowered_by` holds on the event, and `accepted` are the fields of the `Acceptance`
    that covers it.
    """

    rule: str
    subject: Mapping[str, Any]
    place: tuple[Any, ...]
    evidence: Mapping[str, Any]
    fingerprint: str = ""
    lowered: bool = False
    accepted: tuple[str, str, str] | None = None

    @property
    def record(self) -> int:
        """Return the index of the event in its input."""
        return cast(int, self.place[1])


class Resource(msgspec.Struct, frozen=True):
    """One thing of a settings snapshot that configuration rules look at.

    `type` is its CloudFormation type, `id` its ARN or name, `pointer` the JSON pointer
    of `body` in the snapshot.  Parts of `body` that were denied, throttled or not
    collected are `conditions.Unknown` values.
    """

    type: str
    id: str
    account: str | None
    region: str | None
    body: Mapping[str, Any]
    pointer: str


class Acceptance(msgspec.Struct, frozen=True):
    """Why a finding does not count: the exception of the user's that covers it.

    `expires` is the last day (UTC) on which it does, as `2027-03-31`.
    """

    reason: str
    owner: str
    expires: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is reported: one rule, one subject, one outcome.

    `subject` has the keys of `schemas/report.json` for its `type`; `fingerprint` is the
    same for the same rule and subject from run to run, whatever the file's name.
    `lowered` findings have a lower level than their rule (`DetectionRule.lowered_by`).
    `reason` is what the message says beyond the rule's title; None where the message
    does not begin with that.  `cause` says why an outcome on settings is unknown.
    `suppressed` is there when an exception covers it: it is reported, and counts for
    nothing else.
    """

    rule: AnyRule
    status: Status
    subject: Mapping[str, Any]
    location: Location | None
    evidence: Mapping[str, Any]
    message: str
    fingerprint: str
    lowered: bool = False
    reason: str | None = None
    cause: Cause | None = None
    suppressed: Acceptance | None = None

    @property
    def level(self) -> Level:
        """Return the level of this finding: the rule's, or the next lower one."""
        return self.rule.level.lowered if self.lowered else self.rule.level


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """What a run read and found; every number is a count, `bytes` of decompressed text.

    inputs = read + `digests` + `unreadable_inputs`; the records of the inputs that were
    read are `events` + `duplicates` + `outside` + `unreadable_records`, of which
    `outside` do not lie in the period that was asked for.  `unchecked` events could not
    be compared with the others: when it is 0, `duplicates` is exact.

    `shared` findings tell an action again, by the copy of its event in another account
    (sharedEventID).  `skipped` inputs and `repeated` findings are in neither number:
    an earlier run has dealt with them.

    Of `findings`, exceptions cover `suppressed` ones; `known` ones are not among them,
    because the baseline has them.

    Of correlations: `correlated` matches were judged, `untimed` ones had no time to be
    judged by, and `ungrouped` times a match lacked what a rule groups by; for want of
    room `evicted_groups` were forgotten and `clipped_events` left full windows early:
    when either is not 0, a finding may be missing.
    """

    inputs: int = 0
    bytes: int = 0
    events: int = 0
    duplicates: int = 0
    outside: int = 0
    digests: int = 0
    unreadable_inputs: int = 0
    unreadable_records: int = 0
    rules: int = 0
    findings: int = 0
    suppressed: int = 0
    known: int = 0
    shared: int = 0
    skipped: int = 0
    repeated: int = 0
    unchecked: int = 0
    correlated: int = 0
    untimed: int = 0
    ungrouped: int = 0
    evicted_groups: int = 0
    clipped_events: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer of one command; `notes` are sentences for the summary.

    `frameworks` are there when an audit was asked about some, and `blind` names the
    rules of a scan that could not have fired under its settings.
    """

    findings: Sequence[Finding]
    statistics: Statistics
    problems: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()
    frameworks: tuple[Judgement, ...] = ()
    blind: tuple[str, ...] = ()


Value: TypeAlias = str | bytes | None
"""A field's value to count by: text, the JSON text (as bytes) of anything else, None
for a field that is absent."""


class Group(msgspec.Struct, frozen=True):
    """The events that have the same values of some fields.

    `buckets` has, where time was asked for, the start of each stretch of time in
    milliseconds since 1970 (None: no readable eventTime) and its number of events.
    """

    values: tuple[Value, ...]
    count: int
    buckets: tuple[tuple[int | None, int], ...] = ()


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """Which values come most often: the answer of `trailcheck top`.

    `fields` are the paths counted by, `bucket` is in seconds, `counted` the number of
    events that count and `distinct` that of the groups they fall into, of which
    `groups` are the largest.  Every count may be `low` below the truth.
    """

    fields: tuple[str, ...]
    bucket: int | None
    groups: tuple[Group, ...]
    counted: int
    distinct: int
    low: int
    statistics: Statistics
    problems: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()
