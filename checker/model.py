"""The values that flow from room to room.

Everything here is frozen and without behaviour of a room.  Events, trails and the
other parts of a snapshot stay what they are on disk: plain dictionaries with AWS's own
keys and casing.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, cast

import msgspec

from checker.conditions.tree import Node
from checker.conditions.unknown import Cause
from checker.correlation_types import CorrelationType
from checker.framework import Judgement

Event: TypeAlias = dict[str, Any]
"""One CloudTrail event, as decoded from JSON.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

RECORD_FIELDS = frozenset(
    """
    eventVersion userIdentity eventTime eventSource eventName awsRegion
    sourceIPAddress userAgent errorCode errorMessage requestParameters
    responseElements additionalEventData requestID eventID eventType apiVersion
    managementEvent readOnly resources recipientAccountId serviceEventDetails
    sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory addendum
    sessionCredentialFromConsole eventContext edgeDeviceDetails tlsDetails
    insightDetails accountId eventId timeWindow summary
    """.split()
)
"""Every top-level field that a CloudTrail record can have.

The last four are those of aggregated events.  Same source as `Event`.
"""


@functools.total_ordering
class Level(enum.Enum):
    """How bad a finding is, in Sigma's words and order."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for informational up to 4 for critical."""
        return _RANKS[self]

    @property
    def lowered(self) -> Level:
        """Return the level one below: never below low, and low for what is at most."""
        return list(Level)[self.rank - 1] if self > Level.LOW else self

    def __lt__(self, other: Level) -> bool:
        return self.rank < other.rank


_RANKS = {level: rank for rank, level in enumerate(Level)}


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


@dataclass(frozen=True, slots=True)
class Related:
    """Another rule that this one relates to: Sigma's `related` entry."""

    id: str
    type: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """A lint check that a rule means to trip, and why: an entry of its `lint` key."""

    ignore: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every kind of rule carries: Sigma's own fields, with Sigma's meaning.

    https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html
    `path` and `line` say where the rule stands; `path` is relative to the working
    directory for a file given by the user and `rules/…` for the shipped pack.
    """

    path: str
    line: int
    title: str
    name: str
    id: str
    level: Level
    status: str
    description: str | None = None
    references: tuple[str, ...] = ()
    author: str | None = None
    date: str | None = None
    modified: str | None = None
    tags: tuple[str, ...] = ()
    logsource: Mapping[str, str] = field(default_factory=dict)
    falsepositives: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    license: str | None = None
    controls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lint: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True)
class Detection:
    """The `detection` block: named selections and the condition over them.

    `condition` is the whole rule lowered into one tree, in which every selection stands
    as a `Selection` node; `selections` keeps each by name, in the order of the file.
    """

    selections: Mapping[str, Node]
    condition: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRule(Rule):
    """A rule over one event.

    The values of the `parameters` stand in the conditions as literals.  A finding on an
    event for which a selection of `lowered_by` holds has the next lower level.  The
    rules that `instead_of` names report nothing of an event that this one reports.
    """

    detection: Detection
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    lowered_by: Mapping[str, Node] = field(default_factory=dict)
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """The `correlation` block: Sigma's, over the matches of other rules.

    `timespan` is in seconds.  `condition` maps an operator (`gt gte lt lte eq range`)
    and `field` to their values.  `aliases` maps an alias to {rule name: field path}.
    `labels`, trailcheck's own, maps a name to the path of an address: the field of that
    name is the label that a table of the user's gives the address.
    `silences` names the base rules that report nothing of their own, whatever their
    level, as Sigma has it.

    https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
    """

    type: CorrelationType
    rules: tuple[str, ...]
    timespan: int
    group_by: tuple[str, ...] = ()
    condition: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    generate: bool = False
    silences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationRule(Rule):
    """A rule over the matches of other rules."""

    correlation: Correlation


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold or a list of a rule, which users can set.

    `type` is `integer`, `string` or `strings` (a list of text); `minimum` and `maximum`
    bound an integer.  `value` is in force: the default, or what a user's file says.
    """

    type: str
    default: object
    description: str
    value: object
    minimum: int | None = None
    maximum: int | None = None

    @property
    def is_set(self) -> bool:
        """Return whether a user has put another value in the place of the default."""
        return self.value != self.default


