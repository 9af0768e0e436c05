"""Write answers to standard output or to files, and never over what is read."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, TextIO

from checker.errors import UsageError

_JOURNALS: Final = ("", "-journal", "-wal", "-shm")
"""What SQLite puts beside a state: https://www.sqlite.org/tempfiles.html"""

_YAML: Final = (".yml", ".yaml")


class Reads(NamedTuple):
    """What a command reads: `events` and `rules` may be folders, `files` are files."""

    events: Sequence[str] = ()
    rules: Sequence[str] = ()
    files: Sequence[str | None] = ()
    state: str | None = None


def refuse_inputs(option: str, path: str | None, reads: Reads) -> None:
    """Raise `UsageError` if a file that is to be written is read by the command.

    Before anything is opened: to open a file for writing empties it.
    """
    if not path or path == "-":
        return
    from checker.sources.events.overlap import is_taken, overlap

    states = [reads.state + end for end in _JOURNALS] if reads.state else []
    files = [each for each in reads.files if each]
    found = (
        overlap(path, [*states, *files], lambda _: False)
        or overlap(path, reads.events, is_taken)
        or overlap(path, reads.rules, lambda name: name.endswith(_YAML))
    )
    if found:
        raise UsageError(f"{option} {path}: {found}: name another file")


def rule_folders(paths: Sequence[str]) -> Sequence[str]:
    """Return the folders that rules are read from: the bundled ones by default."""
    from checker import resources

    return paths or (str(resources.root() / "rules"),)


def bundled_alone(folders: Sequence[str]) -> bool:
    """Return whether rules are read from nowhere but the bundled folder."""
    return list(folders) == list(rule_folders(()))


def require_stdin(inputs: Iterable[str]) -> None:
    """Raise `UsageError` if `-` is an input and standard input is closed."""
    if "-" in inputs and sys.stdin is None:
        raise UsageError("-: standard input is closed: pipe events into it")


class Target:
    """Where an answer is written: standard output, or a file."""

    def __init__(
        self, output: str | None, reads: Reads | None = None, option: str = "--output"
    ) -> None:
        """Check the path; raises `UsageError` for one that cannot be written to."""
        self.path = Path(output) if output and output != "-" else None
        self._option = option
        if self.path and self.path.is_dir():
            raise UsageError(f"{option} {output}: that is a folder; name a file")
        if self.path and not os.access(self.path.parent, os.W_OK):
            raise UsageError(f"{option} {output}: the folder cannot be written to")
        refuse_inputs(option, output, reads or Reads())

    def write(self, render: Callable[[TextIO], Iterator[str]]) -> None:
        """Write what `render` gives for the stream that it goes to."""
        try:
            if self.path:
                with self.path.open(
                    "w", encoding="utf-8", errors="backslashreplace", newline=""
                ) as stream:
                    stream.writelines(render(stream))
                    stream.flush()
                    check_there(stream)
            else:
                sys.stdout.writelines(render(sys.stdout))
                sys.stdout.flush()
        except BrokenPipeError:
            # The reader (head, less) has seen enough: not an error.
            leave_stdout()
        except OSError as error:
            name = f"{self._option} {self.path}" if self.path else "standard output"
            raise UsageError(f"{name}: cannot be written: {reason(error)}") from error

    def save(self, text: str) -> None:
        """Write a whole text."""
        self.write(lambda _: iter([text]))


def say(pieces: Iterable[str]) -> None:
    """Write an answer to standard output; a reader that leaves early is no error."""
    Target(None).write(lambda _: iter(pieces))


def reason(error: OSError) -> str:
    """Return why the system refused, in its words."""
    if error.errno == errno.EBADF:
        return "it is closed"
    return error.strerror or str(error)


def check_there(stream: IO[Any]) -> None:
    """Raise `OSError` if the file that was written to has no name any more."""
    status = os.fstat(stream.fileno())
    if status.st_nlink == 0:
        raise OSError(errno.ENOENT, "the file was removed while it was written")


def leave_stdout() -> None:
    """Send what is still buffered for standard output nowhere: its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def open_standard_streams() -> None:
    """Put something that refuses every write in the place of closed streams.

    Else the next file that is opened would get the number of standard output, and
    whatever is printed would be written into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is this one.
            os.open(os.devnull, os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good


def flush_standard_streams(code: int) -> int:
    """Write what is buffered; gives the exit code: 2 if that could not be done."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except (OSError, ValueError) as error:
        code = 2
        said = reason(error) if isinstance(error, OSError) else str(error)
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"Error: standard output: cannot be written: {said}\n")
    try:
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    except (OSError, ValueError):
        code = 2
    return code
