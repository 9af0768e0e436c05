"""Recognise CloudTrail's log files by their keys."""

from __future__ import annotations

from checker.sources.events.remote.layout import Step, below, is_event_file, step
from checker.sources.events.remote.query import InputFilter

_EVERYTHING = InputFilter()


def passed_over(key: str) -> str | None:
    """Return what an object is counted as that holds no events, None for a log file.

    Digests, Insights and AWS Config's files go by their folder or their name; a bucket
    without AWSLogs may hold log files anywhere.
    """
    if not is_event_file(key):
        return "other files"
    parts = below(key.rpartition("/")[0])
    if parts is None:
        return None
    steps = (step(parts[:depth], _EVERYTHING) for depth in range(1, len(parts) + 1))
    return "other logs of AWS" if Step.SKIP in steps else None
