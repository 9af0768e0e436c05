"""Run correlations in Athena's SQL on the cases beside them, and compare findings."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from checker import convert, rules
from checker.authoring.cases import play
from checker.cases import read as cases
from checker.convert import Conversion, Refused
from checker.evaluate import correlation
from checker.model import AnyRule, CorrelationRule
from checker.rules.files import RuleFile
from checker.run.convert import Subjects, samples
from tests.convert.duckdb_engine import Table

_PERIOD = re.compile(r'"timestamp" >= date_format\([^)]*\)')


@functools.cache
def pack() -> tuple[list[AnyRule], list[RuleFile]]:
    return rules.load(), rules.find(())


def correlations(every: int = 1) -> list[tuple[CorrelationRule, RuleFile]]:
    """The bundled correlations, or one of so many, with their files."""
    loaded, files = pack()
    by_path = {rule.path: rule for rule in loaded}
    found = [
        (rule, file)
        for file in files
        if isinstance(rule := by_path[file.path], CorrelationRule)
    ]
    return found[::every]


def wrong_cases(rule: CorrelationRule, file: RuleFile) -> Iterator[str]:
    """The cases on which the SQL of a correlation has another number of findings."""
    loaded, files = pack()
    bases = [each for each in files if _is_base(each, rule)]
    subject = Subjects(loaded, samples(bases)).of(rule)
    if isinstance(subject, Refused):
        return
    made = convert.convert(subject, "athena")
    if not isinstance(made, Conversion):
        return
    plan = correlation.plan(loaded, [rule])
    sql = _PERIOD.sub("TRUE", made.core)
    for case in cases.of_rule(file, []):
        if case.events and not case.addresses:
            wanted = len(play(rule, plan, loaded, case.events))
            if len(Table(case.events).ask(sql)) != wanted:
                yield f"{rule.name}: {case.name}"


def _is_base(file: RuleFile, rule: CorrelationRule) -> bool:
    return file.path.rpartition("/")[2].removesuffix(".yml") in rule.correlation.rules
