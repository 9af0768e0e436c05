"""Make the clients by which remote sources are read."""

from __future__ import annotations

from typing import Any, Final

CONNECTIONS: Final = 16
"""How many requests of one client go on at once: S3 answers each in tens of ms."""

READ_SECONDS: Final = 30
"""How long to wait for bytes: FilterLogEvents searches for a while before answering."""


def client(
    session: Any, service: str, region: str | None = None, *, attempts: int = 5
) -> Any:
    """Make a client; `attempts` counts the tries of each call, 1 for none of its own.

    Throttled and broken calls are tried again as AWS's standard mode does, with jitter.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """
    # Files alone need none of it.
    from checker.sources.api import client as api

    return api.make(
        session,
        service,
        region,
        attempts=attempts,
        connections=CONNECTIONS,
        read_seconds=READ_SECONDS,
    )
