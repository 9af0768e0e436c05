"""What is converted, how, and what comes of it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from checker.conditions import tree
from checker.convert.form import ALWAYS, NEVER, Form, without
from checker.convert.kinds import Kinds
from checker.convert.refusal import Reason, RefusedError
from checker.model import CorrelationRule, DetectionRule

Artefact = TypeVar("Artefact")


@dataclass(frozen=True, slots=True)
class Events:
    """Which events a rule needs to see, as far as its cases and AWS's models say.

    `categories` are CloudTrail's; `reads`: read-only management events are among them,
    `only_reads`: there are no others.  No `regions`: those of the account.
    """

    categories: frozenset[str] = frozenset()
    reads: bool = False
    only_reads: bool = False
    regions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A detection rule with what is known of its fields and events."""

    rule: DetectionRule
    form: Form
    kinds: Kinds
    events: Events = field(default_factory=Events)


@dataclass(frozen=True, slots=True)
class Correlated:
    """A correlation with the detection rules that it builds on, in its order."""

    rule: CorrelationRule
    bases: tuple[Subject, ...]


AnySubject: TypeAlias = Subject | Correlated


class Shape(enum.Enum):
    """What is written: the bare pattern, or resources; the default is the target's."""

    DEFAULT = "default"
    PATTERN = "pattern"
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to convert.

    With `superset` what cannot be said is left out where that only finds more.
    `table` is Athena's, and with `ddl` the statement that creates it over `location` is
    written too; `limit` is the number of events that a query of Insights lists.
    """

    superset: bool = False
    shape: Shape = Shape.DEFAULT
    table: str = "cloudtrail_logs"
    location: str = "s3://amzn-s3-demo-bucket/AWSLogs/account-id/CloudTrail/aws-region"
    ddl: bool = False
    limit: int = 25


class Fidelity(enum.Enum):
    """How the matches of a conversion compare with those of the rule."""

    SAME = "same"
    SUPERSET = "superset"
    SUBSET = "subset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A rule as a target has it.

    `core` is what matches: the pattern, the filter, the query.  `text` is the whole
    artefact.  `dropped` are the parts left out, `notes` what the target sees.
    """

    text: str
    core: str
    suffix: str
    fidelity: Fidelity = Fidelity.SAME
    dropped: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()


Convert: TypeAlias = Callable[[AnySubject, Options], Conversion]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a rule cannot be converted."""

    reason: Reason


def require_possible(subject: AnySubject) -> None:
    """Raise `RefusedError` for what never holds, with the parameters that would do."""
    for base in subject.bases if isinstance(subject, Correlated) else (subject,):
        if base.form == NEVER:
            raise RefusedError(_never(base.rule))


def _never(rule: DetectionRule) -> str:
    empty = {
        node.parameter
        for node in tree.walk(rule.detection.condition)
        if isinstance(node, tree.Literal) and node.parameter and not node.value
    }
    if not empty:
        return "it never holds"
    names = " and ".join(f"'{name}'" for name in sorted(empty))
    kind = "parameters" if len(empty) > 1 else "parameter"
    return f"it never holds: set the {kind} {names} of {rule.name} (--config)"


def widened(
    form: Form, say: Callable[[Form], Artefact], *, superset: bool
) -> tuple[Artefact, tuple[Reason, ...]]:
    """Return what a target makes of a form, and the parts it had to leave out.

    Without `superset` the first part that cannot be said is raised: `RefusedError`.
    """
    dropped: list[Reason] = []
    while True:
        try:
            return say(form), tuple(dropped)
        except RefusedError as refused:
            if not superset or refused.part is None:
                raise
            wider = without(form, refused.part)
            if wider in (form, ALWAYS):
                raise
            form = wider
            dropped.append(refused.reason)


def fidelity(dropped: tuple[Reason, ...]) -> Fidelity:
    """Return how a conversion without some parts compares with its rule."""
    return Fidelity.SUPERSET if dropped else Fidelity.SAME


def tags(rule: DetectionRule | CorrelationRule) -> Mapping[str, str]:
    """Return what travels with a converted rule: its licence asks for the author."""
    found = {"rule": rule.name, "id": rule.id, "level": rule.level.value}
    if rule.author:
        found["author"] = rule.author
    if rule.license:
        found["license"] = rule.license
    return found
