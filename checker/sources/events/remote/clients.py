"""Make the clients by which remote sources are read."""

from __future__ import annotations

from typing import Any

CONNECTIONS = 16
"""How many requests of one client go on at once: S3 answers each in tens of ms."""


def client(
    session: Any, service: str, region: str | None = None, *, attempts: int = 5
) -> Any:
    """Make a client; `attempts` counts the tries of each call, 1 for none of its own.

    Throttled and broken calls are tried again as AWS's standard mode does, with jitter.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    """
    from botocore.config import Config

    return session.client(
        service,
        region_name=region,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=10,
            read_timeout=60,
            max_pool_connections=CONNECTIONS,
            user_agent_extra="trailcheck",
        ),
    )
