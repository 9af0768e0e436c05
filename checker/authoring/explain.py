"""Answer `trailcheck explain`: why a rule holds on a subject, or does not.

The subject of a detection rule is a record, that of a configuration rule each resource
of a settings file.  With settings beside a record it also says whether the trails would
have shown such an event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from checker import documents, resources, rules
from checker.authoring import record_files
from checker.authoring.branches import branches
from checker.errors import SourceError, UsageError
from checker.evaluate.configuration import evaluate
from checker.evaluate.detection import detector, precedence
from checker.evaluate.recording import visibility
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Event,
    Status,
    Unreadable,
)
from checker.reports import explain as tree_of
from checker.reports.segments import Line, Segment, visible
from checker.sources.settings import read as settings_files


def find_rules(
    word: str, paths: Sequence[str | Path] = (), config: str | None = None
) -> list[AnyRule]:
    """Load the rule that is asked for, and after it the others of `paths`.

    `config` is a file that sets placeholders and parameters, which may be those of
    other rules too.
    Raises `RulesError` for a wrong rule and `UsageError` when there is none.
    """
    known = rules.placeholders_in(rules.read_configuration(config)) if config else {}
    own = rules.load([word], known)[:1] if Path(word).is_file() else []
    if own and not config:
        return own
    names = {rule.name for rule in own}
    loaded = [
        *own,
        *(rule for rule in rules.load(paths, known) if rule.name not in names),
    ]
    if config:
        loaded = rules.configure(loaded, config)
    if own:
        return loaded
    for rule in loaded:
        if word in (rule.name, rule.id):
            return [rule, *(other for other in loaded if other is not rule)]
    hint = documents.nearest(word, [rule.name for rule in loaded])
    raise UsageError(f"there is no rule and no file '{word}'{hint}")


def explain(
    rule: AnyRule,
    subject: str,
    settings: str | None = None,
    *,
    others: Sequence[AnyRule] = (),
    unicode: bool = True,
) -> Iterator[Line]:
    """Yield the lines that explain a rule on a file; `file#1` is its second record.

    Of `others` those are named that report the record in the place of the rule.
    `unicode` false keeps to ASCII.  Raises `SourceError` for a file that cannot be
    read, and `UsageError` for a rule or file of another kind.
    """
    if isinstance(rule, CorrelationRule):
        bases = ", ".join(rule.correlation.rules)
        message = f"{rule.name} is a correlation: explain one of its rules, {bases}"
        raise UsageError(message)
    if isinstance(rule, ConfigurationRule):
        yield from _configuration(rule, subject, unicode=unicode)
        return
    event = record(subject, rule)
    yield from explain_event(rule, event, unicode=unicode)
    yield from _precedence(rule, event, others)
    if settings:
        yield ()
        yield from _visibility(event, settings)


def explain_event(
    rule: DetectionRule, event: Event, *, unicode: bool = True
) -> Iterator[Line]:
    """Yield the lines that explain a detection rule on an event."""
    branch = tree_of.explain(rule.detection.condition, event)
    copy = branch.holds and not detector.holds(rule, event)
    said = "matches" if branch.holds and not copy else "does not match"
    yield (
        Segment(visible(rule.name), "title"),
        Segment(f" {said} "),
        Segment(visible(str(event.get("eventName")), 200)),
    )
    if copy:
        yield (
            Segment("  the condition holds, but the account records this call as a "),
            Segment("management or data event, too: that one is judged"),
        )
    yield from tree_of.lines(branch, unicode=unicode, indent=1)


def _precedence(
    rule: DetectionRule, event: Event, others: Sequence[AnyRule]
) -> Iterator[Line]:
    """Yield the rules that report an event on which the rule holds in its place."""
    if not detector.holds(rule, event):
        return
    for other in others:
        if (
            isinstance(other, DetectionRule)
            and rule.name in other.instead_of
            and precedence.stands_in(other, rule)
            and detector.holds(other, event)
        ):
            yield (
                Segment(visible(other.name), "title"),
                Segment(" matches too, and reports the event instead (instead_of)"),
            )


def record(subject: str, rule: AnyRule) -> Event:
    """Read the record that a user names: a file, `file#N`, or one of `events/`."""
    if Path(subject).exists() or "#" in subject:
        return record_files.named(subject)
    above = Path(rule.path).resolve().parents
    roots = [*above, resources.root() / "rules"]
    for root in roots:
        named = root / "events" / f"{subject}.json"
        if "/" not in subject and named.is_file():
            event: Event = json.loads(named.read_text(encoding="utf-8"))
            return event
    raise UsageError(f"there is no file '{subject}', and no record of that name")


def _configuration(
    rule: ConfigurationRule, subject: str, *, unicode: bool
) -> Iterator[Line]:
    snapshot = _snapshot(subject)
    for outcome in evaluate.evaluate(rule, snapshot):
        resource = outcome.resource
        status = outcome.status.value
        yield (
            Segment(visible(resource.id), "title"),
            Segment(": "),
            Segment(status.replace("_", " "), status),
            Segment(visible(f" ({outcome.reason})")),
        )
        for part, branch in branches(rule, resource, snapshot):
            yield (Segment(f"  {part}", "faint"),)
            yield from tree_of.lines(branch, unicode=unicode, indent=2)


def _visibility(event: Event, settings: str) -> Iterator[Line]:
    """Yield whether the trails record this very event, and what decides."""
    answer = visibility.of_event(event, _snapshot(settings))
    status = answer.status.value
    yield (
        Segment(visible(settings), "title"),
        Segment(": this event is "),
        Segment(_RECORDED[answer.status], status),
    )
    for reason in answer.reasons:
        yield (Segment(f"  {visible(reason)}"),)


_RECORDED = {
    Status.VISIBLE: "recorded",
    Status.BLIND: "not recorded",
    Status.UNKNOWN: "perhaps recorded",
}


def _snapshot(path: str) -> Mapping[str, Any]:
    loaded = settings_files.read(path)
    if isinstance(loaded, Unreadable):
        raise SourceError(loaded.uri, loaded.reason)
    return loaded.snapshot
