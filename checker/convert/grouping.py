"""Read what correlations group by: a field, or the first of some that is set."""

from __future__ import annotations

from checker.conditions import parse, tree
from checker.convert.form import Names
from checker.convert.kinds import Kinds
from checker.convert.refusal import RefusedError


def fields(text: str) -> tuple[Names, ...]:
    """Return the fields of which the first that is set is meant.

    Raises `RefusedError` for other expressions.
    """
    node = parse(text)
    operands = node.operands if isinstance(node, tree.Or) else (node,)
    found = [operand.names for operand in operands if isinstance(operand, tree.Path)]
    if len(found) < len(operands):
        shown = " ".join(text.split())[:60]
        raise RefusedError(f"`{shown}` is computed, and not the value of a field")
    return tuple(found)


def field(text: str) -> Names:
    """Return the one field that is meant; raises `RefusedError`."""
    found = fields(text)
    if len(found) > 1:
        raise RefusedError(f"`{text}` is not the value of one field")
    return found[0]


def require_scalar(names: Names, kinds: Kinds) -> None:
    """Raise `RefusedError` unless a field is surely one text, number or boolean.

    Of an array each element counts by itself, which no target does.
    """
    if not kinds.of(names).is_scalar:
        raise RefusedError(f"{'.'.join(names)} is not known to be one value")
