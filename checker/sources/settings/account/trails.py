"""Collect trails and event data stores, and the parts of each.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checker.sources.settings.account.calls import (
    Answer,
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    mark_missing,
    overall,
    place,
)

_NO_INSIGHTS = frozenset({"InsightNotEnabledException"})


def trails(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect every trail that a Region shows, once; give the listing's state too.

    A multi-Region or organization trail shows in every Region (as a shadow trail).
    The answer of its home Region is kept where there is one, and its parts are asked
    for there, by ARN: elsewhere AWS knows it by ARN alone, or not at all.
    """

    def listed(region: str) -> Answer:
        question = Question("cloudtrail", "describe_trails", region, "trails")
        return caller.ask(question, includeShadowTrails=True)

    answers = at_once(listed, regions, "trails by Region", progress)
    found: dict[str, Body] = {}
    for region, answer in zip(regions, answers, strict=True):
        for trail in answer.body.get("trailList", []):
            if trail["TrailARN"] not in found or trail.get("HomeRegion") == region:
                found[trail["TrailARN"]] = trail
    bodies = [found[arn] for arn in sorted(found)]
    at_once(lambda trail: _complete(caller, trail), bodies, "trails", progress)
    return bodies, overall(answer.state for answer in answers)


def event_data_stores(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect every event data store; ListEventDataStores gives only ARN and name."""

    def listed(region: str) -> tuple[str, list[Body]]:
        question = Question(
            "cloudtrail", "list_event_data_stores", region, "event_data_stores"
        )
        answer = caller.rows(question, "EventDataStores")
        return answer.state, [_store(caller, row, region) for row in answer.rows]

    results = at_once(listed, regions, "event data stores", progress)
    found: dict[str, Body] = {}
    for _, stores in results:
        for store in stores:
            found.setdefault(store["EventDataStoreArn"], store)
    return [found[arn] for arn in sorted(found)], overall(state for state, _ in results)


def region_of(arn: str) -> str:
    """Return the Region part of an ARN, empty where it has none."""
    return (arn.split(":") + [""] * 4)[3]


def account_of(arn: str) -> str:
    """Return the account part of an ARN, empty where it has none."""
    return (arn.split(":") + [""] * 5)[4]


def owned(caller: Caller, arn: str) -> bool | None:
    """Return whether an ARN is of the account that is calling; None if not known."""
    return None if caller.account is None else account_of(arn) == caller.account


def _complete(caller: Caller, trail: Body) -> None:
    arn = trail["TrailARN"]
    home = trail.get("HomeRegion") or region_of(arn)
    own = owned(caller, arn)
    if own is None:
        place(trail, "owned", "error", None)
    else:
        trail["owned"] = own

    def ask(
        operation: str, part: str, absent: frozenset[str] = frozenset(), **name: str
    ) -> Answer:
        section = f"trails.{part}"
        question = Question("cloudtrail", operation, home, section, arn, absent)
        return caller.ask(question, **name)

    status = ask("get_trail_status", "status", Name=arn)
    place(trail, "status", status.state, status.body or None)

    selectors = ask("get_event_selectors", "event_selectors", TrailName=arn)
    selectors.body.pop("TrailARN", None)
    # A trail without own selectors is answered with AWS's default ones; both lists
    # missing means the same as both empty.
    value = selectors.body if selectors.state == "ok" else None
    place(trail, "event_selectors", selectors.state, value)

    insights = ask(
        "get_insight_selectors", "insight_selectors", _NO_INSIGHTS, TrailName=arn
    )
    chosen = insights.body.get("InsightSelectors") or None
    place(trail, "insight_selectors", insights.state, chosen)

    part = "aggregation_configurations"
    events = ask("get_event_configuration", part, TrailName=arn)
    place(trail, part, events.state, events.body.get("AggregationConfigurations"))

    _tags(caller, trail, home)


def _tags(caller: Caller, trail: Body, home: str) -> None:
    arn = trail["TrailARN"]
    question = Question("cloudtrail", "list_tags", home, "trails.tags", arn)
    if trail["owned"] is False:
        message = "only the account that owns a trail can list its tags"
        place(trail, "tags", caller.refuse(question, "OtherAccount", message), None)
        return
    answer = caller.rows(question, "ResourceTagList", ResourceIdList=[arn])
    tags = dict(_pairs(answer.rows)) if answer.state == "ok" else None
    place(trail, "tags", answer.state, tags)


def _pairs(rows: Sequence[Body]) -> Iterator[tuple[str, str]]:
    for row in rows:
        for tag in row.get("TagsList", []):
            yield tag["Key"], tag.get("Value", "")


def _store(caller: Caller, row: Body, region: str) -> Body:
    arn = row["EventDataStoreArn"]
    question = Question(
        "cloudtrail", "get_event_data_store", region, "event_data_stores", arn
    )
    answer = caller.ask(question, EventDataStore=arn)
    store = {
        "EventDataStoreArn": arn,
        "Name": row.get("Name"),
        "region": region,
        "_state": {},
        **answer.body,
    }
    if answer.state != "ok":
        mark_missing(store, question, answer.state, None)
    return store
