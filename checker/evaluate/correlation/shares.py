"""Split what correlations look at into shares that can be judged apart.

A correlation looks at one group at a time: whoever has all matches of a group can judge
it.  Correlations that build on one another are split together, by the groups that they
have in common; where they group by different fields, one share has all their matches.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from checker.evaluate.correlation.addresses import Label, nameless
from checker.evaluate.correlation.hit import Key, Signal
from checker.evaluate.correlation.plan import Field, Plan, Planned, origins
from checker.evaluate.correlation.readers import Group, reader
from checker.evaluate.correlation.step import Counts


class _Route(NamedTuple):
    """Where the matches of one detection rule go: a plan, and by which group.

    `group` None means that all go to one share; `direct` names the correlations that
    have the rule as their base.
    """

    plan: int
    group: Callable[[tuple[Key, ...]], Group] | None
    direct: tuple[str, ...]


class Shares:
    """The plans that can be judged apart, and where each match belongs."""

    def __init__(self, plan: Plan, label: Label = nameless) -> None:
        """Split a plan."""
        self._ungrouped: Counter[str] = Counter()
        self._routes: dict[str, list[_Route]] = {}
        below = origins(plan)
        parts = _connected(plan.steps)
        self.plans = tuple([Plan(steps, plan.carried, plan.quiet) for steps in parts])
        for number, part in enumerate(self.plans):
            apart = _is_grouped_alike(part, below)
            for planned in part.steps:
                for base in planned.bases:
                    if base.name in below:
                        continue
                    group = reader(planned, base, base.name, plan, label).group
                    self._add(
                        base.name, number, planned.rule.name, group if apart else None
                    )

    def _add(
        self,
        rule: str,
        plan: int,
        correlation: str,
        group: Callable[[tuple[Key, ...]], Group] | None,
    ) -> None:
        routes = self._routes.setdefault(rule, [])
        if routes and routes[-1].plan == plan:
            route = routes.pop()
            routes.append(route._replace(direct=(*route.direct, correlation)))
        else:
            routes.append(_Route(plan, group, (correlation,)))

    def of(self, hit: Signal) -> Iterator[tuple[int, int]]:
        """Yield the plan and a hash of the group, for each share that needs a match.

        The hash is the same in every process, and below 2^32.
        """
        for plan, group_of, direct in self._routes.get(hit.rule, ()):
            if group_of is None:
                yield plan, _spread(plan, ())
                continue
            group = group_of(hit.keys)
            if group is None or (isinstance(group, tuple) and None in group):
                self._ungrouped.update(direct)
            else:
                yield plan, _spread(plan, group)

    def counts(self) -> dict[str, Counts]:
        """Return how many matches `of` sent nowhere, which lack a value to group by."""
        return {
            name: Counts(ungrouped=number) for name, number in self._ungrouped.items()
        }


def _connected(steps: Sequence[Planned]) -> list[tuple[Planned, ...]]:
    """Put correlations that build on one another together, in the plan's order."""
    part_of: dict[str, int] = {}
    parts: dict[int, list[int]] = {}
    for number, planned in enumerate(steps):
        below = {part_of[base.name] for base in planned.bases if base.name in part_of}
        parts[number] = sorted(sum([parts.pop(each) for each in below], [number]))
        for each in parts[number]:
            part_of[steps[each].rule.name] = number
    return [tuple([steps[each] for each in part]) for part in parts.values()]


def _is_grouped_alike(plan: Plan, below: Mapping[str, set[str]]) -> bool:
    """Return whether a match is in the same group for all correlations of a part."""
    groups: dict[str, tuple[Field, ...]] = {}
    return all(
        groups.setdefault(origin, base.group) == base.group
        for planned in plan.steps
        for base in planned.bases
        for origin in below.get(base.name, {base.name})
    )


def _spread(plan: int, group: Group) -> int:
    parts = group if isinstance(group, tuple) else (group,)
    # Equal keys have equal texts here: 1 is 1.0, and texts hash otherwise elsewhere.
    texts = [each if isinstance(each, str) else str(hash(each)) for each in parts]
    named = "\x1f".join([str(plan), *texts])
    return zlib.crc32(named.encode("utf-8", "surrogatepass"))
