"""Count the findings of each rule: how many, when, and by whom.

One line a rule is what a person looks at first, be it on a page or in a comment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from checker.model import Acceptance, AnyRule, Finding, Level, Status
from checker.reports.groups import identity, text

MOST_NAMES: Final = 500
"""How many identities or resources of one rule are told apart."""

OPEN: Final = (
    Status.FAIL,
    Status.BLIND,
    Status.PARTIAL,
    Status.ERROR,
    Status.UNKNOWN,
)
"""What somebody has to look at, the worst first."""


@dataclass(slots=True)
class RuleCounts:
    """The findings of one rule at one level.

    `names` counts identities (of events) or resources; `unnamed` findings have one that
    came when there were too many.  Times are as the events have them.
    """

    rule: AnyRule
    level: Level
    statuses: Counter[Status] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0
    first: str = ""
    last: str = ""

    @property
    def open(self) -> int:
        """Return how many findings somebody has to look at."""
        return sum(self.statuses[each] for each in OPEN)

    def outcomes(self) -> str:
        """Return the number of findings by status: `2 fail, 1 unknown`."""
        return ", ".join(
            f"{self.statuses[each]:,} {each.value.replace('_', ' ')}"
            for each in (*OPEN, Status.NOT_APPLICABLE, Status.PASS, Status.VISIBLE)
            if self.statuses[each]
        )


class Overview:
    """The counts of every rule, in the order in which the findings come.

    `accepted` counts the findings that an exception covers, by the title of their rule
    and what the exception says; `accounts` are those of the findings.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._rules: dict[tuple[str, Level], RuleCounts] = {}
        self.accepted: Counter[tuple[str, Acceptance]] = Counter()
        self.accounts: set[str] = set()

    def add(self, finding: Finding) -> None:
        """Count one finding."""
        key = (finding.rule.name, finding.level)
        counts = self._rules.get(key)
        if counts is None:
            counts = self._rules[key] = RuleCounts(finding.rule, finding.level)
        if len(self.accounts) < MOST_NAMES:
            self.accounts.update(filter(None, [text(finding.subject.get("accountId"))]))
        if finding.suppressed:
            self.accepted[finding.rule.title, finding.suppressed] += 1
            return
        counts.statuses[finding.status] += 1
        if finding.status not in OPEN:
            return
        time = text(finding.subject.get("eventTime"))
        if time:
            counts.first = min(counts.first or time, time)
            counts.last = max(counts.last, time)
        name = _name(finding)
        if name in counts.names or len(counts.names) < MOST_NAMES:
            counts.names[name] += 1
        else:
            counts.unnamed += 1

    def __iter__(self) -> Iterator[RuleCounts]:
        """Yield the counts of each rule and level."""
        yield from self._rules.values()


def _name(finding: Finding) -> str:
    """Return who or what a finding is about.

    That is the identity of an event, or the address it came from; the id of a resource;
    and of a rule that would not fire what it lacks.
    """
    if finding.subject["type"] == "rule":
        return finding.message
    who = identity(finding)
    return text(finding.subject.get("id")) if who is None else who
