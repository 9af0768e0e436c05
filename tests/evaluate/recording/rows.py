"""What a row of the table of trail settings is, and its sources.

A source is the page of AWS's API reference (API_…), user guide (UG) or another guide
whose words a verdict follows from, and what it says there where that is not plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

YES, NO, OPEN = True, False, None
"""Recorded, not recorded, and open: no page says, or the snapshot has no answer."""

PUT = "API_PutEventSelectors"
EVENT_SELECTOR = "API_EventSelector"
DATA_RESOURCE = "API_DataResource"
ADVANCED = "API_AdvancedFieldSelector"
FILTER = "UG filtering-data-events"
MANAGEMENT = "UG logging-management-events-with-cloudtrail"
DATA_EVENTS = "UG logging-data-events-with-cloudtrail"
NETWORK = "UG logging-network-events-with-cloudtrail"
INSIGHTS = "API_PutInsightSelectors"
TRAIL = "API_Trail"
STATUS = "API_GetTrailStatus"
CONCEPTS = "UG cloudtrail-concepts, global service events"
RECORD = "UG cloudtrail-event-reference-record-contents"
COGNITO_PAGE = "Cognito DG amazon-cognito-info-in-cloudtrail"
SILENT = "no page says"
SNAPSHOT = "the snapshot has no answer"


@dataclass(frozen=True)
class Row:
    """One trail, one event, the verdict, part of its reason, and where AWS says so."""

    name: str
    trail: dict[str, Any]
    event: dict[str, Any]
    verdict: bool | None
    reason: str
    source: str
