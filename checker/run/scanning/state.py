"""Keep what earlier runs have done, so that a later one goes on from it.

The state is one SQLite file, which changes in whole steps: a run that is killed leaves
it as it was at its last step.  Whatever stands in it is checked before it is believed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import msgspec

from checker.errors import UsageError
from checker.evaluate.correlation import Signal, located
from checker.model import Location, Unreadable
from checker.run.scanning import correlations
from checker.sources.events.files import Input
from checker.sources.events.remote.query import Remote

VERSION: Final = 1
"""The version of the format; it changes when an older reader would misread it."""

MOST_TOLD: Final = 2_000_000
"""How many findings are remembered as told, about 30 bytes each; the oldest go."""

MOST_HITS: Final = 200_000
"""How many matches are kept for correlations that reach into the next run."""

_EVERY: Final = 2.0
"""Seconds between steps."""

_MARK: Final = 0x74_72_6C_63
_SCHEMA: Final = {
    "facts": "CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "inputs": "CREATE TABLE inputs(uri TEXT PRIMARY KEY, version TEXT) WITHOUT ROWID",
    "told": "CREATE TABLE told(key BLOB PRIMARY KEY, run INTEGER) WITHOUT ROWID",
    "hits": "CREATE TABLE hits(time INTEGER, rule TEXT, key BLOB, hit TEXT, judged)",
    "pending": "CREATE TABLE pending(finding TEXT)",
}
_UNNAMED: Final = re.compile(r"\x1f([0-9a-f]{64})\x1f")
_hits = msgspec.json.Decoder(tuple[Signal, Location | None])
Found = TypeVar("Found", bound=Input | Remote | Unreadable)


def _place(location: Location | None) -> tuple[int | None, ...]:
    if location is None:
        return ()
    return location.start_line, location.char_offset, location.char_length


def _content(hit: Signal) -> str | None:
    """Read `Signal.content` from how the format writes an event without an eventID."""
    written = _UNNAMED.match(hit.event)
    return written[1] if written else None


class State:
    """What earlier runs did.  Use it as a context manager; `finish` makes a run stand.

    Raises `UsageError` for a file that is no state, or another version's, and when
    another run is using it.
    """

    def __init__(self, path: str) -> None:
        """Open the state of a file, which is made if there is none."""
        self.path = path
        self.skipped = 0
        self._underway: dict[str, tuple[str, str]] = {}
        self._stepped = time.monotonic()
        self._before: list[Callable[[], None]] = []
        with self._errors():
            self._table = _opened(path)
        self._run = int(self.fact("run") or 0) + 1
        self.set_fact("run", self._run)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; what was not made to stand is undone."""
        self._table.close()

    def unscanned(self, found: Iterable[Found]) -> Iterator[Found]:
        """Leave out the inputs that an earlier run has scanned as they are now.

        A file is known by its path, size and time of change; an object of S3 by its
        address, size and ETag.  Standard input is never known.
        """
        for each in found:
            uri, version = _identity(each)
            if not uri:
                yield each
                continue
            row = self._one("SELECT version FROM inputs WHERE uri = ?", uri)
            if row == (version,):
                self.skipped += 1
                continue
            self._underway[each.uri] = uri, version
            yield each

    def scanned(self, uri: str) -> None:
        """Remember that an input was read to its end."""
        known = self._underway.pop(uri, None)
        if known is not None:
            self._do("INSERT OR REPLACE INTO inputs VALUES (?, ?)", *known)

    def add(self, key: bytes) -> bool:
        """Remember a finding by its key of 16 bytes; tell whether it is new."""
        return self._do("INSERT OR IGNORE INTO told VALUES (?, ?)", key, self._run) == 1

    def told_before(self, key: bytes) -> bool:
        """Return whether an earlier run has told a finding."""
        row = self._one("SELECT run FROM told WHERE key = ?", key)
        return row is not None and row[0] != self._run

    def keep_hit(self, key: bytes, hit: Signal) -> None:
        """Keep a match for the correlations of later runs."""
        # The hit says it too, but not to the readers of a state before that; nor is
        # `content` in it: they would take a row of more fields for a broken one.
        text = msgspec.json.encode((hit[:-1], correlations.location(hit))).decode()
        values = (hit.time, hit.rule, key, text)
        self._do("INSERT INTO hits VALUES (?, ?, ?, ?, 0)", *values)

    def hits(self, fields: Mapping[str, int]) -> Iterator[tuple[bytes, Signal, bool]]:
        """Return the matches that were kept, of rules that carry so many `fields`.

        With each comes its key, and whether a run that ended well judged it.
        """
        with self._errors():
            for row in self._table.execute("SELECT key, hit, judged FROM hits"):
                key, text, judged = row
                hit, place = _hits.decode(text)
                if fields.get(hit.rule) == len(hit.keys) and isinstance(key, bytes):
                    kept = located(hit._replace(content=_content(hit)), _place(place))
                    yield key, kept, bool(judged)

    def forget_hits(self, spans: Mapping[str, int] | None = None) -> int:
        """Forget the matches that no window of `spans` (ms, by rule) can reach.

        None forgets all.  Gives how many more were forgotten for want of room.
        """
        if spans is None:
            self._do("DELETE FROM hits")
            return 0
        newest = (self._one("SELECT max(time) FROM hits") or (0,))[0] or 0
        for rule, span in spans.items():
            self._do(
                "DELETE FROM hits WHERE rule = ? AND time < ?", rule, newest - span
            )
        return self._do(
            "DELETE FROM hits WHERE rowid IN "
            "(SELECT rowid FROM hits ORDER BY time DESC LIMIT -1 OFFSET ?)",
            MOST_HITS,
        )

    def pend(self, row: object) -> None:
        """Keep a finding until the report that has it is written."""
        self._do("INSERT INTO pending VALUES (?)", json.dumps(row))

    def pending(self) -> Iterator[Any]:
        """Return the findings of a run that ended before its report was written."""
        with self._errors():
            for (text,) in self._table.execute("SELECT finding FROM pending"):
                yield json.loads(text)

    def fact(self, name: str) -> Any:
        """Return something that was remembered by its name, or None."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return row[0] if row else None

    def set_fact(self, name: str, value: str | int) -> None:
        """Remember something by its name."""
        self._do("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    def before_step(self, call: Callable[[], None]) -> None:
        """Call something before each step: what was told must be safe by then."""
        self._before.append(call)

    def step(self, *, now: bool = False) -> None:
        """Let what was done so far stand, every few seconds or `now`."""
        if not now and time.monotonic() - self._stepped < _EVERY:
            return
        for call in self._before:
            call()
        self._do("COMMIT")
        self._do("BEGIN IMMEDIATE")
        self._stepped = time.monotonic()

    def finish(self) -> None:
        """Let the run stand: its report is written."""
        self._do("DELETE FROM pending")
        self._do("UPDATE hits SET judged = 1 WHERE judged = 0")
        number = (self._one("SELECT count(*) FROM told") or (0,))[0]
        if number > MOST_TOLD:
            self._do(
                "DELETE FROM told WHERE key IN (SELECT key FROM told "
                "ORDER BY run LIMIT ?)",
                number - MOST_TOLD,
            )
        self.step(now=True)

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._errors():
            row: tuple[Any, ...] | None = self._table.execute(query, values).fetchone()
            return row

    def _do(self, statement: str, *values: object) -> int:
        with self._errors():
            return self._table.execute(statement, values).rowcount

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # An error of the module itself, such as text that is not UTF-8, has none.
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise UsageError(f"{self.path}: another run is using it") from error
            raise UsageError(f"{self.path}: {error}") from error
        except (sqlite3.Error, ValueError, RecursionError) as error:
            raise UsageError(
                f"{self.path}: it is damaged, or no state of trailcheck ({error})"
            ) from error


def _opened(path: str) -> sqlite3.Connection:
    """Open a state, and make sure that it is one."""
    old = Path(path).is_file() and Path(path).stat().st_size > 0
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
        if old:
            _check(path, table)
            table.execute("BEGIN IMMEDIATE")
            return table
        table.execute("BEGIN IMMEDIATE")
        table.execute(f"PRAGMA application_id = {_MARK}")
        table.execute(f"PRAGMA user_version = {VERSION}")
        for statement in _SCHEMA.values():
            table.execute(statement)
    except BaseException:
        table.close()
        raise
    return table


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
        raise UsageError(f"{path}: it is damaged: remove it, and all is scanned anew")


def _identity(each: Input | Remote | Unreadable) -> tuple[str | None, str]:
    """Return what an input is known by, and what changes whenever its content does."""
    if isinstance(each, Remote) and each.version:
        return each.uri, f"{each.size} {each.version}"
    if isinstance(each, Input) and each.path is not None:
        with contextlib.suppress(OSError):
            found = Path(each.path).stat()
            version = f"{found.st_size} {found.st_mtime_ns}"
            return os.path.realpath(each.path), version
    return None, ""
