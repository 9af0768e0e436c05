"""Put a rule together from examples, and hold it against them and ordinary events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from checker import conditions, documents, secrets
from checker.authoring import scaffold
from checker.authoring.block_yaml import block
from checker.authoring.draft.cases import cases_of
from checker.authoring.draft.clauses import Clause, choose, in_common, written
from checker.authoring.draft.profile import Profile, profiles
from checker.authoring.placeholders import FALSE_POSITIVES
from checker.authoring.rule_files import RuleText
from checker.errors import DocumentError, RulesError, UsageError
from checker.evaluate.detection import endpoint_copies
from checker.model import DetectionRule, Event
from checker.rules import RuleFile
from checker.rules.load import build

_Kind: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted rule: its files, what it was made from, and how it was verified.

    `matched` of `examples` are found by the rule, as are the `remaining` events of the
    baseline.  `about_caller` are its conditions that only hold on who made these calls.
    """

    name: str
    files: dict[str, RuleText]
    fields: tuple[Profile, ...]
    examples: int
    matched: int
    remaining: tuple[Event, ...]
    about_caller: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Events of some names of one source, and the conditions that they share."""

    source: str
    names: list[str]
    clauses: list[Clause]


def draft(
    name: str, examples: Sequence[Event], baseline: Sequence[Event] | None
) -> Draft:
    """Draft a detection rule that matches all examples, and of the baseline nothing.

    `baseline` are ordinary events, or None for want of any; those of other names than
    the examples' do not matter.  Raises `UsageError` for a bad name, and for examples
    that name no event.
    """
    scaffold.check_name(name)
    # Nothing of a rule, or of what is shown of its examples, may be a secret.
    examples = [secrets.hide(event) for event in examples]
    baseline = None if baseline is None else [secrets.hide(each) for each in baseline]
    if not examples:
        raise UsageError("no events to draft a rule from: name files that hold some")
    kinds = _kinds(examples)
    outcome = _outcome(examples)
    groups = list(_groups(kinds, outcome, baseline))
    clauses = [clause for group in groups for clause in group.clauses]
    of_endpoints = all(map(endpoint_copies.is_copy, examples))
    detection = "".join(_detection(groups, outcome, of_endpoints=of_endpoints))
    text = scaffold.head(name, _level(clauses)) + detection
    rule = _built(name, text)
    test = conditions.closure(rule.detection.condition)
    found = [event for event in examples if conditions.holds(test(event))]
    left = [event for event in baseline or () if conditions.holds(test(event))]
    files = {f"{name}.yml": RuleText("detection", text)}
    cases = "".join(cases_of(rule, examples, clauses, baseline or ()))
    files[f"{name}.cases.yml"] = RuleText("cases", cases)
    about = [clause.text for clause in clauses if clause.is_about_caller]
    return Draft(
        name,
        files,
        tuple(profiles(examples)),
        len(examples),
        len(found),
        tuple(left),
        tuple(dict.fromkeys(about)),
    )


def name_of(examples: Sequence[Event]) -> str:
    """Return a name for the rule of some examples: `delete_trail_drafted`."""
    words = str(examples[0].get("eventName") or "event") if examples else "event"
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words).lower()
    return re.sub(r"[^a-z0-9]+", "_", f"{spelled}_drafted").strip("_")[:80]


def _kinds(examples: Sequence[Event]) -> dict[_Kind, list[Event]]:
    kinds: dict[_Kind, list[Event]] = {}
    for number, event in enumerate(examples):
        for field in ("eventSource", "eventName"):
            if not isinstance(event.get(field), str) or not event[field]:
                raise UsageError(
                    f"event {number} has no {field}: is it one of CloudTrail's?"
                )
        kinds.setdefault((event["eventSource"], event["eventName"]), []).append(event)
    return kinds


def _outcome(examples: Sequence[Event]) -> tuple[str, str] | None:
    """Return the name and text of what all examples say of their end, if they agree."""
    failed = [
        bool(event.get("errorCode") or event.get("errorMessage")) for event in examples
    ]
    if not any(failed):
        return "succeeded", "!errorCode && !errorMessage"
    codes = dict.fromkeys(event.get("errorCode") for event in examples)
    if not all(failed) or not all(isinstance(code, str) and code for code in codes):
        return None
    listed = ", ".join(written(str(code)) for code in codes)
    return "failed", f"one_of(errorCode, [{listed}])"


def _groups(
    kinds: dict[_Kind, list[Event]],
    outcome: tuple[str, str] | None,
    baseline: Sequence[Event] | None,
) -> Iterator[_Group]:
    """Yield the kinds of events with their conditions; those that agree are joined."""
    test = conditions.closure(conditions.parse(outcome[1])) if outcome else None
    joined: dict[tuple[str, tuple[str, ...]], _Group] = {}
    for (source, name), events in kinds.items():
        alike = [
            event
            for event in baseline or ()
            if (event.get("eventSource"), event.get("eventName")) == (source, name)
            and (test is None or conditions.holds(test(event)))
        ]
        clauses = in_common(events) if baseline is None else choose(events, alike)
        key = source, tuple(clause.text for clause in clauses)
        group = joined.setdefault(key, _Group(source, [], clauses))
        group.names.append(name)
    yield from joined.values()


def _level(clauses: Sequence[Clause]) -> str:
    """Return a level to begin with: who is not what, and deserves less."""
    return "low" if any(clause.is_about_caller for clause in clauses) else "medium"


def _detection(
    groups: Sequence[_Group], outcome: tuple[str, str] | None, *, of_endpoints: bool
) -> Iterator[str]:
    yield "detection:\n"
    several = len(groups) > 1
    taken: dict[str, str] = {}
    alternatives = []
    for number, group in enumerate(groups, 1):
        call = f"call_{number}" if several else "call"
        names: Any = group.names if len(group.names) > 1 else group.names[0]
        yield from block({call: {"eventSource": group.source, "eventName": names}}, 2)
        parts = [call]
        for clause in group.clauses:
            if clause.text not in taken:
                taken[clause.text] = _selection_name(clause, taken)
                yield f"  {taken[clause.text]}: {scaffold.expression(clause.text)}\n"
            parts.append(taken[clause.text])
        alternatives.append(" && ".join(parts))
    ends = []
    if outcome:
        yield f"  {outcome[0]}: {scaffold.expression(outcome[1])}\n"
        ends.append(outcome[0])
    if of_endpoints:
        yield "  through_endpoint:\n    eventType: [AwsVpceEvent, AwsVpceEvents]\n"
        ends.append("through_endpoint")
    joined = alternatives[0]
    if several:
        bracketed = [f"({each})" if "&" in each else each for each in alternatives]
        joined = f"({' || '.join(bracketed)})"
    yield f"  condition: {scaffold.expression(' && '.join([joined, *ends]))}\n"
    yield "fields:\n  - userIdentity.arn\n  - sourceIPAddress\n"
    yield f"falsepositives:\n  - {FALSE_POSITIVES}\n"


def _selection_name(clause: Clause, taken: dict[str, str]) -> str:
    last = next(name for name in reversed(clause.profile.names) if name != "[]")
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", last).lower()
    stem = re.sub(r"[^a-z0-9]+", "_", spelled).strip("_")[:30] or "value"
    name, number = f"with_{stem}", 1
    while name in taken.values():
        number += 1
        name = f"with_{stem}_{number}"
    return name


def _built(name: str, text: str) -> DetectionRule:
    """Read the rule as its file would be read."""
    path = f"{name}.yml"
    document = documents.load_yaml(path, text.encode())
    problems: list[DocumentError] = []
    folder = Path()
    rule = build(document, RuleFile(path, Path(path), folder, folder), problems, {})
    if not isinstance(rule, DetectionRule):
        raise RulesError(problems)
    return rule


def ordinary(event: Event) -> str:
    """Name an event of the baseline that the rule still matches."""
    who = event.get("userIdentity")
    arn = who.get("arn") if isinstance(who, dict) else None
    return f"{event.get('eventName')} {event.get('eventID')} by {arn}"
