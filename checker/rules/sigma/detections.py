"""Read the detection block of a Sigma rule, and that of a filter."""

from __future__ import annotations

from collections.abc import Iterator

from checker import documents
from checker.conditions import tree
from checker.documents import Document, Path
from checker.errors import ConditionError, DocumentError, MistakeKind
from checker.model import Detection
from checker.rules.sigma import conditions, selections
from checker.rules.sigma.fields import joined_by


def read(
    document: Document, block: Path, problems: list[DocumentError], *skip: str
) -> Detection | None:
    """Read a block; None, and mistakes in `problems`, where it is wrong.

    `skip` are keys of the block that are no selections.
    """
    if not isinstance(document.at(block), dict):
        problems.append(document.error(f"'{block[-1]}' must be a map", block))
        return None
    before = len(problems)
    found = selections.read(document, block, problems, *skip)
    texts = list(_texts(document, block, problems))
    if len(problems) > before:
        return None
    parsed = [_parse(document, path, found, problems) for path in texts]
    nodes = [node for node in parsed if node is not None]
    if len(nodes) < len(parsed) or not nodes:
        return None
    return Detection(found, joined_by(tree.Or, nodes))


def _texts(
    document: Document, block: Path, problems: list[DocumentError]
) -> Iterator[Path]:
    """Yield the place of each condition; several are alternatives."""
    path = (*block, "condition")
    written = document.at(block).get("condition")
    if written is None:
        problems.append(document.error("'condition' is missing", block, key=True))
        return
    several = isinstance(written, list)
    given = written if several else [written]
    if not given:
        problems.append(document.error("'condition' is an empty list", path))
    for index, text in enumerate(given):
        place = (*path, index) if several else path
        if isinstance(text, str):
            yield place
        elif type(text) is int or isinstance(text, bool):
            # A selection may be called 1 or yes; YAML reads neither as text.
            problems.append(document.error("put the condition in quotes", place))
        else:
            problems.append(document.error("a condition must be text", place))


def _parse(
    document: Document,
    path: Path,
    found: dict[str, tree.Node],
    problems: list[DocumentError],
) -> tree.Node | None:
    try:
        return conditions.parse(document.at(path), found)
    except ConditionError as error:
        line, column = document.offset_position(path, error.offset)
        problems.append(
            DocumentError(
                error.message,
                document.path,
                line,
                column,
                kind=MistakeKind.CONDITION,
            )
        )
        return None


def without_effect(document: Document, block: str) -> Iterator[DocumentError]:
    """Yield a warning for `timeframe`, which meant something to Sigma 1 alone."""
    written = document.at((block,))
    if isinstance(written, dict) and "timeframe" in written:
        message = (
            "'timeframe' belongs to Sigma 1 and does nothing: to count events in a "
            "time, write a correlation with 'timespan'"
        )
        yield document.error(message, (block, "timeframe"), key=True)


def ambiguous(document: Document, block: str) -> Iterator[DocumentError]:
    """Yield a warning for each value that YAML reads as another than it looks like."""
    for path, text in documents.ambiguous(document):
        if path[0] == block:
            value = document.at(path)
            shown = str(value).lower() if isinstance(value, bool) else value
            yield document.error(
                f"{text} is read as {shown}, as in YAML 1.1: put it in quotes if it is "
                "text",
                path,
            )
