"""What pySigma parses, read plainly, finds the same events.

It proves parsing: pySigma matches no events itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from checker import conditions
from checker.documents import load_all_yaml
from checker.errors import DocumentError
from checker.rules.sigma import detections

pytest.importorskip("sigma")

from sigma import conditions as theirs
from sigma import types
from sigma.rule import SigmaRule

EVENTS: list[dict[str, Any]] = [
    {"eventName": name, "userAgent": agent, "errorCode": code, "n": number}
    for name in ("DeleteTrail", "StopLogging", "a*b", "a\\b")
    for agent in ("aws-cli/2 -x", "Boto3 /x", "eCBjdXJsIHk=", "Zm9v")
    for code in (None, "", "AccessDenied")
    for number in (443, "443", 9, True)
]
BLOCKS = [
    "s: {eventName: deletetrail}",
    "s: {eventName: 'D*l'}",
    "s: {eventName: 'a\\*b'}",
    "s: {eventName: 'a\\b'}",
    "s: {eventName: 'a\\\\b'}",
    "s: {eventName|contains: ete}",
    "s: {eventName|startswith: [Del, Stop]}",
    "s: {eventName|endswith: ING}",
    "s: {userAgent|contains|all: [aws, cli]}",
    "s: {userAgent|windash|contains: ' -x'}",
    "s: {userAgent|base64: foo}",
    "s: {userAgent|base64offset|contains: curl}",
    "s: {errorCode: null}",
    "s: {errorCode: ''}",
    "s: {n: 443}",
    "s: {n: '443'}",
    "s: {n: true}",
    "s: [{eventName: DeleteTrail, n: 9}, {userAgent: Zm9v}]",
    "s: {eventName: DeleteTrail}\nt: {n: 9}\ncondition: s and not t",
    "s: {eventName: DeleteTrail}\nt: {n: 9}\nu: {n: 443}\ncondition: s and t or u",
    "s1: {eventName: DeleteTrail}\ns2: {n: 9}\ncondition: 1 of s*",
    "s1: {eventName: DeleteTrail}\ns2: {n: 9}\ncondition: all of them",
    "s: {eventName: DeleteTrail}\nt: {n: 9}\ncondition: not (s or t)",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_mean_what_pysigma_takes_them_for(block: str) -> None:
    block += "" if "condition" in block else "\ncondition: s"
    text = "detection:\n" + "".join(f"  {line}\n" for line in block.splitlines())
    (document,) = load_all_yaml("rule.yml", text.encode())
    problems: list[DocumentError] = []
    detection = detections.read(document, ("detection",), problems)
    assert detection is not None, problems
    ours = conditions.closure(detection.condition)
    head = {"title": "T", "logsource": {"product": "aws"}}
    rule = SigmaRule.from_dict({**head, **document.value})
    (parsed,) = [each.parsed for each in rule.detection.parsed_condition]
    for event in EVENTS:
        assert conditions.holds(ours(event)) is holds(parsed, event), event


def holds(node: Any, event: dict[str, Any]) -> bool:
    """Read one of pySigma's trees: any case, scalars as text."""
    match node:
        case theirs.ConditionAND():
            return all(holds(each, event) for each in node.args)
        case theirs.ConditionOR():
            return any(holds(each, event) for each in node.args)
        case theirs.ConditionNOT():
            return not holds(node.args[0], event)
    return any(_fits(each, event.get(node.field)) for each in _values(node.value))


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, types.SigmaExpansion):
        for each in value.values:
            yield from _values(each)
    else:
        yield value


def _fits(value: Any, found: Any) -> bool:
    if isinstance(value, types.SigmaNull):
        return found is None
    if found is None:
        return False
    text = str(found).lower() if isinstance(found, bool) else str(found)
    if isinstance(value, types.SigmaBool):
        return text.lower() == str(value.boolean).lower()
    if isinstance(value, types.SigmaNumber):
        return text == str(value.number)
    pattern = "".join(
        re.escape(part)
        if isinstance(part, str)
        else (".*" if part is types.SpecialChars.WILDCARD_MULTI else ".")
        for part in value.s
    )
    return re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL) is not None
