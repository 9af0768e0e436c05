"""Answer what can stand at a place, what a word means, and how a problem is fixed."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from checker.authoring.language import context
from checker.authoring.language.buffer import Buffer, rule_names
from checker.authoring.lint import messages, suggestions
from checker.authoring.lint.problem import CHECKS, Problem
from checker.aws import api_models
from checker.aws.non_api_events import EXTRA_EVENTS
from checker.conditions import STANDARD
from checker.documents import schemas

_MOST: Final = 500
_KEY: Final = re.compile(r"(?P<indent> *)(?:- *)?(?P<key>[\w.\"|-]+) *:")
_TAG: Final = re.compile(r"<[^>]*>")
_LONGEST: Final = 600


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be written at a place; `start` is the column at which it begins."""

    text: str
    detail: str
    start: int


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of a text: from a line and column to another column of that line."""

    title: str
    line: int
    start: int
    end: int
    text: str


def choices(buffer: Buffer, line: int, column: int) -> list[Choice]:
    """Return what can be written at a line and column, both from 1."""
    lines = buffer.text.splitlines() or [""]
    text = lines[line - 1] if line <= len(lines) else ""
    before = text[: column - 1]
    key = _key_of(lines, line, before)
    if key in ("eventName", "eventSource"):
        start = column - len(re.search(r"[\w.]*\Z", before)[0])  # type: ignore[index] # matches always
        names = _events(buffer.text) if key == "eventName" else _sources()
        return _chosen(names, before[start - 1 :], start)
    if key == "rules":
        start = column - len(re.search(r"\w*\Z", before)[0])  # type: ignore[index] # matches always
        return _chosen(
            dict.fromkeys(rule_names(buffer.path), ""), before[start - 1 :], start
        )
    if re.fullmatch(r"\w*", before):
        keys = _schema(_kind(buffer)).get("properties", {})
        described = {name: _description(_kind(buffer), name) for name in keys}
        return _chosen(described, before, 1)
    path = context.path_before(text, column)
    base, _, begun = path.rpartition(".")
    found = dict(context.members(buffer.text, base))
    if not base:
        found |= dict.fromkeys(STANDARD, "function")
    return _chosen(found, begun, column - len(begun))


def hover(buffer: Buffer, line: int, column: int) -> str | None:
    """Return what a word means, in Markdown; None where nothing is known."""
    lines = buffer.text.splitlines()
    text = lines[line - 1] if line <= len(lines) else ""
    word = context.word_at(text, column)
    key = _KEY.match(text)
    if key and not key["indent"] and key["key"] == word:
        return _description(_kind(buffer), word) or None
    if word in CHECKS:
        return f"**{word}** ({CHECKS[word].severity.value}): {CHECKS[word].summary}"
    if (
        word in STANDARD
        and text[column - 1 :].lstrip("_abcdefghijklmnopqrstuvwxyz0123456789")[:1]
        == "("
    ):
        function = STANDARD[word]
        return f"**{word}()** takes {len(function.arguments)} arguments"
    for source, call in context.calls(buffer.text):
        if call == word:
            return _operation(source, call)
    base, _, name = word.rpartition(".")
    told = context.members(buffer.text, base).get(name)
    return f"**{word}**: {told}" if told else None


def fixes(buffer: Buffer, problem: Problem) -> Iterator[Fix]:
    """Yield changes that fix a problem, the likeliest first."""
    lines = buffer.text.splitlines()
    if not 0 < problem.line <= len(lines):
        return
    text = lines[problem.line - 1]
    word = re.match(r"['\"]?([\w.-]+)", text[problem.column - 1 :])
    better = _better(buffer, problem, word[1]) if word else None
    if word and better and better != word[1]:
        start = problem.column + word.start(1)
        yield Fix(f"Write {better}", problem.line, start, start + len(word[1]), better)
    if CHECKS[problem.check].severity.value != "error" and "\nlint:" not in buffer.text:
        end = len(lines) + 1
        entry = f"lint:\n  - ignore: {problem.check}\n    reason: "
        yield Fix(f"Ignore {problem.check} here, with a reason", end, 1, 1, entry)


def _better(buffer: Buffer, problem: Problem, word: str) -> str | None:
    """Return what to write for a word that a check does not like."""
    if problem.check == "event-not-in-service":
        return suggestions.closest_event(word, context.sources(buffer.text))
    if problem.check == "event-source-unknown":
        known = set(_sources())
        return messages.nearest(word, known) or (
            f"{word}.amazonaws.com" if f"{word}.amazonaws.com" in known else None
        )
    if problem.check == "rule-unknown":
        return messages.nearest(word, rule_names(buffer.path))
    if problem.check == "unknown-field":
        names = word.split(".")
        for number, name in enumerate(names):
            known = set(context.members(buffer.text, ".".join(names[:number])))
            if known and name not in known:
                spelled = messages.spelling(name, known)
                return (
                    ".".join([*names[:number], spelled, *names[number + 1 :]])
                    if spelled
                    else None
                )
    return None


def _key_of(lines: list[str], line: int, before: str) -> str:
    """Return the key whose value, or whose list's entry, stands at a place."""
    own = re.fullmatch(r" *(?:- *)?(\w+): *\[?(?:[\w.]+, *)*[\w.]*", before)
    if own:
        return own[1]
    entry = re.fullmatch(r"( *)- *[\w.]*", before)
    if not entry:
        return ""
    for above in reversed(lines[: line - 1]):
        key = _KEY.match(above)
        if (
            key
            and len(key["indent"]) <= len(entry[1])
            and not above.lstrip().startswith("-")
        ):
            return key["key"]
    return ""


def _chosen(found: Mapping[str, str], begun: str, start: int) -> list[Choice]:
    wanted = begun.lower()
    names = [name for name in sorted(found) if name.lower().startswith(wanted)]
    return [Choice(name, found[name], start) for name in names[:_MOST]]


def _events(text: str) -> dict[str, str]:
    named = context.sources(text) or []
    return {
        name: source
        for source in named
        for name in (*api_models.operations(source), *EXTRA_EVENTS.get(source, ()))
    }


@functools.cache
def _sources() -> dict[str, str]:
    found = {
        source: services[0].folder
        for source, services in api_models.by_source().items()
    }
    return found | dict.fromkeys(EXTRA_EVENTS, "events without an API call")


def _kind(buffer: Buffer) -> str:
    if buffer.is_cases:
        return "cases"
    for kind in ("correlation", "configuration"):
        if re.search(rf"^{kind}:", buffer.text, re.MULTILINE):
            return kind
    return "detection"


@functools.cache
def _schema(kind: str) -> Mapping[str, Any]:
    return schemas.standalone(kind)


def _description(kind: str, key: str) -> str:
    schema = _schema(kind)
    part = schema.get("properties", {}).get(key, {})
    name = str(part.get("$ref", "")).rsplit("/", 1)[-1]
    told = part.get("description") or schema.get("$defs", {}).get(name, {}).get(
        "description", ""
    )
    return str(told)


def _operation(source: str, call: str) -> str:
    """Describe a call in AWS's words."""
    service = api_models.operations(source)[call][0]
    told = api_models.model(service)["operations"][call].get("documentation", "")
    text = " ".join(html.unescape(_TAG.sub(" ", told)).split())
    if len(text) > _LONGEST:
        text = text[: text.rfind(" ", 0, _LONGEST)] + " …"
    return f"**{call}** ({source})" + (f"\n\n{text}" if text else "")
