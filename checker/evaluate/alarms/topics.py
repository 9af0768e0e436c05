"""Determine whether what an alarm does reaches somebody.

An SNS topic reaches its confirmed subscribers if CloudWatch may publish to it: the
topic's policy has to allow it, and the policy of the topic's key.  The key that AWS
manages for SNS allows no alarm.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.conditions import Cause, Unknown
from checker.evaluate.alarms.links import (
    Body,
    Link,
    Watch,
    broken,
    doubt,
    same,
    shown,
    weakened,
    works,
    written,
)
from checker.evaluate.policies.decision import Request, decide

_CLOUDWATCH = "cloudwatch.amazonaws.com"
_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


def reached(action: object, alarm: str, arn: object, watch: Watch) -> Link:
    """Follow one action of an alarm; `arn` is the alarm's."""
    text = written(action)
    if text is None:
        return doubt(action if isinstance(action, Unknown) else "an action", 3)
    parts = [*text.split(":"), "", "", ""]
    if parts[0] != "arn" and isinstance(action, Unknown):
        return doubt(action, 3)
    service, named = parts[2], shown(action)
    if service in ("lambda", "ssm", "ssm-incidents"):
        return works(f"the alarm {alarm} calls {named}", 3)
    if service != "sns":
        return broken(f"the action {named} of {alarm} sends no notification", 2)
    answers = [(topic, same(topic.get("TopicArn"), action)) for topic in watch.topics]
    topic = next((topic for topic, answer in answers if answer), None)
    if topic is None:
        reason = f"the topic {named} was not collected"
        return doubt(Unknown(reason, _missing(action, watch)), 3)
    found = _subscribed(topic, named, alarm)
    if found.verdict is not False:
        fault = _unpublishable(topic, named, arn, watch)
        if isinstance(fault, Unknown):
            found = weakened(found, fault)
        elif fault:
            found = broken(fault, 3)
    return weakened(found, topic.get("_exists", True))


def _missing(action: object, watch: Watch) -> Cause:
    declared = isinstance(action, Unknown) or isinstance(watch.account, Unknown)
    return Cause.UNDECLARED if declared else Cause.NOT_COLLECTED


def _subscribed(topic: Body, named: str, alarm: str) -> Link:
    subscriptions = topic.get("subscriptions")
    if isinstance(subscriptions, Unknown):
        return doubt(subscriptions, 3)
    unsure: Unknown | None = None
    for each in subscriptions or ():
        arn = each if isinstance(each, Unknown) else each.get("SubscriptionArn")
        confirmed = _confirmed(arn)
        if confirmed:
            return works(f"the alarm {alarm} notifies the subscribers of {named}", 3)
        if confirmed is None and isinstance(arn, Unknown):
            unsure = arn if unsure is None else unsure
    if unsure is not None:
        return doubt(unsure, 3)
    return broken(f"no subscription to {named} is confirmed", 3)


def _confirmed(arn: object) -> bool | None:
    if not isinstance(arn, Unknown):
        return bool(arn) and arn not in ("PendingConfirmation", "Deleted")
    if arn.among is not None or arn.sketch is None:
        return None
    waiting = [same(arn, word) for word in ("PendingConfirmation", "Deleted")]
    return None if None in waiting else True not in waiting


def _unpublishable(
    topic: Body, named: str, arn: object, watch: Watch
) -> str | Unknown | None:
    """Return why CloudWatch cannot publish to a topic; None where it can."""
    own = topic.get("TopicArn")
    account = _account(arn) or watch.account
    if isinstance(account, Unknown) and account.sketch is None:
        account = _account(own) or account
    context = {
        "aws:SourceArn": _text(arn),
        "aws:SourceAccount": _text(account),
        "AWS:SourceOwner": _text(account),
    }
    policy = topic.get("policy")
    # A topic that states no policy has AWS's own, which lets its account's alarms in.
    stated = (
        policy is not None if not isinstance(policy, Mapping) else "Statement" in policy
    )
    request = Request("sns:Publish", _CLOUDWATCH, _text(own), context)
    answer = decide(policy, request) if stated else "allow"
    key_fault = _unusable_key(topic, named, context, watch)
    if isinstance(key_fault, str):
        return key_fault
    if isinstance(answer, Unknown):
        return answer if same(answer, "allow") is None else _refused(named)
    return _refused(named) if answer != "allow" else key_fault


def _account(arn: object) -> str | None:
    parts = arn.split(":") if isinstance(arn, str) else []
    return parts[4] or None if len(parts) > 5 else None


def _refused(named: str) -> str:
    return f"the policy of {named} does not allow CloudWatch to publish"


def _unusable_key(
    topic: Body, named: str, context: Mapping[str, str | Unknown], watch: Watch
) -> str | Unknown | None:
    attributes = topic.get("attributes")
    if isinstance(attributes, Unknown):
        return attributes
    key = attributes.get("KmsMasterKeyId") if isinstance(attributes, Mapping) else None
    if key is None or (isinstance(key, str) and not key):
        return None
    text = written(key)
    if text is not None and text.endswith("alias/aws/sns"):
        return f"{named} is encrypted with a key of AWS that CloudWatch cannot use"
    row = next((row for row in watch.keys if _is_key(row, key)), None)
    if row is None:
        if isinstance(key, Unknown):
            return key
        reason = f"the policy of the key {text} of {named}: not collected"
        return Unknown(reason, _missing(key, watch))
    for action in _KEY_ACTIONS:
        answer = decide(row.get("policy"), Request(action, _CLOUDWATCH, None, context))
        if isinstance(answer, Unknown):
            return answer
        if answer != "allow":
            return (
                f"the policy of the key of {named} does not allow CloudWatch {action}"
            )
    return None


def _is_key(row: Body, key: object) -> bool:
    """Return whether a topic's key is that of a row, by ARN, id or alias."""
    names = [row.get("id"), row.get("arn")]
    metadata = row.get("metadata")
    if isinstance(metadata, Mapping):
        names.append(metadata.get("KeyId"))
    arn = written(row.get("arn"))
    text = written(key)
    ids = arn is not None and text is not None and arn.endswith(f":key/{text}")
    return ids or any(same(name, key) for name in names)


def _text(value: object) -> str | Unknown:
    if isinstance(value, str | Unknown):
        return value
    return Unknown("not collected", Cause.NOT_COLLECTED)
