"""Convert findings away as JSON lines while a scan goes on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from checker.errors import SourceError, UsageError

if TYPE_CHECKING:
    from checker.model import Finding
    from checker.run.scanning.state import State


class Lines:
    """Findings as JSON lines, on standard output or in a file.

    With a `state`, the file is added to, and what a run that was killed has written
    after its last step is cut off again: each finding comes exactly once.  Standard
    output cannot be taken back: after a kill its last findings may come again.
    """

    def __init__(self, path: Path | None, state: State | None) -> None:
        """Open the file; raises `UsageError` if that cannot be done."""
        self._path = path
        self._state = state
        self._stream: TextIO = sys.stdout
        if path is not None:
            try:
                self._stream = self._opened(path)
            except OSError as error:
                raise UsageError(f"--output {path}: {error.strerror}") from error
        if state is not None:
            state.before_step(self._settle)

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
        if self._path is not None:
            self._stream.close()

    def write(self, finding: Finding) -> None:
        """Write one finding; standard output gets it at once."""
        from checker.reports.json import document, encode

        try:
            self._stream.write(encode(document(finding)) + "\n")
            if self._path is None:
                self._stream.flush()
        except BrokenPipeError:
            # The reader (head, less) has seen enough; the rest was not looked at.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SourceError(
                "-", "the reader of the findings has closed: stopped"
            ) from None
        except OSError as error:
            raise UsageError(f"the findings cannot be written: {error}") from error

    def write_all(self, findings: Iterable[Finding]) -> None:
        """Write several."""
        for each in findings:
            self.write(each)

    def _opened(self, path: Path) -> TextIO:
        if self._state is None:
            return path.open("w", encoding="utf-8", newline="")
        name = os.path.realpath(path)
        stream = path.open("a", encoding="utf-8", newline="")
        size = path.stat().st_size
        end = self._state.fact("offset")
        if self._state.fact("output") == name and isinstance(end, int) and size > end:
            stream.truncate(end)
        # A new file, or one that was shortened meanwhile, is simply added to.
        self._state.set_fact("output", name)
        self._state.set_fact("offset", path.stat().st_size)
        self._state.step(now=True)
        return stream

    def _settle(self) -> None:
        """Make sure that what was written is on the disk, and remember how much."""
        self._stream.flush()
        if self._path is not None and self._state is not None:
            os.fsync(self._stream.fileno())
            self._state.set_fact("offset", self._path.stat().st_size)
