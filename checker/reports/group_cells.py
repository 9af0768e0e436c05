"""Write in few words what a group of findings has in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from checker.model import Level
from checker.reports.groups import By, Group, Names
from checker.reports.segments import visible

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")
_WORDS: Final = {Level.INFORMATIONAL: "info"}
NOUNS: Final = {
    By.RULE: "rule",
    By.IDENTITY: "identity",
    By.RESOURCE: "resource",
    By.TIME: "time",
}
_PLURALS: Final = {By.IDENTITY: "identities", By.TIME: "times"}


def level_word(level: Level) -> str:
    """Return the word for a level in the margin of a line."""
    return _WORDS.get(level, level.value)


def plural(number: int, by: By) -> str:
    """Return so many groups in words: `3 identities`."""
    noun = NOUNS[by]
    return f"{number:,} {noun if number == 1 else _PLURALS.get(by, f'{noun}s')}"


def distinct(names: Sequence[tuple[str, str]]) -> list[str]:
    """Return short names; those that are the same with the account of their ARN."""
    times = Counter(short_name for short_name, _ in names)
    return [
        f"{name} in {visible(whole.split(':')[4])}"
        if times[name] > 1 and whole.count(":") > 4
        else name
        for name, whole in names
    ]


def label(group: Group, by: By, *, whole: bool = False) -> str:
    """Return what a group is called; an ARN without its account, unless `whole`."""
    shown = visible if whole else short
    match by:
        case By.RULE:
            return visible(group.rule.name)
        case By.IDENTITY:
            return shown(group.label) or "no identity (settings)"
        case By.RESOURCE:
            return shown(group.label) or "no resource"
        case By.TIME:
            hour = ":00" * ("T" in group.label)
            return f"{visible(group.label).replace('T', ' ')}{hour}" or "no time"


def who(group: Group) -> str:
    """Return the most frequent identity or resource, and how many there are besides."""
    return _most(group.names, short)


def rules(group: Group) -> str:
    """Return the rule with the worst finding, and how many there are besides."""
    return f"{visible(group.rule.name)}{_more(group.rules)}"


def _most(names: Names, shown: Callable[[str], str]) -> str:
    """Return the most frequent name, and how many there are besides."""
    ranked = names.ranked()
    if not ranked:
        return ""
    return f"{shown(ranked[0][0])}{_more(names)}"


def _more(names: Names) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return f"{more}{' or more' * names.more}"


def where(group: Group, *, accounts: bool) -> str:
    """Return the Region, or how many; and so the account, if that is asked."""
    regions, owners = group.regions.ranked(), group.accounts.ranked()
    told = [
        visible(names[0][0]) if len(names) == 1 else f"{len(names)} {noun}"
        for names, noun in (
            (owners if accounts else [], "accounts"),
            (regions, "Regions"),
        )
        if names
    ]
    return " ".join(told)


def short(name: str) -> str:
    """Return a name as people say it: of an ARN only what follows the account."""
    parts = name.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn" and parts[5]:
        name = parts[5].removeprefix("assumed-role/")
    return visible(name, 300)


def when(first: str, last: str, *, wide: bool) -> str:
    """Return the first and the last time, as short as they allow."""
    begin, end = _TIME.match(first), _TIME.match(last)
    if not begin or not end:
        return visible(first, 20)
    (day, time), (last_day, last_time) = begin.groups(), end.groups()
    if (day, time) == (last_day, last_time):
        return f"{day} {time}"
    if day == last_day:
        return f"{day} {time} to {last_time}"
    if wide:
        return f"{day} {time} to {last_day} {last_time}"
    same = day[:5] == last_day[:5]
    return f"{day} to {last_day[5:] if same else last_day}"
