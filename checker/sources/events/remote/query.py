"""What is asked of remote sources, and what they offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec

from checker.errors import UsageError
from checker.model import Unreadable
from checker.sources.events.compression import StreamError
from checker.sources.events.period import Period

S3: Final = "s3://"
LOOKUP: Final = "lookup-events://"
LOGS: Final = "logs://"

LATE: Final = timedelta(days=1)
"""How long after an event its log file may come, unless the user says otherwise.

CloudTrail delivers within about 5 minutes on average, which is not guaranteed; while a
bucket cannot be written to, it tries again for 30 days.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

Blocks: TypeAlias = Iterator[bytes | StreamError]


def _no_session() -> Any:
    raise UsageError("an input in AWS needs a session to ask with")


def _tell_nobody(_size: int, _label: str) -> None:
    """Progress that is not shown."""


def _no_remark(_text: str) -> None:
    """Ignore what is left out."""


class InputFilter(msgspec.Struct, frozen=True):
    """What is wanted of the inputs, and with whose credentials.

    `accounts` and `regions` choose folders of S3, and the Regions that are asked for
    events; empty means all.  `late` is how long after an event its delivery is looked
    for.  `session` makes the boto3 session once it is needed, and `now` is the time
    when the run began.  `tell` is told of slow work as it goes on, with the bytes that
    came and their place, and only by the thread that waits for them.  `remark` is told
    what was left out and may have been meant.
    """

    period: Period = msgspec.field(default_factory=Period)
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    late: timedelta = LATE
    request_payer: bool = False
    session: Callable[[], Any] = _no_session
    now: datetime = msgspec.field(default_factory=lambda: datetime.now(UTC))
    tell: Callable[[int, str], None] = _tell_nobody
    remark: Callable[[str], None] = _no_remark

    @property
    def last_delivery(self) -> datetime | None:
        """The time after which nothing that is wanted is expected to be delivered."""
        until = self.period.until
        return None if until is None else until + self.late


class Remote(msgspec.Struct, frozen=True):
    """Something to read at AWS; `size` is its bytes there, 0 if that is not known.

    `whole` reads it all at once, ahead of the work.  Without it, `blocks` gives block
    after block: in the thread that wants them, or if it is `slow`, from the start of
    the run in a thread of its own.  `version` changes whenever the content does.
    """

    uri: str
    size: int
    blocks: Callable[[], Blocks]
    whole: Callable[[], bytes | Unreadable] | None = None
    slow: bool = False
    version: str = ""
