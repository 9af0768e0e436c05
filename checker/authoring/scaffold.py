"""Answer `trailcheck new`: a rule and its cases, to start from.

What it writes passes `trailcheck test` as it is, mutants included.  Comments list what
else the record would let the rule ask.  It never overwrites a file.
"""

from __future__ import annotations

import json
import re
import textwrap
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from checker import conditions, resources
from checker.authoring import rule_files, samples
from checker.authoring.block_yaml import block, scalar
from checker.authoring.placeholders import (
    AUTHOR,
    DESCRIPTION,
    FALSE_POSITIVES,
    REMEDIATION,
)
from checker.authoring.redact import redact
from checker.authoring.rule_files import RuleText
from checker.authoring.samples import Requirement
from checker.conditions import tree
from checker.errors import UsageError
from checker.evaluate.detection import endpoint_copies
from checker.model import Event

KINDS: Final = ("detection", "configuration", "correlation")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
_DEEPEST = 50
_PROPOSALS = 12
_MFA = ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated")


def write(
    name: str,
    kind: str,
    folder: Path,
    record: Event | None = None,
    resource: str | None = None,
) -> list[Path]:
    """Write a new rule with its cases into a folder, and return the files written.

    `record` is a real record, which is redacted first; without one an example of the
    pack takes its place.  `resource` is the type of a configuration rule.  Raises
    `UsageError` for a bad name, a record that names no event, an unknown type, and a
    file that is there already.
    """
    check_name(name)
    if kind == "configuration" and record is not None:
        raise UsageError("a configuration rule looks at settings, not at a record")
    if kind != "configuration" and resource is not None:
        raise UsageError(f"--resource goes with a configuration rule, not a {kind}")
    files = dict(_texts(name, kind, record, resource))
    return rule_files.write(folder, files, "choose another name")


def check_name(name: str) -> None:
    """Raise `UsageError` for a text that is not the name of a rule."""
    if not _NAME.fullmatch(name):
        parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        better = re.sub(r"[^a-z0-9]+", "_", parted).strip("_")
        hint = f"; {better} would do" if _NAME.fullmatch(better) else ""
        raise UsageError(f"'{name}' is no name of a rule: use snake_case{hint}")


def _texts(
    name: str, kind: str, record: Event | None, resource: str | None
) -> Iterator[tuple[str, RuleText]]:
    if kind == "configuration":
        resource = resource or "AWS::CloudTrail::Trail"
        wanted = samples.requirement(resource)
        rule = "".join(_configuration(resource, wanted))
        yield f"{name}.yml", RuleText(kind, head(name) + rule)
        cases = "".join(_configuration_cases(wanted))
        yield f"{name}.cases.yml", RuleText("cases", cases)
        return
    event = redacted(record)
    if kind == "detection":
        yield from detection_files(name, event)
        return
    base = f"{name}_event"
    yield from detection_files(base, event)
    yield f"{name}.yml", RuleText(kind, head(name) + _CORRELATION.format(base=base))
    yield f"{name}.cases.yml", RuleText("cases", "".join(_correlation_cases(event)))


def detection_files(name: str, event: Event) -> Iterator[tuple[str, RuleText]]:
    """Yield a detection rule of an event and its cases, by their file names."""
    text = head(name) + "".join(_detection(event))
    yield f"{name}.yml", RuleText("detection", text)
    yield f"{name}.cases.yml", RuleText("cases", "".join(_detection_cases(event)))


def head(name: str, level: str = "medium") -> str:
    """Return the text of a new rule down to its logsource."""
    title = name.replace("_", " ").capitalize()
    return textwrap.dedent(f"""\
        title: {scalar(title)}
        name: {name}
        id: {uuid.uuid4()}
        status: experimental
        level: {level}
        description: >-
          {DESCRIPTION}
        references:
          - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html
        author: {AUTHOR}
        date: {datetime.now(tz=UTC):%Y-%m-%d}
        tags: []
        logsource:
          product: aws
          service: cloudtrail
        """)


def redacted(record: Event | None) -> Event:
    """Return a record fit for a case: redacted, and an example without one."""
    if record is None:
        sample = resources.root() / "rules" / "events" / "stop_logging.json"
        record = json.loads(sample.read_text(encoding="utf-8"))
    for field in ("eventSource", "eventName"):
        if not isinstance(record.get(field), str) or not record[field]:
            raise UsageError(f"the record has no {field}: is it one of CloudTrail's?")
    if _depth(record) > _DEEPEST:
        raise UsageError("the record is nested too deeply for a case")
    return redact.redact([record])[0]


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _outcome(event: Event) -> tuple[str, str, list[tuple[str, Mapping[str, Any]]]]:
    """Return a selection for how the call ended: name, clause, otherwise."""
    response = event.get("responseElements")
    said = response.get(event["eventName"]) if isinstance(response, dict) else None
    if said in ("Success", "Failure"):
        path = conditions.show(tree.Path(("responseElements", event["eventName"])))
        opposite = "Failure" if said == "Success" else "Success"
        patch = {"responseElements": {event["eventName"]: opposite}}
        name = "succeeded" if said == "Success" else "failed"
        return name, f"{path} == '{said}'", [("The attempt ended otherwise", patch)]
    if event.get("errorCode"):
        code = tree.Literal(event["errorCode"])
        clause = f"errorCode == {conditions.show(code)}"
        return "failed", clause, [("The call succeeded", {"errorCode": None})]
    return "succeeded", "!errorCode && !errorMessage", []


