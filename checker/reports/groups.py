"""Count findings by rule, identity, resource or time, in bounded memory.

A report of any length is read once; what is kept is a number of groups, and for each
some counts.  Where there are more identities than that, the fewest findings are
forgotten first, and it is known that some were.
"""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, assert_never

import msgspec

from checker.model import AnyRule, Finding, Level
from checker.reports.json import encode, plain

MOST_GROUPS: Final = 1_000
"""How many groups are kept; up to twice as many are held for a while."""

MOST_NAMES: Final = 16
"""How many names of one kind a group keeps; up to twice as many for a while."""

_LONGEST: Final = 300
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_STRETCHES: Final = (13, 10, 7, 4)
"""As many characters of a time name its hour, day, month and year."""

_MOST_STRETCHES: Final = 40
_IDENTIFIES: Final = re.compile(
    r"requestParameters\.(?:\w+\.)*\w*(?:[Nn]ame|[Ii]d|Arn)"
)

_RANKS: Final = {level: rank for rank, level in enumerate(reversed(Level))}
_LEVELS: Final = tuple(reversed(Level))


class By(enum.Enum):
    """What findings can be grouped by."""

    RULE = "rule"
    IDENTITY = "identity"
    RESOURCE = "resource"
    TIME = "time"


class Names(Counter[str]):
    """How often each name came: the most frequent ones, if there are too many.

    `more` tells that some were forgotten, each with fewer findings than those here.
    """

    more = False

    def add(self, name: str) -> None:
        """Count a name once more."""
        self[name[:_LONGEST]] += 1
        if len(self) > 2 * MOST_NAMES:
            kept = self.ranked()[:MOST_NAMES]
            self.clear()
            self.update(dict(kept))
            self.more = True

    def ranked(self) -> list[tuple[str, int]]:
        """Return the names with their counts, most frequent first."""
        return sorted(self.items(), key=lambda item: (-item[1], item[0]))


class Group(msgspec.Struct):
    """Findings that have a rule, an identity or something else in common.

    `rule` is that of the worst finding.  `levels` counts them by level, worst first.
    Times are as the events have them.
    """

    label: str
    rule: AnyRule
    worst: Level = Level.INFORMATIONAL
    levels: list[int] = msgspec.field(default_factory=lambda: [0] * len(_LEVELS))
    first: str = ""
    last: str = ""
    names: Names = msgspec.field(default_factory=Names)
    accounts: Names = msgspec.field(default_factory=Names)
    regions: Names = msgspec.field(default_factory=Names)
    rules: Names = msgspec.field(default_factory=Names)

    @property
    def count(self) -> int:
        """Return the number of findings."""
        return sum(self.levels)

    @property
    def rank(self) -> tuple[object, ...]:
        """Return what groups are ordered by, the worst first."""
        return tuple(-number for number in self.levels), self.label

    def add(self, finding: Finding) -> None:
        """Count one finding more."""
        subject = finding.subject
        level = finding.level
        if level is not self.worst and level > self.worst:
            self.worst, self.rule = level, finding.rule
        self.levels[_RANKS[level]] += 1
        time = subject.get("eventTime")
        if time.__class__ is str and time:
            if not self.first or time < self.first:
                self.first = time
            self.last = max(self.last, time)
        name = identity(finding)
        name = text(subject.get("id")) if name is None else name
        if name:
            self.names.add(name)
        account = subject.get("accountId")
        if account:
            self.accounts.add(text(account))
        region = subject.get("awsRegion") or subject.get("region")
        if region:
            self.regions.add(text(region))
        self.rules.add(finding.rule.name)


Key: TypeAlias = Callable[[Finding], str]


