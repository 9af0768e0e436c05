"""Describe what lint reports: a problem, and the checks that find them."""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass

import msgspec

MOST = 50
"""How many problems of one kind a rule is told of; the rest come after the mending."""


@functools.total_ordering
class Severity(enum.Enum):
    """How sure it is that a rule does not do what its author thinks."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info up to 2 for error."""
        return list(Severity).index(self)

    def __lt__(self, other: Severity) -> bool:
        return self.rank < other.rank


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one rule file.

    `check` is a key of `CHECKS`; `line` and `column` count from 1; `rule` is the rule's
    name where the file has one; `fix` says what to write instead.
    """

    check: str
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    fix: str = ""
    rule: str | None = None


class Check(msgspec.Struct, frozen=True):
    """One check: its severity unless a problem says otherwise, and why it is there."""

    severity: Severity
    summary: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

CHECKS: dict[str, Check] = {
    # The file and its shape.
    "file": Check(_E, "The file can be read and is UTF-8 text."),
    "yaml": Check(_E, "The file is strict YAML: no aliases, tags or duplicate keys."),
    "schema": Check(_E, "The file fits the schema of its kind of rule."),
    "condition": Check(_E, "Every condition parses, and names what exists."),
    # The rule among the others.
    "duplicate-name": Check(_E, "No two rules have one name."),
    "duplicate-id": Check(_E, "No two rules have one id; an id is never used again."),
    "duplicate-logic": Check(_W, "No two rules count or match the same."),
    "related-unknown": Check(_W, "Every related rule is in the folder."),
    "rule-unknown": Check(_E, "Every rule that a correlation counts is in the folder."),
    "dialect-unclear": Check(
        _W, "A file beside Sigma's rules is surely of one dialect or the other."
    ),
    "sigma-doubtful": Check(_W, "A Sigma rule says what it seems to say."),
    "reported-twice": Check(_W, "No two rules report one event."),
    "precedence-unknown": Check(_E, "A rule stands in for detections that are here."),
    "precedence-circle": Check(_E, "No rule stands in for itself, by way of others."),
    "precedence-level": Check(_W, "A rule does not stand in for a more severe one."),
    "precedence-unused": Check(_W, "An event can satisfy a rule and its stand-in."),
    # What it says about itself.
    "title-form": Check(
        _W, "The title is short, and has no article before it or full stop after it."
    ),
    "duplicate-title": Check(_W, "No two rules have one title."),
    "description-missing": Check(_W, "The description says what to do next."),
    "false-positives-missing": Check(_I, "A detection names its false positives."),
    "placeholder": Check(_E, "No text is one that `trailcheck new` wrote, or a TODO."),
    "cases-missing": Check(_W, "A rule has test cases beside it."),
    "logsource-wrong": Check(_E, "The logsource is CloudTrail."),
    "reference-form": Check(_W, "References are https links that can work."),
    "date-invalid": Check(
        _E, "Dates are in the calendar; modified is not before date."
    ),
    "status-level": Check(_I, "A rule that pages somebody is past its trial."),
    "tag-unknown": Check(_W, "Tags are of a namespace and form that tools know."),
    "attack-unknown": Check(_W, "ATT&CK tags name a tactic or technique that exists."),
    "attack-renamed": Check(_W, "A technique that v19 renamed is tagged by both ids."),
    "attack-tactic": Check(_W, "A technique has one of its tactics beside it."),
    "control-unknown": Check(_W, "Controls name a framework and an id of its form."),
    "suppression-unknown": Check(_E, "A suppression names a check that exists."),
    "suppression-unused": Check(_W, "A suppression silences something."),
    # What it says about events.
    "missing-event-source": Check(_W, "A rule that names events pins eventSource."),
    "event-source-unknown": Check(_W, "The eventSource is one that AWS uses."),
    "event-not-in-service": Check(_E, "The eventSource has the eventName."),
    "iam-action-not-event": Check(_E, "An eventName is an API call, not a permission."),
    "event-version-suffix": Check(_W, "Lambda's and CloudFront's dated names match."),
    "unknown-field": Check(_E, "Every path can exist in the record."),
    "list-without-projection": Check(_E, "A path opens the lists that it crosses."),
    "projection-without-list": Check(_E, "Brackets stand behind a list only."),
    "object-used-as-string": Check(_E, "Text functions get text, not objects."),
    "literal-that-is-a-field-path": Check(_E, "A field path does not stand in quotes."),
    "impossible-value": Check(_E, "A field is compared with values that it can have."),
    "type-mismatch": Check(_E, "Booleans, text and numbers are compared as such."),
    "wildcard-in-text": Check(_E, "No text has wildcards: they are functions here."),
    "masked-value": Check(_W, "No comparison with the text that AWS masks values by."),
    # What it decides.
    "no-outcome-guard": Check(_W, "A title that claims success asks for success."),
    "title-contradiction": Check(_W, "Title and condition agree about the outcome."),
    "federated-mfa": Check(_W, "MFA fields are read only where they mean something."),
    "half-of-the-calls": Check(_W, "A parameter is read in each place it can be."),
    "either-or-guard": Check(_W, "Event source and name are pinned together."),
    "always-false": Check(_E, "The condition, and each part of it, can hold."),
    "always-true": Check(_E, "The condition, and each part of it, can fail."),
    "redundant-clause": Check(_W, "No clause follows from the others."),
    "selection-unused": Check(_E, "Every selection is used by the condition."),
    "silenced-by-claim": Check(
        _E, "No user agent, and no service on behalf of a caller, silences a rule."
    ),
    "slow-rule": Check(_W, "The condition requires something to look events up by."),
    # Exceptions, in their own files.
    "exception-expired": Check(_E, "An exception has not expired."),
    "exception-rule": Check(_E, "An exception names a rule that exists."),
    "exception-field": Check(
        _E, "What an exception asks for is in findings of a rule."
    ),
    "exception-far": Check(_W, "An exception ends within a year."),
    "exception-ends-soon": Check(_I, "An exception does not end within two weeks."),
    "exception-twice": Check(_W, "No two exceptions of a file are the same."),
    "exception-claim": Check(_W, "No exception believes what a caller says of itself."),
}
"""Every check by its stable name, in the order of the documentation."""
