"""The collector is stopped while a run goes on, and no longer."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from checker.parallel import gc_pause
from checker.parallel.gc_pause import gc_paused


@pytest.fixture(autouse=True)
def nothing_is_frozen() -> Iterator[None]:
    """Look at all there is, as in a process that has just begun."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_it_is_as_it_was_afterwards() -> None:
    gc.enable()
    with gc_paused():
        assert not gc.isenabled()
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
        assert gc.get_freeze_count()
    assert gc.isenabled()
    assert not gc.get_freeze_count()


def test_it_is_as_it_was_after_an_error() -> None:
    gc.enable()
    with pytest.raises(KeyboardInterrupt), gc_paused():
        raise KeyboardInterrupt
    assert gc.isenabled()


def test_cycles_are_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    monkeypatch.setattr(gc_pause, "_EVERY", 2)
    with gc_paused() as step:
        gone = weakref.ref(Cycle())
        step()
        assert gone() is not None
        step()
        assert gone() is None


def test_what_came_meanwhile_is_not_looked_at_at_once() -> None:
    gc.enable()
    with gc_paused():
        kept = [[number] for number in range(10_000)]
        young = gc.get_count()[0]
    assert young > len(kept) / 2
    assert gc.get_count()[0] < 1_000
