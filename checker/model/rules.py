"""Rules of each kind, as they were loaded."""

from __future__ import annotations

import enum
import functools
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from checker.conditions.outline import Outline
from checker.conditions.tree import Node
from checker.correlation_types import CorrelationType


@functools.total_ordering
class Level(enum.Enum):
    """How bad a finding is, in Sigma's words and order."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for informational up to 4 for critical."""
        return _RANKS[self]

    @property
    def lowered(self) -> Level:
        """Return the level one below: never below low, and low for what is at most."""
        return list(Level)[self.rank - 1] if self > Level.LOW else self

    def __lt__(self, other: Level) -> bool:
        return self.rank < other.rank


_RANKS = {level: rank for rank, level in enumerate(Level)}


class Related(msgspec.Struct, frozen=True):
    """Another rule that this one relates to: Sigma's `related` entry."""

    id: str
    type: str


class Suppression(msgspec.Struct, frozen=True):
    """A lint check that a rule means to trip, and why: an entry of its `lint` key."""

    ignore: str
    reason: str


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What every kind of rule carries: Sigma's own fields, with Sigma's meaning.

    https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html
    `path` and `line` say where the rule stands; `path` is relative to the working
    directory for a file given by the user and `rules/…` for the shipped pack.
    """

    path: str
    line: int
    title: str
    name: str
    id: str
    level: Level
    status: str
    description: str | None = None
    references: tuple[str, ...] = ()
    author: str | None = None
    date: str | None = None
    modified: str | None = None
    tags: tuple[str, ...] = ()
    logsource: Mapping[str, str] = msgspec.field(default_factory=dict)
    falsepositives: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    license: str | None = None
    controls: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    lint: tuple[Suppression, ...] = ()


class Detection(msgspec.Struct, frozen=True):
    """The `detection` block: named selections and the condition over them.

    `condition` is the whole rule lowered into one tree, in which every selection stands
    as a `Selection` node; `selections` keeps each by name, in the order of the file.
    `outline` is there when it was kept with the rule, and takes no part in equality.
    """

    selections: Mapping[str, Node]
    condition: Node
    outline: Outline | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Detection)
            and self.condition == other.condition
            and self.selections == other.selections
        )

    def __hash__(self) -> int:
        return hash(self.condition)

    @property
    def known_outline(self) -> Outline | None:
        """The outline, unless the condition has been replaced since."""
        known = self.outline
        return known if known is not None and known.node is self.condition else None


class DetectionRule(Rule, frozen=True, kw_only=True):
    """A rule over one event.

    The values of the `parameters` stand in the conditions as literals.  A finding on an
    event for which a selection of `lowered_by` holds has the next lower level.  The
    rules that `instead_of` names report nothing of an event that this one reports.
    """

    detection: Detection
    parameters: Mapping[str, Parameter] = msgspec.field(default_factory=dict)
    lowered_by: Mapping[str, Node] = msgspec.field(default_factory=dict)
    instead_of: tuple[str, ...] = ()


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """The `correlation` block: Sigma's, over the matches of other rules.

    `timespan` is in seconds.  `condition` maps an operator (`gt gte lt lte eq range`)
    and `field` to their values.  `aliases` maps an alias to {rule name: field path}.
    `labels`, trailcheck's own, maps a name to the path of an address: the field of that
    name is the label that a table of the user's gives the address.
    `silences` names the base rules that report nothing of their own, whatever their
    level, as Sigma has it.

    https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
    """

    type: CorrelationType
    rules: tuple[str, ...]
    timespan: int
    group_by: tuple[str, ...] = ()
    condition: Mapping[str, Any] = msgspec.field(default_factory=dict)
    aliases: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    generate: bool = False
    silences: tuple[str, ...] = ()


class CorrelationRule(Rule, frozen=True, kw_only=True):
    """A rule over the matches of other rules."""

    correlation: Correlation


class Parameter(msgspec.Struct, frozen=True):
    """A threshold or a list of a rule, which users can set.

    `type` is `integer`, `string` or `strings` (a list of text); `minimum` and `maximum`
    bound an integer.  `value` is in force: the default, or what a user's file says.
    """

    type: str
    default: object
    description: str
    value: object
    minimum: int | None = None
    maximum: int | None = None

    @property
    def is_set(self) -> bool:
        """Return whether a user has put another value in the place of the default."""
        return self.value != self.default


class Configuration(msgspec.Struct, frozen=True):
    """The `configuration` block: a requirement on each resource of a type.

    `resource` is a CloudFormation type name, or `AWS::::Account` for the whole
    snapshot.  `applies` absent means that the rule applies to each of them.  The values
    of the `parameters` stand in both as literals.
    """

    resource: str
    condition: Node
    applies: Node | None = None
    parameters: Mapping[str, Parameter] = msgspec.field(default_factory=dict)


class Remediation(msgspec.Struct, frozen=True):
    """How to fix a failing control: prose, an AWS CLI line, Terraform."""

    text: str
    cli: str | None = None
    terraform: str | None = None


class ConfigurationRule(Rule, frozen=True, kw_only=True):
    """A rule over one resource of a settings snapshot."""

    configuration: Configuration
    remediation: Remediation | None = None


AnyRule: TypeAlias = DetectionRule | CorrelationRule | ConfigurationRule


def parameters_of(rule: AnyRule) -> Mapping[str, Parameter]:
    """Return the parameters of a rule by name; a correlation has none."""
    match rule:
        case DetectionRule():
            return rule.parameters
        case ConfigurationRule():
            return rule.configuration.parameters
    return {}
