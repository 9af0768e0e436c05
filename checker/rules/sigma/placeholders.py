"""Put values in the place of placeholders, in keys with the modifier `expand`.

A value means what it would mean if the rule had it: wildcards and the other modifiers
of the key hold for it.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-appendix-modifiers.md
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import structs

from checker import documents
from checker.documents import Document, Path
from checker.errors import DocumentError

Placeholders: TypeAlias = Mapping[str, Sequence[str]]
"""The values of each placeholder, by its name."""

NONE: Placeholders = {}

_PLACEHOLDER = re.compile(r"(?<!\\)%([^%\s]+)%")
_MOST = 10_000


def put_in(
    document: Document, block: str, known: Placeholders, problems: list[DocumentError]
) -> Document:
    """Return a document with values for the placeholders of a block of its rule.

    Placeholders without values go to `problems`.
    """
    written = document.value[block]
    if not isinstance(written, dict):
        return document
    made = _Expansion(document, known, problems).of(written, (block,))
    return structs.replace(document, value={**document.value, block: made})


class _Expansion:
    """Copies a part of a document with values for its placeholders."""

    def __init__(
        self, document: Document, known: Placeholders, problems: list[DocumentError]
    ) -> None:
        self._document = document
        self._known = known
        self._problems = problems

    def of(self, written: Any, at: Path) -> Any:
        """Return what is written at a path, with the values in it."""
        if isinstance(written, dict):
            return {
                key: self._values(value, (*at, key))
                if "expand" in _modifiers(key)
                else self.of(value, (*at, key))
                for key, value in written.items()
            }
        if isinstance(written, list):
            return [self.of(each, (*at, index)) for index, each in enumerate(written)]
        return written

    def _values(self, written: Any, at: Path) -> Any:
        """Return the values of a key: what one has more of than one goes to the end.

        So each that is in the file keeps its place in it.
        """
        given = written if isinstance(written, list) else [written]
        first, more = [], []
        for index, value in enumerate(given):
            place = (*at, index) if isinstance(written, list) else at
            texts = self._texts(value, place) if isinstance(value, str) else [value]
            first += texts[:1]
            more += texts[1:]
            if len(more) > _MOST:
                message = f"its placeholders make more than {_MOST:,} values"
                self._problems.append(self._document.error(message, place))
                return first
        found = first + more
        return found if len(found) > 1 or isinstance(written, list) else found[0]

    def _texts(self, value: str, at: Path) -> list[Any]:
        names = _PLACEHOLDER.findall(value)
        unknown = [name for name in dict.fromkeys(names) if not self._known.get(name)]
        for name in unknown:
            self._problems.append(self._document.error(self._unknown(name), at))
        if unknown:
            return [value]
        found = _filled(value, [self._known[name] for name in names])
        return list(itertools.islice(found, _MOST + 2))

    def _unknown(self, name: str) -> str:
        hint = documents.nearest(name, list(self._known))
        key = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
        return (
            f"the placeholder '%{name}%' has no values: set placeholders.{key} "
            f"in the configuration (trailcheck.toml, or --config){hint}"
        )


def _modifiers(key: object) -> list[str]:
    return [part.strip() for part in str(key).split("|")[1:]]


def _filled(value: str, values: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a text with each combination of values in its placeholders."""
    between = [part.replace(r"\%", "%") for part in _PLACEHOLDER.split(value)[::2]]
    for chosen in itertools.product(*values):
        pairs = zip(between, (*chosen, ""), strict=True)
        yield "".join(text for pair in pairs for text in pair)