def _standard(event: Event) -> Iterator[str]:
    """Yield the standard cases that fit how the call ended."""
    if _outcome(event)[0] == "succeeded" and not _outcome(event)[2]:
        yield from ("error_code_only", "error_message_only")
    yield "other_service"


def _detection(event: Event) -> Iterator[str]:
    name, clause, _ = _outcome(event)
    yield "detection:\n  call:\n"
    yield f"    eventSource: {scalar(event['eventSource'])}\n"
    yield f"    eventName: {scalar(event['eventName'])}\n"
    if endpoint_copies.is_copy(event):
        field = "eventCategory" if event.get("eventCategory") else "eventType"
        yield f"    {field}: {scalar(event[field])}\n"
    yield f"  {name}: {expression(clause)}\n"
    proposals = list(_proposals(event))
    if proposals:
        yield "  # Add what makes the event bad, as a selection or in the condition:\n"
        for number, each in enumerate(proposals, 1):
            yield f"  # clause_{number}: {expression(each)}\n"
    yield f"  condition: call && {name}\n"
    yield "fields:\n  - userIdentity.arn\n  - sourceIPAddress\n"
    yield f"falsepositives:\n  - {FALSE_POSITIVES}\n"


def expression(clause: str) -> str:
    """Quote a condition for YAML: in single quotes unless it needs none.

    What cannot be printed is escaped, which YAML does in double quotes only.
    """
    if not clause.isprintable():
        return scalar(clause)
    if clause[0].isalpha() and ": " not in clause and " #" not in clause:
        return clause
    return "'" + clause.replace("'", "''") + "'"


def _proposals(event: Event) -> Iterator[str]:
    """Yield clauses that hold on the event: who, and with which parameters."""
    found = [
        *_leaves(("userIdentity", "type"), event),
        *_leaves(_MFA, event),
        *_leaves(("requestParameters",), event),
        *_leaves(("additionalEventData",), event),
    ]
    for path, value in found[:_PROPOSALS]:
        clause = tree.Comparator("==", tree.Path(path), tree.Literal(value))
        text = conditions.show(clause)
        if len(text) < 100 and text.isprintable():
            yield text


def _leaves(
    path: tuple[str, ...], event: Event
) -> Iterator[tuple[tuple[str, ...], Any]]:
    value: Any = event
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str | bool | int):
        yield path, value
    elif isinstance(value, dict) and len(path) < 4:
        for name in value:
            yield from _leaves((*path, name), event)


def _detection_cases(event: Event) -> Iterator[str]:
    yield from record_head(event)
    yield "match:\n  - name: The event happened\nno_match:\n"
    changes = [
        *_outcome(event)[2],
        ("Another call of the same service", {"eventName": "AnotherCall"}),
    ]
    if endpoint_copies.is_copy(event):
        other = {"eventType": "AwsApiCall", "eventCategory": "Management"}
        changes.append(("The same call, as its service records it", other))
    for name, patch in changes:
        yield f"  - name: {name}\n    patch:\n"
        yield from block(patch, 6)
    names = ", ".join(_standard(event))
    yield f"standard:\n  no_match: [{names}]\n"


def record_head(event: Event) -> Iterator[str]:
    """Yield the record that all cases of a file start from."""
    yield "record:\n"
    try:
        yield from block(event, 2)
    except ValueError as error:
        raise UsageError(f"the record holds what JSON does not: {error}") from error


def _correlation_cases(event: Event) -> Iterator[str]:
    """Write cases that stand at the edges: of the window, the count and the group."""
    yield from record_head(event)
    yield "match:\n  - name: Five of them come within ten minutes\n    events:\n"
    yield "      - count: 5\n        every: 150\n"
    yield "no_match:\n  - name: The fifth comes a second too late\n    events:\n"
    yield "      - count: 4\n        every: 150\n      - at: 601\n"
    yield "  - name: The fifth of them is of another account\n    events:\n"
    yield "      - count: 4\n        every: 150\n      - at: 600\n        patch:\n"
    yield from block({"recipientAccountId": "111122223333"}, 10)


def _configuration(resource: str, wanted: Requirement) -> Iterator[str]:
    yield f"configuration:\n  resource: {resource}\n"
    yield "  # What each such resource must satisfy; what is absent fails.\n"
    yield f"  condition: {expression(wanted.condition)}\n"
    yield f"remediation:\n  text: {REMEDIATION}\n"


def _configuration_cases(wanted: Requirement) -> Iterator[str]:
    yield "match:\n  - name: The requirement is not satisfied\n    snapshot:\n"
    yield from block(wanted.failing, 6)
    yield "no_match:\n  - name: The requirement is satisfied\n    snapshot:\n"
    yield from block(wanted.passing, 6)


_CORRELATION = """\
correlation:
  type: event_count
  rules:
    - {base}
  group-by:
    - recipientAccountId
  timespan: 10m
  condition:
    gte: 5
"""
