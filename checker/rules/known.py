"""Remember which rule files fitted their schema, so as not to ask again.

Holding several hundred rules against a JSON Schema takes longer than all the rest of
loading them, and gives the same answer until a rule or a schema changes.  Only the
digests of files that fitted are kept; whoever loses them, or may not write them, loses
a quarter of a second.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from checker import resources

_MOST = 20_000


class Known:
    """The digests of texts that fitted a schema, read once and saved when they grow."""

    def __init__(self, path: Path) -> None:
        """Read the digests kept at a path; none if there is no such file."""
        self._path = path
        self._new = False
        try:
            self._digests = set(path.read_text(encoding="ascii").split())
        except (OSError, UnicodeDecodeError):
            self._digests = set()

    def __contains__(self, digest: str) -> bool:
        """Return whether a text of this digest fitted."""
        return digest in self._digests

    def add(self, digest: str) -> None:
        """Remember that a text fitted."""
        if len(self._digests) < _MOST:
            self._new = self._new or digest not in self._digests
            self._digests.add(digest)

    def save(self) -> None:
        """Write what was added; a folder that cannot be written to is left alone."""
        if not self._new:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}")
            draft.write_text("\n".join(sorted(self._digests)), encoding="ascii")
            draft.replace(self._path)
        except OSError:
            return


def opened() -> Known:
    """Open what is known under today's schemas, in the user's cache folder."""
    return Known(cache_folder() / f"fitted-{schemas()}.txt")


def cache_folder() -> Path:
    """Return the user's cache folder for this program; it need not be there."""
    # Unlike Path.expanduser this does not fail where there is no home.
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - see above
    return Path(home) / "trailcheck"


def digest(kind: str, text: str) -> str:
    """Return the digest of a rule file's text, of one kind."""
    return hashlib.blake2b(f"{kind}\0{text}".encode(), digest_size=16).hexdigest()


@functools.cache
def schemas() -> str:
    """Return the digest of the schemas."""
    folder = resources.root() / "schemas"
    every = sorted(folder.iterdir(), key=lambda file: file.name)
    found = hashlib.blake2b(digest_size=8)
    for file in every:
        found.update(file.read_bytes())
    return found.hexdigest()
