"""Determine whether what a metric filter counts reaches somebody.

An alarm has to go off by as few events as are asked for, and its actions, or those of a
composite alarm over it, have to reach a confirmed subscriber, a function or Systems
Manager.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from checker.conditions import Cause, Unknown, UnknownValue
from checker.conditions.unknown import refuse

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """How far a chain holds: to its end or not (None: nobody knows), and why.

    `reached` counts the links: 0 trail, 1 metric filter, 2 alarm, 3 action.  `cause`
    says why it is not known.
    """

    verdict: bool | None
    reason: str
    reached: int
    cause: Cause = Cause.UNDECIDABLE


def works(reason: str, reached: int) -> Link:
    """Make a link that holds."""
    return Link(verdict=True, reason=reason, reached=reached)


def broken(reason: str, reached: int) -> Link:
    """Make a link that does not hold."""
    return Link(verdict=False, reason=reason, reached=reached)


def doubt(unknown: Unknown | str, reached: int) -> Link:
    """Return a link of which it is not known whether it holds.

    Text is the reason where no answer of AWS's would decide.
    """
    known = Unknown(unknown) if isinstance(unknown, str) else unknown
    return Link(None, known.reason, reached, known.cause)


@dataclass(frozen=True, slots=True)
class Watch:
    """The alarms and topics of an account, and how many events have to be enough."""

    alarms: Sequence[Body]
    topics: Sequence[Body]
    events: int


def best(links: Sequence[Link]) -> Link | None:
    """Choose the chain that holds, else one in doubt, else the one that gets furthest.

    None when there is no chain at all.
    """
    order = {True: 2, None: 1, False: 0}
    return max(
        links, key=lambda link: (order[link.verdict], link.reached), default=None
    )


def notified(row: Body, watch: Watch) -> Link:
    """Follow what a metric filter counts to the alarms on its metric, and on."""
    # System fields are dimensions of each metric of the filter.
    split = row.get("emitSystemFieldDimensions")
    if isinstance(split, Unknown):
        return doubt(split, 2)
    links = [
        _alarm(alarm, {**metric, "dimensions": split} if split else metric, watch)
        for metric in row.get("metricTransformations") or ()
        for alarm in watch.alarms
        if alarm.get("region") == row.get("region") and _watches(alarm, metric)
    ]
    reason = f"no alarm watches the metric of {row.get('filterName')}"
    return best(links) or broken(reason, 2)


def _watches(alarm: Body, metric: Body) -> bool:
    wanted = (metric.get("metricNamespace"), metric.get("metricName"))
    return any(
        (each.get("Namespace"), each.get("MetricName")) == wanted
        for each, _ in _metrics(alarm)
    )


def _metrics(alarm: Body) -> Iterator[tuple[Body, Body]]:
    """Return each metric of an alarm, with what holds its statistic."""
    if alarm.get("MetricName"):
        yield alarm, alarm
    for query in alarm.get("Metrics") or ():
        given = query.get("MetricStat") or {}
        yield given.get("Metric") or {}, given


def _alarm(alarm: Body, metric: Body, watch: Watch) -> Link:
    name = alarm.get("AlarmName")
    try:
        fault = _fault(alarm, metric, watch.events)
        if fault is None:
            return doubt(f"whether the alarm {name} goes off is not known", 2)
        if fault:
            return broken(f"the alarm {name} {fault}", 2)
        own = _acts(alarm, watch)
        links = [own, *(_acts(each, watch) for each in _over(alarm, watch.alarms))]
    except UnknownValue as unknown:
        return doubt(unknown.unknown, 2)
    return best(links) or own


def _fault(alarm: Body, metric: Body, events: int) -> str | None:
    """Describe why an alarm does not go off by so many events; empty if it does.

    None where that hangs on more than one metric.
    """
    refuse(*alarm.values(), *metric.values())
    measured = list(_metrics(alarm))
    if len(measured) != 1 or len(alarm.get("Metrics") or ()) > 1:
        return None
    subject, holder = measured[0]
    if subject.get("Dimensions"):
        return "watches one dimension of the metric only"
    if metric.get("dimensions"):
        return "watches the metric without its dimensions, where there is nothing"
    unit = holder.get("Unit")
    if unit not in (None, metric.get("unit") or "None"):
        return f"waits for values in {unit}, which the filter does not give"
    points = alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 1
    if points > events:
        return f"waits for {points} periods in a row"
    return _below(alarm, metric, holder, events)


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "GreaterThanThreshold": lambda value, limit: value > limit,
}


def _below(alarm: Body, metric: Body, holder: Body, events: int) -> str | None:
    """Describe why so many events in a period stay below the threshold."""
    statistic = str(
        alarm.get("Statistic") or alarm.get("ExtendedStatistic") or holder.get("Stat")
    )
    operator, limit = alarm.get("ComparisonOperator"), alarm.get("Threshold")
    compare = _COMPARE.get(str(operator))
    if str(operator).startswith("LessThan") and "Upper" not in str(operator):
        return "goes off when there are few events, not by them"
    try:
        each = float(str(metric.get("metricValue")))
    except ValueError:
        return None
    if compare is None or not isinstance(limit, int | float):
        return None
    idle = metric.get("defaultValue")
    if idle is not None and statistic not in ("Sum", "Maximum"):
        return f"takes the {statistic} of one event and many default values"
    value = {"Sum": each * events, "SampleCount": events}.get(statistic, each)
    if not compare(value, limit):
        return f"needs more than {events} in a period"
    return _always(alarm, idle, lambda value: compare(value, limit))


def _always(alarm: Body, idle: float | None, breaches: Callable[[float], bool]) -> str:
    """Return why an alarm is on while nothing happens: its actions come with a change.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    if idle is None:
        missing = alarm.get("TreatMissingData") == "breaching"
        return "is on all the time, as no events count as a breach" if missing else ""
    if breaches(idle):
        return f"is on all the time, by the default value {idle:g}"
    return ""


