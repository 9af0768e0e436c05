"""Collect what watches the trails' log groups.

From a trail's log group to its metric filters, the alarms on their metrics, and the
topics and subscriptions that the alarms (and the trails) notify.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from checker.sources.settings.account.buckets import parsed
from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    mark_missing,
    overall,
    place,
)
from checker.sources.settings.account.trails import owned, region_of

# Without its log group there are no filters, which is an answer.
_NO_GROUP = frozenset({"ResourceNotFoundException"})
_ELSEWHERE = "the log group belongs to another account"


def log_groups(
    caller: Caller, trails: Sequence[Body], progress: Progress | None
) -> list[Body]:
    """Collect every log group that a trail delivers to."""
    users: dict[str, set[str]] = {}
    for trail in trails:
        arn = (trail.get("CloudWatchLogsLogGroupArn") or "").removesuffix(":*")
        if arn:
            users.setdefault(arn, set()).add(trail["TrailARN"])

    def collect(arn: str) -> Body:
        return _log_group(caller, arn, sorted(users[arn]))

    return at_once(collect, sorted(users), "log groups", progress)


def metric_filters(
    caller: Caller, groups: Sequence[Body], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect the metric filters on those log groups."""

    def collect(group: Body) -> tuple[str, list[Body]]:
        arn, region = group["arn"], group["region"]
        question = Question(
            "logs", "describe_metric_filters", region, "metric_filters", arn, _NO_GROUP
        )
        if owned(caller, arn) is False:
            return caller.refuse(question, "OtherAccount", _ELSEWHERE), []
        answer = caller.rows(
            question, "metricFilters", logGroupName=group["logGroupName"]
        )
        added = {"region": region, "log_group_arn": arn}
        return answer.state, [row | added for row in answer.rows]

    results = at_once(collect, groups, "metric filters", progress)
    rows = [row for _, found in results for row in found]
    rows.sort(key=lambda row: (row["log_group_arn"], row["filterName"]))
    return rows, overall(state for state, _ in results)


