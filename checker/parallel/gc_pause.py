"""Keep Python's garbage collector from walking what a run holds.

Rules, and what is known of values, stay as long as the run; matches are many and hold
no cycles.  The collector would walk them again and again, for a third of the time.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator

_EVERY = 256
"""How many inputs are read between two looks for cycles among what is new."""


@contextlib.contextmanager
def gc_paused() -> Iterator[Callable[[], None]]:
    """Stop the collector; call what this gives after each input, in its place."""
    was = gc.isenabled()
    # What is there already is not looked at, unless somebody else wants to say so.
    freezes = not gc.get_freeze_count()
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count % _EVERY == 0:
            gc.collect(1)

    gc.disable()
    if freezes:
        gc.freeze()
    try:
        yield step
    finally:
        if freezes:
            # What has come meanwhile goes to the oldest, which are seldom looked at.
            gc.freeze()
            gc.unfreeze()
        if was:
            gc.enable()
