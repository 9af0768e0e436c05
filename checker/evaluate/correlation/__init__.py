"""Evaluate correlation rules: many matches, one finding.

    plan(rules)          which fields to carry, what reports nothing, in which order
    correlate(plan, …)   hits, in any order → what the correlations found
    learn(plan, hits)    hits → the learned values of the `first_seen` correlations
    in_order(hits)       the order in which they are judged: time, then eventID
    Hit                  one match as a correlation sees it; crosses process borders
    Addresses            a table of the user's: networks, and the label of each
    Burst                what a correlation found: one stretch of events of one group

Time is the events' own, never the clock's.  A window of `timespan` ends at an event and
holds every event of the group at most `timespan` older, edge included; it slides from
event to event.  Events of one second are taken in the order of their eventIDs, and
fit a sequence in either order.  One burst
is a run of windows that satisfy the condition and overlap: a new one begins only when
the last event of the one before has left the window.  An event counts once for a
group, whatever rules matched it; so does an action that was delivered to several
accounts (sharedEventID).  A match that lacks a value to group by is in no group.

https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
"""

from __future__ import annotations

from checker.evaluate.correlation.addresses import Addresses, Label, nameless
from checker.evaluate.correlation.burst import MOST_EVENTS, Burst
from checker.evaluate.correlation.engine import (
    GROUP_BYTES,
    HIT_BYTES,
    MOST_GROUPS,
    Correlated,
    Correlator,
    Span,
    correlate,
    first_of,
    learn,
)
from checker.evaluate.correlation.hit import (
    Learned,
    Signal,
    in_order,
    located,
    milliseconds,
)
from checker.evaluate.correlation.hit_columns import HitColumns
from checker.evaluate.correlation.plan import Plan, plan
from checker.evaluate.correlation.prospects import Prospects
from checker.evaluate.correlation.shares import Shares
from checker.evaluate.correlation.sieve import Sieve
from checker.evaluate.correlation.step import Counts

__all__ = [
    "GROUP_BYTES",
    "HIT_BYTES",
    "MOST_EVENTS",
    "MOST_GROUPS",
    "Addresses",
    "Burst",
    "Correlated",
    "Correlator",
    "Counts",
    "HitColumns",
    "Label",
    "Learned",
    "Plan",
    "Prospects",
    "Shares",
    "Sieve",
    "Signal",
    "Span",
    "correlate",
    "first_of",
    "in_order",
    "learn",
    "located",
    "milliseconds",
    "nameless",
    "plan",
]
