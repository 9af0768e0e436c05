"""Undo compression in bounded memory: gzip and Zstandard, by content.

Failures are values: a stream that cannot be inflated to its end yields a `StreamError`
as its last item.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import msgspec
from isal import igzip_lib

STEP = 8 << 20
"""The most bytes that one item of an inflated stream holds."""

RATIO = 300
FREE = 16 << 20
"""Above `FREE` bytes, text more than `RATIO` times its compressed size is refused.

CloudTrail's own files are 10 to 30 times smaller than their text; DEFLATE can reach
1,032 times, which only a bomb does.
"""

_MOST_TOTAL = 256 << 20
_LAYERS = 3
_SPARE = 64
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


class StreamError(msgspec.Struct, frozen=True):
    """Why a stream ends before its end.

    `intact` says that the bytes which came before are what the writer wrote, as in a
    file that was cut off; else nothing of them can be trusted.
    """

    reason: str
    intact: bool


Stream: TypeAlias = Iterator[bytes | StreamError]


class _Decompressor(Protocol):
    """What gzip's and Zstandard's decompressors have in common."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


@dataclass
class _Meter:
    """How many compressed bytes were read so far."""

    read: int = 0

    def count(self, blocks: Iterable[bytes | StreamError]) -> Stream:
        for block in blocks:
            if isinstance(block, bytes):
                self.read += len(block)
            yield block


def inflate(blocks: Iterable[bytes | StreamError]) -> Stream:
    """Return the text of a stream of bytes, whatever it is compressed with.

    Members of a gzip file, and frames of a Zstandard one, follow each other freely; a
    compressed stream inside another (a download that was compressed twice) is inflated
    too.  What is not compressed passes through.
    """
    meter = _Meter()
    stream: Stream = meter.count(blocks)
    for _ in range(_LAYERS):
        head, stream = _peek(stream)
        if head.startswith(_GZIP):
            stream = _expand(stream, meter, "gzip", _GZIP, _gunzip)
        elif head.startswith(_ZSTD):
            unzstd = _zstandard()
            if isinstance(unzstd, StreamError):
                return iter([unzstd])
            stream = _expand(stream, meter, "Zstandard", _ZSTD, unzstd)
        else:
            return stream
    return iter(
        [
            StreamError(
                "it is compressed over and over, which no log file is", intact=True
            )
        ]
    )


def inflate_whole(data: bytes) -> bytes | None:
    """Return the text of a gzip file that is whole, as CloudTrail writes them.

    None for any other, which `inflate` reads: this is for very many small files.
    """
    if not data.startswith(_GZIP):
        return None
    member = _gunzip()
    try:
        text = member.decompress(data, _room(data))
    except _errors():
        return None
    ends = member.eof and not member.unused_data and not _is_bomb(len(text), len(data))
    return None if not ends or text.startswith((_GZIP, _ZSTD)) else text


@dataclass
class Total:
    """The bytes of all members of an archive, and of their text so far."""

    compressed: int
    produced: int = 0

    def is_bomb(self) -> bool:
        """Return whether the members together are a bomb."""
        return self.produced > _MOST_TOTAL and _is_bomb(self.produced, self.compressed)


def refuse_bombs(stream: Iterable[bytes], compressed: int, total: Total) -> Stream:
    """Pass a stream through until it is absurdly larger than `compressed` bytes.

    It counts into `total`, which is refused likewise.
    """
    produced = 0
    for block in stream:
        produced += len(block)
        total.produced += len(block)
        if _is_bomb(produced, compressed) or total.is_bomb():
            yield _bomb()
            return
        yield block


def _gunzip() -> _Decompressor:
    made: _Decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    return made


def _zstandard() -> Callable[[], _Decompressor] | StreamError:
    """Python's own module from 3.14 on, its backport before; neither is required."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = __import__(name, fromlist=["ZstdDecompressor"])
        except ImportError:
            continue
        made: Callable[[], _Decompressor] = module.ZstdDecompressor
        return made
    return StreamError(
        "it is compressed with Zstandard: install the package backports.zstd, "
        "or decompress it first (zstd -d)",
        intact=True,
    )


def _peek(stream: Stream) -> tuple[bytes, Stream]:
    """Return the first bytes of a stream, and the whole stream again."""
    held: list[bytes | StreamError] = []
    head = b""
    for block in stream:
        held.append(block)
        if isinstance(block, StreamError):
            break
        head += block[:4]
        if len(head) >= 4:
            break
    return head, itertools.chain(held, stream)


def _expand(  # noqa: C901 - one state machine, clearer in one piece
    stream: Stream,
    meter: _Meter,
    name: str,
    magic: bytes,
    make: Callable[[], _Decompressor],
) -> Stream:
    """Inflate member after member, at most `STEP` bytes at a time."""
    produced = 0
    member: _Decompressor | None = None
    rest = b""
    for block in stream:
        if isinstance(block, StreamError):
            yield block
            return
        rest += block
        while rest or member:
            if member is None:
                # gzip files may be padded with zeros
                rest = rest.lstrip(b"\0")
                if len(rest) < len(magic):
                    break
                if not rest.startswith(magic):
                    yield _follows(name)
                    return
                member = make()
            text = _step(member, rest, name)
            produced += len(text) if isinstance(text, bytes) else 0
            text = _bomb() if _is_bomb(produced, meter.read) else text
            if text:
                yield text
            if isinstance(text, StreamError):
                return
            rest, member, hungry = _after(member)
            if hungry:
                break
    if member is not None:
        yield StreamError(
            f"the {name} data ends before its end: the file was cut off", intact=True
        )
    elif rest.strip(b"\0"):
        yield _follows(name)


def _after(member: _Decompressor) -> tuple[bytes, _Decompressor | None, bool]:
    """Return what is left to inflate, its member, and if it wants more."""
    if member.eof:
        return member.unused_data, None, False
    return b"", member, member.needs_input


def _follows(name: str) -> StreamError:
    return StreamError(f"bytes that are not {name} follow its data", intact=True)


def _step(member: _Decompressor, data: bytes, name: str) -> bytes | StreamError:
    """One call of a decompressor; each library has an exception of its own."""
    try:
        return member.decompress(data, _room(data))
    except _errors() as error:
        return StreamError(f"its {name} data is damaged ({error})", intact=False)


def _room(data: bytes) -> int:
    """Choose how much text to ask for: all of a small gzip file, and in one piece.

    A gzip member ends with the size of its text (RFC 1952 §2.3.1), which is only a
    hint here.  With room for all of it, isal inflates 1.7 times as fast.  Without new
    bytes, what is left comes of bytes read before, and there is no hint.
    """
    size = int.from_bytes(data[-4:], "little")
    return min(size + _SPARE, STEP) if size >= len(data) > 0 else STEP


def _errors() -> tuple[type[Exception], ...]:
    found: list[Any] = [igzip_lib.IsalError, EOFError, ValueError]
    for name in ("compression.zstd", "backports.zstd"):
        try:
            found.append(__import__(name, fromlist=["ZstdError"]).ZstdError)
        except ImportError:
            continue
    return tuple(found)


def _is_bomb(produced: int, compressed: int) -> bool:
    return produced > FREE and produced > RATIO * compressed


def _bomb() -> StreamError:
    return StreamError(
        f"it inflates to more than {RATIO} times its size, as a decompression bomb "
        "does: reading stopped",
        intact=True,
    )
