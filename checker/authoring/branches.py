"""Evaluate the parts of a configuration rule on a resource, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker.evaluate.configuration import functions as answers
from checker.evaluate.configuration.asked import Asked
from checker.model import ConfigurationRule, Resource
from checker.reports.explain import Branch, explain


def branches(
    rule: ConfigurationRule, resource: Resource, snapshot: Mapping[str, Any]
) -> Iterator[tuple[str, Branch]]:
    """Yield (`applies` or `condition`, its tree) for a resource of a settled snapshot.

    Nothing for a stand-in, which has no body: there is no resource to look at.
    """
    asked: Asked = []

    def said() -> Iterable[str]:
        reasons = [answer.reason for answer in asked]
        asked.clear()
        return reasons

    functions = answers.functions(snapshot, asked)
    block = rule.configuration
    for part, node in (("applies", block.applies), ("condition", block.condition)):
        if node is not None and resource.body:
            yield part, explain(node, resource.body, functions, said)
