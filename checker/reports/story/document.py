"""Write the story of an identity as JSON: see `schemas/story.json`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from msgspec import structs

import checker
from checker import secrets
from checker.reports.json import encode
from checker.story import Call, Told

VERSION: Final = 1
"""The version of `schemas/story.json`; it changes when a reader would break."""


def render(told: Told) -> Iterator[str]:
    """Yield the story as one JSON object in plain ASCII, a call on each line."""
    story = told.story
    head = {
        "version": VERSION,
        "tool": {"name": "trailcheck", "version": checker.__version__},
        "identity": told.identity,
        "kind": told.kind,
        "events": story.events,
        "denied": story.denied,
        "first": story.first or None,
        "last": story.last or None,
        "sessions": [dataclasses.asdict(one) for one in story.sessions],
        "regions": story.regions,
        "addresses": story.addresses,
        "userAgents": story.agents,
        "services": {
            name: {"events": events, "denied": denied}
            for name, (events, denied) in story.services.items()
        },
        "findings": [
            {"rule": rule, "level": level.value, "events": number}
            for (rule, level), number in story.findings.items()
        ],
        "omitted": story.omitted,
        "statistics": structs.asdict(told.statistics),
        "problems": [structs.asdict(problem) for problem in told.problems],
        "notes": list(told.notes),
    }
    yield encode(secrets.hide(head))[:-1] + ', "calls": ['
    separator = "\n "
    for call in story.calls:
        yield separator + encode(secrets.hide(_call(call)))
        separator = ",\n "
    yield "\n]}\n"


def _call(call: Call) -> dict[str, Any]:
    made = dataclasses.asdict(call.issued) if call.issued else None
    return {
        "time": call.time,
        "session": call.session,
        "eventSource": call.source,
        "eventName": call.name,
        "awsRegion": call.region,
        "sourceIPAddress": call.address,
        "userAgent": call.agent,
        "errorCode": call.error,
        "eventID": call.event_id,
        "issued": made,
        "findings": [
            {"rule": rule, "level": level.value} for rule, level in call.findings
        ],
    }
