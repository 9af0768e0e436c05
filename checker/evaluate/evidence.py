"""This module makes values fit to be shown: no secrets, nothing endless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_SECRETS = frozenset(
    "sessiontoken secretaccesskey password previouspassword proposedpassword "
    "temporarypassword clientsecret secrethash secretstring secretbinary token "
    "accesstoken idtoken refreshtoken plaintext privatekey masteruserpassword".split()
)
_MAX_TEXT = 1024


def presentable(value: Any) -> Any:
    """Copy a value for a report: secrets taken out, long text and lists cut short."""
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else value[:_MAX_TEXT] + "…"
    if isinstance(value, dict):
        return dict(_entries(value))
    if isinstance(value, list):
        return [presentable(entry) for entry in value[:50]]
    return value


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, entry in list(value.items())[:50]:
        hidden = key.lower() in _SECRETS and entry is not None
        yield key, "(not shown)" if hidden else presentable(entry)
