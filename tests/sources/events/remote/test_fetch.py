"""What is remote is read ahead, in order, within bounds, and left behind clean."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.model import Unreadable
from checker.sources.events import files
from checker.sources.events.compression import StreamError
from checker.sources.events.remote import fetch
from checker.sources.events.remote.fetch import fetching
from checker.sources.events.remote.query import Blocks, Remote

LINE = b'{"eventVersion":"1.11","eventName":"x","eventSource":"y"}\n'


class Meter:
    """Counts what is under way and held at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.started = 0
        self.busy = self.most = 0

    def remote(self, number: int, size: int = 10, wait: float = 0.0) -> Remote:
        def whole() -> bytes:
            with self.lock:
                self.started += 1
                self.busy += 1
                self.most = max(self.most, self.busy)
            time.sleep(wait)
            with self.lock:
                self.busy -= 1
            return b"%d" % number

        return Remote(f"s3://b/{number}", size, _none, whole)


def _none() -> Blocks:
    return iter(())


def test_inputs_come_in_their_order_however_long_each_takes() -> None:
    meter = Meter()
    local = files.Input("a.json", "a.json", 5)
    bad = Unreadable("b", None, "no")
    found = [meter.remote(each, wait=0.02 * (each % 3 == 0)) for each in range(40)]

    with fetching([local, *found[:20], bad, *found[20:]]) as ready:
        given = list(ready)

    assert given[0] is local
    assert given[21] is bad
    data = [each.data for each in given if isinstance(each, files.Input) and each.data]
    assert data == [b"%d" % number for number in range(40)]
    assert 1 < meter.most <= 16


def test_no_more_is_asked_for_than_may_be_held() -> None:
    meter = Meter()
    sizes = fetch.MOST_BYTES // 4

    with fetching(meter.remote(each, size=sizes) for each in range(100)) as ready:
        for number in range(5):
            next(ready)
            assert meter.started <= number + 5

    assert meter.started <= 9


def test_no_more_is_asked_for_than_is_soon_wanted() -> None:
    meter = Meter()

    with fetching(meter.remote(each) for each in range(1_000)) as ready:
        next(ready)

    assert meter.started <= fetch.AHEAD + 1


def test_an_input_that_is_larger_than_all_that_may_be_held_is_read_alone() -> None:
    meter = Meter()
    large = 2 * fetch.MOST_BYTES

    with fetching(meter.remote(each, size=large) for each in range(3)) as ready:
        assert len(list(ready)) == 3

    assert meter.most == 1


def slow(
    blocks: list[bytes | StreamError], gate: threading.Event | None = None
) -> Remote:
    def read() -> Iterator[bytes | StreamError]:
        for block in blocks:
            yield block
            if gate is not None:
                gate.wait(10)

    return Remote("logs://x", 0, read, slow=True)


def test_pages_are_read_while_others_are_worked_on() -> None:
    gate = threading.Event()
    first, second = slow([LINE] * 3, gate), slow([LINE] * 2)

    with fetching([first, second]) as ready:
        one, two = ready
        assert isinstance(one, files.Input)
        assert isinstance(two, files.Input)
        # The second has been read although nobody took anything of the first.
        (batch,) = files.read(two)
        gate.set()
        (other,) = files.read(one)

    assert not isinstance(batch, Unreadable)
    assert not isinstance(other, Unreadable)


def test_damage_comes_after_what_was_read() -> None:
    with fetching([slow([LINE, LINE, StreamError("it broke", intact=True)])]) as ready:
        (found,) = ready
        assert isinstance(found, files.Input)
        batch, problem = files.read(found)

    assert not isinstance(batch, Unreadable)
    assert problem == Unreadable(
        "logs://x", None, "it broke; the 2 whole events before that were read"
    )


def test_a_mistake_in_a_thread_is_raised_where_its_events_are_wanted() -> None:
    def read() -> Blocks:
        yield LINE
        raise ZeroDivisionError

    with fetching([Remote("logs://x", 0, read, slow=True)]) as ready:
        (found,) = ready
        assert isinstance(found, files.Input)
        with pytest.raises(ZeroDivisionError):
            list(files.read(found))


def test_nothing_stays_behind_when_the_work_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gate = threading.Event()
    before = threading.active_count()
    meter = Meter()

    def work() -> None:
        found = [slow([LINE] * 9, gate), *map(meter.remote, range(200))]
        with fetching(found) as ready:
            next(ready)
            next(ready)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()

    gate.set()
    for _ in range(200):
        if threading.active_count() == before:
            break
        time.sleep(0.01)
    assert threading.active_count() == before
    assert list(tmp_path.iterdir()) == []
    assert meter.started < 200


def test_whoever_waits_is_told_what_comes() -> None:
    gate = threading.Event()
    told: list[tuple[int, str]] = []

    def tell(size: int, label: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append((size, label))
        gate.set()

    with fetching([slow([LINE] * 2, gate)], tell) as ready:
        (found,) = ready
        assert isinstance(found, files.Input)
        list(files.read(found))

    assert sum(size for size, _ in told) == 2 * len(LINE)
    assert {label for _, label in told} == {"logs://x"}