def alarms(
    caller: Caller, groups: Sequence[Body], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect the alarms of the Regions of those log groups: a metric stays in its own.

    Both kinds are asked for: a composite alarm may be the one that notifies.
    """
    regions = sorted({group["region"] for group in groups})

    def collect(region: str) -> tuple[str, list[Body]]:
        question = Question("cloudwatch", "describe_alarms", region, "alarms")
        states, found = [], []
        for kind in ("Metric", "Composite"):
            answer = caller.rows(question, f"{kind}Alarms", AlarmTypes=[f"{kind}Alarm"])
            states.append(answer.state)
            found += [row | {"region": region} for row in answer.rows]
        return overall(states), found

    results = at_once(collect, regions, "alarms", progress)
    rows = [row for _, found in results for row in found]
    rows.sort(key=lambda row: (row["region"], row["AlarmName"]))
    return rows, overall(state for state, _ in results)


def sns_topics(
    caller: Caller,
    trails: Sequence[Body],
    filters: Sequence[Body],
    found: Sequence[Body],
    progress: Progress | None,
) -> list[Body]:
    """Collect the topics of the trails and of the alarms that watch a metric filter."""
    users: dict[str, set[str]] = {}
    for trail in trails:
        if trail.get("SnsTopicARN"):
            users.setdefault(trail["SnsTopicARN"], set()).add(trail["TrailARN"])
    for alarm in _watching(filters, found):
        for action in alarm.get("AlarmActions", []):
            if action.split(":")[2:3] == ["sns"]:
                users.setdefault(action, set()).add(alarm["AlarmArn"])

    def collect(arn: str) -> Body:
        return _topic(caller, arn, sorted(users[arn]))

    return at_once(collect, sorted(users), "topics", progress)


def _log_group(caller: Caller, arn: str, used_by: list[str]) -> Body:
    region, name = region_of(arn), ":".join(arn.split(":")[6:])
    question = Question("logs", "describe_log_groups", region, "log_groups", arn)
    body: Body = {
        "arn": arn,
        "logGroupName": name,
        "region": region,
        "used_by": used_by,
        "_state": {},
    }
    if owned(caller, arn) is False:
        state = caller.refuse(question, "OtherAccount", _ELSEWHERE)
        place(body, "resource_policies", state, None)
    else:
        place(body, "resource_policies", *_resource_policies(caller, arn, region))
        answer = caller.rows(question, "logGroups", logGroupNamePrefix=name)
        for row in answer.rows:
            if row.get("logGroupName") == name:
                return row | body
        state = answer.state
        if state == "ok":
            state = caller.note(question, "NoSuchLogGroup", "gone", "no such log group")
    mark_missing(body, question, state, "logGroups")
    return body


def _resource_policies(
    caller: Caller, arn: str, region: str
) -> tuple[str, list[Body] | None]:
    """Read the policies on a log group: its own, and the Region's, which may name it.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeResourcePolicies.html
    """
    section = "log_groups.resource_policies"
    question = Question("logs", "describe_resource_policies", region, section, arn)
    everywhere = caller.rows(question, "resourcePolicies")
    of_group = dataclasses.replace(question, absent=_NO_GROUP)
    own = caller.rows(
        of_group, "resourcePolicies", policyScope="RESOURCE", resourceArn=arn
    )
    rows = []
    for row in (*everywhere.rows, *own.rows):
        text = row.pop("policyDocument", None)
        place(row, "policy", *parsed(caller, question, "ok", text))
        if row not in rows:
            rows.append(row)
    return overall([everywhere.state, own.state]), rows


def _watching(filters: Sequence[Body], found: Sequence[Body]) -> Iterator[Body]:
    """Return the alarms on a filter's metric, and composite alarms over them.

    Rules are only searched for names here: what they mean is for `evaluate.alarms`.
    """
    metrics = {
        (row["region"], change.get("metricNamespace"), change.get("metricName"))
        for row in filters
        for change in row.get("metricTransformations", [])
    }
    watching = [
        alarm
        for alarm in found
        if any((alarm["region"], *metric) in metrics for metric in _metrics(alarm))
    ]
    rules = [
        (alarm, _bare(alarm["AlarmRule"])) for alarm in found if alarm.get("AlarmRule")
    ]
    for below in watching:  # grows: a composite alarm may stand over another one
        yield below
        watching += [
            alarm
            for alarm, rule in rules
            if alarm["region"] == below["region"]
            and _bare(below["AlarmName"]) in rule
            and not any(alarm is known for known in watching)
        ]


def _bare(text: str) -> str:
    """Return a text without the signs by which a rule escapes others."""
    return text.replace("\\", "")


def _metrics(alarm: Body) -> Iterator[tuple[str | None, str | None]]:
    yield alarm.get("Namespace"), alarm.get("MetricName")
    for query in alarm.get("Metrics", []):
        metric = query.get("MetricStat", {}).get("Metric", {})
        yield metric.get("Namespace"), metric.get("MetricName")


def _topic(caller: Caller, arn: str, used_by: list[str]) -> Body:
    region = region_of(arn)
    body: Body = {"TopicArn": arn, "region": region, "used_by": used_by}
    question = Question(
        "sns", "get_topic_attributes", region, "sns_topics.attributes", arn
    )
    answer = caller.ask(question, TopicArn=arn)
    attributes = answer.body.get("Attributes")
    text = attributes.pop("Policy", None) if attributes else None
    place(body, "attributes", answer.state, attributes)
    place(body, "policy", *parsed(caller, question, answer.state, text))
    listing = Question(
        "sns", "list_subscriptions_by_topic", region, "sns_topics.subscriptions", arn
    )
    subscriptions = caller.rows(listing, "Subscriptions", TopicArn=arn)
    rows = [_without_secret(row) for row in subscriptions.rows]
    place(body, "subscriptions", subscriptions.state, rows)
    return body


def _without_secret(row: Body) -> Body:
    """Keep only the host of a web hook: its path and query hold the receiver's key."""
    if row.get("Protocol") not in ("http", "https"):
        return row
    address = urlsplit(row.get("Endpoint", ""))
    return row | {"Endpoint": f"{address.scheme}://{address.hostname or ''}/"}
