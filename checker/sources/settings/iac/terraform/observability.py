"""Convert a plan's CloudWatch observability sinks and links to AWS's own form.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/oam_sink
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/oam_sink_policy
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/oam_link
"""

from __future__ import annotations

from typing import Any

from checker.sources.settings.iac.attributes import Spec, default, shape
from checker.sources.settings.iac.declarations import Declaration, policy, present
from checker.sources.settings.iac.links import Links

TYPES = frozenset({"aws_oam_sink", "aws_oam_sink_policy", "aws_oam_link"})

_LINK: Spec = {
    "Label": "label",
    "ResourceTypes": default("resource_types", []),
    "SinkArn": "sink_identifier",
}


def sink(declared: Declaration, links: Links) -> dict[str, Any]:
    """Return the body of `aws_oam_sink`, with the policy that is declared for it."""
    found = links.part(
        declared,
        "aws_oam_sink_policy",
        "sink_identifier",
        lambda each: policy(each.values.get("policy"), "policy"),
        None,
    )
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
    """Return the body of `aws_oam_link`."""
    own = {"Arn": declared.arn, "region": declared.region}
    return {**own, **shape(declared.values, _LINK)}
