"""Let Ctrl-C wait until a piece of work is whole."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any, Self


@contextlib.contextmanager
def defer_sigint() -> Iterator[None]:
    """Hold Ctrl-C back: it is raised at the end, where the system can do that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Patience:
    """Let the first Ctrl-C end the reading, but not the report of what was read.

    Use it as a context manager.  It is raised at once until `hold` is called; after
    that the first is only remembered, and a second one is raised.
    """

    def __init__(self) -> None:
        """Begin without waiting for anything."""
        self.interrupted = False
        self._holds = False
        self._before: Any = None

    def __enter__(self) -> Self:
        """Take Ctrl-C over, where it is not ignored and this thread may."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            with contextlib.suppress(ValueError):
                self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Restore Ctrl-C."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def hold(self) -> None:
        """From here on, finish what was begun."""
        self._holds = True

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        first, self.interrupted = not self.interrupted, True
        if not (self._holds and first):
            raise KeyboardInterrupt
