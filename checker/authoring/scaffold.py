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
from checker.authoring.block_yaml import block, scalar
from checker.authoring.redact import redact
from checker.conditions import tree
from checker.documents import MAX_BYTES
from checker.errors import UsageError
from checker.model import Event

KINDS: Final = ("detection", "configuration", "correlation")
_SCHEMAS = "https://trailcheck.dev/schemas/v1"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
_DEEPEST = 50
_PROPOSALS = 12


def write(
    name: str, kind: str, folder: Path, record: Event | None = None
) -> list[Path]:
    """Write a new rule with its cases into a folder, and give the files written.

    `record` is a real record, which is redacted first; without one an example of the
    pack takes its place.  Raises `UsageError` for a bad name, a record that names no
    event, and a file that is there already.
    """
    if not _NAME.fullmatch(name):
        better = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        hint = f"; {better} would do" if _NAME.fullmatch(better) else ""
        raise UsageError(f"'{name}' is no name of a rule: use snake_case{hint}")
    if kind == "configuration" and record is not None:
        raise UsageError("a configuration rule looks at settings, not at a record")
    texts = dict(_texts(name, kind, record, folder))
    targets = {folder / file: text for file, text in texts.items()}
    for target, text in targets.items():
        if target.exists():
            raise UsageError(f"{target} is there already: choose another name")
        if len(text.encode()) > MAX_BYTES:
            raise UsageError("the record is too large for a case: cut it down first")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target, text in targets.items():
            with target.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror}") from error
    return list(targets)


def _texts(
    name: str, kind: str, record: Event | None, folder: Path
) -> Iterator[tuple[str, str]]:
    schema = _schema(folder)
    cases = f"# yaml-language-server: $schema={schema('cases')}\n"
    head = f"# yaml-language-server: $schema={schema(kind)}\n{_head(name)}"
    if kind == "configuration":
        yield f"{name}.yml", head + _CONFIGURATION
        yield f"{name}.cases.yml", cases + _CONFIGURATION_CASES
        return
    event = _redacted(record)
    if kind == "detection":
        yield f"{name}.yml", head + "".join(_detection(event))
        yield f"{name}.cases.yml", cases + "".join(_detection_cases(event))
        return
    base = f"{name}_event"
    base_head = f"# yaml-language-server: $schema={schema('detection')}\n{_head(base)}"
    yield f"{base}.yml", base_head + "".join(_detection(event))
    yield f"{base}.cases.yml", cases + "".join(_detection_cases(event))
    yield f"{name}.yml", head + _CORRELATION.format(base=base)
    yield f"{name}.cases.yml", cases + "".join(_correlation_cases(event))


def _schema(folder: Path) -> Any:
    """Return the function that names a schema: a path inside a checkout, else a URL."""
    for distance, parent in enumerate([folder.resolve(), *folder.resolve().parents]):
        if (parent / "schemas" / "cases.json").is_file():
            return lambda kind: f"{'../' * distance}schemas/{kind}.json"
    return lambda kind: f"{_SCHEMAS}/{kind}.json"


def _head(name: str) -> str:
    title = name.replace("_", " ").capitalize()
    return textwrap.dedent(f"""\
        title: {scalar(title)}
        name: {name}
        id: {uuid.uuid4()}
        status: experimental
        level: medium
        description: >-
          Say what happened, why it matters, and what the reader does next.
        references:
          - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html
        author: your name
        date: {datetime.now(tz=UTC):%Y-%m-%d}
        tags: []
        logsource:
          product: aws
          service: cloudtrail
        """)


def _redacted(record: Event | None) -> Event:
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
    refused = {"errorCode": "AccessDenied"}
    message = {"errorMessage": "Access denied"}
    return (
        "succeeded",
        "!errorCode && !errorMessage",
        [
            ("The call was refused", refused),
            ("The call failed with a message alone", message),
        ],
    )


def _detection(event: Event) -> Iterator[str]:
    name, clause, _ = _outcome(event)
    yield "detection:\n  call:\n"
    yield f"    eventSource: {scalar(event['eventSource'])}\n"
    yield f"    eventName: {scalar(event['eventName'])}\n"
    yield f"  {name}: {_expression(clause)}\n"
    proposals = list(_proposals(event))
    if proposals:
        yield "  # Add what makes the event bad, as a selection or in the condition:\n"
        for number, each in enumerate(proposals, 1):
            yield f"  # clause_{number}: {_expression(each)}\n"
    yield f"  condition: call && {name}\n"
    yield "fields:\n  - userIdentity.arn\n  - sourceIPAddress\n"
    yield "falsepositives:\n  - Say who does this in the ordinary course of work.\n"


def _expression(clause: str) -> str:
    """Quote a condition for YAML: in single quotes unless it needs none."""
    if clause[0].isalpha() and ": " not in clause and " #" not in clause:
        return clause
    return "'" + clause.replace("'", "''") + "'"


def _proposals(event: Event) -> Iterator[str]:
    """Yield clauses that hold on the event: who, and with which parameters."""
    found = [
        *_leaves(("userIdentity", "type"), event),
        *_leaves(("userIdentity", "sessionContext", "attributes"), event),
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
    yield "match:\n  - name: The event happened\n    record:\n"
    yield from _record(event)
    yield "no_match:\n"
    _, _, others = _outcome(event)
    changes = [
        *others,
        ("The same call of another service", {"eventSource": "example.amazonaws.com"}),
        ("Another call of the same service", {"eventName": "AnotherCall"}),
    ]
    for name, patch in changes:
        yield f"  - name: {name}\n    record:\n"
        yield from _record(event)
        yield "    patch:\n"
        yield from block(patch, 6)


def _record(event: Event, indent: int = 6) -> Iterator[str]:
    try:
        yield from block(event, indent)
    except ValueError as error:
        raise UsageError(f"the record holds what JSON does not: {error}") from error


def _correlation_cases(event: Event) -> Iterator[str]:
    """Write cases that stand at the edges: of the window, the count and the group."""
    yield "match:\n  - name: Five of them come within ten minutes\n    events:\n"
    yield from _step("count: 5", "every: 150", event)
    yield "no_match:\n  - name: The fifth comes a second too late\n    events:\n"
    yield from _step("count: 4", "every: 150", event)
    yield from _step("at: 601", None, event)
    yield "  - name: The fifth of them is of another account\n    events:\n"
    yield from _step("count: 4", "every: 150", event)
    other = event | {"recipientAccountId": "111122223333"}
    yield from _step("at: 600", None, other)


def _step(first: str, second: str | None, event: Event) -> Iterator[str]:
    yield f"      - {first}\n"
    if second:
        yield f"        {second}\n"
    yield "        record:\n"
    yield from _record(event, 10)


_CONFIGURATION = """\
configuration:
  resource: AWS::CloudTrail::Trail
  # What must hold of each trail; what is absent fails.
  condition: LogFileValidationEnabled
remediation:
  text: Describe how to fix it.
"""

_CONFIGURATION_CASES = """\
match:
  - name: It is turned off
    snapshot:
      trails:
        - Name: main
          LogFileValidationEnabled: false
no_match:
  - name: It is turned on
    snapshot:
      trails:
        - Name: main
          LogFileValidationEnabled: true
"""

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
