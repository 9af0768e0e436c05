"""Describe why AWS gave no answer, and what to do about it.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from checker.aws import error_codes
from checker.sources.api.failures import (
    BrokenAnswer,
    Failure,
    NotAskedAgain,
    code,
    failures,
    kind,
)

__all__ = ["code", "failures", "passes", "reason"]

_BROKEN: Final = frozenset(
    """
    500 502 503 504 ConnectionClosedError ConnectionError ConnectTimeoutError HTTPError
    IncompleteReadError IncompleteRead InternalError InternalFailure
    InternalServerError ProtocolError ReadTimeoutError RequestTimeout
    RequestTimeoutException ResponseStreamingError ServiceUnavailable
    ServiceUnavailableException
    """.split()
)
_SAID: Final = {
    "NoSuchBucket": "there is no such bucket: check its name",
    "NoSuchKey": "it was removed after it was listed",
    "PreconditionFailed": "it was changed after it was listed: scan it again",
    "InvalidObjectState": (
        "it is archived: restore it first (aws s3api restore-object), or leave its "
        "days out with --since"
    ),
    "PermanentRedirect": "the bucket is in another Region: name a profile of its own",
    "AllAccessDisabled": "the bucket is disabled",
    "NoRegionError": "no Region is configured: name one with --region",
}
_SAME: Final = {
    "304": "PreconditionFailed",
    "404": "NoSuchKey",
    "412": "PreconditionFailed",
}
_ADVICE: Final = {
    Failure.NO_CREDENTIALS: "sign in, or name a profile with --profile",
    Failure.EXPIRED: "sign in again",
    Failure.REFUSED: "sign in, or name a profile with --profile",
    Failure.CLOCK: "set its clock",
}
_LENGTH: Final = 300


def passes(error: Exception) -> bool:
    """Return whether the same call may well succeed a little later."""
    if isinstance(error, BrokenAnswer | NotAskedAgain):
        return False  # which was tried several times already
    found = code(error)
    if error_codes.STATES.get(found) == "throttled" or found in _BROKEN:
        return True
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    status = (response.get("ResponseMetadata") or {}).get("HTTPStatusCode", 0)
    return int(status) >= 500 or isinstance(error, OSError)


def reason(error: Exception, action: str) -> str:
    """Describe in a sentence what went wrong and what to do; `action` is as in IAM."""
    found = code(error)
    found = _SAME.get(found, found)
    message = _message(error)
    if found in _SAID:
        return _SAID[found]
    # KMS.DisabledException from S3, KMSAccessDeniedException from others.
    if found.startswith("KMS"):
        return f"its KMS key cannot be used: allow kms:Decrypt on it ({message})"
    failure = kind(found)
    if failure in _ADVICE:
        return f"{failure.value}: {_ADVICE[failure]} ({found})"
    state = error_codes.STATES.get(found)
    if state == "denied":
        return _denied(action, message)
    if state == "throttled":
        return f"AWS still answers too many requests at once: try again later ({found})"
    if failure is Failure.UNREACHABLE:
        return f"AWS cannot be reached: check the network and the Region ({message})"
    if found in _BROKEN:
        return f"AWS gave no whole answer, again and again: try again later ({found})"
    if failure is Failure.BROKEN:
        return (
            "AWS's answer was broken, again and again: check proxies on the way, then "
            f"try again ({message})"
        )
    if failure is Failure.SILENT:
        return f"AWS gave no answer in time: try again later ({message})"
    return f"AWS refuses {action}: {found}: {message}"


def _denied(action: str, message: str) -> str:
    said = f"it is denied: allow {action}"
    # S3 answers AccessDenied, and nothing else but prose, where the key is refused:
    # https://repost.aws/knowledge-center/s3-troubleshoot-403
    if action == "s3:GetObject":
        said += ", and kms:Decrypt on the key of an encrypted object"
    if action.startswith("s3:"):
        said += "; give --request-payer if the requester pays"
    return f"{said} ({message})"


def _message(error: Exception) -> str:
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    said = str((response.get("Error") or {}).get("Message") or error)
    return " ".join(said.split()).rstrip(".")[:_LENGTH]
