"""This module turns rule files into rules: YAML, schema, conditions, references.

Every mistake of every file is listed, with its file, line and column.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from checker import conditions, documents, resources
from checker.conditions import tree
from checker.conditions.settings import SETTINGS
from checker.documents import Document
from checker.errors import ConditionError, DocumentError, RulesError, UsageError
from checker.model import (
    RECORD_FIELDS,
    AnyRule,
    Configuration,
    ConfigurationRule,
    Correlation,
    CorrelationRule,
    Detection,
    DetectionRule,
    Level,
    Related,
    Remediation,
)

KINDS = ("detection", "correlation", "configuration")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule file before it is read.

    `path` is what messages call it, `folder` the folder that it lies in, and `root` the
    folder that was asked for, whose `events/` and `settings/` its cases start from.
    """

    path: str
    file: Traversable
    folder: Traversable
    root: Traversable


def load(paths: Iterable[str | Path] = ()) -> list[AnyRule]:
    """Load the rules of some folders or files; the shipped pack when none is given.

    Rules come in the order of their names.  Raises `RulesError` with every mistake
    found, and `UsageError` for a path that does not exist or holds no rule.
    """
    files = find(paths)
    problems: list[DocumentError] = []
    rules: list[AnyRule] = []
    for rule_file in files:
        rule = read(rule_file, problems)
        if rule is not None:
            rules.append(rule)
    rules.sort(key=lambda rule: rule.name)
    problems.extend(_clashes(rules))
    if not problems:
        problems.extend(_dangling(rules))
    if problems:
        raise RulesError(sorted(problems, key=_place))
    return rules


def find(paths: Iterable[str | Path] = ()) -> list[RuleFile]:
    """List the rule files below some paths, in a stable order."""
    chosen = list(paths)
    if not chosen:
        pack = resources.root() / "rules"
        return list(_walk(pack, "rules", pack))
    files: list[RuleFile] = []
    for given in chosen:
        path = Path(given)
        if not path.exists():
            raise UsageError(f"--rules {given}: there is no such file or folder")
        label = _label(path)
        if path.is_file():
            found = [RuleFile(label, path, path.parent, path.parent)]
        else:
            found = [*_walk(path, label, path)]
        if not found:
            raise UsageError(
                f"--rules {given}: no rule found (a rule is a .yml or .yaml file "
                "other than .cases.yml)"
            )
        files.extend(found)
    return list({str(each.file): each for each in files}.values())


def read(rule_file: RuleFile, problems: list[DocumentError]) -> AnyRule | None:
    """Read one rule; None, and entries in `problems`, where it is wrong."""
    document = load_document(rule_file)
    found = list(document.problems)
    if document.value is not None or not found:
        found.extend(_kind_problems(document))
    if found:
        problems.extend(found)
        return None
    kind = next(kind for kind in KINDS if kind in document.value)
    found.extend(documents.check(document, kind))
    stem = rule_file.file.name.rsplit(".", 1)[0]
    if isinstance(document.value.get("name"), str) and document.value["name"] != stem:
        message = f"'name' must be the file's stem, '{stem}'"
        found.append(document.error(message, ("name",)))
    rule: AnyRule | None = None
    try:
        rule = _BUILD[kind](document, found)
    except (KeyError, TypeError, ValueError, AttributeError):
        # The schema has already said what is wrong with the shape of the file.
        if not found:
            raise
    problems.extend(found)
    return None if found else rule


def choose(
    rules: Sequence[AnyRule], select: Sequence[str], ignore: Sequence[str]
) -> list[AnyRule]:
    """Keep the rules that some `select` word names (all if none) and no `ignore` does.

    A word is a name, an id, a tag or a level, with `*` as a wildcard.  Raises
    `UsageError` for a word that names no rule, so that a typing error is seen.
    """
    for option, words in (("--select", select), ("--ignore", ignore)):
        for word in words:
            if not any(_named(rule, word) for rule in rules):
                known = [rule.name for rule in rules]
                hint = documents.nearest(word, known)
                raise UsageError(
                    f"{option} {word}: no rule has that name, id, tag or level{hint}"
                )
    return [
        rule
        for rule in rules
        if (not select or any(_named(rule, word) for word in select))
        and not any(_named(rule, word) for word in ignore)
    ]


def _named(rule: AnyRule, word: str) -> bool:
    words = (rule.name, rule.id, rule.level.value, *rule.tags)
    return any(fnmatch.fnmatchcase(each, word) for each in words)


