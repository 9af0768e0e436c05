"""Read zip archives of event files, member by member.

Their lengths and places are not to be trusted: what they lead into is a problem.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from checker.model import Header, Unreadable
from checker.sources.events import chunks
from checker.sources.events.chunks import Read
from checker.sources.events.compression import StreamError, Total, inflate, refuse_bombs
from checker.sources.events.files import SUFFIXES

_BLOCK = 1 << 20
_LOCAL_HEADER = 30
"""Bytes before a member, at the least (APPNOTE.TXT 4.3.7)."""

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    # zipfile trusts lengths and places: these come of ones that lie.
    ValueError,
    IndexError,
    OverflowError,
    struct.error,
)


def read_stream(
    uri: str, blocks: Iterator[bytes | StreamError], header: type[Header]
) -> Iterator[Read]:
    """Read an archive that comes as a stream, from a temporary file to be sought."""
    with tempfile.TemporaryFile() as copy:
        for block in blocks:
            if isinstance(block, StreamError):
                yield Unreadable(uri, None, block.reason)
                return
            copy.write(block)
        yield from read(uri, copy, header)


def read(uri: str, file: IO[bytes], header: type[Header]) -> Iterator[Read]:
    """Read the members of a zip archive, in its order."""
    try:
        archive = zipfile.ZipFile(file)
    except (*_DAMAGED, NotImplementedError) as error:
        yield Unreadable(uri, None, f"it is a damaged zip archive: {_reason(error)}")
        return
    with archive:
        members = [member for member in archive.infolist() if _is_member(member)]
        if not members:
            yield Unreadable(uri, None, "the zip archive holds no event file")
        if _overlap(members):
            yield Unreadable(
                uri,
                None,
                "members of the zip archive overlap, as in a decompression bomb: it is "
                "not read",
            )
            return
        total = Total(sum(member.compress_size for member in members))
        for member in members:
            member_uri = f"{uri}!{member.filename}"
            yield from _read_member(member_uri, archive, member, header, total)


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Return whether two members share bytes, so that few bytes could make many."""
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
    return False


def _is_member(member: zipfile.ZipInfo) -> bool:
    path = Path(member.filename)
    # A damaged archive may have a member without a name, at which is_dir() stumbles.
    if member.filename.endswith("/") or any(
        part.startswith((".", "__MACOSX")) for part in path.parts
    ):
        return False
    return "." not in path.name or path.name.lower().endswith(SUFFIXES)


def _read_member(
    uri: str,
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    header: type[Header],
    total: Total,
) -> Iterator[Read]:
    if member.filename.lower().endswith(".zip"):
        yield Unreadable(uri, None, "it is a zip archive in another: unpack it first")
        return
    try:
        with archive.open(member) as file:
            blocks = refuse_bombs(_blocks(file), member.compress_size, total)
            yield from chunks.batches(uri, inflate(blocks), header)
    except _DAMAGED as error:
        yield Unreadable(
            uri, None, f"the member of the zip archive is damaged: {_reason(error)}"
        )
    except (RuntimeError, NotImplementedError) as error:
        yield Unreadable(
            uri, None, f"the member of the zip archive cannot be read: {error}"
        )


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
