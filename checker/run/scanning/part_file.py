"""Write and read what a shard has found: gzip, JSON lines, version 1.

The first line says what was scanned and how (`Head`), the last one that nothing is
missing (`Tail`); the lines between have the pieces of the shard's inputs in their
order (`_Piece`).  `docs/scale.md` describes it.  A part may come from anywhere: what it
holds is checked before it is believed.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec

from checker.errors import SourceError
from checker.evaluate.correlation import HitColumns, Signal
from checker.model import SUBJECT, Correction, Match, Unreadable
from checker.run.scanning.duplicates import SIZE
from checker.run.scanning.job import Job
from checker.run.scanning.matches import checked
from checker.run.scanning.scanned import Scanned

VERSION: Final = 1
_NO_PART: Final = "not a part of a scan, or damaged: make one with scan --shard"
_LONGEST: Final = 1 << 30
"""The most bytes of a line: the eventIDs of 50 million events without a match."""

_ERRORS: Final = (OSError, EOFError, zlib.error)
Line = TypeVar("Line")


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was scanned: parts of one scan differ in `shard` alone.

    `rules` is the hash of what was looked for (`shards.job_digest`), and `chosen` has
    the names of the rules that may report.
    """

    trailcheck: str
    """The version of trailcheck."""
    part: int
    """The version of this format."""
    shard: int
    of: int
    rules: str
    chosen: tuple[str, ...]
    inputs: tuple[str, ...]
    options: dict[str, str | tuple[str, ...] | None]


class Tail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ends a part: how many lines are before it, and what was listed in all."""

    lines: int
    listed: int
    listing: str
    notes: tuple[str, ...]


class _Piece(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A `Scanned` with the number of its input; `listed` is what could not be listed.

    Matches and hits are arrays of their fields, without the last of a match.
    """

    number: int
    uri: str
    size: int = 0
    length: int = 0
    digests: int = 0
    records: int = 0
    outside: int = 0
    event_ids: bytes = b""
    matches: tuple[tuple[Any, ...], ...] = ()
    hits: tuple[Signal, ...] = ()
    corrections: tuple[Correction, ...] = ()
    untimed: int = 0
    problems: tuple[Unreadable, ...] = ()
    others: tuple[str, ...] = ()
    last: bool = True
    listed: bool = False


