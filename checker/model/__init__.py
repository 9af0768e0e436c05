"""The values that flow from room to room.

Everything here is frozen and without behaviour of a room.  Events, trails and the
other parts of a snapshot stay what they are on disk: plain dictionaries with AWS's own
keys and casing.
"""

from __future__ import annotations

from checker.model.events import (
    RECORD_FIELDS,
    SUBJECT,
    Addendum,
    Batch,
    Correction,
    Event,
    Header,
    Unreadable,
)
from checker.model.findings import (
    Acceptance,
    Finding,
    Group,
    Location,
    Match,
    Ranking,
    Report,
    Resource,
    Statistics,
    Status,
    Value,
)
from checker.model.rules import (
    AnyRule,
    Configuration,
    ConfigurationRule,
    Correlation,
    CorrelationRule,
    Detection,
    DetectionRule,
    Level,
    Parameter,
    Related,
    Remediation,
    Rule,
    Suppression,
    parameters_of,
)

__all__ = [
    "RECORD_FIELDS",
    "SUBJECT",
    "Acceptance",
    "Addendum",
    "AnyRule",
    "Batch",
    "Configuration",
    "ConfigurationRule",
    "Correction",
    "Correlation",
    "CorrelationRule",
    "Detection",
    "DetectionRule",
    "Event",
    "Finding",
    "Group",
    "Header",
    "Level",
    "Location",
    "Match",
    "Parameter",
    "Ranking",
    "Related",
    "Remediation",
    "Report",
    "Resource",
    "Rule",
    "Statistics",
    "Status",
    "Suppression",
    "Unreadable",
    "Value",
    "parameters_of",
]
