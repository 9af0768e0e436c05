"""The ways in which a call of AWS fails, as exceptions and as kinds.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from typing import Any, Final

BROKEN_ANSWER: Final = "BrokenAnswer"
NO_ANSWER: Final = "NoAnswerInTime"


class BrokenAnswer(Exception):  # noqa: N818 - its name is the code in a snapshot
    """AWS, or something in front of it, answered with what no operation returns.

    `tried` says that the call was tried again already.
    """

    def __init__(self, message: str, *, tried: bool = False) -> None:
        super().__init__(message)
        self.tried = tried


class NoAnswerInTime(Exception):  # noqa: N818 - its name is the code in a snapshot
    """A call took longer than any call may."""


class NotAskedAgain(Exception):  # noqa: N818 - not an error of its own
    """An endpoint that gave no answer several times is left alone.

    `response` has the form of botocore's, with the code of the failures before.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.response: Mapping[str, Any] = {"Error": {"Code": code, "Message": message}}


class Failure(enum.Enum):
    """Why there is no answer; the value is what a person reads."""

    NO_CREDENTIALS = "no credentials were found"
    EXPIRED = "the credentials have expired"
    REFUSED = "AWS does not accept the credentials"
    CLOCK = "AWS does not accept this machine's time"
    UNREACHABLE = "the endpoint cannot be reached"
    SILENT = "the endpoint gave no answer in time"
    BROKEN = "the answer was broken"
    OTHER = "the call failed"


NAMELESS: Final = frozenset({"500", "502", "503", "504"})
"""What botocore calls server errors that have no code of AWS."""

_CODES: Final = {
    Failure.NO_CREDENTIALS: "NoCredentialsError PartialCredentialsError",
    Failure.EXPIRED: """
        ExpiredToken ExpiredTokenException RequestExpired SSOTokenLoadError
        TokenRefreshRequired TokenRetrievalError UnauthorizedSSOTokenError
    """,
    Failure.REFUSED: """
        AuthFailure CredentialRetrievalError IncompleteSignature
        IncompleteSignatureException InvalidAccessKeyId InvalidClientTokenId
        InvalidSignatureException InvalidToken LoginError LoginRefreshRequired
        MissingAuthenticationToken MissingAuthenticationTokenException
        SignatureDoesNotMatch UnrecognizedClientException
    """,
    Failure.CLOCK: "RequestInTheFuture RequestTimeTooSkewed",
    Failure.UNREACHABLE: """
        ConnectTimeoutError ConnectionError EndpointConnectionError
        EndpointProviderError EndpointResolutionError HTTPClientError NoRegionError
        InvalidRegionError ProxyConnectionError SSLError UnknownEndpointError
        UnknownRegionError
    """,
    Failure.SILENT: f"{NO_ANSWER} ReadTimeoutError",
    Failure.BROKEN: f"""
        {BROKEN_ANSWER} {" ".join(NAMELESS)} ConnectionClosedError
        IncompleteReadError IncompleteRead PaginationError ProtocolError
        ResponseParserError ResponseStreamingError
    """,
}
_KINDS: Final = {
    code: failure for failure, codes in _CODES.items() for code in codes.split()
}
CREDENTIALS: Final = frozenset(
    {Failure.NO_CREDENTIALS, Failure.EXPIRED, Failure.REFUSED, Failure.CLOCK}
)
"""Failures that every other call would share."""

OUT_OF_REACH: Final = frozenset({Failure.UNREACHABLE, Failure.SILENT})
"""Failures after which nothing came back at all."""


def kind(code: str) -> Failure:
    """Return what an error code, or the name of an exception, stands for."""
    return _KINDS.get(code, Failure.OTHER)


@functools.cache
def failures() -> tuple[type[Exception], ...]:
    """Return the exceptions by which a call fails, or the reading of its answer."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    # OSError and HTTPError: a broken connection that is passed on as it is.
    return (
        ClientError,
        BotoCoreError,
        HTTPClientError,
        ResponseParserError,
        HTTPError,
        OSError,
        BrokenAnswer,
        NoAnswerInTime,
        NotAskedAgain,
    )


def code(error: Exception) -> str:
    """Return AWS's error code, or the name of the exception."""
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    found = (response.get("Error") or {}).get("Code")
    return str(found) if found else type(error).__name__.lstrip("_")


def message(error: Exception) -> str:
    """Return AWS's message, or that of the exception."""
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    return str((response.get("Error") or {}).get("Message") or error)