@dataclass(frozen=True, slots=True)
class Configuration:
    """The `configuration` block: a requirement on each resource of a type.

    `resource` is a CloudFormation type name, or `AWS::::Account` for the whole
    snapshot.  `applies` absent means that the rule applies to each of them.  The values
    of the `parameters` stand in both as literals.
    """

    resource: str
    condition: Node
    applies: Node | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remediation:
    """How to fix a failing control: prose, an AWS CLI line, Terraform."""

    text: str
    cli: str | None = None
    terraform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRule(Rule):
    """A rule over one resource of a settings snapshot."""

    configuration: Configuration
    remediation: Remediation | None = None


AnyRule: TypeAlias = DetectionRule | CorrelationRule | ConfigurationRule


def parameters_of(rule: AnyRule) -> Mapping[str, Parameter]:
    """Return the parameters of a rule by name; a correlation has none."""
    match rule:
        case DetectionRule():
            return rule.parameters
        case ConfigurationRule():
            return rule.configuration.parameters
    return {}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An input, or one record of it (`record` counts from 0), that could not be read.

    Failures are values: it is reported in `problems`, counted, and gives exit code 3.
    """

    uri: str
    record: int | None
    reason: str


class Addendum(msgspec.Struct, gc=False):
    """The addendum of an event, as far as it says which event it corrects."""

    reason: str | None = None
    originalEventID: str | None = None  # noqa: N815 - CloudTrail's own name


class Header(msgspec.Struct, gc=False):
    """The fields of an event by which rules are filed, and that tell copies apart.

    The one value here that is decoded for every event, and therefore a msgspec struct.
    `evaluate.header` makes longer ones for the rules at hand.
    """

    eventSource: str | None = None  # noqa: N815 - CloudTrail's own names
    eventName: str | None = None  # noqa: N815 - CloudTrail's own names
    eventID: str | None = None  # noqa: N815 - CloudTrail's own names
    errorCode: str | None = None  # noqa: N815 - CloudTrail's own names
    eventType: str | None = None  # noqa: N815 - CloudTrail's own names
    readOnly: bool | str | None = None  # noqa: N815 - CloudTrail's own names
    addendum: Addendum | None = None
    userIdentity: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815 - as above


@dataclass(frozen=True, slots=True)
class Batch:
    """One file or page of events: the unit of reading, of parallel work and of error.

    `text` is the decompressed UTF-8 text that positions refer to; `records` holds each
    event's own JSON text, in order, and `numbers` the index of each in the input (an
    unreadable record leaves a gap).  `partial` says that the source keeps only some of
    an event's fields (Athena and Lake results).

    A large input comes as several batches: `first_line` lines and `first_char`
    characters of it stand before this one's `text`.  Where a source wraps or rewrites
    its events, `spans` holds the (byte offset, byte length) in `text` of each record's
    own region; empty means that each record stands in `text` as it is.

    `ascii` says that the text is known to hold nothing else. `headers`, one for each
    record, are there when the source has read them anyway, in one pass over a plain log
    file; the records are then split when they are asked for. `outside` counts the
    events that were left out because they lie outside the period, and `others` names
    columns of a table that are not CloudTrail's.
    """

    uri: str
    text: bytes
    records: Sequence[bytes]
    numbers: Sequence[int]
    problems: tuple[Unreadable, ...] = ()
    partial: bool = False
    first_line: int = 0
    first_char: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    headers: Sequence[Header] | None = None
    outside: int = 0
    ascii: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
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


SUBJECT = (
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "accountId",
    "principal",
    "sourceIPAddress",
)
"""What the subject of a finding says of an event, besides its type and id."""


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


@dataclass(frozen=True, slots=True)
class Correction:
    """An event that stands for an earlier one, both by eventID.

    `time` is the correcting event's eventTime, if it has one.
    """

    original: str
    event: str
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
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


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a finding does not count: the exception of the user's that covers it.

    `expires` is the last day (UTC) on which it does, as `2027-03-31`.
    """

    reason: str
    owner: str
    expires: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
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


@dataclass(frozen=True, slots=True)
class Group:
    """The events that have the same values of some fields.

    `buckets` has, where time was asked for, the start of each stretch of time in
    milliseconds since 1970 (None: no readable eventTime) and its number of events.
    """

    values: tuple[Value, ...]
    count: int
    buckets: tuple[tuple[int | None, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
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
