"""Import Sigma's rules: each as a rule of this project with cases to start from.

What a rule means stays as it is, but for parts that can never hold on CloudTrail; a
rule that cannot hold at all is reported, and not written.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import structs

from checker import rules
from checker.authoring import rule_files
from checker.authoring.importing import mending, shapes, texts, timelines, witness
from checker.authoring.importing.translate import Translator
from checker.authoring.lint import sigma as checks
from checker.authoring.lint.pins import pins
from checker.authoring.lint.problem import Problem
from checker.authoring.lint.sigma import SigmaSubject
from checker.authoring.rule_files import RuleText
from checker.conditions import tree
from checker.conditions.sigma_plain import plain
from checker.errors import DocumentError, RulesError, UsageError
from checker.model import CorrelationRule, Detection, DetectionRule, Event, Level
from checker.rules import NONE, Placeholders, RuleFile, correlation
from checker.rules.sigma import pack
from checker.rules.sigma.pack import Pack, SigmaRule

_DEAD: Event = {}
"""Stands for the event of a rule that no event meets."""


class Outcome(enum.Enum):
    """What became of a rule."""

    IMPORTED = "imported"
    MENDED = "mended"
    NEVER = "never"
    """It can never fire on CloudTrail."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one rule, and where it was written, if it was.

    `changes` say what was mended, and why, `reasons` (of lint) why it can never fire,
    `notes` what else there is to know.
    """

    name: str
    path: str
    line: int
    outcome: Outcome
    changes: tuple[str, ...] = ()
    reasons: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    written: str | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A rule as it is to be written; no texts for one that can never fire."""

    imported: Imported
    files: Mapping[str, RuleText] = dataclasses.field(default_factory=dict)


def read(folders: Sequence[str | Path], placeholders: Placeholders = NONE) -> Pack:
    """Read the Sigma rules of some folders or files, with values for placeholders.

    A rule that may be of either dialect is Sigma's here: the user says so.
    Raises `UsageError` where there is none.
    """
    files = rules.sigma_files(rules.find(folders), or_either=True)
    found = _whole(pack.read(files, (), placeholders))
    if not found.rules and not found.problems:
        raise UsageError(
            f"{', '.join(map(str, folders))}: no Sigma rule about CloudTrail is there"
        )
    return found


def _whole(found: Pack) -> Pack:
    """Leave out correlations over rules that are not there, and add the mistakes."""
    of_pack = [each.rule for each in found.rules]
    while mistakes := list(correlation.dangling(of_pack, rules.bases(of_pack))):
        wrong = {(error.path, error.line) for error in mistakes}
        kept = [x for x in found.rules if (x.rule.path, x.rule.line) not in wrong]
        found = dataclasses.replace(
            found,
            rules=tuple(kept),
            failed=found.failed + len(found.rules) - len(kept),
            problems=(*found.problems, *mistakes),
        )
        of_pack = [each.rule for each in kept]
    return found


def write(given: Pack, folder: Path, *, licence: str | None = None) -> list[Imported]:
    """Write the rules of a pack into a folder; a report of each, in their order.

    Raises `UsageError` before anything is written where a file is there already.
    """
    drafts = list(_drafts(given, folder, licence))
    files = {name: file for draft in drafts for name, file in draft.files.items()}
    rule_files.write(folder, files, "choose another --to")
    return [draft.imported for draft in drafts]


def _drafts(given: Pack, folder: Path, licence: str | None) -> Iterator[_Draft]:
    """Yield the draft of each rule: detections first, which correlations build on."""
    root = RuleFile("rule.yml", folder / "rule.yml", folder, folder)
    problems: list[DocumentError] = []
    taken = rules.read_shared(root, problems)
    if problems:
        raise RulesError(problems)
    silenced = {
        name
        for each in given.rules
        if isinstance(each.rule, CorrelationRule)
        for name in each.rule.correlation.silences
    }
    events: dict[str, Event | None] = {}
    ordered = sorted(
        given.rules, key=lambda each: isinstance(each.rule, CorrelationRule)
    )
    for each in ordered:
        if isinstance(each.rule, DetectionRule):
            yield _detection(each, folder, taken, silenced, licence, events)
        elif isinstance(each.rule, CorrelationRule):
            yield _correlation(each.rule, folder, licence, events)


