"""Drive the rooms: rules and inputs in, a report out.

`scan` judges events, `audit` judges settings, `visibility` asks whether the settings
would have shown the events, and `remediate` says what has to change so that they do;
`rank` counts events.
Each gives the same report for the same arguments, in the order of the inputs, however
many processes work on them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.run.address_labels import load_addresses
    from checker.run.baseline import learn, load_baseline, render_baseline
    from checker.run.compliance import audit_frameworks
    from checker.run.remediate import remediate
    from checker.run.report import exit_code, join
    from checker.run.scanning.fingerprints import fingerprint
    from checker.run.scanning.scan import Interrupted, open_state, scan
    from checker.run.settings import audit, collected, live, unseen, visibility
    from checker.run.top import countable, rank

__all__ = [
    "Interrupted",
    "audit",
    "audit_frameworks",
    "collected",
    "countable",
    "exit_code",
    "fingerprint",
    "join",
    "learn",
    "live",
    "load_addresses",
    "load_baseline",
    "open_state",
    "rank",
    "remediate",
    "render_baseline",
    "scan",
    "unseen",
    "visibility",
]

# A command loads the one driver that it needs (PEP 562): to load all takes longer than
# to scan a small file.
_WHERE = {
    "load_addresses": "address_labels",
    "learn": "baseline",
    "load_baseline": "baseline",
    "render_baseline": "baseline",
    "Interrupted": "scanning.scan",
    "open_state": "scanning.scan",
    "scan": "scanning.scan",
    "audit_frameworks": "compliance",
    "remediate": "remediate",
    "exit_code": "report",
    "fingerprint": "scanning.fingerprints",
    "join": "report",
    "audit": "settings",
    "collected": "settings",
    "live": "settings",
    "unseen": "settings",
    "visibility": "settings",
    "countable": "top",
    "rank": "top",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
