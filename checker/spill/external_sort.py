"""Put the matches of a run in the order of time, in bounded memory.

Files come in any order, and each account and Region in its own: only when the last one
has been read is it known what came first.  So matches are kept, sorted, in blocks of a
temporary file, and merged when all are there.  However late an event comes, nothing is
guessed, and the answer is the same for every order of the files.
"""

from __future__ import annotations

import bisect
import itertools
import marshal
import operator
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, TypeAlias

from checker.errors import SourceError
from checker.evaluate.correlation import Signal, in_order

MOST_HELD = 40_000
"""How many hits are held before they go to the disk: at most `HIT_BYTES` each."""

BLOCK = 200
"""How many hits are read at once, of each `MOST_HELD`: 50,000 for 10 million."""

_Block: TypeAlias = tuple[int, int, int]
"""The time (ms) of a block's first hit, and the block's offset and length in bytes."""

_time = operator.itemgetter(0)


class Sorter:
    """Takes hits in any order and gives them back in the order of `in_order`.

    Up to `most` of them stay in memory.  Beyond that they go to an unnamed temporary
    file, about 350 bytes each, which is gone with the process; to merge them, a few
    blocks are held for every `most` hits.  They can be had once.  Raises `SourceError`
    when the disk refuses.
    """

    def __init__(self, most: int = MOST_HELD) -> None:
        """Begin empty."""
        self._most = most
        self._held: list[Signal] = []
        self._file: IO[bytes] | None = None
        self._blocks: list[_Block] = []
        self._spills = 0

    def add(self, hits: Iterable[Signal]) -> None:
        """Take some hits."""
        hits = iter(hits)
        while True:
            some = list(itertools.islice(hits, self._most - len(self._held)))
            if not some:
                return
            self._held += some
            if len(self._held) >= self._most:
                self._spill()

    def drain(self) -> Iterator[Signal]:
        """Return every hit, oldest first."""
        if self._file is None:
            yield from in_order(self._held)
        else:
            self._spill()
            yield from self._merged(self._file)
        self.close()

    def close(self) -> None:
        """Forget everything, and give the room on the disk back."""
        self._held.clear()
        self._blocks.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _spill(self) -> None:
        """Write what is held as one run of blocks, sorted by time."""
        ordered = sorted(self._held, key=_time)
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="trailcheck-")  # noqa: SIM115 - it lives as long as this object
            for start in range(0, len(ordered), BLOCK):
                block = ordered[start : start + BLOCK]
                # Plain tuples; what hits have in common is written once a block.
                text = marshal.dumps([tuple(hit) for hit in block])
                self._blocks.append((block[0].time, self._file.tell(), len(text)))
                self._file.write(text)
        except OSError as error:
            raise _refused(error) from error
        self._held = []
        self._spills += 1

    def _merged(self, file: IO[bytes]) -> Iterator[Signal]:
        """Merge the runs: what is older than every block to come is in its place.

        As many blocks as there are runs are read at a time, so that each hit is
        compared a few times only; sorting finds the runs that are there.
        """
        self._blocks.sort()
        held: list[Signal] = []
        for start in range(0, len(self._blocks), self._spills):
            # Hits of one time are sorted here: they may stand in several runs.
            for _, offset, length in self._blocks[start : start + self._spills]:
                held.extend(map(Signal._make, _load(file, offset, length)))
            held = in_order(held)
            following = self._blocks[start + self._spills :][:1]
            ready = len(held)
            if following:
                ready = bisect.bisect_left(held, following[0][0], key=_time)
            yield from held[:ready]
            del held[:ready]


def _load(file: IO[bytes], offset: int, length: int) -> list[tuple[object, ...]]:
    try:
        file.seek(offset)
        # Written by this process, to a file that no other can open by name.
        block: list[tuple[object, ...]] = marshal.loads(file.read(length))  # noqa: S302 - see above
    except OSError as error:
        raise _refused(error) from error
    return block


def _refused(error: OSError) -> SourceError:
    reason = f"{error.strerror or error}: sorting matches needs room there (TMPDIR)"
    return SourceError(tempfile.gettempdir(), reason)
