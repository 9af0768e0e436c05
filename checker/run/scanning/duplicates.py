"""Count the events of a run that came more than once, in bounded memory.

CloudTrail names each event by a GUID: 16 bytes.  They are gathered as they come, in a
temporary file where they are many, and compared at the end, part by part.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import hashlib
import re
import struct
import tempfile
import weakref
from collections.abc import Collection, Iterator, Sequence
from typing import IO

import msgspec

from checker.model.columns import EventIds

HELD = 1 << 18
"""How many eventIDs are held in memory before they go to the temporary file."""

_PART = 1 << 16
"""About how many eventIDs are compared at once, some 100 bytes of memory each."""

_MOST_PARTS = 256
"""The most open files, a power of 2.  Beyond this many full parts each grows: at 100
million events one takes 40 MB."""

_AT_ONE_GO = 8
"""So many parts are compared as one: to tell them apart would take longer."""

SIZE = 16
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_BLOCK = 4096
_AT_ONCE = 16
_many = struct.Struct(f"{SIZE}s" * _BLOCK)


class Counted(msgspec.Struct, frozen=True):
    """How often events came again, and which of those asked for came at all.

    `unchecked` events could not be compared, for want of room on the disk: 0 means that
    the other number is exact.
    """

    copies: int
    came: frozenset[str]
    unchecked: int


def pack(event_ids: Sequence[str | None]) -> bytes:
    """Return eventIDs as 16 bytes each; those that are no GUID by a hash, None not."""
    if isinstance(event_ids, EventIds):
        return event_ids.packed
    try:
        text = "".join(event_ids)  # type: ignore[arg-type] # None is an error below
        number, digits = len(event_ids), text.replace("-", "")
        packed = bytes.fromhex(digits)
        # Capitals and white space are no part of CloudTrail's own.
        if (
            len(packed) == SIZE * number
            and packed.hex() == digits
            and max(map(len, event_ids), default=0) * number == len(text)  # type: ignore[arg-type] # likewise
            and all(text[at::36] == "-" * number for at in (8, 13, 18, 23))
        ):
            return packed
    except (TypeError, ValueError):
        pass
    return b"".join([_pack(each) for each in event_ids if each is not None])


def _pack(event_id: str) -> bytes:
    if _UUID.fullmatch(event_id):
        return bytes.fromhex(event_id.replace("-", ""))
    text = event_id.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=SIZE).digest()


class DuplicateCounter:
    """The eventIDs of a run: 16 bytes each, on the disk beyond `HELD` of them.

    Exact whatever their number.
    """

    def __init__(self, held: int = HELD, part: int = _PART) -> None:
        """Begin with none."""
        self._held = held * SIZE
        self._part = part
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None
        self._written = 0
        self._unchecked = 0

    def add(self, packed: bytes) -> None:
        """Take the eventIDs of an input, as `pack` gives them."""
        self._buffer += packed
        if len(self._buffer) > self._held:
            self._spill()

    def finish(self, wanted: Collection[str] = ()) -> Counted:
        """Compare all of them; `wanted` are eventIDs to look for.  May be called again.

        Raises nothing for a full disk: what it could not hold is `unchecked`.
        """
        number = (self._written + len(self._buffer)) // SIZE
        parts = min(1 << (number // self._part).bit_length(), _MOST_PARTS)
        if number <= _AT_ONE_GO * self._part:
            parts = 1
        sought = {_pack(each): each for each in wanted}
        came: set[str] = set()
        copies = 0
        for number, distinct in self._sets(parts):
            copies += number - len(distinct)
            came.update(sought[each] for each in distinct & sought.keys())
        return Counted(copies, frozenset(came), self._unchecked)

    def _spill(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - until the end
                weakref.finalize(self, self._file.close)
            self._file.seek(self._written)
            if self._file.write(self._buffer) != len(self._buffer):
                raise OSError("the disk is full")  # noqa: TRY301 - as the system does
            self._written += len(self._buffer)
        except OSError:
            self._unchecked += len(self._buffer) // SIZE
        self._buffer = bytearray()

    def _blocks(self) -> Iterator[tuple[bytes, ...]]:
        """Return all of them, some thousands at a time."""
        step = _many.size
        if self._file is not None:
            for at in range(0, self._written, step):
                self._file.seek(at)
                yield _split(self._file.read(min(step, self._written - at)))
        for at in range(0, len(self._buffer), step):
            yield _split(bytes(self._buffer[at : at + step]))

    def _sets(self, parts: int) -> Iterator[tuple[int, set[bytes]]]:
        """Return the number of eventIDs of each part, and what they are."""
        if parts == 1:
            distinct: set[bytes] = set()
            number = 0
            for block in self._blocks():
                distinct.update(block)
                number += len(block)
            yield number, distinct
            return
        stores = [_Part() for _ in range(parts)]
        try:
            shares: list[list[bytes]] = [[] for _ in range(parts)]
            puts = [share.append for share in shares]
            for number, block in enumerate(self._blocks(), 1):
                # Python's hash is keyed anew for each run: no input can unbalance it.
                for each in block:
                    puts[hash(each) & parts - 1](each)
                if number % _AT_ONCE == 0:
                    _put_away(shares, stores)
            _put_away(shares, stores)
            for store in stores:
                self._unchecked += store.lost
                yield store.number, store.distinct()
        finally:
            for store in stores:
                store.close()


def _put_away(shares: Sequence[list[bytes]], stores: Sequence[_Part]) -> None:
    for share, store in zip(shares, stores, strict=True):
        store.add(b"".join(share))
        share.clear()


class _Part:
    """The eventIDs of one part, in a file of their own beyond some."""

    def __init__(self) -> None:
        self.number = 0
        self.lost = 0
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None

    def add(self, data: bytes) -> None:
        self._buffer += data
        self.number += len(data) // SIZE
        if len(self._buffer) >= _many.size:
            self._spill()

    def distinct(self) -> set[bytes]:
        found = set(_split(bytes(self._buffer)))
        if self._file is not None:
            self._file.seek(0)
            while data := self._file.read(_many.size):
                found.update(_split(data))
        return found

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _spill(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - until the end
            self._file.write(self._buffer)
            self._file.flush()
        except OSError:
            self.lost += len(self._buffer) // SIZE
            self.number -= len(self._buffer) // SIZE
        self._buffer = bytearray()


def _split(data: bytes) -> tuple[bytes, ...]:
    count = len(data) // SIZE
    if count == _BLOCK:
        return _many.unpack(data)
    return struct.unpack(f"{SIZE}s" * count, data[: count * SIZE])
