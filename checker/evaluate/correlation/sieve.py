"""Choose the matches that some correlation has to look at; others are not judged."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from checker.evaluate.correlation.addresses import Label
from checker.evaluate.correlation.hit_columns import HitColumns
from checker.evaluate.correlation.plan import Plan
from checker.evaluate.correlation.prospects import Prospect
from checker.evaluate.correlation.readers import Reader, reader


class Sieve:
    """Chooses the matches that some correlation has to look at."""

    def __init__(
        self, plan: Plan, label: Label, prospects: Mapping[str, Prospect]
    ) -> None:
        """Take what each correlation has to look at; of one not there, everything."""
        self._all: set[str] = set()
        self._some: dict[str, list[tuple[Reader, Prospect]]] = {}
        for planned in plan.steps:
            prospect = prospects.get(planned.rule.name)
            for base in planned.bases:
                if base.name not in plan.carried:
                    continue
                if prospect is None:
                    self._all.add(base.name)
                elif prospect.stretches:
                    how = reader(planned, base, base.name, plan, label)
                    self._some.setdefault(base.name, []).append((how, prospect))

    def rows(self, hits: HitColumns) -> list[int]:
        """Return the rows of the matches to look at."""
        found: set[int] = set()
        for rule, rows in hits.by_rule().items():
            if rule in self._all:
                found.update(rows)
            elif rule in self._some:
                found.update(self._chosen(hits, rows, self._some[rule]))
        return sorted(found)

    @staticmethod
    def _chosen(
        hits: HitColumns, rows: Sequence[int], ways: Iterable[tuple[Reader, Prospect]]
    ) -> Iterator[int]:
        keys, times, shared = hits.keys(rows), hits.times_at(rows), hits.shared
        has_shared = any(map(shared.__getitem__, rows))
        for how, prospect in ways:
            groups = list(map(how.group, keys))
            stretches = zip(
                groups, [time // prospect.width for time in times], strict=True
            )
            yield from itertools.compress(
                rows, map(prospect.stretches.__contains__, stretches)
            )
            if has_shared:
                for row, group in zip(rows, groups, strict=True):
                    if shared[row] is not None and group in prospect.groups:
                        yield row