def load_document(rule_file: RuleFile) -> Document:
    """Read a rule or cases file as a document."""
    try:
        data = rule_file.file.read_bytes()
    except OSError as error:
        problem = DocumentError(f"cannot be read: {error.strerror}", rule_file.path)
        return Document(rule_file.path, "", None, problems=(problem,))
    return documents.load_yaml(rule_file.path, data)


def _place(problem: DocumentError) -> tuple[str, int, int]:
    return problem.path, problem.line, problem.column


def _label(path: Path) -> str:
    """Call a file what the user calls it, relative to here when it lies below."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return Path(os.path.normpath(path)).as_posix()


def _walk(folder: Traversable, label: str, root: Traversable) -> Iterator[RuleFile]:
    for child in sorted(folder.iterdir(), key=lambda child: child.name):
        name = f"{label}/{child.name}" if label not in ("", ".") else child.name
        if child.name.startswith("."):
            continue
        if child.is_dir():
            yield from _walk(child, name, root)
        elif child.name.endswith((".yml", ".yaml")) and ".cases." not in child.name:
            yield RuleFile(name, child, folder, root)


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
    hints = [documents.nearest(key, KINDS) for key in value if isinstance(key, str)]
    hint = next((hint for hint in hints if hint), "")
    message = f"no 'detection', 'correlation' or 'configuration' block{hint}"
    return [document.error(message)]


def _common(document: Document) -> dict[str, Any]:
    value = document.value
    lists = ("references", "tags", "falsepositives", "fields")
    texts = ("description", "author", "date", "modified", "license")
    related = value.get("related", ())
    return {
        "path": document.path,
        "line": document.key_position(("title",))[0],
        "title": value["title"],
        "name": value["name"],
        "id": value["id"],
        "level": Level(value["level"]),
        "status": value["status"],
        **{key: tuple(value.get(key, ())) for key in lists},
        **{key: value.get(key) for key in texts},
        "logsource": dict(value.get("logsource", {})),
        "related": tuple(Related(entry["id"], entry["type"]) for entry in related),
        "controls": {
            framework: tuple(ids)
            for framework, ids in value.get("controls", {}).items()
        },
    }


def _detection(document: Document, problems: list[DocumentError]) -> DetectionRule:
    block: Mapping[str, Any] = document.value["detection"]
    selections: dict[str, tree.Node] = {}
    for name, selection in block.items():
        if name == "condition":
            continue
        path = ("detection", name)
        if name in RECORD_FIELDS:
            message = f"the selection '{name}' hides the record's own field: rename it"
            problems.append(document.error(message, path, key=True))
        if isinstance(selection, str):
            node = _parse(document, path, problems)
        else:
            node = _field_map(document, path, problems)
        if node is not None:
            selections[name] = node
    condition = _parse(document, ("detection", "condition"), problems)
    if condition is None:
        raise ValueError("no condition")
    problems.extend(_unknown_names(document, condition, block))
    lowered = conditions.lower(condition, selections)
    for field in document.value.get("fields", ()):
        try:
            conditions.parse(field)
        except ConditionError as error:
            index = document.value["fields"].index(field)
            problems.append(document.error(error.message, ("fields", index)))
    return DetectionRule(**_common(document), detection=Detection(selections, lowered))


def _correlation(document: Document, _: list[DocumentError]) -> CorrelationRule:
    block = document.value["correlation"]
    span = block["timespan"]
    return CorrelationRule(
        **_common(document),
        correlation=Correlation(
            type=block["type"],
            rules=tuple(block["rules"]),
            timespan=int(span[:-1]) * _SECONDS[span[-1]],
            group_by=tuple(block.get("group-by", ())),
            condition=dict(block.get("condition", {})),
            aliases=dict(block.get("aliases", {})),
            generate=block.get("generate", False),
        ),
    )


def _configuration(
    document: Document, problems: list[DocumentError]
) -> ConfigurationRule:
    block = document.value["configuration"]
    applies = None
    if "applies" in block:
        applies = _parse(document, ("configuration", "applies"), problems, SETTINGS)
    condition = _parse(document, ("configuration", "condition"), problems, SETTINGS)
    if condition is None:
        raise ValueError("no condition")
    remediation = document.value.get("remediation")
    return ConfigurationRule(
        **_common(document),
        configuration=Configuration(block["resource"], condition, applies),
        remediation=Remediation(**remediation) if remediation else None,
    )


_BUILD: dict[str, Callable[[Document, list[DocumentError]], AnyRule]] = {
    "detection": _detection,
    "correlation": _correlation,
    "configuration": _configuration,
}


def _parse(
    document: Document,
    path: documents.Path,
    problems: list[DocumentError],
    functions: Mapping[str, conditions.Function] = conditions.STANDARD,
) -> tree.Node | None:
    text = document.value
    for key in path:
        text = text[key]
    if not isinstance(text, str):
        return None
    try:
        node = conditions.parse(text, functions)
        _refuse_loose_not(node)
    except ConditionError as error:
        line, column = document.offset_position(path, error.offset)
        message = error.message + _comment_hint(document, path)
        problems.append(DocumentError(message, document.path, line, column))
        return None
    return node


def _refuse_loose_not(node: tree.Node) -> None:
    """Refuse `!a.b`, which JMESPath reads as `(!a).b`: null, whatever the event."""
    for each in tree.walk(node):
        if isinstance(each, tree.Sub) and isinstance(each.left, tree.Not):
            inner = tree.walk(each.left)
            offset = next((p.offset for p in inner if isinstance(p, tree.Path)), 0)
            raise ConditionError(
                "'!' binds before '.': !a.b is (!a).b and never holds; write !(a.b)",
                max(offset - 1, 0),
            )


def _comment_hint(document: Document, path: documents.Path) -> str:
    """Say so when YAML has cut a plain text short at ' #'."""
    scalar = document.values[path]
    rest = document.text.splitlines()[scalar.end_line - 1][scalar.end_column - 1 :]
    if scalar.style == "" and rest.lstrip().startswith("#"):
        return (
            " (YAML reads ' #' as the start of a comment: put the whole expression in "
            "quotes, or under a block scalar (|), if it is part of the condition)"
        )
    return ""


def _field_map(
    document: Document, path: tuple[str, str], problems: list[DocumentError]
) -> tree.Node | None:
    fields: Mapping[str, Any] = document.value[path[0]][path[1]]
    sound = True
    for field, value in fields.items():
        for entry in value if isinstance(value, list) else [value]:
            # An unquoted account id is a number to YAML, and a string to CloudTrail.
            if isinstance(entry, int) and len(str(entry)) == 12:
                message = f"account ids are text in CloudTrail: write '{entry}'"
                problems.append(document.error(message, (*path, field)))
                sound = False
        try:
            conditions.field_map({field: value})
        except ConditionError as error:
            problems.append(document.error(error.message, (*path, field), key=True))
            sound = False
    return conditions.field_map(fields) if sound else None


def _unknown_names(
    document: Document, condition: tree.Node, block: Mapping[str, Any]
) -> Iterator[DocumentError]:
    """Find bare names in the condition that are neither a selection nor a field."""
    known = [*(name for name in block if name != "condition"), *sorted(RECORD_FIELDS)]
    for each in conditions.names(condition):
        if each.bare and each.name not in known:
            where = document.offset_position(("detection", "condition"), each.offset)
            message = (
                f"'{each.name}' is neither a selection of this rule nor a field of a "
                f"CloudTrail record{documents.nearest(each.name, known)}"
            )
            yield DocumentError(message, document.path, *where)


def _clashes(rules: Sequence[AnyRule]) -> Iterator[DocumentError]:
    names: dict[str, AnyRule] = {}
    ids: dict[str, AnyRule] = {}
    for rule in sorted(rules, key=lambda rule: rule.path):
        for seen, value, word in ((names, rule.name, "name"), (ids, rule.id, "id")):
            if value in seen:
                message = f"the {word} '{value}' is taken by {seen[value].path}"
                yield DocumentError(message, rule.path, rule.line)
            seen.setdefault(value, rule)


def _dangling(rules: Sequence[AnyRule]) -> Iterator[DocumentError]:
    """Find correlations over rules that are not there."""
    known = {key for rule in rules for key in (rule.name, rule.id)}
    for rule in rules:
        if isinstance(rule, CorrelationRule):
            for base in rule.correlation.rules:
                if base not in known:
                    hint = documents.nearest(base, sorted(known))
                    message = f"the correlation needs the rule '{base}', which is not here{hint}"
                    yield DocumentError(message, rule.path, rule.line)
