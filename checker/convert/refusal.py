"""What a target cannot express: where, and why."""

from __future__ import annotations

from dataclasses import dataclass

from checker.conditions import tree
from checker.conditions.parts import uses_sigma
from checker.conditions.sigma_functions import PREFIX, TIME_PARTS
from checker.convert.form import Atom, Elements, Origin


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a part of a rule cannot be said; no origin: it is about the whole rule."""

    why: str
    origin: Origin | None = None

    def __str__(self) -> str:
        return f"{self.origin}: {self.why}" if self.origin else self.why


class RefusedError(Exception):
    """A target cannot express a rule; `part` is what it would have to leave out."""

    def __init__(self, why: str, part: Atom | Elements | None = None) -> None:
        super().__init__(why)
        self.reason = Reason(why, part.origin if part else None)
        self.part = part


def unsaid(node: tree.Node, target: str) -> str:
    """Return why a target has nothing that says what a node tests."""
    match node:
        case tree.Function(name, (tree.Current(), *_)) if name.startswith(PREFIX):
            return f"{target} has no test of any value of the event, as a keyword is"
        case tree.Function(name) if name.removeprefix(PREFIX) in TIME_PARTS:
            return f"{target} has no test of a part of a time"
        case tree.Function("sigma_fieldref" | "sigma_fieldref_cased"):
            return f"{target} cannot compare what two fields have in common"
    if uses_sigma(node):
        return (
            f"no document has a single text there, and {target} has no test of a "
            "text, a number or an element of an array alike, as Sigma's is"
        )
    return f"{target} has nothing that says it"
