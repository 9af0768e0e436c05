"""Name files so that readers of SARIF can use the names.

Code scanning takes a result only if its file is a relative URI reference; it knows no
`s3://`, no absolute path and no `originalUriBaseIds`.  So every name is made relative
and percent-encoded, and what was cut off an address stands as a base for the readers
that do know bases (SARIF 2.1.0 §3.4.4, §3.14.14).
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final
from urllib.parse import quote

from checker.model import Location

ROOT: Final = "SRCROOT"
"""The base of every file that is not in a store of its own."""

RULES: Final = "TRAILCHECK_RULES"
"""The base of the rules that come with trailcheck: they are in no repository of its
users, and a reader must not look for them there."""

_STDIN: Final = frozenset({"", "-", "stdin", "<stdin>", "/dev/stdin"})
_ADDRESS: Final = re.compile(r"(?P<base>[A-Za-z][A-Za-z0-9+.-]*://[^/]*)/?(?P<path>.*)")
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")

# RFC 3986 `pchar` but for the colon, which a reader may take for a scheme's end.
_PATH_SAFE: Final = "/!$&'()*+,;=@~-._"
_BASE_SAFE: Final = "!$&'()*+,;=@~-._:/[]"


class Artifacts:
    """The files of one SARIF run, each numbered when it is first named."""

    def __init__(self, *, bundled: bool = False) -> None:
        self._bundled = bundled
        self._documents: dict[tuple[str, str], dict[str, Any]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._bases: dict[str, str] = {}

    def locate(self, uri: str, *, bundled: bool = False) -> dict[str, Any]:
        """The `artifactLocation` of an input or rule file, by the name it goes by.

        `bundled` files come with trailcheck.
        """
        address, path = split(uri)
        base = self._base(address) if address else RULES if bundled else ROOT
        document = self._documents.get((base, path))
        if document is None:
            document = _document(uri, base, path)
            self._documents[base, path] = document
            self._numbers[base, path] = len(self._numbers)
        return {**document["location"], "index": self._numbers[base, path]}

    def locate_rule(self, path: str) -> dict[str, Any]:
        """The `artifactLocation` of a rule file: a bundled one, or the user's."""
        return self.locate(path, bundled=self._bundled)

    def documents(self) -> list[dict[str, Any]]:
        """The run's `artifacts`."""
        return list(self._documents.values())

    def bases(self) -> dict[str, Any]:
        """The run's `originalUriBaseIds`."""
        where = "The folder in which trailcheck ran."
        own = "The folder of the rules that come with trailcheck."
        bundled = any(base == RULES for base, _ in self._documents)
        return {
            ROOT: {"description": {"text": where}},
            **({RULES: {"description": {"text": own}}} if bundled else {}),
            **{name: {"uri": address} for address, name in self._bases.items()},
        }

    def _base(self, address: str) -> str:
        if address not in self._bases:
            name = re.sub(r"[^A-Z0-9]+", "_", address.rstrip("/").upper())
            taken = set(self._bases.values())
            wanted, number = name, 2
            while wanted in taken:
                wanted, number = f"{name}_{number}", number + 1
            self._bases[address] = wanted
        return self._bases[address]


def split(uri: str) -> tuple[str, str]:
    """The address (`s3://bucket/`, or "" for a file) and the relative URI in it."""
    if uri in _STDIN:
        return "", "stdin.json"
    found = _ADDRESS.fullmatch(uri.replace("\n", "%0A"))
    if found and found["base"].lower() != "file://":
        base = _quote(found["base"], _BASE_SAFE)
        # A key may begin with a slash, which must not make the reference absolute.
        key = _quote(found["path"], _PATH_SAFE)
        key = re.sub(r"^/+", lambda slashes: "%2F" * len(slashes[0]), key)
        return f"{base}/", key or _quote(found["base"].split("//", 1)[1], _PATH_SAFE)
    path = found["path"] if found else uri
    if _DRIVE.match(path):
        path = path[2:].replace("\\", "/")
    parts = posixpath.normpath(path).split("/")
    path = "/".join(part for part in parts if part not in ("", ".", ".."))
    return "", _quote(path, _PATH_SAFE) or "stdin.json"


def region(location: Location) -> dict[str, Any]:
    """The `region` of a location, in Unicode characters of the decompressed text.

    Line and column and offset and length have to denote the same text (§3.30.2), so
    columns are given when the end is known, and the first line's from the offset.
    """
    start: dict[str, Any] = {"startLine": location.start_line}
    if location.start_column is not None:
        start["startColumn"] = location.start_column
    elif location.char_offset is not None and location.start_line == 1:
        start["startColumn"] = location.char_offset + 1
    if location.end_line is not None and location.end_column is not None:
        start["endLine"] = location.end_line
        start["endColumn"] = location.end_column
    if location.char_offset is not None:
        start["charOffset"] = location.char_offset
        if location.char_length is not None:
            start["charLength"] = location.char_length
    return start


def _document(uri: str, base: str, path: str) -> dict[str, Any]:
    roles = ["analysisTarget"]
    if uri in _STDIN:
        roles.append("standardStream")
    document: dict[str, Any] = {
        "location": {"uri": path, "uriBaseId": base},
        "roles": roles,
        "encoding": "utf-8",
    }
    name = path.lower()
    if name.endswith((".yml", ".yaml")):
        document["mimeType"] = "application/yaml"
    elif ".json" in name:
        document["mimeType"] = "application/json"
    if name.endswith(".gz"):
        # Positions refer to the decompressed text: gzip is only its transport.
        document["properties"] = {"contentEncoding": "gzip"}
    return document


def _quote(text: str, safe: str) -> str:
    """Percent-encode UTF-8; undecodable bytes of a file's name stay those bytes."""
    try:
        return quote(text, safe=safe, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(text, safe=safe, errors="replace")
