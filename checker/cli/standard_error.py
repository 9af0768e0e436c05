"""Keep secrets out of standard error, whoever writes to it.

Messages hide what they show already.  This is the last resort for all that does not
come through `messages.tell`: a library's warning, the interpreter, a mistake of ours.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any, TextIO


class GuardedStream(io.TextIOBase):
    """A text stream that hides secrets in what is written to another."""

    def __init__(self, stream: TextIO) -> None:
        """Guard a stream."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text without the secrets in it; returns the length of the text."""
        from checker.secrets import hide_text

        self._stream.write(hide_text(text) if len(text) > _SHORTEST else text)
        return len(text)

    def writelines(self, lines: Iterable[Any]) -> None:
        """Write lines, each without its secrets."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor."""
        return self._stream.fileno()

    def writable(self) -> bool:
        """Return that the stream can be written to."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override] # read-only, as in io
        """The stream's encoding."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override] # likewise
        """What the stream does with characters that it cannot encode."""
        return self._stream.errors


_SHORTEST = 7
"""A text of so many characters holds no secret: it is a newline, or a sign."""
