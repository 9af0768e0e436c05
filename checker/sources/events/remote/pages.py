"""Read the pages of an API that allows few requests a second.

A page that fails for a while is asked for again, with the same token, so that what came
before is not read twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from checker.sources.api.failures import BrokenAnswer, Failure, kind
from checker.sources.events import salvage
from checker.sources.events.remote import errors

TRIES: Final = 8
"""How often a page is asked for: with the waits between, for about two minutes."""

SILENT_TRIES: Final = 3
"""How often, if it brings no answer at all: each try takes its whole time limit."""

_LONGEST_WAIT: Final = 32.0


@dataclass
class Pace:
    """Keeps `interval` seconds between requests; the clock and sleep are seconds too.

    One Pace serves one thread.
    """

    interval: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=float("-inf"), init=False)

    def wait(self) -> None:
        """Wait until the next request may be made."""
        left = self._next - self.clock()
        if left > 0:
            self.sleep(left)
        self._next = self.clock() + self.interval

    def back_off(self, failed: int) -> None:
        """Wait longer after each failure: 1, 2, 4 … 32 seconds."""
        self.sleep(min(2.0 ** (failed - 1), _LONGEST_WAIT))


def pages(
    call: Callable[..., dict[str, Any]], pace: Pace, **parameters: Any
) -> Iterator[dict[str, Any]]:
    """Return every page, by the `nextToken` (or `NextToken`) of the one before.

    Raises what the call does, once it has failed `TRIES` times or will not do better.
    """
    name = token = None
    seen: set[str] = set()
    while True:
        asked = {**parameters, name: token} if name else parameters
        page = _page(call, pace, asked)
        yield page
        name = next((key for key in ("NextToken", "nextToken") if page.get(key)), None)
        if name is None:
            return
        token = page[name]
        if token in seen:
            raise BrokenAnswer("a page names itself as the next one")
        seen = {token}


def _page(
    call: Callable[..., dict[str, Any]], pace: Pace, asked: dict[str, Any]
) -> dict[str, Any]:
    failed = 0
    while True:
        pace.wait()
        try:
            return call(**asked)
        except errors.failures() as error:
            failed += 1
            silent = kind(errors.code(error)) is Failure.SILENT
            end = SILENT_TRIES if silent else TRIES
            if failed >= end or not errors.passes(error):
                raise
            pace.back_off(failed)


def line(event: object, envelope: dict[str, Any]) -> bytes:
    """Return an event's own JSON text as one line; what is none stays in its envelope.

    The shapes unwrap it, and say what is wrong with it.
    """
    if isinstance(event, str):
        text = event.strip().encode("utf-8", "replace")
        if text[:1] == b"{" and b"\n" not in text and salvage.is_valid(text):
            return text + b"\n"
    return json.dumps(envelope).encode() + b"\n"
