"""Convert a template's CloudWatch observability sinks and links to AWS's own form.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-oam-sink.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-oam-link.html
"""

from __future__ import annotations

from typing import Any

from checker.sources.settings.iac.attributes import Spec, default, shape
from checker.sources.settings.iac.declarations import Declaration, policy, present
from checker.sources.settings.iac.links import Links

TYPES = frozenset({"AWS::Oam::Sink", "AWS::Oam::Link"})

_LINK: Spec = {
    "Label": "LabelTemplate",
    "ResourceTypes": default("ResourceTypes", []),
    "SinkArn": "SinkIdentifier",
}


def sink(declared: Declaration, _: Links) -> dict[str, Any]:
    """Return the body of `AWS::Oam::Sink`."""
    found = policy(declared.values.get("Policy"), "Policy")
    body = present(
        {
            "Arn": declared.arn,
            "Name": declared.name,
            "region": declared.region,
            "policy": found,
        }
    )
    return {**body, "_state": {"policy": "absent"} if found is None else {}}


def link(declared: Declaration, _: Links) -> dict[str, Any]:
    """Return the body of `AWS::Oam::Link`."""
    own = {"Arn": declared.arn, "region": declared.region}
    return {**own, **shape(declared.values, _LINK)}
