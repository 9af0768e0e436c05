"""Determine whether what a metric filter counts reaches somebody.

An alarm has to go off by as few events as are asked for, and its actions, or those of a
composite alarm over it, have to reach a confirmed subscriber, a function or Systems
Manager.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from checker.conditions import Cause, Unknown, UnknownValue
from checker.conditions.unknown import refuse
from checker.evaluate.alarms import composites, topics
from checker.evaluate.alarms.links import (
    Body,
    Link,
    Watch,
    best,
    broken,
    doubt,
    same,
    shown,
    weakened,
)


def notified(row: Body, watch: Watch) -> Link:
    """Follow what a metric filter counts to the alarms on its metric, and on."""
    # System fields are dimensions of each metric of the filter.
    split = row.get("emitSystemFieldDimensions")
    if isinstance(split, Unknown):
        return doubt(split, 2)
    metrics = row.get("metricTransformations")
    if isinstance(metrics, Unknown):
        return doubt(metrics, 2)
    links = [
        _watched(
            alarm, {**metric, "dimensions": split} if split else metric, row, watch
        )
        for metric in metrics or ()
        for alarm in watch.alarms
    ]
    reason = f"no alarm watches the metric of {shown(row.get('filterName'))}"
    return best([link for link in links if link is not None]) or broken(reason, 2)


def _watched(alarm: Body, metric: Body, row: Body, watch: Watch) -> Link | None:
    """Follow a metric to an alarm; None if the alarm watches another one."""
    where = same(alarm.get("region"), row.get("region"))
    watches = _watches(alarm, metric)
    if where is False or watches is False:
        return None
    found = _alarm(alarm, metric, watch)
    if where is None or watches is None:
        named = shown(alarm.get("AlarmName"))
        reason = f"whether {named} watches the metric of {shown(row.get('filterName'))}"
        values = [alarm.get("region"), row.get("region"), *alarm.values()]
        unknown = next((each for each in values if isinstance(each, Unknown)), None)
        cause = unknown.cause if unknown is not None else Cause.UNDECIDABLE
        found = weakened(found, Unknown(f"{reason} is not known", cause))
    return found


def _watches(alarm: Body, metric: Body) -> bool | None:
    wanted = (metric.get("metricNamespace"), metric.get("metricName"))
    try:
        measured = list(_metrics(alarm))
    except UnknownValue:
        return None
    answers = [
        [same(each.get(key), value) for key, value in zip(_OF, wanted, strict=True)]
        for each, _ in measured
    ]
    both = [
        False if False in pair else None if None in pair else True for pair in answers
    ]
    return True if True in both else None if None in both else False


_OF = ("Namespace", "MetricName")


def _metrics(alarm: Body) -> Iterator[tuple[Body, Body]]:
    """Return each metric of an alarm, with what holds its statistic."""
    if alarm.get("MetricName"):
        yield alarm, alarm
    queries = alarm.get("Metrics") or ()
    # What is not returned may still be what an expression is made of.
    is_math = any(query.get("Expression") for query in queries)
    for query in queries:
        returned = query.get("ReturnData")
        if returned is False and not is_math:
            continue
        refuse(returned)
        given = query.get("MetricStat") or {}
        yield given.get("Metric") or {}, given


def _alarm(alarm: Body, metric: Body, watch: Watch) -> Link:
    name = shown(alarm.get("AlarmName"))
    try:
        fault = _fault(alarm, metric, watch.events)
    except UnknownValue as unknown:
        return doubt(unknown.unknown, 2)
    if fault is None:
        return doubt(f"whether the alarm {name} goes off is not known", 2)
    if fault:
        return broken(f"the alarm {name} {fault}", 2)
    own = _acts(alarm, watch)
    resting = composites.at_rest(alarm, metric)
    found = best([own, *_composites(alarm, watch, resting, [])]) or own
    return weakened(found, alarm.get("_exists", True))


def _fault(alarm: Body, metric: Body, events: int) -> str | None:
    """Describe why an alarm does not go off by so many events; empty if it does.

    None where that hangs on more than one metric.
    """
    measured = list(_metrics(alarm))
    if len(measured) != 1 or len(alarm.get("Metrics") or ()) > 1:
        return None
    subject, holder = measured[0]
    if subject.get("Dimensions"):
        return "watches one dimension of the metric only"
    if metric.get("dimensions"):
        return "watches the metric without its dimensions, where there is nothing"
    refuse(*(alarm.get(key) for key in _JUDGED), *metric.values())
    refuse(*(holder.get(key) for key in ("Unit", "Stat", "Period")))
    unit = holder.get("Unit")
    if unit not in (None, metric.get("unit") or "None"):
        return f"waits for values in {unit}, which the filter does not give"
    points = alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 1
    if points > events:
        return f"waits for {points} periods in a row"
    return _below(alarm, metric, holder, events)


_JUDGED = (
    "ComparisonOperator",
    "DatapointsToAlarm",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
)
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


def _composites(
    alarm: Body, watch: Watch, resting: AbstractSet[str], under: list[Body]
) -> Iterator[Link]:
    """Follow the composite alarms that an alarm sets off, and those over them."""
    for composite in watch.alarms:
        seen = any(composite is each for each in (alarm, *under))
        if composite.get("AlarmRule") is None or seen or len(under) > _MOST_LEVELS:
            continue
        if same(composite.get("region"), alarm.get("region")) is False:
            continue
        goes_off = composites.goes_off(composite, alarm, resting)
        if goes_off is False:
            continue
        above = composites.COMPOSITE_AT_REST
        links = [
            _unsuppressed(_acts(composite, watch), composite, alarm),
            *_composites(composite, watch, above, [*under, alarm]),
        ]
        found = best(links) or links[0]
        if isinstance(goes_off, Unknown):
            found = weakened(found, goes_off)
        elif goes_off is None:
            name = shown(composite.get("AlarmName"))
            reason = f"whether {name} goes off hangs on other alarms"
            found = weakened(found, Unknown(reason))
        yield weakened(found, composite.get("_exists", True))


def _unsuppressed(link: Link, composite: Body, alarm: Body) -> Link:
    """Follow a composite alarm's actions unless another alarm keeps them back."""
    name = shown(composite.get("AlarmName"))
    suppressed = composites.suppressed(composite, alarm)
    if suppressed:
        return broken(f"the alarm that sets {name} off suppresses its actions", 2)
    if suppressed is False:
        return link
    return weakened(link, Unknown(f"another alarm may suppress the actions of {name}"))


_MOST_LEVELS = 5


def _acts(alarm: Body, watch: Watch) -> Link:
    """Follow the actions of an alarm that goes off."""
    name = shown(alarm.get("AlarmName"))
    enabled, actions = alarm.get("ActionsEnabled"), alarm.get("AlarmActions")
    if enabled is False:
        return broken(f"the actions of the alarm {name} are switched off", 2)
    if isinstance(actions, Unknown) and actions.among is not None:
        several = [_any_action(each, name, alarm, watch) for each in actions.among]
        verdicts = {link.verdict for link in several}
        found = several[0] if len(verdicts) == 1 else doubt(actions, 2)
    elif isinstance(actions, Unknown):
        found = doubt(actions, 2)
    else:
        found = _any_action(actions, name, alarm, watch)
    return weakened(found, enabled) if isinstance(enabled, Unknown) else found


def _any_action(actions: object, name: str, alarm: Body, watch: Watch) -> Link:
    several = actions if isinstance(actions, list) else []
    links = [
        topics.reached(action, name, alarm.get("AlarmArn"), watch) for action in several
    ]
    return best(links) or broken(f"the alarm {name} has no action", 2)
