"""Count rules by what they have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from checker.model import AnyRule
from checker.reports.catalogue import services
from checker.reports.json import encode
from checker.reports.order import kind
from checker.reports.segments import Line, Segment, visible

_TECHNIQUE: Final = re.compile(r"t\d{4}(\.\d{3})?")

Keys: TypeAlias = Callable[[AnyRule], Iterable[str]]


def keys(others: Sequence[AnyRule], tactics: Collection[str]) -> Mapping[str, Keys]:
    """Return what rules can be counted by, each with the values of a rule.

    `others` are the rules that correlations build on, `tactics` ATT&CK's.
    """
    return {
        "kind": lambda rule: [kind(rule)],
        "level": lambda rule: [rule.level.value],
        "status": lambda rule: [rule.status],
        "service": lambda rule: services(rule, others),
        "tag": lambda rule: rule.tags,
        "tactic": lambda rule: [each for each in _attack(rule) if each in tactics],
        "technique": lambda rule: [
            each.upper() for each in _attack(rule) if _TECHNIQUE.fullmatch(each)
        ],
        "framework": lambda rule: rule.controls,
    }


def _attack(rule: AnyRule) -> list[str]:
    return [
        tag.removeprefix("attack.") for tag in rule.tags if tag.startswith("attack.")
    ]


def count(rules: Iterable[AnyRule], values: Keys) -> list[tuple[str, int]]:
    """Count the rules by value, the most frequent first; a rule counts for each value.

    Rules that have none are counted under "".
    """
    found: Counter[str] = Counter()
    for rule in rules:
        found.update(list(dict.fromkeys(values(rule))) or [""])
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def lines(counts: Sequence[tuple[str, int]]) -> Iterator[Line]:
    """Yield a line for each value."""
    width = max((len(str(number)) for _, number in counts), default=0)
    for value, number in counts:
        said = Segment(visible(value)) if value else Segment("none", "faint")
        yield (Segment(f"{number:>{width}}  ", "faint"), said)


def document(by: str, total: int, counts: Sequence[tuple[str, int]]) -> str:
    """Return the counts as one line of JSON."""
    rows = [{"value": value or None, "count": number} for value, number in counts]
    return encode({"by": by, "rules": total, "counts": rows}) + "\n"
