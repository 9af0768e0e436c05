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
from checker.model import SUBJECT, Location, Unreadable
from checker.run.scanning import correlations
from checker.run.scanning.state_file import REMOVE, opened, stored
from checker.sources.events.files import Input
from checker.sources.events.remote.query import Remote

MOST_TOLD: Final = 2_000_000
"""How many findings are remembered as told, about 30 bytes each; the oldest go."""

MOST_HITS: Final = 200_000
"""How many matches are kept for correlations that reach into the next run."""

_EVERY: Final = 2.0
"""Seconds between steps."""

_UNNAMED: Final = re.compile(r"\x1f([0-9a-f]{64})\x1f")
_RULE: Final = "rule\x1f"
_FIRST: Final = -62_135_596_800_000
_LAST: Final = 253_402_300_799_999
"""The years 1 and 9999, in milliseconds since 1970: there are no other times."""
_hits = msgspec.json.Decoder(tuple[Signal, Location | None])
Found = TypeVar("Found", bound=Input | Remote | Unreadable)


def _encoded(hit: Signal) -> str:
    # The hit says where it is, too, but not to the readers of a state before that; nor
    # is `content` in it: they would take a row of more fields for a broken one.
    kept = hit[:-1], correlations.location(hit)
    try:
        return msgspec.json.encode(kept).decode()
    except UnicodeEncodeError:
        # The name of its file is not UTF-8.
        return json.dumps(msgspec.to_builtins(kept))


def _decoded(text: str) -> tuple[Signal, Location | None]:
    """Read a match; raises ValueError for what is none."""
    try:
        hit, place = _hits.decode(text)
    except msgspec.DecodeError:
        kept = tuple[Signal, Location | None]
        hit, place = msgspec.convert(json.loads(text), kept)
    if len(hit.about) not in (0, len(SUBJECT)) or not _FIRST <= hit.time <= _LAST:
        raise ValueError("a match has no such fields")
    return hit, place


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
        self.correlated: tuple[str, ...] = ()
        """The rules whose matches have gone into their correlations."""
        self._underway: dict[str, tuple[str | bytes, str]] = {}
        self._stepped = time.monotonic()
        self._before: list[Callable[[], None]] = []
        with self._errors():
            self._table = opened(path)
        try:
            self._run = (self.fact("run") or 0) + 1
            self.set_fact("run", self._run)
        except BaseException:
            self._table.close()
            raise

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
        values = (hit.time, hit.rule, key, _encoded(hit))
        self._do("INSERT INTO hits VALUES (?, ?, ?, ?, 0)", *values)

    def hits(self, fields: Mapping[str, int]) -> Iterator[tuple[bytes, Signal, bool]]:
        """Return the matches that were kept, of rules that carry so many `fields`.

        With each comes its key, and whether a run that ended well judged it.
        """
        with self._errors():
            for row in self._table.execute("SELECT key, hit, judged FROM hits"):
                key, text, judged = row
                hit, place = _decoded(text)
                if fields.get(hit.rule) == len(hit.keys):
                    kept = located(hit._replace(content=_content(hit)), _place(place))
                    yield key, kept, bool(judged)

    def forget_hits(self, spans: Mapping[str, int] | None = None) -> int:
        """Forget the matches that no window of `spans` (ms, by rule) can reach.

        None forgets all but those that no run has judged yet: the run that found them
        was killed.  Gives how many more were forgotten for want of room.
        """
        if spans is None:
            self._do("DELETE FROM hits WHERE judged = 1")
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

    def keep_rule(self, name: str, known: Mapping[str, object]) -> None:
        """Keep what is told of a rule, with the findings of it that are kept."""
        self.set_fact(f"{_RULE}{name}", json.dumps(known))

    def rule(self, name: str) -> Any:
        """Return what was kept of a rule, or None."""
        with self._errors():
            kept = self.fact(f"{_RULE}{name}")
            return None if kept is None else json.loads(kept)

    def damaged(self, what: str) -> UsageError:
        """Return the error for content that cannot be of a state."""
        return UsageError(f"{self.path}: {what} in it is damaged: {REMOVE}")

    def fact(self, name: str) -> Any:
        """Return something that was remembered by its name, or None."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return row[0] if row else None

    def set_fact(self, name: str, value: str | bytes | int) -> None:
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
        self._do("DELETE FROM facts WHERE name GLOB ?", f"{_RULE}*")
        for name in self.correlated:
            self._do("UPDATE hits SET judged = 1 WHERE judged = 0 AND rule = ?", name)
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


def _identity(each: Input | Remote | Unreadable) -> tuple[str | bytes | None, str]:
    """Return what an input is known by, and what changes whenever its content does."""
    if isinstance(each, Remote) and each.version:
        return each.uri, f"{each.size} {each.version}"
    if isinstance(each, Input) and each.path is not None:
        with contextlib.suppress(OSError):
            found = Path(each.path).stat()
            version = f"{found.st_size} {found.st_mtime_ns}"
            return stored(os.path.realpath(each.path)), version
    return None, ""
