"""How fast are matches correlated, and how much memory does each group take?

    python benchmarks/bench_correlation.py [matches] [groups]

Bar: 300,000 matches a second on one core for counts, over 100,000 groups.  Reports the
ratio to a plain loop that only counts the groups, because a shared machine's absolute
times mean little.  `sorted on disk` adds what it costs to put matches that are more
than memory may hold into the order of time.
"""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
import uuid
from collections.abc import Iterator

from checker.correlation_types import CorrelationType
from checker.evaluate import correlation
from checker.evaluate.correlation import (
    GROUP_BYTES,
    HIT_BYTES,
    Correlator,
    Plan,
    Signal,
)
from checker.model import Correlation, CorrelationRule, DetectionRule, Level
from checker.spill.external_sort import Sorter

COMMON = {"path": "x.yml", "line": 1, "status": "test", "level": Level.LOW}
DAY = 86_400_000
ABOUT = (
    "cognito-idp.amazonaws.com",
    "InitiateAuth",
    "us-east-1",
    "123456789012",
    "192.0.2.10",
)


def plan(kind: str, **block: object) -> Plan:
    base = DetectionRule(
        **COMMON,  # type: ignore[arg-type]  # what all rules have
        title="Base",
        name="base",
        id="1",
        detection=None,  # type: ignore[arg-type]  # nobody evaluates it
    )
    rule = CorrelationRule(
        **COMMON,  # type: ignore[arg-type]  # what all rules have
        title="Many",
        name="many",
        id="2",
        correlation=Correlation(
            type=CorrelationType(kind),
            rules=("base",),
            timespan=600,
            group_by=("ip",),
            **block,  # type: ignore[arg-type]  # a correlation's own
        ),
    )
    return correlation.plan([base, rule])


def hits(count: int, groups: int, fields: int) -> Iterator[Signal]:
    rng = random.Random(1)
    names = [f"192.0.2.{n}" for n in range(groups)]
    values = [f"user{n}" for n in range(1000)]
    times = sorted(rng.randrange(DAY) // 1000 * 1000 for _ in range(count))
    # Half of the matches come from one in a hundred groups, as attacks do.
    for n, at in enumerate(times):
        some = groups if rng.random() < 0.5 else max(1, groups // 100)
        keys: tuple[str | int, ...] = (names[rng.randrange(some)],)
        if fields > 1:
            keys += (values[n % 1000] if fields == 2 else n % 5000,)
        yield Signal(at, f"{n:036}", "base", "base", keys)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    groups = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    cases = [
        ("event_count", 1, {"condition": {"gte": 10}}),
        ("value_count", 2, {"condition": {"field": "v", "gte": 10}}),
        ("value_sum", 3, {"condition": {"field": "v", "gte": 10**6}}),
        ("value_median", 3, {"condition": {"field": "v", "gte": 4900}}),
        ("temporal", 1, {}),
        ("temporal_ordered", 1, {}),
    ]
    for kind, fields, block in cases:
        some = list(hits(count, groups, fields))
        planned = plan(kind, **block)
        start = time.process_time()
        tally: dict[object, int] = {}
        for hit in some:
            tally[hit.keys[0]] = tally.get(hit.keys[0], 0) + 1
        plain = time.process_time() - start
        start = time.process_time()
        found = correlation.correlate(planned, some)
        took = time.process_time() - start
        random.Random(2).shuffle(some)
        start = time.process_time()
        again = correlation.correlate(planned, some)
        shuffled = time.process_time() - start
        assert again == found
        start = time.process_time()
        sorter = Sorter()
        sorter.add(some)
        once_more = correlation.correlate(planned, sorter.drain(), ordered=True)
        disk = time.process_time() - start
        assert once_more == found
        print(
            f"{kind:17} {count / took:>9,.0f}/s sorted {count / shuffled:>9,.0f}/s "
            f"shuffled {count / disk:>9,.0f}/s sorted on disk  "
            f"{took / plain:4.1f} x a plain count  {len(found.bursts):,} bursts"
        )
    memory(groups)


def memory(groups: int) -> None:
    """Measure what a group holds, its events included (`correlation.correlate`)."""
    for each in (1, 10, 40):
        some = groups // each
        correlator = Correlator(plan("event_count", condition={"gte": 50}))
        tracemalloc.start()
        correlator.feed(
            full(f"192.0.2.{n}", i) for i in range(each) for n in range(some)
        )
        held = tracemalloc.get_traced_memory()[0] / some
        tracemalloc.stop()
        bound = GROUP_BYTES + each * HIT_BYTES
        print(
            f"{held:8,.0f} bytes a group that holds {each} events "
            f"({bound:,} are promised)"
        )
        assert held <= bound


def full(group: str, at: int) -> Signal:
    """Make a hit as a scan makes it, with a subject and a place of its own."""
    event = str(uuid.uuid4())
    about = ("2026-11-20T09:00:00Z", *ABOUT, f"arn:aws:iam::123456789012:user/{event}")
    place = tuple(at * 1000 + n for n in range(6))
    keys = (group, f"{event}@example.com")
    return Signal(
        at, event, "base", "base", keys, None, None, "a.json", at, about, place
    )


if __name__ == "__main__":
    main()
