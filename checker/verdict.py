"""What log-file validation says of each file.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Integrity(enum.Enum):
    """What is known of one file since CloudTrail delivered it."""

    VALID = "valid"
    MODIFIED = "modified"
    DELETED = "deleted"
    UNVERIFIABLE = "unverifiable"


class FileKind(enum.Enum):
    """What CloudTrail delivers: log files, and digests that vouch for them."""

    LOG = "log"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one file.

    `uri` says where the file stands, or should stand; `digest` is the URI of the digest
    that vouches for a log file, if any; `reason` is empty for a valid file.
    """

    kind: FileKind
    uri: str
    integrity: Integrity
    reason: str = ""
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole answer: a verdict for each file, and where a chain has a gap.

    A gap is no fault: CloudTrail starts a new chain whenever validation or logging was
    off for a while.
    """

    verdicts: tuple[Verdict, ...]
    gaps: tuple[str, ...] = ()