def _detection(  # noqa: PLR0913, PLR0917 - what all detections have in common
    given: SigmaRule,
    folder: Path,
    taken: Mapping[str, tree.Node],
    silenced: set[str],
    licence: str | None,
    events: dict[str, Event | None],
) -> _Draft:
    rule = given.rule
    assert isinstance(rule, DetectionRule)
    subject = checks.subject_of(given)
    mended = mending.mend(subject, rule.detection.condition)
    report = Imported(rule.name, rule.path, rule.line, Outcome.IMPORTED)
    if mended.condition is None:
        events[rule.name] = _DEAD
        reasons = tuple(mended.reasons)
        return _Draft(
            dataclasses.replace(report, outcome=Outcome.NEVER, reasons=reasons)
        )
    translator = Translator(subject)
    condition = translator.node(mended.condition)
    translated = _block(rule.detection, condition, taken)
    changes = [*mended.changes, *translator.changes]
    if rule.name in silenced and rule.level > Level.INFORMATIONAL:
        changes.append(
            f"level {rule.level.value} lowered to informational: the rule only feeds a "
            "correlation"
        )
        rule = structs.replace(rule, level=Level.INFORMATIONAL)
    text = "".join(texts.rule(rule, translated, licence=licence))
    files = {f"{rule.name}.yml": RuleText("detection", text)}
    notes: list[str] = []
    event = _cases(subject, mended.condition, translated, rule.name, files)
    events[rule.name] = event
    if event is None:
        notes.append("no event was found for a case: write one")
    report = dataclasses.replace(
        report,
        outcome=Outcome.MENDED if changes else Outcome.IMPORTED,
        changes=tuple(changes),
        notes=tuple(notes),
        written=(folder / f"{rule.name}.yml").as_posix(),
    )
    return _Draft(report, files)


def _block(
    detection: Detection, condition: tree.Node, taken: Mapping[str, tree.Node]
) -> Detection:
    """Return the block of a translated condition, with the selections that it uses."""
    found: dict[str, tree.Node] = {}
    for each in tree.walk(condition):
        if isinstance(each, tree.Selection) and each.name in detection.selections:
            found.setdefault(each.name, each.node)
    ordered = {name: found[name] for name in detection.selections if name in found}
    return texts.renamed(Detection(ordered, condition), taken)


def _cases(
    subject: SigmaSubject,
    condition: tree.Node,
    translated: Detection,
    name: str,
    files: dict[str, RuleText],
) -> Event | None:
    """Add a file of cases; return the first event that matches, if one was found."""
    about = pins(plain(condition))

    def typed(path: tree.Path, text: str) -> Any:
        field = shapes.of(subject, path, about)
        kinds = field.kinds
        same = [each for each in field.values if each.lower() == text.lower()]
        if len(same) == 1:
            return same[0]
        if len(path.names) == 1 and path.names[0] in checks.SPELLINGS:
            return checks.SPELLINGS[path.names[0]](text)
        if kinds == {"boolean"} and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kinds == {"number"} and text.isdecimal():
            return int(text)
        return text

    tests = (condition, translated.condition)
    event = witness.holding(condition, tests, typed)
    if event is None:
        return None
    misses = list(witness.near_misses(condition, tests, event, typed))
    if not misses:
        return None
    written = "".join(texts.cases([("The event happened", event)], _named(misses)))
    files[f"{name}.cases.yml"] = RuleText("cases", written)
    return event


def _named(misses: Sequence[tuple[str, Event]]) -> list[tuple[str, Event]]:
    """Name each case differently."""
    seen: dict[str, int] = {}
    found = []
    for name, event in misses:
        seen[name] = seen.get(name, 0) + 1
        found.append((f"{name} ({seen[name]})" if seen[name] > 1 else name, event))
    return found


def _correlation(
    rule: CorrelationRule,
    folder: Path,
    licence: str | None,
    events: Mapping[str, Event | None],
) -> _Draft:
    report = Imported(rule.name, rule.path, rule.line, Outcome.IMPORTED)
    dead = {name for name in rule.correlation.rules if events.get(name, {}) is _DEAD}
    if dead:
        note = f"its base rules can never fire: {', '.join(sorted(dead))}"
        return _Draft(dataclasses.replace(report, outcome=Outcome.NEVER, notes=(note,)))
    written = "".join(texts.rule(rule, None, licence=licence))
    files = {f"{rule.name}.yml": RuleText("correlation", written)}
    steps = timelines.steps(rule.correlation, events)
    notes: tuple[str, ...] = ()
    if steps is None:
        notes = ("no events were found for a case: write one",)
    else:
        text = "".join(texts.correlation_cases(*steps))
        files[f"{rule.name}.cases.yml"] = RuleText("cases", text)
    target = (folder / f"{rule.name}.yml").as_posix()
    return _Draft(dataclasses.replace(report, notes=notes, written=target), files)
