"""Read what a Sigma document says of itself, as this project's rules have it.

Nothing but the title is mandatory here: a rule runs without an author.
"""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from checker.conditions import show
from checker.documents import Document
from checker.errors import ConditionError, DocumentError
from checker.model import Level, Related
from checker.rules.sigma.fields import path_of

STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")
DEFAULT_STATUS = "experimental"
DEFAULT_LEVEL = Level.MEDIUM
"""The level of a rule that names none."""

_SPACE = uuid.UUID("c1e2ac0f-6b1d-4f0e-9a6b-7a2fb0f0a3d4")
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})\Z")
_LONGEST = 80


def common(document: Document, problems: list[DocumentError]) -> dict[str, Any]:
    """Return the fields of `model.Rule` but for the name; mistakes go to `problems`."""
    value: Mapping[str, Any] = document.value
    title = value.get("title")
    if not isinstance(title, str) or not title.strip():
        message = "'title' is missing" if title is None else "'title' must be text"
        problems.append(document.error(message, ("title",)))
        title = ""
    title = " ".join(title.split())
    identifier = value.get("id")
    return {
        "path": document.path,
        "line": document.key_position(("title",))[0],
        "title": title,
        "id": str(identifier).lower() if identifier else _made_up_id(value),
        "level": _level(document, problems),
        "status": _word(document, "status", STATUSES, DEFAULT_STATUS, problems),
        "description": _text(value.get("description")),
        "author": _text(value.get("author")),
        "license": _text(value.get("license")),
        "date": _date(value.get("date")),
        "modified": _date(value.get("modified")),
        "references": _texts(value.get("references")),
        "tags": _texts(value.get("tags")),
        "falsepositives": _texts(value.get("falsepositives")),
        "fields": _fields(value.get("fields")),
        "related": tuple(_related(value.get("related"))),
        "logsource": _logsource(value.get("logsource")),
    }


def slug(text: str) -> str:
    """Return text as a name: lower case, with `_` for what is no letter or digit."""
    found = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST].rstrip("_")
    if not found:
        return "rule"
    return found if found[0].isalpha() else f"rule_{found}"[:_LONGEST]


def _made_up_id(value: Mapping[str, Any]) -> str:
    """Return an id for a rule without one: the same for the same document."""
    return str(uuid.uuid5(_SPACE, json.dumps(value, sort_keys=True, default=str)))


def _level(document: Document, problems: list[DocumentError]) -> Level:
    words = tuple(level.value for level in Level)
    return Level(_word(document, "level", words, DEFAULT_LEVEL.value, problems))


def _word(
    document: Document,
    key: str,
    words: tuple[str, ...],
    default: str,
    problems: list[DocumentError],
) -> str:
    value = document.value.get(key)
    if value is None:
        return default
    if isinstance(value, str) and value.lower() in words:
        return value.lower()
    message = f"'{key}' must be one of {', '.join(words)}"
    problems.append(document.error(message, (key,)))
    return default


def _text(value: object) -> str | None:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return None if value is None or value == "" else str(value).strip()


def _texts(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    found = [str(each) for each in given if isinstance(each, str | int | float)]
    return tuple(dict.fromkeys(each for each in found if each))


def _date(value: object) -> str | None:
    found = _DATE.match(str(value))
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found else None


def _fields(value: object) -> tuple[str, ...]:
    """Return the fields to show, as paths; what names none is no reason to refuse."""
    found = []
    for name in _texts(value):
        with contextlib.suppress(ConditionError):
            found.append(show(path_of(name.replace("[]", ""))))
    return tuple(dict.fromkeys(found))


def _related(value: object) -> list[Related]:
    entries = value if isinstance(value, list) else []
    return [
        Related(str(entry["id"]).lower(), str(entry["type"]))
        for entry in entries
        if isinstance(entry, dict) and entry.get("id") and entry.get("type")
    ]


def _logsource(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    known = ("product", "service", "category", "definition")
    return {key: str(value[key]) for key in known if value.get(key) is not None}
