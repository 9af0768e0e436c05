"""Frameworks: what each asks, and what settings say of it.

Like `model` it has no behaviour of a room: `rules` reads the tables of `frameworks/`,
`evaluate` judges their requirements, and reports write the answers.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec


class Disagreement(msgspec.Struct, frozen=True):
    """A rule that `only` one of the peers ties to a requirement."""

    rule: str
    only: str


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement of a framework.

    `manual` says why no settings can tell; `unjudged` why no rule looks at those that
    can; `partly` what the rules leave out.  `rules` are those that a table of the user
    names, besides those whose `controls` name the requirement.
    """

    id: str
    title: str
    source: str
    manual: str | None = None
    unjudged: str | None = None
    partly: str | None = None
    rules: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """A table of requirements.

    `includes` are other frameworks whose ids are ids of this one, `sources` the web
    pages that the ids come from, by the word that requirements name them by.
    `complete` tells whether every requirement is listed.
    """

    name: str
    title: str
    publisher: str
    complete: bool
    sources: Mapping[str, str]
    requirements: tuple[Requirement, ...]
    about: str | None = None
    aliases: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()


class Answer(enum.Enum):
    """What is found of a requirement; the worst first."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    PASS = "pass"  # noqa: S105 - an answer, not a password
    NOT_APPLICABLE = "not_applicable"


class Behind(msgspec.Struct, frozen=True):
    """A rule behind a requirement.

    `outcomes` counts its outcomes by status; a rule that was left out has none.
    `parameters` are those that a user has set: name → (value, default).  `accepted`
    says by whom, how long and why some of the outcomes are covered by exceptions.
    """

    rule: str
    outcomes: Mapping[str, int]
    parameters: Mapping[str, tuple[object, object]] = msgspec.field(
        default_factory=dict
    )
    accepted: tuple[str, ...] = ()


class Judged(msgspec.Struct, frozen=True):
    """What the settings say of one requirement, why, and the rules behind it."""

    requirement: Requirement
    answer: Answer
    reason: str
    rules: tuple[Behind, ...]


class Judgement(msgspec.Struct, frozen=True):
    """What the settings say of each requirement of a framework, in its order."""

    framework: Framework
    requirements: tuple[Judged, ...]

    def counts(self) -> dict[Answer, int]:
        """Count the requirements by their answer; answers that none has are 0."""
        found = [each.answer for each in self.requirements]
        return {answer: found.count(answer) for answer in Answer}
