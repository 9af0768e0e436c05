"""Read and write files of the user's own, which no other user can have written."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

_LARGEST = 256 << 20
"""The bytes of a file that are read at most."""

_IsKind: TypeAlias = Callable[[int], bool]
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path | None:
    """Return the user's cache folder for this program, which need not exist.

    None where there is none that is the user's own, whatever the working folder: a
    relative path is invalid (https://specifications.freedesktop.org/basedir-spec/).
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given / "trailcheck"
    # Unlike Path.expanduser this does not fail where there is no home, and is "/" for
    # an empty HOME, as containers set it for a user whom they do not know.
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - see above
    if home.is_absolute() and home != Path("/"):
        return home / ".cache" / "trailcheck"
    return None


def read_private(path: Path) -> bytes:
    """Return the content of a private file in a folder that only its owner changes.

    Raises `OSError` for any other file or folder.
    """
    _require_own(path.parent.lstat(), stat.S_ISDIR, _OTHERS_WRITE)
    # A FIFO would wait for a writer, a link leads to a file of somebody's choice.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(os.open(path, flags), "rb") as stream:  # noqa: PTH123 - a descriptor
        _require_own(os.fstat(stream.fileno()), stat.S_ISREG, _OTHERS)
        return stream.read(_LARGEST)


def _require_own(found: os.stat_result, kind: _IsKind, forbidden: int) -> None:
    if not kind(found.st_mode):
        raise PermissionError("another kind of file")
    # Windows has neither: there a folder of the user's profile is the user's.
    if hasattr(os, "geteuid") and (
        found.st_uid != os.geteuid() or found.st_mode & forbidden
    ):
        raise PermissionError("others can write it")


def write_private(path: Path, content: bytes) -> None:
    """Put a private file in the place of another, in a folder made for it."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    _require_own(found, stat.S_ISDIR, 0)
    if found.st_mode & _OTHERS_WRITE:
        folder.chmod(0o700)
    # For the user alone, and under a name that cannot be taken already.
    handle, name = tempfile.mkstemp(dir=folder, prefix=path.stem, suffix=".new")
    draft = Path(name)
    try:
        with open(handle, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
