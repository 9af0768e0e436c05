"""Determine which events an event source can record, by AWS's API models.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import functools
import re

from checker.aws import api_models
from checker.aws.non_api_events import EXTRA_EVENTS, NAMED_OTHERWISE, OPEN_SOURCES

# CloudTrail writes the API's date behind names of theirs, which no model does:
# https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
_DATED = frozenset({"lambda.amazonaws.com", "cloudfront.amazonaws.com"})


def occurs(source: str, name: str) -> bool | None:
    """Return whether a source records events of a name; None when not known."""
    if name in EXTRA_EVENTS.get(source, ()):
        return True
    if (source, name) in NAMED_OTHERWISE:
        return False
    if api_models.undated(name) in api_models.operations(source):
        return True
    return False if _is_published(source) else None


def read_only(name: str) -> bool | None:
    """Return whether the verb of a call says that it only reads; None when it may not.

    CloudTrail's read events "don't make changes", its write events "modify (or might
    modify)" resources.  Most verbs leave it open: AssumeRole is recorded as read-only,
    GetSessionToken too, GetFederationToken is not.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
    """
    if _READS.match(name):
        return True
    return False if _WRITES.match(name) else None


_READS = re.compile(r"(?:Describe|List)(?=[A-Z]|\Z)")
_WRITES = re.compile(
    r"(?:Add|Associate|Attach|Create|Delete|Deregister|Detach|Disable|Disassociate|"
    r"Enable|Modify|Purchase|Put|Register|Remove|RunInstances|Stop|Terminate|Update)"
    r"(?=[A-Z0-9]|\Z)"
)


@functools.cache
def known_names(source: str) -> frozenset[str] | None:
    """Return the names of all events of a source; None when they are not published."""
    if source in _DATED or not _is_published(source):
        return None
    calls = api_models.operations(source)
    kept = (each for each in calls if (source, each) not in NAMED_OTHERWISE)
    return EXTRA_EVENTS.get(source, frozenset()).union(kept)


def owners(name: str) -> list[str]:
    """Return the event sources that have an event of a name."""
    found = list(api_models.owners().get(api_models.undated(name), ()))
    found += [source for source, names in EXTRA_EVENTS.items() if name in names]
    return list(dict.fromkeys(found))


def _is_published(source: str) -> bool:
    """Return whether all calls of a source are in the API models, or listed beside."""
    if source in OPEN_SOURCES:
        return False
    return source in EXTRA_EVENTS or bool(api_models.operations(source))
