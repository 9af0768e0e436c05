"""Read inputs: the one loop of `scan`, `top`, `story` and `learn`.

What is looked for is a `Work`; how inputs are read, counted and handed to processes,
and what becomes of a broken one, is the same for all.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Generator, Iterable, Iterator, Sized
from typing import Generic, Protocol, TypeVar

import msgspec

from checker.evaluate.correlation import HitColumns
from checker.evaluate.detection import batch_reader
from checker.evaluate.detection.evaluated import Evaluated
from checker.model import Batch, Correction, Header, Unreadable
from checker.parallel.scheduler import Item, map_ordered, processes
from checker.run.scanning.duplicates import pack
from checker.run.scanning.scanned import Scanned
from checker.sources.events import files
from checker.sources.events.inputs import Found, InputFilter, fetching, inside
from checker.sources.events.period import Period

PIECE = 1_000
"""After so many matches, hits and problems what an input gave is handed on."""

Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


class Work(Protocol[Row_co]):
    """What is looked for in each batch of events."""

    @property
    def header(self) -> type[Header]:
        """What is read of every event at once (`sources.events.files.read`)."""

    def evaluate(self, batch: Batch, /) -> Evaluated[Row_co]:
        """Return what a batch gives; the same for the same batch."""


def read_inputs(
    found: Iterable[Found],
    asked: InputFilter,
    jobs: int | None,
    build: Callable[..., Work[Row]],
    *arguments: object,
    remark: Callable[[str], None] | None = None,
) -> Generator[Scanned[Row]]:
    """Yield what each input gives, in their order, here or in `jobs` processes.

    `build(*arguments)` makes the work, once in each process; with `jobs` None there
    are as many as the inputs are worth.  `asked.tell` is told of each input that is
    done, and `remark` of each process that died.
    """
    tell = asked.tell
    with fetching(found, tell) as ready:
        count, listed = (jobs, ready) if jobs else processes(ready)
        pieces = map_ordered(
            listed, count, _reader, build, arguments, asked.period, remark=remark
        )
        with contextlib.closing(pieces):
            for piece in pieces:
                yield piece
                if piece.last:
                    tell(piece.size, piece.uri)


def _reader(
    build: Callable[..., Work[Row]], arguments: tuple[object, ...], period: Period
) -> Callable[[Item], Iterator[Scanned[Row]]]:
    return functools.partial(read_input, build(*arguments), period)


def read_input(work: Work[Row], period: Period, each: Item) -> Iterator[Scanned[Row]]:
    """Yield what one input gives; the same pieces for the same input, anywhere."""
    piece: _Piece[Row] = _Piece()
    if isinstance(each, Unreadable):
        piece.problems.append(each)
        yield piece.scanned(each, last=True)
        return
    parts = inside(files.read(each, work.header), period)
    while True:
        try:
            part = next(parts, None)
            if part is None:
                break
            if isinstance(part, Unreadable):
                piece.problems.append(part)
            elif isinstance(part, Batch):
                piece.add(part, work.evaluate(part))
            else:
                piece.digests += 1
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - it must not end the others' scan
            reason = f"reading it failed ({type(error).__name__}: {error!s:.200})"
            piece.problems.append(Unreadable(each.uri, None, reason))
            break
        if piece.is_full:
            yield piece.scanned(each, last=False)
            piece = _Piece()
    yield piece.scanned(each, last=True)


class _Piece(msgspec.Struct, Generic[Row]):
    """What an input has given since its last piece."""

    length: int = 0
    digests: int = 0
    records: int = 0
    outside: int = 0
    untimed: int = 0
    event_ids: list[bytes] = msgspec.field(default_factory=list)
    matches: list[Row] = msgspec.field(default_factory=list)
    hits: list[HitColumns] = msgspec.field(default_factory=list)
    corrections: list[Correction] = msgspec.field(default_factory=list)
    problems: list[Unreadable] = msgspec.field(default_factory=list)
    others: list[str] = msgspec.field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Return whether it is to be handed on."""
        several: tuple[Sized, ...] = (
            self.matches,
            self.corrections,
            self.problems,
            *self.hits,
        )
        return sum(map(len, several)) > PIECE

    def add(self, part: Batch, found: Evaluated[Row]) -> None:
        """Take what a batch gave."""
        self.length += len(part.text)
        self.outside += part.outside
        self.others += part.others
        self.records += len(found.event_ids)
        self.event_ids.append(pack(found.event_ids))
        self.corrections.extend(batch_reader.corrections(part))
        self.problems.extend((*part.problems, *found.problems))
        self.matches.extend(found.matches)
        if found.hits:
            self.hits.append(found.hits)
        self.untimed += found.untimed

    def scanned(self, each: Item, *, last: bool) -> Scanned[Row]:
        """Return it as plain values."""
        return Scanned(
            uri=each.uri,
            size=each.size if last and isinstance(each, files.Input) else 0,
            length=self.length,
            digests=self.digests,
            records=self.records,
            outside=self.outside,
            event_ids=b"".join(self.event_ids),
            matches=tuple(self.matches),
            hits=HitColumns.joined(self.hits),
            corrections=tuple(self.corrections),
            untimed=self.untimed,
            problems=tuple(self.problems),
            others=tuple(self.others),
            last=last,
        )
