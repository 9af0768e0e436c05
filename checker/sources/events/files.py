"""Find and reads event files: files, folders, globs, standard input.

What a file holds is told from its content: gzip, Zstandard and zip archives are opened
whatever their name.  Failures are values, so that one bad file never stops the others.
"""

from __future__ import annotations

import errno
import glob
import io
import itertools
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from checker.model import Batch, Header, Unreadable
from checker.sources.events import chunks, formats
from checker.sources.events.chunks import Read
from checker.sources.events.compression import (
    Stream,
    StreamError,
    inflate,
    inflate_whole,
)

STDIN = "-"

SUFFIXES = (".json", ".jsonl", ".ndjson", ".log", ".csv", ".gz", ".zip", ".zst")
"""What is taken from a folder; a file that is named is taken whatever its name."""

_SUFFIX = re.compile(r"(?:\.[a-z]\w{0,8})?\.\w{1,12}$", re.ASCII)
_BLOCK = 1 << 20
_STARTS = (b"{", b"[", b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")
_ZIP = b"PK\x03\x04"


class Input(msgspec.Struct, frozen=True):
    """One file to read; `path` None is standard input, `size` is its bytes on disk.

    What is no file here comes as its bytes (`data`), or as a function that gives block
    after block once it is called (`blocks`).
    """

    uri: str
    path: str | None
    size: int
    data: bytes | None = None
    blocks: Callable[[], Stream] | None = None

    @property
    def stays(self) -> bool:
        """Whether only this process can read it, and only once."""
        return self.path is None and self.data is None


def find(
    inputs: Sequence[str], remark: Callable[[str], None] | None = None
) -> Iterator[Input | Unreadable]:
    """Find the files that `inputs` name: paths, globs (`**` too), `-`.

    Folders are walked in the order of names, and each file comes once, where it was
    named first.  Hidden files are left out of folders; of files without a suffix, as
    Firehose writes them, those are taken that begin like JSON or an archive.  `remark`
    is told of the files of other kinds that were left out.
    """
    seen: set[object] = set()
    passed: Counter[str] = Counter()
    for given in inputs:
        for found in _find_one(given, passed):
            if isinstance(found, Unreadable):
                yield found
                continue
            source, identity = found
            if identity not in seen:
                seen.add(identity)
                yield source
    if passed and remark:
        remark(f"{left_out(passed)}: name them one by one to read them.")


def left_out(passed: Counter[str]) -> str:
    """Return how many files of other kinds were left out, by their suffix."""
    number = passed.total()
    kinds = ", ".join(f"{kind} {count}" for kind, count in passed.most_common(8))
    more = ", …" if len(passed) > 8 else ""
    files = (
        "1 file of another kind was"
        if number == 1
        else (f"{number:,} files of other kinds were")
    )
    return f"{files} left out ({kinds}{more})"


def suffix(name: str) -> str:
    """Return what a count of files calls a kind of file."""
    found = _SUFFIX.search(name.lower())
    return found[0] if found else "no suffix"


def read(source: Input, header: type[Header] = Header) -> Iterator[Read]:
    """Read one input: its batches of events, and what could not be read.

    `header` is what is read of each event at once, where that is possible.

    A file of at most `stream.UNIT` bytes of text gives one batch; larger ones give
    several.  Each member of a zip archive is read like a file, as `x.zip!member`.
    """
    try:
        if source.data is not None:
            yield from _read_file(source.uri, io.BytesIO(source.data), header)
            return
        if source.blocks is not None:
            yield from _read_stream(source.uri, source.blocks(), header)
            return
        if source.path is None:
            yield from _read_stdin(source.uri, header)
            return
        # Not by `Path`, which takes longer than to read a small file.
        with open(source.path, "rb") as file:  # noqa: PTH123 - see above
            yield from _read_file(source.uri, file, header, source.size)
    except OSError as error:
        yield Unreadable(source.uri, None, f"it cannot be read: {_reason(error)}")


_Found: TypeAlias = tuple[Input, object]
"""A file, and what tells it from others, by whatever name it is called."""


def _find_one(given: str, passed: Counter[str]) -> Iterator[_Found | Unreadable]:
    if given == STDIN:
        yield Input(STDIN, None, 0), STDIN
        return
    found = _named(given)
    if found is None:
        yield from _in_folder(given, passed)
    elif (
        not isinstance(found, Unreadable)
        or os.path.lexists(given)
        or not glob.has_magic(given)
    ):
        yield found
    else:
        matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 - any root
        if not matches:
            yield Unreadable(
                given, None, "no file matches this pattern: check it, and quote it"
            )
        for match in matches:
            found = _named(match, chosen=False)
            if found is not None:
                yield found
            elif "**" not in given:
                yield from _in_folder(match, passed)


def _named(path: str, *, chosen: bool = True) -> _Found | Unreadable | None:
    """Take a file that exists, whatever its name or kind (a pipe is fine).

    None for a folder.  A pipe or device that nobody has `chosen` by its name might be
    waited for without an end.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - once for each of very many files
    except FileNotFoundError:
        reason = "there is no such file or folder: check the path"
        if Path(path).is_symlink():
            reason = "the link leads nowhere"
        return Unreadable(_uri(path), None, reason)
    except (OSError, ValueError) as error:
        return Unreadable(_uri(path), None, f"it cannot be read: {_reason(error)}")
    if stat.S_ISDIR(status.st_mode):
        return None
    if not (chosen or stat.S_ISREG(status.st_mode)):
        reason = "not a regular file (a pipe, socket or device): name it to read it"
        return Unreadable(_uri(path), None, reason)
    identity = (status.st_dev, status.st_ino)
    key = identity if status.st_ino else os.path.realpath(path)
    return Input(_uri(path), path, status.st_size), key


def _in_folder(folder: str, passed: Counter[str]) -> Iterator[_Found | Unreadable]:
    """Take every event file below a folder, or say that there is none."""
    empty = True
    others: Counter[str] = Counter()
    for path in _walk(folder, others):
        empty = False
        found = path if isinstance(path, Unreadable) else _named(path, chosen=False)
        if found is not None:
            yield found
    if empty:
        said = f"; {left_out(others)}" if others else ""
        yield Unreadable(
            _uri(folder),
            None,
            f"the folder holds no event file ({', '.join(SUFFIXES)}): name files of "
            f"another kind one by one{said}",
        )
    else:
        passed.update(others)


def _walk(folder: str, others: Counter[str]) -> Iterator[str | Unreadable]:
    """Walk a folder, files before folders, each folder once whatever leads to it."""
    seen: set[tuple[int, int]] = set()
    pending: list[str] = [folder]
    while pending:
        path = pending.pop()
        try:
            status = Path(path).stat()
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                continue
            seen.add(identity)
            with os.scandir(path) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Unreadable(_uri(path), None, f"it cannot be read: {_reason(error)}")
            continue
        folders = []
        for entry in inside:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                folders.append(entry.path)
            elif _is_event_file(entry.path, entry.name):
                yield entry.path
            else:
                others[suffix(entry.name)] += 1
        pending.extend(reversed(folders))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself, or into a folder that is closed to us


def _is_event_file(path: str, name: str) -> bool:
    if "." in name:
        return name.lower().endswith(SUFFIXES)
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return True  # a pipe or device: to open it might wait without an end
        with Path(path).open("rb") as file:
            return file.read(4).startswith(_STARTS)
    except OSError:
        return True  # reading it will say what is wrong


def _uri(path: str) -> str:
    """Return the POSIX path from the working directory; elsewhere the path as given."""
    # Strings, for there may be a million files: Path takes ten times as long.
    absolute = os.path.abspath(path)  # noqa: PTH100 - a link keeps its name
    here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118 - as above
    if os.path.join(absolute, "") == here:  # noqa: PTH118 - as above
        return "."
    shown = absolute[len(here) :] if absolute.startswith(here) else path
    shown = os.path.normpath(shown)
    return shown if os.sep == "/" else shown.replace(os.sep, "/")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _read_file(
    uri: str, file: IO[bytes], header: type[Header], size: int = _BLOCK
) -> Iterator[Read]:
    # To ask for no more than there is saves the room for a whole block.
    asked = min(size + 1, _BLOCK)
    head = file.read(asked)
    is_whole = len(head) < asked
    if len(head) > size:
        head += file.read(_BLOCK)  # it has grown, or is a pipe
    if head.startswith(_ZIP) and file.seekable():
        # Most runs meet none, and zipfile takes a while to load.
        from checker.sources.events import archives

        yield from archives.read(uri, file, header)
        return
    text = inflate_whole(head) if is_whole else None
    if text is not None:
        yield formats.split(uri, text, header=header)
        return
    yield from chunks.batches(uri, inflate(_after(head, file)), header)


def _after(head: bytes, file: IO[bytes]) -> Iterator[bytes]:
    if head:
        yield head
        yield from _blocks(file)


def _read_stdin(uri: str, header: type[Header]) -> Iterator[Read]:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    file = sys.stdin.buffer
    head = file.read(_BLOCK)
    yield from _read_blocks(uri, head, _after(head, file), header)


def _read_stream(uri: str, blocks: Stream, header: type[Header]) -> Iterator[Read]:
    """Read what comes block by block; none at all is no event, and no problem."""
    head = next(blocks, None)
    if head is None:
        yield Batch(uri, b"", (), ())
        return
    first = head if isinstance(head, bytes) else b""
    yield from _read_blocks(uri, first, itertools.chain([head], blocks), header)


def _read_blocks(
    uri: str, head: bytes, blocks: Iterator[bytes | StreamError], header: type[Header]
) -> Iterator[Read]:
    """Read a stream, whatever it is."""
    if not head.startswith(_ZIP):
        yield from chunks.batches(uri, inflate(blocks), header)
        return
    from checker.sources.events import archives

    yield from archives.read_stream(uri, blocks, header)
