"""Show how far a long run has come, on a terminal and nowhere else.

The bar appears only when a run takes longer than a moment, so that a short one neither
flickers nor pays for importing rich.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, TextIO, TypeAlias

from checker.reports.segments import visible

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_PATIENCE: Final = 0.5
"""Seconds before the bar appears."""

_LABEL: Final = 40


class Progress(Protocol):
    """What a driver tells while it works; use it as a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def advance(self, size: int, label: str) -> None:
        """Describe that `size` more bytes are done, of the input named `label`."""

    def close(self) -> None:
        """Show nothing any more."""


Total: TypeAlias = "Callable[[], int | None] | int | None"
"""How much is to come, None if that is not known; a function is asked for it late."""


def progress(
    stream: TextIO,
    *,
    total: Total,
    environ: Mapping[str, str],
    quiet: bool,
    noun: str | None = None,
) -> Progress:
    """A bar on `stream`, or silence.

    `total` is the number of bytes to come, or of what `noun` names.  There is no bar
    when `quiet`, in CI (`CI` set), on a dumb terminal and on what is no terminal.
    """
    dumb = environ.get("TERM") == "dumb" or bool(environ.get("CI"))
    if quiet or dumb or not stream.isatty():
        return Silent()
    return Bar(stream, total, colour=not environ.get("NO_COLOR"), noun=noun)


class Silent:
    """Progress that is not shown."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing was opened."""

    def advance(self, size: int, label: str) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing was shown."""


class Bar:
    """Progress as rich's bar, which vanishes at the end."""

    def __init__(
        self, stream: TextIO, total: Total, *, colour: bool, noun: str | None = None
    ) -> None:
        self._stream = stream
        self._noun = noun
        self._closed = False
        self._total = total
        self._colour = colour
        self._done = 0
        self._start = time.monotonic()
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar off the terminal, also after an error or an interrupt."""
        self.close()

    def close(self) -> None:
        """Take the bar off the terminal, for good."""
        self._closed = True
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def advance(self, size: int, label: str) -> None:
        """Add `size` bytes and name the input that they belong to."""
        self._done += size
        if self._closed:
            return
        if self._bar is None:
            if time.monotonic() - self._start < _PATIENCE:
                return
            self._bar, self._task = self._open()
        assert self._task is not None
        self._bar.update(self._task, completed=self._done, label=_tail(visible(label)))

    def _open(self) -> tuple[RichProgress, TaskID]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as RichProgress

        total = self._total() if callable(self._total) else self._total
        told = (
            [TextColumn(f"{{task.completed:,.0f}} {self._noun}", markup=False)]
            if self._noun
            else [DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
        )
        bar = RichProgress(
            BarColumn(bar_width=24),
            *told,
            TextColumn("{task.fields[label]}", markup=False),
            console=Console(
                file=self._stream, no_color=not self._colour, force_terminal=True
            ),
            transient=True,
        )
        task = bar.add_task("", total=total, label="")
        bar.start()
        return bar, task


def _tail(label: str) -> str:
    """The end of the label: the ends of log files' names tell them apart."""
    return label if len(label) <= _LABEL else f"…{label[1 - _LABEL :]}"
