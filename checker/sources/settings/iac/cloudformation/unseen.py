"""Find the parts of a template that make resources which it does not hold.

Loops, includes, macros, modules and nested stacks are worked out when a stack is made.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-language-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.sources.settings.iac.declarations import Unseen

SECTIONS_OF: Mapping[str, str] = {
    "AWS::CloudTrail::Trail": "trails",
    "AWS::CloudTrail::EventDataStore": "event_data_stores",
    "AWS::S3::Bucket": "buckets",
    "AWS::S3::BucketPolicy": "buckets",
    "AWS::KMS::Key": "kms_keys",
    "AWS::Logs::LogGroup": "log_groups",
    "AWS::Logs::MetricFilter": "metric_filters",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::CompositeAlarm": "alarms",
    "AWS::SNS::Topic": "sns_topics",
    "AWS::SNS::TopicInlinePolicy": "sns_topics",
    "AWS::SNS::TopicPolicy": "sns_topics",
    "AWS::SNS::Subscription": "sns_topics",
    "AWS::Oam::Sink": "oam_sinks",
    "AWS::Oam::Link": "oam_links",
    "AWS::Cognito::IdentityPool": "identity_pools",
    "AWS::Cognito::UserPool": "user_pools",
    "AWS::Cognito::UserPoolClient": "user_pools",
}
_LOOP = "Fn::ForEach"
_STACKS = frozenset(
    {
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::StackSet",
        "AWS::Serverless::Application",
        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
    }
)

# Transforms of AWS that add no resource of the types that are read.
_HARMLESS = frozenset(
    {
        "AWS::LanguageExtensions",
        "AWS::Serverless-2016-10-31",
        "AWS::CodeDeployBlueGreen",
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
    }
)


def unseen(template: Mapping[str, Any]) -> Iterator[Unseen]:
    """Yield what of a template is worked out only when a stack is made."""
    for name in _transforms(template.get("Transform")):
        if name not in _HARMLESS:
            yield Unseen(f"what the transform {name:.80} adds is not read")
    resources = template["Resources"]
    for name, declared in resources.items():
        if name.startswith(_LOOP):
            types = set(_types(declared))
            sections = {SECTIONS_OF[kind] for kind in types if kind in SECTIONS_OF}
            if sections:
                yield Unseen(f"what {name:.80} makes is not read", frozenset(sections))
        elif name == "Fn::Transform":
            yield Unseen("what Fn::Transform adds to Resources is not read")
        elif isinstance(declared, Mapping):
            kind = str(declared.get("Type"))
            if kind in _STACKS:
                yield Unseen(f"the nested stack {name:.80} is not read")
            elif kind.endswith("::MODULE"):
                yield Unseen(f"the module {name:.80} is not read")


def looped(template: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of the resources that loops of a template make."""
    return frozenset(
        kind
        for name, declared in template["Resources"].items()
        if name.startswith(_LOOP)
        for kind in _types(declared)
    )


def _transforms(value: Any) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        name = each.get("Name") if isinstance(each, Mapping) else each
        if isinstance(name, str):
            yield name


def _types(node: Any) -> Iterator[str]:
    """Yield the resource types that a loop makes, in loops within it as well."""
    todo = [node]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, Mapping):
            kind = value.get("Type")
            if isinstance(kind, str) and "Properties" in value:
                yield kind
            todo += value.values()
