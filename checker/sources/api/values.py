"""Answers of botocore as JSON's values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any


def json_values(value: Any) -> Any:
    """Return a botocore answer as JSON's values; times become ISO-8601 UTC."""
    if isinstance(value, Mapping):
        return {
            key: json_values(part)
            for key, part in value.items()
            if key != "ResponseMetadata" and part is not None
        }
    if isinstance(value, (list, tuple)):
        return [json_values(part) for part in value]
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC)
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
