"""Read the user's table of addresses: which network bears which label.

The table is a CSV file: a network in CIDR notation (or one address), a comma, a label
such as a country, an office or a provider; further columns, blank lines, lines that
begin with `#`, and a first line of headings are left out.  A database of countries by
address that is sold or given away as CSV becomes one by its first columns.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from checker.errors import SourceError
from checker.evaluate.correlation import Addresses


def load_addresses(path: str) -> Addresses:
    """Read a table of addresses.

    Raises `SourceError` when the file cannot be read, holds nothing, or has a line that
    is wrong: a label that is silently missing would let a finding be missing.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SourceError(path, reason) from error
    line = 0

    def rows() -> Iterator[tuple[str, str]]:
        nonlocal line
        for line, network, label in _rows(path, text):  # noqa: B007 - told of below
            yield network, label

    try:
        table = Addresses(rows())
    except ValueError as error:
        raise SourceError(path, f"line {line}: {error}") from error
    if not len(table):
        raise SourceError(path, "no network in it: write lines such as 192.0.2.0/24,NL")
    return table


def _rows(path: str, text: str) -> Iterator[tuple[int, str, str]]:
    headed = False
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        if not row or not row[0].strip() or row[0].lstrip().startswith("#"):
            continue
        network, label = row[0].strip(), row[1].strip() if len(row) > 1 else ""
        if not headed and not any(each in network for each in ".:"):
            headed = True
            continue
        headed = True
        if not label:
            raise SourceError(path, f"line {number}: no label beside {network}")
        yield number, network, label
