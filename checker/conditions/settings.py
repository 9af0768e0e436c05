"""This module names the functions that configuration rules have beside JMESPath's.

`coverage(need)` asks what the union of the account's trails records of a need, and
gives `{verdict, trails, gaps, reason}`.  A need is an object:

    category      'Management', 'Data', 'NetworkActivity' or 'Insight'
    source        eventSource                     (optional; any)
    names         eventName or a list of them     (optional; any)
    resourceType  resources.type of data events   (optional)
    arn           resources.ARN                   (optional; every ARN)
    access        'All', 'Read' or 'Write'        (optional; 'All')
    regions       a list of Regions               (optional; every Region)
    account       an account id                   (optional; the snapshot's)
    trails        a list of trails to ask         (optional; the snapshot's)

`verdict` is 'full', 'partial' or 'none'; where the snapshot cannot tell, the answer as
a whole is unknown, and so is the rule's outcome.
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.conditions.functions import STANDARD, Function
from checker.conditions.unknown import Unknown


def _no_snapshot(_: object) -> object:
    return Unknown("there is no settings snapshot to ask")


SETTINGS: Mapping[str, Function] = {
    **STANDARD,
    "coverage": Function(
        name="coverage",
        arguments=(frozenset({"object"}),),
        returns=frozenset({"object"}),
        call=_no_snapshot,
    ),
}
