"""Trusted pipelines: what an organisation's own deployment roles do is no finding.

    trusted_pipelines:
      - role: arn:aws:iam::123456789012:role/deploy
        session_names: [github-deploy]
        networks: [192.0.2.0/24]

The role is that of the session's issuer, which AWS writes: unlike a user agent, no
caller but the holder of the role can put it into a record.  Detections below high, and
those that name claims under `lowered_by`, leave out what such a session does; what is
high without regard to claims, such as logging that is stopped, stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import structs

from checker import conditions
from checker.conditions import tree
from checker.documents import Document
from checker.errors import ConditionError, DocumentError
from checker.model import AnyRule, Detection, DetectionRule, Level

Pipeline: TypeAlias = Mapping[str, Any]
"""An entry of `trusted_pipelines`, as `schemas/config.json` has it."""

SELECTION = "made_by_trusted_pipeline"
KEY = "trusted_pipelines"


def mistakes(document: Document) -> Iterator[DocumentError]:
    """Find the networks of trusted pipelines that are no networks."""
    for index, pipeline in enumerate(document.value.get(KEY, ())):
        for number, network in enumerate(pipeline.get("networks", ())):
            try:
                conditions.parse(_network_text([network]))
            except ConditionError as error:
                path = (KEY, index, "networks", number)
                yield document.error(error.message, path)


def trust(rule: AnyRule, pipelines: Sequence[Pipeline]) -> AnyRule:
    """Return a rule that leaves out what some pipelines do, if it is one that may."""
    if not pipelines or not isinstance(rule, DetectionRule):
        return rule
    if rule.level >= Level.HIGH and not rule.lowered_by:
        return rule
    node = conditions.parse(" || ".join(f"({_text(each)})" for each in pipelines))
    block = rule.detection
    made = tree.Not(tree.Selection(SELECTION, node))
    held = block.condition
    operands = held.operands if isinstance(held, tree.And) else (held,)
    detection = Detection(
        {**block.selections, SELECTION: node}, tree.And((*operands, made))
    )
    return structs.replace(rule, detection=detection)


def _text(pipeline: Pipeline) -> str:
    """Write a pipeline as a condition; all that it names must hold."""
    role = _literal(pipeline["role"])
    parts = [f"userIdentity.sessionContext.sessionIssuer.arn == {role}"]
    sessions = pipeline.get("session_names", ())
    if sessions:
        ends = [f"ends_with(userIdentity.arn, {_literal('/' + x)})" for x in sessions]
        parts.append(f"({' || '.join(ends)})")
    if pipeline.get("networks"):
        parts.append(_network_text(pipeline["networks"]))
    return " && ".join(parts)


def _network_text(networks: Sequence[str]) -> str:
    return f"cidr_contains({_literal(networks)}, sourceIPAddress)"


def _literal(value: object) -> str:
    return "`" + json.dumps(value).replace("`", "\\u0060") + "`"
