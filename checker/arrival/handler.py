"""The function that AWS Lambda calls: `checker.arrival.handler.handle`.

Settings are environment variables:

    TRAILCHECK_FINDINGS   stdout (default), s3://BUCKET/PREFIX, or the ARN of an SNS
                          topic or an EventBridge event bus
    TRAILCHECK_LEVEL      minimum level (default: low)
    TRAILCHECK_RULES      rule folders, separated by ":" (default: the bundled rules)
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import checker
from checker.arrival import prepare
from checker.arrival.arrival import Arrival, environment
from checker.arrival.destinations import Clients, open_destination
from checker.errors import UsageError
from checker.model import AnyRule, Level
from checker.rules import at_least, bases, load


def handle(event: object, context: Any = None) -> Any:
    """Evaluate what has arrived (`Arrival.handle`)."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return arrival().handle(event, remaining)


@functools.cache
def arrival() -> Arrival:
    """Return what the environment asks for; made once in each process."""
    return build(os.environ)


def build(environ: Mapping[str, str]) -> Arrival:
    """Read the settings and compile the rules.

    Raises `UsageError` for a setting, and `RulesError` for a rule, that is wrong.
    """
    word = environment(environ, "LEVEL", Level.LOW.value)
    if word not in {level.value for level in Level}:
        levels = ", ".join(level.value for level in Level)
        raise UsageError(f"TRAILCHECK_LEVEL={word}: write one of {levels}")
    clients = Clients()
    address = environment(environ, "FINDINGS", "stdout")
    destination = open_destination(address, clients)
    pack = _pack(environment(environ, "RULES", ""))
    known = [*bases(pack), *pack]
    return Arrival(at_least(pack, Level(word)), destination, clients, bases=known)


def _pack(folders: str) -> list[AnyRule]:
    if folders:
        return load(folders.split(os.pathsep))
    beside = Path(checker.__file__).parent.parent / prepare.NAME
    return prepare.read(beside) or load()
