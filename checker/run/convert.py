"""Convert rules: join what is loaded, shown by cases and needed of trails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from checker import conditions, convert, rules
from checker.cases import read as cases
from checker.convert import (
    AnySubject,
    Conversion,
    Correlated,
    Events,
    Options,
    Refused,
    Subject,
)
from checker.evaluate.recording import rule_needs
from checker.model import AnyRule, CorrelationRule, DetectionRule
from checker.rules.files import RuleFile


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of one rule."""

    rule: AnyRule
    outcome: Conversion | Refused


def convert_named(  # noqa: PLR0913 - each is an option of the command
    words: Sequence[str],
    loaded: Sequence[AnyRule],
    paths: Sequence[str | Path],
    config: str | None,
    target: str,
    *,
    options: Options,
    prepare: Callable[[AnyRule], AnyRule] | None = None,
) -> Iterator[Converted]:
    """Yield the rules that words name as a target has them; see `convert_rules`.

    A word is a name, an id, a tag or a level; `loaded` are the rules of the paths, and
    `config` is a file that sets parameters.
    `prepare` writes Sigma's rules in this project's dialect.
    Raises `UsageError` for a word that names no rule, and `RulesError`.
    """
    if prepare is not None:
        loaded = list(map(prepare, loaded))
    if config:
        loaded = rules.configure(loaded, config)
    wanted = rules.choose(loaded, words, (), options=("RULE", "RULE"))
    wanted = _without_silenced(wanted, words)
    known = [*rules.bases(loaded), *loaded]
    names = {rule.name for rule in wanted} | {
        base
        for rule in wanted
        if isinstance(rule, CorrelationRule)
        for base in rule.correlation.rules
    }
    files = [file for file in rules.find(paths) if _stem(file) in names]
    yield from convert_rules(wanted, known, samples(files), target, options)


def _without_silenced(wanted: Sequence[AnyRule], words: Sequence[str]) -> list[AnyRule]:
    """Leave out base rules that report nothing of their own, unless named as such.

    Elsewhere they would report what they do not here; what counts them has them inside.
    """
    silenced = {
        name
        for rule in wanted
        if isinstance(rule, CorrelationRule)
        for name in rule.correlation.silences
    }
    return [
        rule
        for rule in wanted
        if rule.name not in silenced or {rule.name, rule.id} & set(words)
    ]


def convert_rules(
    chosen: Iterable[AnyRule],
    known: Sequence[AnyRule],
    samples: Mapping[str, Sequence[Mapping[str, Any]]],
    target: str,
    options: Options,
) -> Iterator[Converted]:
    """Yield each rule as a target has it, or why the target cannot express it.

    `known` must hold the rules that correlations build on; `samples` are records that
    a rule matches, by its name.
    """
    subjects = Subjects(known, samples)
    for rule in chosen:
        found = subjects.of(rule)
        if isinstance(found, Refused):
            yield Converted(rule, found)
        else:
            yield Converted(rule, convert.convert(found, target, options))


class Subjects:
    """Makes what is converted of rules, each detection once."""

    def __init__(
        self,
        known: Sequence[AnyRule],
        samples: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> None:
        self._known = {rule.name: rule for rule in known}
        self._known |= {rule.id: rule for rule in known}
        self._samples = samples
        self._made: dict[str, Subject] = {}

    def of(self, rule: AnyRule) -> AnySubject | Refused:
        """Return a rule as a subject; settings are no events."""
        match rule:
            case DetectionRule():
                return self._detection(rule)
            case CorrelationRule():
                return self._correlation(rule)
        return Refused(convert.Reason("it is about settings, not about events"))

    def _detection(self, rule: DetectionRule) -> Subject:
        if rule.name not in self._made:
            self._made[rule.name] = subject(rule, self._samples.get(rule.name, ()))
        return self._made[rule.name]

    def _correlation(self, rule: CorrelationRule) -> Correlated | Refused:
        bases = []
        for name in rule.correlation.rules:
            base = self._known.get(name)
            if not isinstance(base, DetectionRule):
                why = f"it builds on the correlation '{name}'"
                return Refused(convert.Reason(why))
            bases.append(self._detection(base))
        return Correlated(rule, tuple(bases))


def subject(rule: DetectionRule, samples: Sequence[Mapping[str, Any]] = ()) -> Subject:
    """Return what is converted of a detection rule."""
    condition = rule.detection.condition
    needs = rule_needs.needs(rule, map(dict, samples), {})
    pinned = conditions.required(condition)
    management = [need for need in needs if need.category == "Management"]
    regions = {need.regions for need in needs}
    only = regions.pop() if len(regions) == 1 else None
    events = Events(
        categories=frozenset(need.category for need in needs),
        reads=any(need.access != "Write" for need in management),
        only_reads=bool(needs) and all(need.access == "Read" for need in needs),
        regions=only or (),
        sources=tuple(sorted(map(str, pinned.get(("eventSource",), ())))),
    )
    return Subject(
        rule, convert.normal(condition), convert.kinds(condition, samples), events
    )


def samples(files: Iterable[RuleFile]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the records of the cases of each rule that has some, by its name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for file in files:
        shown = cases.of_rule(file, [])
        found[_stem(file)] = [each.subject for each in shown if each.match]
    return found


def _stem(file: RuleFile) -> str:
    return PurePosixPath(file.path).stem
