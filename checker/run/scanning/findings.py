"""Keep findings on the disk, for the reports that need them all.

What is written is this process's own and gone with it: no other reads it.
"""

from __future__ import annotations

import heapq
import itertools
import marshal
import tempfile
import weakref
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Generic, TypeAlias, TypeVar, overload

from checker.errors import SourceError
from checker.model import Finding, Level, Match, Status
from checker.reports import order
from checker.run.scanning.retraction import successor

MOST = 8 << 20
"""About how many bytes of matches are held in memory before the disk takes over."""

_BLOCK = 1 << 16
_BLOCKS = 8 << 20
"""About how many bytes of runs are held while they are merged."""
_LENGTH = 4
_RUN = 4096
_MATCH = 1500
"""What a match takes in memory, besides the texts in its evidence."""

Unpack: TypeAlias = Callable[[Match], Finding]
Key: TypeAlias = Callable[[Finding], Any]
Held = TypeVar("Held")


class Spill(Generic[Held]):
    """Things in the order in which they came: in memory, then on the disk."""

    def __init__(
        self,
        pack: Callable[[Held], bytes],
        unpack: Callable[[bytes], Held],
        most: int = MOST,
    ) -> None:
        """Begin with none; `most` is about how many bytes are held in memory."""
        self._pack = pack
        self._unpack = unpack
        self._most = most
        self._held: list[Held] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._written = 0

    @property
    def is_on_disk(self) -> bool:
        """Return whether some of them are on the disk."""
        return self._file is not None

    def add(self, held: Held, size: int) -> None:
        """Take one more, of about so many bytes."""
        self._held.append(held)
        self._size += size
        if self._size > self._most:
            self._spill()

    def __iter__(self) -> Iterator[Held]:
        """Return them again; several may read at once."""
        if self._file is not None:
            yield from map(self._unpack, frames(self._file, 0, self._written))
        yield from list(self._held)

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - until nobody reads it
            weakref.finalize(self, self._file.close)
        self._file.seek(self._written)
        self._written += write(self._file, map(self._pack, self._held))
        self._held, self._size = [], 0
        # Small steps from here on: what is held no more costs memory no more.
        self._most = min(self._most, 1 << 20)


class Spool:
    """The matches of findings, in the order in which they came."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with none."""
        self._kept = Spill(pack, unpack, most)
        self.count = 0

    @property
    def spilled(self) -> bool:
        """Return whether some of them are on the disk."""
        return self._kept.is_on_disk

    def add(self, match: Match) -> None:
        """Take one more."""
        # What is shown of an event is not much longer than the event.
        self._kept.add(match, _MATCH + (match.place[-1] or 0))
        self.count += 1

    def __iter__(self) -> Iterator[Match]:
        """Return them again; several may read at once."""
        return iter(self._kept)


def pack(match: Match) -> bytes:
    """Return a match as bytes: plain values, which take half as long as with pickle."""
    return marshal.dumps(tuple(match))  # type: ignore[arg-type] # plain values


def unpack(packed: bytes) -> Match:
    """Return the match that was packed."""
    # Written by this process, to a file that no other can open by name.
    return Match._make(marshal.loads(packed))  # noqa: S302 - see above


def write(file: IO[bytes], packed: Iterable[bytes]) -> int:
    """Write each with its length before it; gives the number of bytes.

    Raises `SourceError` when the disk refuses.
    """
    size = 0
    try:
        for each in packed:
            file.write(len(each).to_bytes(_LENGTH, "little") + each)
            size += len(each) + _LENGTH
        file.flush()
    except OSError as error:
        reason = f"what is found cannot be kept there: {error.strerror or error}"
        raise SourceError(tempfile.gettempdir(), reason) from error
    return size


def frames(
    file: IO[bytes], start: int, end: int, block: int = _BLOCK
) -> Iterator[bytes]:
    """Read what `write` wrote between two places, however the file is moved about."""
    data, at, place = b"", 0, start
    while place < end or at < len(data):
        size = int.from_bytes(data[at : at + _LENGTH], "little") + _LENGTH
        if len(data) - at < _LENGTH or len(data) - at < size:
            file.seek(place)
            more = file.read(min(max(block, size), end - place))
            if not more:
                return
            data, at, place = data[at:] + more, 0, place + len(more)
            continue
        yield data[at + _LENGTH : at + size]
        at += size


class Findings(Sequence[Finding]):
    """Findings that are read from the disk as they are asked for.

    They come in the order of the inputs, those of correlations last; `ordered` gives
    them in another one.  To iterate costs no memory; an index reads those before it.
    `kinds` says how many there are of each status and level, `suppressed` how many
    others an exception covers, and `more` are those that are held.
    """

    def __init__(  # noqa: PLR0913 - what is kept, and the counts of it
        self,
        spool: Iterable[Match],
        unpack: Unpack,
        kinds: Counter[tuple[Status, Level]],
        *,
        gone: Mapping[str, str],
        more: Sequence[Finding] = (),
        suppressed: int = 0,
    ) -> None:
        """Return those of a spool whose event is not `gone`, then some `more`."""
        self._spool = spool
        self._unpack = unpack
        self._gone = gone
        self.more = more
        self.kinds = kinds
        self.suppressed = suppressed

    def __iter__(self) -> Iterator[Finding]:
        yield from (finding for finding, _ in self._kept())
        yield from self.more

    def __len__(self) -> int:
        return self.kinds.total() + self.suppressed

    @overload
    def __getitem__(self, index: int) -> Finding: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...

    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        if isinstance(index, slice):
            return tuple(self)[index]
        at = range(len(self))[index]
        return next(itertools.islice(self, at, None))

    def __add__(self, others: Sequence[Finding]) -> Findings:
        """Return these and some others."""
        kinds = self.kinds + order.kinds(others)
        return Findings(
            self._spool,
            self._unpack,
            kinds,
            gone=self._gone,
            more=(*self.more, *others),
            suppressed=self.suppressed + order.suppressed(others),
        )

    def ordered(self, key: Key) -> Iterator[Finding]:
        """Return them sorted, in bounded memory: runs on the disk, which are merged."""

        def place(pair: tuple[Finding, Match]) -> Any:
            return key(pair[0])

        with tempfile.TemporaryFile() as file:
            ends = array("Q", [0])
            kept = self._kept()
            while run := list(itertools.islice(kept, _RUN)):
                run.sort(key=place)
                ends.append(ends[-1] + write(file, (pack(match) for _, match in run)))
            block = min(_BLOCK, _BLOCKS // len(ends))
            runs = [
                map(self._unpack, map(unpack, frames(file, start, end, block)))
                for start, end in itertools.pairwise(ends)
            ]
            yield from heapq.merge(*runs, sorted(self.more, key=key), key=key)

    def _kept(self) -> Iterator[tuple[Finding, Match]]:
        for match in self._spool:
            finding = self._unpack(match)
            if successor(finding, self._gone) is None:
                yield finding, match
