"""Guess which event somebody meant, and says so."""

from __future__ import annotations

import difflib
import re

from checker.aws import api_calls, api_models
from checker.aws.non_api_events import EXTRA_EVENTS, IAM_ACTIONS, NAMED_OTHERWISE

READS = re.compile(
    r"(?:Batch)?(?:Get|List|Describe|Lookup|Head|Search|Query|Scan|Select|View|Check|"
    r"Test|Simulate|Generate|Validate|Preview|Detect)(?=[A-Z_0-9]|\Z)"
)
"""The names of calls that change nothing."""

_SUFFIX = ".amazonaws.com"
_VERB = re.compile(r"\A[A-Z][a-z]+")


def event_source(word: str, source: str, known: set[str]) -> str:
    """Describe which event source was probably meant, or nothing."""
    if source != source.lower() and source.lower() in known:
        return f"write '{source.lower()}'"
    folder = next((s for s in api_models.services() if s.folder == word), None)
    if folder:
        return f"its events come from '{folder.sources[0]}'"
    if source + _SUFFIX in known:
        return f"write '{source + _SUFFIX}'"
    close = difflib.get_close_matches(source, sorted(known), n=1, cutoff=0.85)
    return f"did you mean '{close[0]}'?" if close else ""


def event_name(name: str, sources: list[str]) -> str:
    """Describe which event was probably meant, or nothing."""
    for source in sources:
        event = NAMED_OTHERWISE.get((source, name))
        if event:
            return f"CloudTrail records it as '{event}'"
    known = {
        each
        for source in sources
        for each in (*api_models.operations(source), *EXTRA_EVENTS.get(source, ()))
    }
    same = next((each for each in sorted(known) if each.lower() == name.lower()), None)
    if same:
        return f"write '{same}'"
    others = api_calls.owners(name)
    if others:
        return f"this event belongs to {listed(others)}"
    close = _like(name, known)
    return f"did you mean '{close}'?" if close else ""


def closest_event(name: str, sources: list[str]) -> str | None:
    """Return the event of some sources that was probably meant."""
    for source in sources:
        event = NAMED_OTHERWISE.get((source, name))
        if event:
            return event
    known = {
        each
        for source in sources
        for each in (*api_models.operations(source), *EXTRA_EVENTS.get(source, ()))
    }
    same = sorted(each for each in known if each.lower() == name.lower())
    return same[0] if same else _like(name, known)


def _like(name: str, known: set[str]) -> str | None:
    """Find the call that was meant: of the same object, and reading or not alike."""
    reads = bool(READS.match(name))
    alike = sorted(each for each in known if bool(READS.match(each)) is reads)
    tail = _VERB.sub("", name)
    same = [each for each in alike if _VERB.sub("", each) == tail]
    for verb in ("Update", "Put", "Set", "Create", "Get", "Describe", "List"):
        if f"{verb}{tail}" in same:
            return f"{verb}{tail}"
    close = difflib.get_close_matches(name, alike, n=1, cutoff=0.75)
    return close[0] if close else None


def permission(name: str) -> str | None:
    """Return the event to write for an IAM permission; None for other names."""
    for actions in IAM_ACTIONS.values():
        if name in actions:
            return actions[name]
    return None


def listed(words: list[str]) -> str:
    """List the first few of some words."""
    shown = ", ".join(words[:3])
    return f"{shown} and {len(words) - 3} more" if len(words) > 3 else shown
