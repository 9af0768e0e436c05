"""Remember what a run has told, in bounded memory and exactly."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

MOST = 200_000
"""How many keys, of about 100 bytes, are in memory before the disk takes over."""

_CACHE = 4 << 10
"""KiB that SQLite may hold in memory."""


class KeySet:
    """The keys of one run: a set, then a temporary SQLite table.

    The table goes with it.
    """

    def __init__(self, most: int = MOST) -> None:
        """Begin with none."""
        self._most = most
        self._keys: set[bytes] = set()
        self._table: sqlite3.Connection | None = None

    def add(self, key: bytes) -> bool:
        """Add a key, and return whether it is new."""
        if self._table is not None:
            row = self._table.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,))
            return row.rowcount == 1
        if key in self._keys:
            return False
        self._keys.add(key)
        if len(self._keys) > self._most:
            self._move()
        return True

    def _move(self) -> None:
        import sqlite3

        # No name means a file of its own, which SQLite deletes.
        self._table = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._table.close)
        self._table.execute("PRAGMA journal_mode = OFF")
        self._table.execute("PRAGMA synchronous = OFF")
        self._table.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._table.execute("CREATE TABLE seen(key BLOB PRIMARY KEY) WITHOUT ROWID")
        self._table.execute("BEGIN")
        rows = ((key,) for key in sorted(self._keys))
        self._table.executemany("INSERT INTO seen VALUES (?)", rows)
        self._keys = set()
