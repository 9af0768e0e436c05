"""Check what fields are compared with: whether they can have such a value."""

from __future__ import annotations

import json
import re

import msgspec

from checker.authoring.lint import messages
from checker.authoring.lint.found import Found
from checker.authoring.lint.problem import Severity
from checker.authoring.lint.walk import Value, Where
from checker.conditions import show, tree

_MASKED = re.compile(
    r"HIDDEN_(?:DUE_TO|FOR)_SECURITY_REASONS|sensitiveDataRemoved|\*{3,}"
    r"|SENSITIVE_DATA_REDACTED|<sensitive[A-Za-z_ ]*>",
)
_NO_ERROR = {"success", "succeeded", "ok", "none", "null"}


class Compared(msgspec.Struct, frozen=True):
    """A literal of a comparison or a call, and what it is compared with.

    `value` is what `other` can be; with `element` its elements are compared.
    """

    where: Where
    node: tree.Node
    other: tree.Node
    value: Value
    literal: object
    element: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Return the line and column of the literal."""
        return self.where.literal(self.node, self.literal)


def check_equality(compared: Compared, found: Found) -> None:
    """Report a literal that something never equals."""
    if found.is_full:
        return
    literal = compared.literal
    check_text(compared.where, compared.node, literal, found)
    if compared.other == tree.Path(("errorCode",)) and isinstance(literal, str):
        _check_error_code(compared, literal, found)
        return
    if isinstance(literal, str) and _MASKED.fullmatch(literal):
        # AWS masks objects and lists by a text as well.
        return
    kind = messages.kind_of(literal)
    kinds = compared.value.kinds
    if kind is None or "any" in kinds or not kinds:
        return
    if kind not in kinds:
        _mismatch(compared, found)
    elif kind == "string":
        _check_allowed(compared, str(literal), found)


def _check_error_code(compared: Compared, literal: str, found: Found) -> None:
    if literal.lower() not in _NO_ERROR:
        return
    is_sigma = compared.where.subject.is_sigma
    found.add(
        compared.where,
        "impossible-value",
        f"errorCode is never '{literal}': it is absent when a call works",
        "write errorCode: null" if is_sigma else "write !errorCode",
        at=compared.place,
    )


def _mismatch(compared: Compared, found: Found) -> None:
    literal, kinds = compared.literal, compared.value.kinds
    text = show(compared.other)
    if compared.element:
        text = "an element of " + text
    shown = f"'{literal}'" if isinstance(literal, str) else json.dumps(literal)
    kind = " or ".join(sorted(kinds))
    if kinds & {"object", "list"}:
        found.add(
            compared.where,
            "object-used-as-string",
            f"{text} is {'an' if kind[0] == 'o' else 'a'} {kind}, and never "
            f"equals {shown}",
            f"name what is inside it: {text}.name or {text}[?@ == {shown}]",
            at=compared.place,
        )
        return
    fix = f"write {messages.written_as(kinds, literal)}"
    message = f"{text} is {messages.ARTICLES.get(kind, kind)}, and never equals {shown}"
    if isinstance(literal, bool):
        message = (
            f"{text} is text in CloudTrail, 'true' or 'false', and never "
            f"equals the boolean {shown}"
        )
    found.add(compared.where, "type-mismatch", message, fix, at=compared.place)


def _check_allowed(compared: Compared, literal: str, found: Found) -> None:
    where, value, text = compared.where, compared.value, show(compared.other)
    allowed: set[str] = set()
    for shape in value.shapes:
        if not shape.values or shape.open_values:
            if text.startswith("lower(") and literal != literal.lower():
                allowed = {literal.lower()}
                break
            return
        allowed |= shape.values
    if literal in allowed:
        return
    if where.subject.any_case and literal.lower() in map(str.lower, allowed):
        return
    near = messages.nearest(literal, allowed)
    from_model = bool(value.calls)
    found.add(
        where,
        "impossible-value",
        f"{text} is never '{literal}'",
        f"write '{near}'" if near else f"it is one of {messages.some(allowed)}",
        at=compared.place,
        severity=Severity.WARNING if from_model else Severity.ERROR,
    )


def check_text(
    where: Where, node: tree.Node, literal: object, found: Found, *, masked: bool = True
) -> None:
    """Report text that is a field's path, or what AWS writes over a secret."""
    if not isinstance(literal, str):
        return
    # Inside a list, the names of fields are data: selectors name them so.
    if messages.names_a_field(literal) and not where.bound:
        found.add(
            where,
            "literal-that-is-a-field-path",
            f"'{literal}' is compared as text, not as the field of that name",
            f"take the quotes away: {literal}",
            at=where.literal(node, literal),
        )
    elif masked and _MASKED.fullmatch(literal):
        found.add(
            where,
            "masked-value",
            f"'{literal}' is what AWS writes over a value: its wording changes",
            "match the mask's form, or test another field; "
            "matches(field, '^HIDDEN_.*SECURITY_REASONS$') holds for all of them",
            at=where.literal(node, literal),
        )
