"""Find digest files and the log files that they name, on disk.

A copy of a bucket is known by its layout: whatever stands before `AWSLogs/` in a path
is the copy's folder, the bucket or the trail's prefix.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from checker.errors import SourceError

MARK: Final = "AWSLogs/"
SUFFIXES: Final = (".json.gz", ".json")
MAX_BYTES: Final = 1 << 30
"""More than this is no file of CloudTrail's, whose log files end at 50 MB."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was found: `state` is `here`, `gone`, `damaged` or `unread`.

    `text` is what was compressed; `path` is the key, or the path on disk.
    """

    uri: str
    path: str
    state: str
    text: bytes = b""
    reason: str = ""
    bucket: str | None = None
    signature: str | None = None
    algorithm: str | None = None


@dataclass(slots=True)
class Folder:
    """Copies of buckets on disk.

    `only` holds the files that were named one by one: what is said of others of the
    same tree is of no interest.
    """

    digests: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    only: set[str] = field(default_factory=set)
    _names: dict[str, list[str]] = field(default_factory=dict)

    def find(self, bucket: str, key: str) -> Found:
        """Read the copy of an object; the one whose path agrees most is taken."""
        name = key.rpartition("/")[2]
        paths = [
            path
            for each in (name, name.removesuffix(".gz"))
            for path in self._names.get(each, ())
        ]
        best = max(paths, key=lambda path: _agreement(path, bucket, key), default=None)
        if best is None or (MARK in best and not _agreement(best, bucket, key)):
            place = f"s3://{bucket}/{key}"
            return Found(place, key, "gone")
        return self.read(best)

    def read(self, path: str) -> Found:
        """Read one file by its path."""
        try:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            reason = f"it cannot be read: {error.strerror or error}"
            return Found(path, path, "unread", reason=reason)
        return inflated(path, path, data)

    def add(self, path: str) -> None:
        """Take one file into the index."""
        self._names.setdefault(Path(path).name, []).append(path)
        (self.digests if is_digest(path) else self.logs).append(path)


def folder(inputs: Sequence[str]) -> Folder:
    """Look through folders, and through the whole copy that a named file is of.

    Raises `SourceError` for a path that does not exist.
    """
    found = Folder()
    roots: list[Path] = []
    for given in inputs:
        path = Path(given)
        if not path.exists():
            raise SourceError(given, "there is no such file or folder")
        if path.is_dir():
            roots.append(path)
        else:
            found.only.add(path.as_posix())
            roots.append(_root(path))
    paths = {path.as_posix(): None for root in roots for path in _walk(root)}
    for each in paths:
        found.add(each)
    return found


def is_digest(path: str) -> bool:
    """Describe by its name whether a file is a digest."""
    return "_CloudTrail-Digest_" in path.rpartition("/")[2]


def inflated(uri: str, path: str, data: bytes) -> Found:
    """Return a file's text; one that is not compressed is its own text."""
    if not data.startswith(b"\x1f\x8b"):
        return Found(uri, path, "here", data)
    try:
        text = _gunzip(data)
    except (zlib.error, EOFError) as error:
        return Found(uri, path, "damaged", reason=f"its gzip is damaged: {error}")
    return Found(uri, path, "here", text)


def _gunzip(data: bytes) -> bytes:
    """Inflate every member; what follows the last one is no part of a log file."""
    parts = []
    room = MAX_BYTES
    while data:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        parts.append(member.decompress(data, room))
        room -= len(parts[-1])
        if not member.eof:
            raise EOFError("it ends too early" if room else "it is too large")
        data = member.unused_data
    return b"".join(parts)


def _agreement(path: str, bucket: str, key: str) -> int:
    """How much of an object's address the path of a copy has, 0 for none."""
    plain = key.removesuffix(".gz")
    if f"/{path}".endswith((f"/{bucket}/{key}", f"/{bucket}/{plain}")):
        return 3
    if f"/{path}".endswith((f"/{key}", f"/{plain}")):
        return 2
    at = key.rfind(MARK)
    return int(at >= 0 and f"/{path}".endswith((f"/{key[at:]}", f"/{plain[at:]}")))


def _root(path: Path) -> Path:
    """The folder above `AWSLogs` of the copy, or the file's own."""
    for parent in path.parents:
        if parent.name == MARK.rstrip("/"):
            return parent.parent
    return path.parent


def _walk(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.name.endswith(SUFFIXES) and path.is_file():
            yield path