def _over(alarm: Body, alarms: Sequence[Body]) -> Iterator[Body]:
    """Return the composite alarms that go off by an alarm, at least with others."""
    names = [alarm.get("AlarmName"), alarm.get("AlarmArn")]
    for each in alarms:
        rule = each.get("AlarmRule")
        refuse(rule)
        told = re.findall(r'ALARM\s*\(\s*"?([^")]+?)"?\s*\)', rule or "")
        if each.get("region") == alarm.get("region") and any(n in told for n in names):
            yield each


def _acts(alarm: Body, watch: Watch) -> Link:
    """Follow the actions of an alarm that goes off."""
    name = alarm.get("AlarmName")
    enabled, actions = alarm.get("ActionsEnabled"), alarm.get("AlarmActions")
    refuse(enabled, actions)
    if enabled is False:
        return broken(f"the actions of the alarm {name} are switched off", 2)
    links = [_action(action, str(name), watch) for action in actions or ()]
    found = best(links) or broken(f"the alarm {name} has no action", 2)
    needs_others = re.search(r"\b(AND|NOT)\b", alarm.get("AlarmRule") or "")
    if found.verdict and needs_others:
        return doubt(f"whether {name} goes off hangs on other alarms", 2)
    return found


def _action(action: object, alarm: str, watch: Watch) -> Link:
    if isinstance(action, Unknown):
        return doubt(action, 3)
    service = (str(action).split(":") + [""] * 3)[2]
    if service in ("lambda", "ssm", "ssm-incidents"):
        return works(f"the alarm {alarm} calls {action}", 3)
    if service != "sns":
        return broken(f"the action {action} of {alarm} sends no notification", 3)
    topic = next((t for t in watch.topics if _is(t, str(action))), None)
    if topic is None:
        return doubt(
            Unknown(f"the topic {action} was not collected", Cause.NOT_COLLECTED), 3
        )
    subscriptions = topic.get("subscriptions")
    if isinstance(subscriptions, Unknown):
        return doubt(subscriptions, 3)
    for each in subscriptions or ():
        arn = each.get("SubscriptionArn")
        if isinstance(arn, Unknown):
            return doubt(arn, 3)
        if arn and arn not in ("PendingConfirmation", "Deleted"):
            return works(f"the alarm {alarm} notifies the subscribers of {action}", 3)
    return broken(f"no subscription to {action} is confirmed", 3)


def _is(topic: Body, arn: str) -> bool:
    known = topic.get("TopicArn")
    return isinstance(known, str) and known == arn
