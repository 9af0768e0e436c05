"""Write the story of an identity: for people, as JSON, as one page of HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from checker.reports.story import document, page
from checker.reports.story.text import text
from checker.story import Told

FORMATS: Final[Mapping[str, Callable[[Told], Iterator[str]]]] = {
    "json": document.render,
    "html": page.render,
}

__all__ = ["FORMATS", "text"]
