"""The model of a cluster: time grows with the events, the driver does not."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from pathlib import Path

import pytest

from checker.run.cluster import sizes

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
cluster = importlib.import_module("cluster_model")

YEAR = cluster.Lake(objects=10**8, events=1_000)
DRIVER = "driver, Python"
TASKS = "driver, Spark's table of tasks"


def test_the_driver_holds_no_more_for_a_thousand_times_the_events() -> None:
    small = cluster.model(dataclasses.replace(YEAR, objects=10**6), 64).peaks
    large = cluster.model(dataclasses.replace(YEAR, objects=10**9), 64).peaks

    assert large[DRIVER] == small[DRIVER]
    assert large[TASKS] <= sizes.MOST_SHARES * (sizes.MOST_BUCKETS + 500)


def test_twice_the_cores_take_half_the_time_but_for_the_largest_folder() -> None:
    one, two = (cluster.model(YEAR, cores) for cores in (64, 128))

    listing, *others = zip(one.rounds, two.rounds, strict=True)
    assert all(1.9 < few.seconds / many.seconds < 2.1 for few, many in others)
    assert listing[0].seconds == pytest.approx(listing[1].seconds, rel=0.05)
    assert two.dollars == pytest.approx(one.dollars, rel=0.1)


def test_tasks_wait_for_a_free_core() -> None:
    # By hand: 3 and 2 begin, 2 follows the 2 and ends at 4, 1 follows the 3.
    found = cluster.run("it", [3.0, 2.0, 2.0, 1.0], cores=2)

    assert (found.tasks, found.seconds, found.busy) == (4, 4.0, 8.0)


def test_small_objects_are_packed_by_their_number() -> None:
    few = sizes.shares(weight=10**6 * (100 + sizes.OBJECT), count=10**6, cores=8)
    large = sizes.shares(weight=10 * (1 << 30), count=10, cores=8)

    assert 10**6 / few == pytest.approx(sizes.SHARE / sizes.OBJECT, rel=0.02)
    assert large == 10 * (1 << 30) // sizes.SHARE
    assert sizes.shares(weight=100, count=3, cores=8) == 3
