"""Turn the texts of a rule into conditions, with mistakes placed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checker import conditions, documents
from checker.conditions import habits, tree
from checker.documents import Document
from checker.errors import ConditionError, DocumentError, MistakeKind
from checker.model import RECORD_FIELDS


def parse(
    document: Document,
    path: documents.Path,
    problems: list[DocumentError],
    functions: Mapping[str, conditions.Function] = conditions.STANDARD,
) -> tree.Node | None:
    """Read a condition; None, and a placed mistake, where it is wrong."""
    text = document.at(path)
    if not isinstance(text, str):
        return None
    try:
        node = conditions.parse(text, functions)
        refuse_loose_not(node)
    except ConditionError as error:
        line, column = document.offset_position(path, error.offset)
        message = error.message + _comment_hint(document, path)
        problems.append(
            DocumentError(
                message, document.path, line, column, kind=MistakeKind.CONDITION
            )
        )
        return None
    return node


def refuse_loose_not(node: tree.Node) -> None:
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
    """Describe so when YAML has cut a plain text short at ' #'."""
    scalar = document.values[path]
    if scalar.style:
        # A block that ends the file ends on a line that is not there.
        return ""
    rest = document.text.splitlines()[scalar.end_line - 1][scalar.end_column - 1 :]
    if rest.lstrip().startswith("#"):
        return (
            " (YAML reads ' #' as the start of a comment: put the whole expression in "
            "quotes, or under a block scalar (|), if it is part of the condition)"
        )
    return ""


def selection(
    document: Document,
    path: documents.Path,
    problems: list[DocumentError],
    functions: Mapping[str, conditions.Function] = conditions.STANDARD,
) -> tree.Node | None:
    """Read a selection: a JMESPath text or a field map; None where it is wrong."""
    if isinstance(document.at(path), str):
        return parse(document, path, problems, functions)
    return field_map(document, path, problems)


def field_map(
    document: Document, path: documents.Path, problems: list[DocumentError]
) -> tree.Node | None:
    """Read a field map; None, and placed mistakes, where it is wrong."""
    fields: Mapping[str, Any] = document.at(path)
    sound = True
    for field, value in fields.items():
        for entry in value if isinstance(value, list) else [value]:
            # An unquoted account id is a number to YAML, and a string to CloudTrail.
            if isinstance(entry, int) and len(str(entry)) == 12:
                message = f"account ids are text in CloudTrail: write '{entry}'"
                problems.append(document.error(message, (*path, field)))
                sound = False
        habit = habits.modifier(str(field), value)
        if habit is not None:
            problems.append(document.error(habit, (*path, field), key=True))
            sound = False
            continue
        try:
            conditions.field_map({field: value})
        except ConditionError as error:
            problems.append(document.error(error.message, (*path, field), key=True))
            sound = False
    return conditions.field_map(fields) if sound else None


def unknown_names(
    document: Document, condition: tree.Node, selections: Iterable[str]
) -> Iterator[DocumentError]:
    """Find bare names in the condition that are neither a selection nor a field."""
    known = [*selections, *sorted(RECORD_FIELDS)]
    for each in conditions.names(condition):
        if each.bare and each.name not in known:
            place = ("detection", "condition")
            where = document.offset_position(place, each.offset)
            message = (
                f"'{each.name}' is neither a selection of this rule nor a field of a "
                f"CloudTrail record"
            )
            if document.at(place).startswith('"', each.offset):
                message += f": {habits.constant(each.name)}"
            else:
                message += documents.nearest(each.name, known)
            yield DocumentError(
                message, document.path, *where, kind=MistakeKind.CONDITION
            )
