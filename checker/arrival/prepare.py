"""Keep the bundled rules as they were built, beside the function's code.

    python -m checker.arrival.prepare FOLDER

writes `trailcheck-rules.bin` there.  To read a thousand rule files takes seconds, which
no cold start has; what is kept is read in a fraction of one.  A file of another version
is not used.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Final

import msgspec

import checker
from checker.model import AnyRule
from checker.rules import frozen, load

NAME: Final = "trailcheck-rules.bin"
_SIZE: Final = 32


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    version: str
    table: bytes
    rows: list[int]


def write(folder: Path) -> Path:
    """Write the bundled rules into a folder; returns the file."""
    table, rows = frozen.freeze(load())
    content = msgspec.msgpack.encode(_Kept(checker.__version__, table, rows))
    file = folder / NAME
    file.write_bytes(hashlib.sha256(content).digest() + content)
    return file


def read(file: Path) -> list[AnyRule] | None:
    """Return the rules of a file, None if it is not there or not of this version.

    It is part of the code that was deployed, and `frozen` builds nothing but rules.
    """
    try:
        data = file.read_bytes()
        content = data[_SIZE:]
        if hashlib.sha256(content).digest() != data[:_SIZE]:
            return None
        kept = msgspec.msgpack.decode(content, type=_Kept)
        if kept.version != checker.__version__:
            return None
        return frozen.thaw(kept.table, kept.rows)
    except (OSError, ValueError, TypeError, LookupError, msgspec.MsgspecError):
        return None


def main(arguments: list[str]) -> int:
    """Write the rules into the folder that is named."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m checker.arrival.prepare FOLDER\n")
        return 2
    file = write(Path(arguments[0]))
    sys.stderr.write(f"{file}: {file.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
