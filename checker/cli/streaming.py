"""Write findings as JSON lines while a scan goes on."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from checker.cli.destinations import check_there, leave_stdout, reason
from checker.errors import SourceError, UsageError

if TYPE_CHECKING:
    from checker.model import Finding
    from checker.run.scanning.state import State

_UNSYNCED = (errno.EINVAL, errno.ENOTSUP, errno.EROFS)
"""What `fsync` answers for a pipe or device, which keeps nothing."""


class Lines:
    """Findings as JSON lines, on standard output or in a file.

    With a `state`, the file is added to, and what a run that was killed has written
    after its last step is cut off again: each finding comes exactly once.  Standard
    output cannot be taken back: after a kill its last findings may come again.
    """

    def __init__(self, path: Path | None, state: State | None) -> None:
        """Open the file; raises `UsageError` if that cannot be done."""
        from checker.reports.json import line

        self._line = line
        self._path = path
        self._state = state
        self._stream: TextIO = sys.stdout
        if path is not None:
            try:
                self._stream = self._opened(path)
            except OSError as error:
                raise UsageError(f"--output {path}: {reason(error)}") from error
        if state is not None:
            state.before_step(self.settle)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._path is None:
            return
        if error is not None:
            # What ended the run is told; that its output cannot be closed follows.
            with contextlib.suppress(OSError):
                self._stream.close()
            return
        with self._errors():
            self._stream.close()

    def write(self, lines: str) -> None:
        """Write some lines; `flush` hands them on."""
        try:
            self._stream.write(lines)
        except OSError as error:
            raise self._refused(error) from error

    def flush(self) -> None:
        """Hand on to standard output what was written; a file gets it in time."""
        if self._path is None:
            with self._errors():
                self._stream.flush()

    def before(self, advance: Callable[[int, str], None]) -> Callable[[int, str], None]:
        """Return an `advance` of `scan` that hands on the input's findings first."""

        def flush_and_advance(size: int, uri: str) -> None:
            self.flush()
            advance(size, uri)

        return flush_and_advance

    def write_all(self, findings: Iterable[Finding]) -> None:
        """Write several."""
        for each in findings:
            self.write(self._line(each) + "\n")
        self.flush()

    def settle(self) -> None:
        """Make sure that what was written is on the disk, and remember how much."""
        with self._errors():
            self._stream.flush()
            if self._path is None:
                return
            check_there(self._stream)
            if self._state is None:
                return
            try:
                os.fsync(self._stream.fileno())
            except OSError as error:
                if error.errno not in _UNSYNCED:
                    raise
            self._state.set_fact("offset", _length(self._stream))

    def _opened(self, path: Path) -> TextIO:
        if self._state is None:
            return path.open("w", encoding="utf-8", newline="")
        from checker.run.scanning.state_file import stored

        name = os.path.realpath(path)
        stream = path.open("a", encoding="utf-8", newline="")
        size = _length(stream)
        end = self._state.fact("offset")
        same = self._state.fact("output") == stored(name)
        if same and isinstance(end, int) and size > end:
            stream.truncate(end)
        # A new file, or one that was shortened meanwhile, is simply added to.
        self._state.set_fact("output", stored(name))
        self._state.set_fact("offset", _length(stream))
        self._state.step(now=True)
        return stream

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise what the system refuses as an error that ends the run."""
        try:
            yield
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> SourceError | UsageError:
        """Return the error that ends the run."""
        if isinstance(error, BrokenPipeError):
            name = "-" if self._path is None else str(self._path)
            if self._path is None:
                # The reader (head, less) has seen enough; the rest was not looked at.
                leave_stdout()
            return SourceError(name, "the reader of the findings has closed: stopped")
        name = f"--output {self._path}" if self._path else "standard output"
        return UsageError(f"{name}: findings cannot be written: {reason(error)}")


def _length(stream: TextIO) -> int:
    """Return the bytes of a file; 0 for a pipe or device, which keeps none."""
    status = os.fstat(stream.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
