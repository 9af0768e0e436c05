"""Determine whether a composite alarm goes off by one of its alarms.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from checker.conditions import Cause, Unknown
from checker.conditions.sketch import Sketch
from checker.evaluate.alarms import alarm_rule
from checker.evaluate.alarms.links import Body, same, shown

COMPOSITE_AT_REST = frozenset({"OK"})
"""A composite alarm lacks data only right after it was made."""


def at_rest(alarm: Body, metric: Body) -> frozenset[str]:
    """Return the states that an alarm may be in while nothing happens.

    Without a default value the metric has no points then.
    """
    missing = alarm.get("TreatMissingData")
    if metric.get("defaultValue") is not None or missing == "notBreaching":
        return frozenset({"OK"})
    if missing == "ignore":
        return frozenset({"OK", "INSUFFICIENT_DATA"})
    return frozenset({"INSUFFICIENT_DATA"})


def goes_off(
    composite: Body, alarm: Body, resting: AbstractSet[str]
) -> bool | Unknown | None:
    """Return whether a composite alarm goes off by an alarm alone, and not without.

    None where that hangs on other alarms.
    """
    given = composite.get("AlarmRule")
    name = shown(composite.get("AlarmName"))
    if isinstance(given, Unknown) and given.sketch is None:
        return given
    try:
        rule = alarm_rule.parse(_sketch(given))
    except alarm_rule.MalformedRule:
        cause = given.cause if isinstance(given, Unknown) else Cause.UNDECIDABLE
        return Unknown(f"the rule of {name} cannot be read", cause)
    named = [_is_of(each, alarm) for each in rule.names]
    if not any(each is not False for each in named):
        return False

    def in_state(own: str, others: str | None) -> bool | None:
        def state(wanted: str, reference: Sketch) -> bool | None:
            is_own = _is_of(reference, alarm)
            if is_own is None:
                return None
            expected = own if is_own else others
            return None if expected is None else wanted == expected

        return rule.holds(state)

    before = {in_state(own, "OK") for own in resting}
    if before == {True}:
        return False
    after = in_state("ALARM", None)
    if after and True in before:
        return None
    return after


def suppressed(composite: Body, alarm: Body) -> bool | None:
    """Return whether an alarm keeps a composite alarm from acting.

    None where another alarm may: a suppressor in the ALARM state does.
    """
    suppressor = composite.get("ActionsSuppressor")
    if not isinstance(suppressor, Unknown) and not suppressor:
        return False
    if isinstance(suppressor, Unknown) and suppressor.sketch is None:
        return None
    return _is_of(_sketch(suppressor), alarm) or None


def _sketch(value: object) -> Sketch:
    if isinstance(value, Unknown):
        assert value.sketch is not None
        return value.sketch
    return (str(value),)


def _is_of(reference: Sketch, alarm: Body) -> bool | None:
    """Return whether a name or an ARN stands for an alarm."""
    wanted = _value(reference)
    answers = [same(alarm.get(key), wanted) for key in ("AlarmName", "AlarmArn")]
    return True if True in answers else None if None in answers else False


def _value(sketch: Sketch) -> str | Unknown:
    if all(isinstance(part, str) for part in sketch):
        return "".join(str(part) for part in sketch)
    return Unknown("an alarm's name", Cause.NOT_KNOWN_BEFORE_APPLY, sketch=sketch)
