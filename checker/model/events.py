"""Events as they are read: records, headers, batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

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


class Unreadable(msgspec.Struct, frozen=True):
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
    `evaluate.header` makes longer ones for the rules at hand.  The fields are in the
    order in which CloudTrail writes them: a decoder looks for each behind the last.
    """

    userIdentity: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815 - as below
    eventSource: str | None = None  # noqa: N815 - CloudTrail's own names
    eventName: str | None = None  # noqa: N815 - CloudTrail's own names
    errorCode: str | None = None  # noqa: N815 - CloudTrail's own names
    eventID: str | None = None  # noqa: N815 - CloudTrail's own names
    readOnly: bool | str | None = None  # noqa: N815 - CloudTrail's own names
    eventType: str | None = None  # noqa: N815 - CloudTrail's own names
    addendum: Addendum | None = None


class Batch(msgspec.Struct, frozen=True):
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


class Correction(msgspec.Struct, frozen=True):
    """An event that stands for an earlier one, both by eventID.

    `time` is the correcting event's eventTime, if it has one.
    """

    original: str
    event: str
    time: str | None = None
