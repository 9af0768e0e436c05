"""Open the file of a state, and make sure that it is one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from checker.errors import UsageError

VERSION: Final = 1
"""The version of the format; it changes when an older reader would misread it."""

REMOVE: Final = "remove it, and all is scanned anew"

_MARK: Final = 0x74_72_6C_63
_SCHEMA: Final = {
    "facts": "CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "inputs": "CREATE TABLE inputs(uri TEXT PRIMARY KEY, version TEXT) WITHOUT ROWID",
    "told": "CREATE TABLE told(key BLOB PRIMARY KEY, run INTEGER) WITHOUT ROWID",
    "hits": "CREATE TABLE hits(time INTEGER, rule TEXT, key BLOB, hit TEXT, judged)",
    "pending": "CREATE TABLE pending(finding TEXT)",
}

_MOST_RUNS: Final = 1 << 62
_WRONG: Final = {
    "facts": f"""typeof(name) != 'text'
        OR name = 'run' AND (typeof(value) != 'integer'
            OR value NOT BETWEEN 0 AND {_MOST_RUNS})
        OR name = 'offset' AND (typeof(value) != 'integer' OR value < 0)
        OR name NOT IN ('run', 'offset') AND typeof(value) NOT IN ('text', 'blob')""",
    "inputs": "typeof(uri) NOT IN ('text', 'blob') OR typeof(version) != 'text'",
    "told": "typeof(key) != 'blob' OR length(key) != 16 OR typeof(run) != 'integer'",
    "hits": """typeof(time) != 'integer' OR typeof(rule) != 'text'
        OR typeof(key) != 'blob' OR length(key) != 16 OR typeof(hit) != 'text'
        OR judged NOT IN (0, 1)""",
    "pending": "typeof(finding) != 'text'",
}
"""What no row of a table is: SQLite's types are those of values, not of columns."""

_HEADER: Final = b"SQLite format 3\0"
_WAL: Final = slice(18, 20)
"""Where SQLite's header has the kind of its journal: 1, or 2 for a WAL, which no state
has.  https://www.sqlite.org/fileformat.html#the_database_header"""


def opened(path: str) -> sqlite3.Connection:
    """Open a state, which is made if there is none; it holds the file alone.

    Raises `UsageError` for what is no state, which stays as it is.
    """
    _look(path)
    table = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        for pragma in (
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "locking_mode = EXCLUSIVE",
            "synchronous = FULL",
            "cache_size = -8192",
        ):
            table.execute(f"PRAGMA {pragma}")
        # A run that was killed before its first step may have left a journal, which
        # is undone with the first look into the file: only then is it known to be new.
        (pages,) = table.execute("PRAGMA page_count").fetchone()
        if pages:
            _check(path, table)
        else:
            _make(table)
        table.execute("BEGIN IMMEDIATE")
    except BaseException:
        table.close()
        raise
    return table


def stored(name: str) -> str | bytes:
    """Return a path as a state keeps it: as bytes where it is not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def _look(path: str) -> None:
    """Refuse what SQLite would wait for, or change, before it looks at it."""
    place = Path(path)
    if not place.exists():
        return
    if not place.is_file():
        raise UsageError(f"{path}: not a regular file: name another file")
    try:
        with place.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    if header and not header.startswith(_HEADER):
        raise UsageError(f"{path}: it is no state of trailcheck: name another file")
    if 2 in header[_WAL]:
        raise UsageError(f"{path}: it is damaged: {REMOVE}")


def _make(table: sqlite3.Connection) -> None:
    table.execute("BEGIN IMMEDIATE")
    table.execute(f"PRAGMA application_id = {_MARK}")
    table.execute(f"PRAGMA user_version = {VERSION}")
    for statement in _SCHEMA.values():
        table.execute(statement)
    table.execute("COMMIT")


def _check(path: str, table: sqlite3.Connection) -> None:
    """Refuse what is no state: it may hold anything, and must not be written to."""
    (mark,) = table.execute("PRAGMA application_id").fetchone()
    if mark != _MARK:
        raise UsageError(f"{path}: it is no state of trailcheck: name another file")
    (version,) = table.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        raise UsageError(
            f"{path}: its format is version {version}, and this is version {VERSION}: "
            "name another file, and everything is scanned anew"
        )
    rows = table.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    (sound,) = table.execute("PRAGMA quick_check(1)").fetchone()
    if dict(rows) != _SCHEMA or sound != "ok":
        raise UsageError(f"{path}: it is damaged: {REMOVE}")
    for name, wrong in _WRONG.items():
        query = f"SELECT 1 FROM {name} WHERE {wrong} LIMIT 1"  # noqa: S608 - both are ours
        if table.execute(query).fetchone():
            raise UsageError(f"{path}: the table {name} is damaged: {REMOVE}")
