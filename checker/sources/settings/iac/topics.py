"""Return what AWS makes of a topic and its subscriptions that code declares.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html
"""

from __future__ import annotations

from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import Hole
from checker.sources.settings.iac.attributes import each_of
from checker.sources.settings.iac.declarations import hole, is_unknown, pending

# Who subscribes for these has to confirm; others need no confirmation in one account.
_CONFIRMED_BY_HAND = frozenset({"email", "email-json", "http", "https"})


def default_topic_policy(arn: Any, account: Any) -> dict[str, Any]:
    """Return the policy of a topic that is given none: its account may do all."""
    return {
        "Version": "2008-10-17",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [
                    "SNS:GetTopicAttributes",
                    "SNS:SetTopicAttributes",
                    "SNS:AddPermission",
                    "SNS:RemovePermission",
                    "SNS:DeleteTopic",
                    "SNS:Subscribe",
                    "SNS:ListSubscriptionsByTopic",
                    "SNS:Publish",
                ],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
            }
        ],
    }


def subscription(body: Any) -> Any:
    """Return a subscription with its ARN, which tells whether it is confirmed."""
    return each_of(body, _subscription)


def _subscription(body: Any) -> Any:
    """Return one subscription; a filter policy may hold notifications back.

    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """
    held_back = body.get("FilterPolicy")
    if is_unknown(held_back) or held_back:
        told = "whether the filter policy of a subscription lets notifications through"
        return {**body, "SubscriptionArn": Unknown(f"{told}: not documented")}
    protocol = body.get("Protocol")
    by_hand = not isinstance(protocol, str) or protocol in _CONFIRMED_BY_HAND
    reason = "whether the subscription is confirmed: known only once it is there"
    arn: Unknown = (
        pending(reason)
        if by_hand
        else hole(reason, ("arn:aws:sns:", Hole("subscription", resource=True)))
    )
    return {**body, "SubscriptionArn": arn}