class Groups:
    """The groups of one kind, as many as there is room for.

    `others` counts the findings of groups that were forgotten.
    """

    def __init__(self, by: By, most: int = MOST_GROUPS) -> None:
        """Begin with none."""
        self.by = by
        self.others = 0
        self._groups: dict[str, Group] = {}
        self._most = most
        self._stretch = 0
        self._key: Key = self._keys(by)

    def add(self, finding: Finding) -> None:
        """Count one finding in its group."""
        label = self._key(finding)
        group = self._groups.get(label)
        if group is None:
            # Rules are as many as were loaded; whatever events say has no end.
            if self.by is not By.RULE and len(self._groups) >= 2 * self._most:
                self._shrink()
                label = self._key(finding)
            group = self._groups.setdefault(label, Group(label, finding.rule))
        group.add(finding)

    def key(self, finding: Finding) -> str:
        """Return the label of the group that a finding belongs to."""
        return self._key(finding)

    def ranked(self) -> list[Group]:
        """Return the groups, the worst first; times in their order."""
        if self.by is not By.TIME:
            return sorted(self._groups.values(), key=lambda group: group.rank)
        while len(self._groups) > _MOST_STRETCHES and self._coarser():
            pass
        return sorted(self._groups.values(), key=lambda group: group.label)

    def __len__(self) -> int:
        """Return the number of groups that are kept."""
        return len(self._groups)

    def _keys(self, by: By) -> Key:
        match by:
            case By.RULE:
                return by_rule
            case By.IDENTITY:
                return lambda finding: (identity(finding) or "")[:_LONGEST]
            case By.RESOURCE:
                return lambda finding: resource(finding)[:_LONGEST]
            case By.TIME:
                return self._time
        assert_never(by)

    def _time(self, finding: Finding) -> str:
        time = finding.subject.get("eventTime")
        if time.__class__ is not str or not _TIME.match(time):
            return ""
        label: str = time[: _STRETCHES[self._stretch]]
        return label

    def _coarser(self) -> bool:
        """Put hours together to days, days to months; False when nothing is left."""
        if self._stretch + 1 == len(_STRETCHES):
            return False
        self._stretch += 1
        size, groups = _STRETCHES[self._stretch], self._groups
        self._groups = {}
        for label, group in groups.items():
            into = self._groups.setdefault(
                label[:size], Group(label[:size], group.rule)
            )
            _merge(into, group)
        return True

    def _shrink(self) -> None:
        """Make room: for times by longer stretches, else by forgetting the least."""
        if self.by is By.TIME and self._coarser():
            return
        ranked = sorted(self._groups.values(), key=lambda group: group.rank)
        self.others += sum(group.count for group in ranked[self._most :])
        self._groups = {group.label: group for group in ranked[: self._most]}


def _merge(into: Group, group: Group) -> None:
    if group.worst > into.worst:
        into.worst, into.rule = group.worst, group.rule
    into.levels = [a + b for a, b in zip(into.levels, group.levels, strict=True)]
    into.first = min(filter(None, (into.first, group.first)), default="")
    into.last = max(into.last, group.last)
    for mine, others in (
        (into.names, group.names),
        (into.accounts, group.accounts),
        (into.regions, group.regions),
        (into.rules, group.rules),
    ):
        mine.update(others)
        mine.more |= others.more


def by_rule(finding: Finding) -> str:
    """Return the rule's name, apart for findings of a lower level than the rule's."""
    return f"{finding.rule.name}\x1f" if finding.lowered else finding.rule.name


def identity(finding: Finding) -> str | None:
    """Return who did it: the principal, or the address; None for no event."""
    subject = finding.subject
    if subject["type"] != "event":
        return None
    return text(subject.get("principal") or subject.get("sourceIPAddress"))


def resource(finding: Finding) -> str:
    """Return what a finding is about: of an event, what its request names.

    That is the first name, id or ARN among the request's parameters that the finding
    shows as evidence; the service where there is none.
    """
    subject = finding.subject
    if subject["type"] != "event":
        return text(subject.get("id"))
    for name, value in finding.evidence.items():
        if value.__class__ is str and _IDENTIFIES.fullmatch(name):
            return str(value)
    return text(subject.get("eventSource"))


def text(value: object) -> str:
    """Return what an event holds in the place of a text, as text."""
    if value.__class__ is str:
        return str(value)
    return "" if value is None else encode(plain(value))


def count(groups: Groups, findings: Iterable[Finding]) -> Groups:
    """Count findings in their groups, and return those."""
    for finding in findings:
        groups.add(finding)
    return groups