class PartWriter:
    """Writes a part; use it as a context manager.

    The file has its name once it is whole: one that was interrupted never looks like
    a part.
    """

    def __init__(self, path: Path, head: Head) -> None:
        """Begin with what is scanned; raises `OSError` where it cannot be written."""
        self._path = path
        self._unfinished = path.with_name(f".{path.name}.unfinished")
        self._file = self._unfinished.open("wb")
        # The same shard is the same file, whatever its name and the time.
        self._gzip = gzip.GzipFile("", "wb", 1, self._file, mtime=0)
        self._lines = 1
        self._put(head)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, and remove it unless it was finished."""
        self._file.close()
        self._unfinished.unlink(missing_ok=True)

    def add(self, number: int, scanned: Scanned[Match], *, listed: bool) -> None:
        """Write a piece of what an input gave."""
        fields = scanned._asdict()
        # What covers a match is found out where parts are merged.
        fields["matches"] = tuple([tuple(match)[:-1] for match in scanned.matches])
        fields["hits"] = tuple(scanned.hits)
        self._put(_Piece(number=number, listed=listed, **fields))
        self._lines += 1

    def finish(self, listed: int, listing: str, notes: tuple[str, ...]) -> None:
        """Write the end, and give the file its name."""
        self._put(Tail(self._lines, listed, listing, notes))
        self._gzip.close()
        self._file.close()
        self._unfinished.replace(self._path)

    def _put(self, line: Head | _Piece | Tail) -> None:
        try:
            text = msgspec.json.encode(line)
        except UnicodeEncodeError:
            # The name of a file that is not UTF-8.
            text = json.dumps(msgspec.to_builtins(line)).encode()
        self._gzip.write(text + b"\n")


class PartFile:
    """A part that is whole; raises `SourceError` for a file that is none."""

    def __init__(self, path: str) -> None:
        """Read the file to its end, but for what its pieces hold."""
        self.path = path
        first = last = b""
        count = 0
        for count, last in enumerate(self._lines(), 1):  # noqa: B007 - the last one
            first = first or last
        head = _decoded(first, _Version)
        if head is None or not isinstance(head.part, int):
            raise SourceError(path, _NO_PART)
        if head.part != VERSION:
            reason = f"a part of version {head.part}; this trailcheck reads {VERSION}"
            raise SourceError(path, reason)
        known = _decoded(first, Head)
        if known is None or not 0 < known.shard <= known.of:
            raise self._damaged()
        tail = _decoded(last, Tail)
        if tail is None or tail.lines != count - 1:
            raise SourceError(path, "the part is cut short: scan the shard again")
        self.head, self.tail = known, tail

    def pieces(self, job: Job) -> Iterator[tuple[int, Scanned[Match], bool]]:
        """Yield its pieces with the numbers of their inputs, and whether each `listed`.

        Raises `SourceError` where one cannot be what the rules of `job` give.
        """
        rules = {rule.name for rule in job.detections}
        lines = self._lines()
        next(lines)
        before = 0
        for count, text in enumerate(lines, 1):
            if count == self.tail.lines:
                return
            piece = _decoded(text, _Piece)
            scanned = _scanned(piece, rules, job.plan.carried) if piece else None
            if piece is None or scanned is None or piece.number < before:
                raise self._damaged()
            before = piece.number
            yield piece.number, scanned, piece.listed

    def _lines(self) -> Iterator[bytes]:
        try:
            with gzip.open(self.path, "rb") as file:
                while line := file.readline(_LONGEST):
                    if not line.endswith(b"\n"):
                        raise self._damaged()
                    yield line
        except FileNotFoundError:
            raise SourceError(self.path, "no such file") from None
        except IsADirectoryError:
            raise SourceError(self.path, "a folder: name the parts in it") from None
        except gzip.BadGzipFile as error:
            raise SourceError(self.path, _NO_PART) from error
        except _ERRORS as error:
            raise self._damaged() from error

    def _damaged(self) -> SourceError:
        return SourceError(self.path, "the part is damaged: scan the shard again")


class _Version(msgspec.Struct):
    """The field of a first line by which every version of the format is known."""

    part: int


def _decoded(text: bytes, kind: type[Line]) -> Line | None:
    """Read a line; None for one that is something else."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:
        return msgspec.convert(json.loads(text), kind)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None


def _scanned(
    piece: _Piece, rules: set[str], carried: Mapping[str, tuple[str, ...]]
) -> Scanned[Match] | None:
    """Return what a piece says; None where it cannot be what these rules gave."""
    matches = [checked(match) for match in piece.matches]
    sound = (
        len(piece.event_ids) % SIZE == 0
        and not (piece.listed and (piece.matches or piece.hits))
        and all(match is not None and match.rule in rules for match in matches)
        and all(_is_sound(hit, carried) for hit in piece.hits)
    )
    if not sound:
        return None
    fields: dict[str, Any] = {
        name: getattr(piece, name)
        for name in Scanned._fields
        if name not in {"matches", "hits"}
    }
    return Scanned(
        matches=tuple(match for match in matches if match),
        hits=HitColumns.of(piece.hits),
        **fields,
    )


def _is_sound(hit: Signal, carried: Mapping[str, tuple[str, ...]]) -> bool:
    fields = carried.get(hit.rule)
    return (
        fields is not None
        and len(hit.keys) == len(fields)
        and len(hit.about) in (0, len(SUBJECT))
        and len(hit.place) in (0, 3)
    )
