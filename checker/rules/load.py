"""Load rules: schema, conditions, and what they say of each other."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import structs

from checker import documents
from checker.conditions import tree
from checker.conditions.parts import uses_sigma
from checker.documents import Document, schemas
from checker.errors import DocumentError, RulesError
from checker.model import (
    AnyRule,
    CorrelationRule,
    DetectionRule,
)
from checker.rules import correlation, precedence, rule_cache
from checker.rules.build import BUILD, Shared
from checker.rules.files import RuleFile, find, load_document, shared_document
from checker.rules.sigma.placeholders import NONE, Placeholders
from checker.rules.sigma.recognize import is_sigma, may_be_either
from checker.rules.texts import selection

KINDS = ("detection", "correlation", "configuration")


class Loaded(msgspec.Struct, frozen=True):
    """The rules of some folders or files, and what was not taken of them.

    Of Sigma's rules, those that are not about CloudTrail are `passed_over`, and those
    of one id are `copies` after the first.  `warnings` begin with file and line, and
    `problems` are the mistakes of the `failed` ones, which could not be loaded.
    """

    rules: list[AnyRule]
    problems: list[DocumentError]
    failed: int = 0
    passed_over: int = 0
    copies: int = 0
    warnings: tuple[str, ...] = ()


def load(
    paths: str | Path | Iterable[str | Path] = (), placeholders: Placeholders = NONE
) -> list[AnyRule]:
    """Load the rules of a folder or file, or several; the shipped pack without any.

    Rules come in the order of their names.  A correlation may build on rules of the
    shipped pack that are not among them: `bases` gives those.  Sigma's rules may be
    among them, with values for their `placeholders`.  Raises `RulesError` with every
    mistake found, and `UsageError` for a path that does not exist or holds no rule.
    """
    loaded = load_all(paths, placeholders)
    if loaded.problems:
        raise RulesError(loaded.problems)
    return loaded.rules


def load_all(
    paths: str | Path | Iterable[str | Path] = (), placeholders: Placeholders = NONE
) -> Loaded:
    """Load what can be loaded of some rules; mistakes are in the answer's `problems`.

    A correlation over a rule that could not be loaded is left out, too.
    """
    chosen = [paths] if isinstance(paths, str | Path) else list(paths)
    files = find(chosen)
    read_ = _read_all(files, placeholders)
    rules, problems = list(read_.rules), list(read_.problems)
    rules.sort(key=lambda rule: rule.name)
    failed = read_.failed
    problems.extend(clashes := [*_clashes(rules), *precedence.circles(rules)])
    rules = _without(rules, clashes)
    bundled = list(shipped().values()) if chosen and _reach_out(rules) else []
    while dangling := list(correlation.dangling(rules, bundled)):
        problems.extend(dangling)
        rules = _without(rules, dangling)
    failed += len(read_.rules) - len(rules)
    problems.sort(key=_place)
    return structs.replace(read_, rules=rules, problems=problems, failed=failed)


def _without(
    rules: Iterable[AnyRule], problems: Iterable[DocumentError]
) -> list[AnyRule]:
    """Leave out the rules that some mistakes are of."""
    wrong = {(error.path, error.line) for error in problems}
    return [rule for rule in rules if (rule.path, rule.line) not in wrong]


def _read_all(files: Sequence[RuleFile], known: Placeholders) -> Loaded:
    """Read the rules of some files, except those that are known from another time."""
    marks = rule_cache.marks_of(files)
    kept = rule_cache.recall(files, marks, known)
    shared: dict[str, Shared] = {}
    rules: dict[str, AnyRule] = {}
    problems: list[DocumentError] = []
    foreign: list[RuleFile] = []
    failed = 0
    for rule_file, mark in zip(files, marks, strict=True):
        rule = kept.rules.get(mark)
        if rule is None and kept.sigma is not None and mark in kept.sigma.marks:
            continue
        if rule is None:
            document = load_document(rule_file)
            if is_sigma(document, _stem(rule_file)):
                foreign.append(rule_file)
                continue
            root = str(rule_file.root)
            if root not in shared:
                shared[root] = read_shared(rule_file, problems)
            rule = build(document, rule_file, problems, shared[root])
            failed += rule is None
        if rule is not None:
            rules[mark] = rule
    if kept.sigma is not None:
        return _joined(list(rules.values()), kept.sigma)
    # What is kept needs none of it.
    from checker.rules.sigma import pack

    read_ = pack.read(foreign, rules.values(), known)
    problems.extend(read_.problems)
    sigma = rule_cache.Sigma(
        frozenset(marks) - rules.keys(),
        tuple(each.rule for each in read_.rules),
        read_.passed_over,
        read_.copies,
        tuple(f"{each.path}:{each.line}: {each.message}" for each in read_.warnings),
    )
    if not problems and (foreign or rules.keys() - kept.rules.keys()):
        rule_cache.remember(files, marks, rules, sigma, known)
    failed += read_.failed
    return _joined(list(rules.values()), sigma, problems, failed)


def located(
    paths: Iterable[str | Path], rules: Iterable[AnyRule]
) -> list[tuple[RuleFile, AnyRule]]:
    """Return the rules of some paths that `rules` has, each with its file.

    Of Sigma's rules only those that have cases come along; of several in a file each
    has a file of its own name, where its cases are.
    """
    of_files: dict[str, list[AnyRule]] = {}
    for rule in rules:
        of_files.setdefault(rule.path, []).append(rule)
    found: list[tuple[RuleFile, AnyRule]] = []
    for file in find(paths):
        in_file = of_files.get(file.path, [])
        if any(_may_be_sigmas(rule, file) for rule in in_file):
            document = load_document(file)
            if is_sigma(document, _stem(file)):
                files = [
                    file.beside(r.name) if document.more else file for r in in_file
                ]
                pairs = zip(files, in_file, strict=True)
                found += [pair for pair in pairs if _has_cases(pair[0])]
                continue
        found += [(file, rule) for rule in in_file]
    return found


def _may_be_sigmas(rule: AnyRule, file: RuleFile) -> bool:
    """Return whether the file of a rule is worth reading to tell."""
    if rule.name != _stem(file):
        return True
    if isinstance(rule, DetectionRule):
        return uses_sigma(rule.detection.condition)
    return isinstance(rule, CorrelationRule) and bool(rule.correlation.silences)


def _has_cases(file: RuleFile) -> bool:
    stem = _stem(file)
    return (file.folder / f"{stem}.cases.yml").is_file()


def sigma_files(
    files: Iterable[RuleFile], *, or_either: bool = False
) -> list[RuleFile]:
    """Choose the files that are Sigma's.

    With `or_either` also rules that read the same in both dialects, which are ours
    by their name.
    """
    found = []
    for each in files:
        document = load_document(each)
        either = or_either and may_be_either(document)
        if either or is_sigma(document, _stem(each)):
            found.append(each)
    return found


def _joined(
    own: list[AnyRule],
    sigma: rule_cache.Sigma,
    problems: Sequence[DocumentError] = (),
    failed: int = 0,
) -> Loaded:
    """Put this project's rules and Sigma's together."""
    return Loaded(
        [*own, *sigma.rules],
        list(problems),
        failed,
        sigma.passed_over,
        sigma.copies,
        sigma.warnings,
    )


def bases(rules: Iterable[AnyRule]) -> list[AnyRule]:
    """Return the rules of the shipped pack that correlations of other folders build on.

    They are no rules of the user's and report nothing.  A rule among `rules` goes
    before one of the pack that has the same name.
    """
    given = list(rules)
    known = {key for rule in given for key in (rule.name, rule.id)}
    found: list[AnyRule] = []
    waiting = list(given)
    while waiting:
        rule = waiting.pop()
        if not isinstance(rule, CorrelationRule):
            continue
        for name in rule.correlation.rules:
            base = None if name in known else shipped().get(name)
            if base is not None and base.name not in known:
                known.update((base.name, base.id))
                found.append(base)
                waiting.append(base)
    return sorted(found, key=lambda rule: rule.name)


def _reach_out(rules: Sequence[AnyRule]) -> bool:
    """Return whether some correlation builds on a rule that is not among `rules`."""
    known = {key for rule in rules for key in (rule.name, rule.id)}
    return any(
        base not in known
        for rule in rules
        if isinstance(rule, CorrelationRule)
        for base in rule.correlation.rules
    )


@functools.cache
def shipped() -> Mapping[str, AnyRule]:
    """Return the rules of the shipped pack, by their names and ids."""
    return {key: rule for rule in load() for key in (rule.name, rule.id)}


def read_shared(rule_file: RuleFile, problems: list[DocumentError]) -> Shared:
    """Read the selections that the rules of a folder share (`selections.yml`)."""
    document = shared_document(rule_file)
    if document is None:
        return {}
    found = list(document.problems) or documents.check(document, "selections")
    shared: dict[str, tree.Node] = {}
    for name in () if found else document.value:
        node = selection(document, (name, "selection"), found)
        if node is not None:
            shared[name] = node
    problems.extend(found)
    return shared


def read(
    rule_file: RuleFile,
    problems: list[DocumentError],
    shared: Shared | None = None,
) -> AnyRule | None:
    """Read one rule; None, and entries in `problems`, where it is wrong.

    `shared` are the selections of its folder; they are read when not given.
    """
    if shared is None:
        shared = read_shared(rule_file, problems)
    return build(load_document(rule_file), rule_file, problems, shared)


def build(
    document: Document,
    rule_file: RuleFile,
    problems: list[DocumentError],
    shared: Shared,
) -> AnyRule | None:
    """Build one rule of a document; None, and entries in `problems`, if it is wrong."""
    found = list(document.problems)
    if document.value is not None or not found:
        found.extend(_kind_problems(document))
    if found:
        problems.extend(found)
        return None
    kind = next(kind for kind in KINDS if kind in document.value)
    found.extend(documents.check(document, kind))
    stem = _stem(rule_file)
    if isinstance(document.value.get("name"), str) and document.value["name"] != stem:
        wrong = document.error(f"'name' must be the file's stem, '{stem}'", ("name",))
        if _place(wrong) not in map(_place, found):
            found.append(wrong)
    rule: AnyRule | None = None
    try:
        rule = BUILD[kind](document, shared, found)
    except (KeyError, TypeError, ValueError, AttributeError):
        # The schema has already said what is wrong with the shape of the file.
        if not found:
            raise
    problems.extend(found)
    return None if found else rule


def _stem(rule_file: RuleFile) -> str:
    return rule_file.file.name.rsplit(".", 1)[0]


def _place(problem: DocumentError) -> tuple[str, int, int]:
    return problem.path, problem.line, problem.column


def _kind_problems(document: Document) -> list[DocumentError]:
    value = document.value
    if not isinstance(value, dict):
        return [document.error("a rule is a map of keys such as 'title' and 'name'")]
    kinds = [kind for kind in KINDS if kind in value]
    if len(kinds) == 1:
        return []
    if kinds:
        message = f"a rule has one of {', '.join(kinds)}, not several"
        return [document.error(message, (kinds[1],), key=True)]
    message = "no 'detection', 'correlation' or 'configuration' block"
    known = schemas.standalone(KINDS[0])["properties"]
    for key in value:
        strange = isinstance(key, str) and key not in known
        hint = documents.nearest(key, KINDS) if strange else ""
        if hint:
            return [document.error(f"{message}{hint}", (key,), key=True)]
    return [document.error(message)]


def _clashes(rules: Sequence[AnyRule]) -> Iterator[DocumentError]:
    names: dict[str, AnyRule] = {}
    ids: dict[str, AnyRule] = {}
    for rule in sorted(rules, key=lambda rule: rule.path):
        for seen, value, word in ((names, rule.name, "name"), (ids, rule.id, "id")):
            if value in seen:
                message = f"the {word} '{value}' is taken by {seen[value].path}"
                yield DocumentError(message, rule.path, rule.line)
            seen.setdefault(value, rule)
