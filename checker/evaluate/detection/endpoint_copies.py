"""Decide which events repeat what another event of the account records.

A call that a VPC endpoint lets through is recorded twice: as a management or data
event, and as a network activity event, which has no requestParameters.  Every rule
judges the first; the second is for those that name what only such events have.

What only the endpoint saw is no copy: a call that its policy denied never reached the
service (VpceAccessDenied), and that of another account is recorded over there.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html
"""

from __future__ import annotations

from typing import Final

from checker.aws.event_categories import category_of
from checker.conditions import tree
from checker.model import DetectionRule, Event

_CATEGORY: Final = "NetworkActivity"
_NAMES: Final = (_CATEGORY, "AwsVpceEvent")
_FIELDS: Final = "vpcEndpoint"
_DENIED: Final = "VpceAccessDenied"


def is_copy(event: Event) -> bool:
    """Return whether another event of the same account records the call as well."""
    if category_of(event) != _CATEGORY or event.get("errorCode") == _DENIED:
        return False
    identity, account = event.get("userIdentity"), event.get("recipientAccountId")
    caller = identity.get("accountId") if isinstance(identity, dict) else None
    return isinstance(caller, str) and caller == account


def judges_copies(rule: DetectionRule) -> bool:
    """Return whether a rule names what only events of VPC endpoints have."""
    return any(map(_is_of_endpoints, tree.walk(rule.detection.condition)))


def _is_of_endpoints(node: tree.Node) -> bool:
    if isinstance(node, tree.Literal):
        return any(name in node.text for name in _NAMES)
    return isinstance(node, tree.Path) and node.names[0].startswith(_FIELDS)
