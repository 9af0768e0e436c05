"""Collect AWS Config's configuration recorders, Region by Region.

https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeConfigurationRecorders.html
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.sources.api.failures import BROKEN_ANSWER
from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    overall,
    place,
)


def config_recorders(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect one row for each Region, with its recorders and what each is doing.

    A Region without a recorder has a row with none: that is an answer.  A Region that
    is off, or has no AWS Config, has no row.
    """

    def collect(region: str) -> tuple[str, Body]:
        return _recorders(caller, region)

    results = at_once(collect, sorted(regions), "recorders by Region", progress)
    rows = [row for state, row in results if state != "unsupported"]
    # What was refused stands in the row of its Region.
    return rows, "ok" if rows else overall(state for state, _ in results)


def _recorders(caller: Caller, region: str) -> tuple[str, Body]:
    section = "config_recorders.recorders"
    question = Question(
        "config", "describe_configuration_recorders", region, section, region
    )
    listed = caller.rows(question, "ConfigurationRecorders")
    recorders = sorted(listed.rows, key=lambda row: str(row.get("name")))
    body: Body = {"region": region}
    place(body, "recorders", listed.state, recorders if listed.state == "ok" else None)
    if recorders:
        _statuses(caller, recorders, region)
    return listed.state, body


def _statuses(caller: Caller, recorders: list[Body], region: str) -> None:
    question = Question(
        "config",
        "describe_configuration_recorder_status",
        region,
        "config_recorders.recorders.status",
        region,
    )
    told = caller.rows(question, "ConfigurationRecordersStatus")
    statuses = {row.get("name"): row for row in told.rows}
    for recorder in recorders:
        status = statuses.get(recorder.get("name"))
        state = told.state
        if state == "ok" and status is None:
            said = "the answer does not name each recorder"
            state = caller.note(question, BROKEN_ANSWER, "error", said)
        place(recorder, "status", state, status)
