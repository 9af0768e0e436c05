"""This module reads YAML and JSON that people write, strictly and with positions.

YAML is read as JSON with another face: `true`, `false`, `null` and JSON's numbers are
themselves, everything else is text (so that `no`, `2026-11-21` and the account id
`012345678901` stay what they look like).  Aliases, tags, merge keys, duplicate keys and
several documents in one file are mistakes.  Nothing is ever executed or expanded, so a
hostile file costs no more than its size.  Other people's files may use tags that their
format defines: CloudFormation's `!Ref x` is read as `{"Ref": "x"}`, if asked for.

It is the only importer of yaml and jsonschema; both load on first use.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from checker import resources
from checker.errors import DocumentError

Path: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f]"
)
_RESERVED = re.compile(r"""(?:[\w."-]+:|-)\s+([!&*@`%\[{|>])""")


@dataclass(frozen=True, slots=True)
class Scalar:
    """How a text stands in its file: where it starts, where it ends, in which style.

    `line` and `column` count from 1; `style` is YAML's indicator (`'`, `"`, `|`, `>`)
    or empty for plain text.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    style: str


@dataclass(frozen=True, slots=True)
class Document:
    """One file's value, with the position of every key and value in it.

    `value` is None when the file could not be understood at all; `problems` lists what
    was wrong with it as text (not against any schema).
    """

    path: str
    text: str
    value: Any
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    values: Mapping[Path, Scalar] = field(default_factory=dict)
    problems: tuple[DocumentError, ...] = ()

    def at(self, path: Path) -> Any:
        """Give the value at a path; raises KeyError or IndexError if none is there."""
        return functools.reduce(lambda node, key: node[key], path, self.value)

    def position(self, path: Path) -> tuple[int, int]:
        """Give the (line, column) of a value, or of the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        scalar = self.values.get(path)
        return (scalar.line, scalar.column) if scalar else (1, 1)

    def key_position(self, path: Path) -> tuple[int, int]:
        """Give the (line, column) of a key, or of the nearest thing around it."""
        return self.keys.get(path) or self.position(path)

    def error(
        self, message: str, path: Path = (), *, key: bool = False
    ) -> DocumentError:
        """Make a mistake that points at a value, or at its key."""
        line, column = self.key_position(path) if key else self.position(path)
        return DocumentError(message, self.path, line, column)

    def offset_position(self, path: Path, offset: int) -> tuple[int, int]:
        """Give the (line, column) of a character (from 0) inside a text value.

        Exact for plain, quoted and literal (`|`) text; folded (`>`) and escaped text
        is reported at its start.
        """
        scalar = self.values.get(path)
        value = self.at(path)
        if scalar is None or not isinstance(value, str):
            return self.position(path)
        if scalar.style == "|":
            before = value[:offset]
            line = scalar.line + 1 + before.count("\n")
            source = self.text.splitlines()[scalar.line : line]
            if not source:
                return scalar.line, scalar.column
            first = next((text for text in source if text.strip()), "")
            indent = len(first) - len(first.lstrip(" "))
            return line, indent + offset - (before.rfind("\n") + 1) + 1
        if scalar.style in ("", "'") and scalar.line == scalar.end_line:
            quotes = value[:offset].count("'") + 1 if scalar.style else 0
            return scalar.line, scalar.column + offset + quotes
        return scalar.line, scalar.column


Tags: TypeAlias = Callable[[str], str | None]
"""Gives the key for a tag without its `!`, or None where the tag is a mistake."""


def load_yaml(
    path: str, data: bytes, *, limit: int = MAX_BYTES, tags: Tags | None = None
) -> Document:
    """Read one YAML file; mistakes are in the document's `problems`.

    `path` is what messages call the file; `limit` is in bytes.  A tagged value is read
    as a map of one key, which `tags` names; without `tags` every tag is a mistake.
    """
    text, problem = _decode(path, data, limit)
    if problem:
        return Document(path, "", None, problems=(problem,))
    return _Builder(path, text, tags).build()


def load_json(path: str, text: str) -> Document:
    """Read one JSON file that is small enough to want positions for.

    JSON's syntax is checked by the json module; positions are found when `check` has
    something to point at.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = DocumentError(
            f"not JSON: {error.msg}", path, error.lineno, error.colno
        )
        return Document(path, text, None, problems=(problem,))
    except (ValueError, RecursionError) as error:
        return Document(
            path, text, None, problems=(DocumentError(f"not JSON: {error}", path),)
        )
    return Document(path, text, value)


def check(document: Document, schema: str) -> list[DocumentError]:
    """Hold a document against one of our schemas (`detection`, `cases` …).

    Every mistake is listed, in the order of the file, once for each place.
    """
    errors = list(_validator(schema).iter_errors(document.value))
    if errors and not document.values:
        document = _placed(document)
    found = {
        (error.line, error.column, error.message): error
        for error in _explain(document, errors)
    }
    return [found[key] for key in sorted(found)]


def nearest(word: str, words: Sequence[str]) -> str:
    """Give " - did you mean 'x'?" for a misspelt word, or nothing."""
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f" - did you mean '{close[0]}'?" if close else ""


def _placed(document: Document) -> Document:
    """Add the positions to a JSON document, by reading it as YAML, which it is."""
    placed = _Builder(document.path, document.text).build()
    return replace(document, keys=placed.keys, values=placed.values)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _decode(path: str, data: bytes, limit: int) -> tuple[str, DocumentError | None]:
    if len(data) > limit:
        size = f"{len(data):,} bytes; the limit is {limit:,}"
        return "", DocumentError(f"the file is too large: {size}", path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return "", DocumentError("not UTF-8 text", path, line, column)
    hidden = _INVISIBLE.search(text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        name = f"U+{ord(hidden.group()):04X}"
        message = f"invisible or control character {name}: take it out"
        return "", DocumentError(message, path, line, column)
    return text, None


@functools.cache
def _validator(name: str) -> Any:
    import jsonschema
    import referencing

    folder = resources.root() / "schemas"
    contents = {
        file.name: json.loads(file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }
    registry: Any = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema))
        for schema in contents.values()
    )
    return jsonschema.Draft202012Validator(contents[f"{name}.json"], registry=registry)


def _explain(document: Document, errors: Any) -> Iterator[DocumentError]:
    """Turn jsonschema's errors into ours: at the right place, in a user's words."""
    for error in errors:
        path: Path = tuple(error.absolute_path)
        rule, expected = error.validator, error.validator_value
        if rule in ("additionalProperties", "unevaluatedProperties"):
            yield from _unknown_keys(document, error, path)
        elif rule == "required":
            for name in expected:
                if isinstance(error.instance, dict) and name not in error.instance:
                    yield document.error(f"'{name}' is missing", path, key=True)
        elif rule in ("anyOf", "oneOf") and error.context:
            yield from _explain(document, _closest(error))
        elif rule == "if":
            yield from _explain(document, error.context)
        else:
            yield document.error(f"{_name(path)} {_says(error)}", path)


def _unknown_keys(
    document: Document, error: Any, path: Path
) -> Iterator[DocumentError]:
    known = list(error.schema.get("properties", {}))
    patterns = [re.compile(p) for p in error.schema.get("patternProperties", {})]
    for key in error.instance:
        if key in known or any(pattern.search(key) for pattern in patterns):
            continue
        if not known and patterns:
            wanted = " or ".join(pattern.pattern for pattern in patterns)
            message = f"the name '{key}' does not fit {wanted}"
        else:
            message = f"unknown key '{key}'{nearest(key, known)}"
        yield document.error(message, (*path, key), key=True)


def _closest(error: Any) -> list[Any]:
    """Choose the alternative whose type fits the value, else say what is allowed."""
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for inner_errors in branches.values():
        if all(
            inner.validator != "type"
            or tuple(inner.absolute_path) != tuple(error.absolute_path)
            for inner in inner_errors
        ):
            return inner_errors
    return branches[min(branches)][:1]


def _name(path: Path) -> str:
    words = [str(part) for part in path if isinstance(part, str)]
    return f"'{'.'.join(words)}'" if words else "the file"


def _says(error: Any) -> str:
    value, expected = error.instance, error.validator_value
    shown = json.dumps(value, ensure_ascii=False)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    match error.validator:
        case "type":
            kinds = [expected] if isinstance(expected, str) else expected
            wanted = " or ".join(_KINDS[kind] for kind in kinds)
            return f"must be {error.schema.get('description', wanted)}, not {shown}"
        case "enum":
            hint = nearest(str(value), [str(word) for word in expected])
            return f"must be one of {', '.join(map(str, expected))}, not {shown}{hint}"
        case "const":
            return f"must be {json.dumps(expected)}, not {shown}"
        case "pattern":
            wanted = error.schema.get("description", f"text that fits {expected}")
            return f"must be {wanted}, not {shown}"
        case "minItems" | "minProperties" | "minLength":
            return f"must hold at least {expected}"
        case "maxItems" | "maxProperties" | "maxLength":
            return f"must hold at most {expected}"
        case "uniqueItems":
            return "holds the same entry twice"
        case "minimum":
            return f"must be {expected} or more, not {shown}"
        case _:
            return str(error.message)


_KINDS = {
    "string": "text",
    "object": "a map",
    "array": "a list",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


class _Builder:
    """Builds a value from YAML's events, with a stack instead of recursion."""

    def __init__(self, path: str, text: str, tags: Tags | None = None) -> None:
        self.path = path
        self.text = text
        self.tags = tags
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, Scalar] = {}
        self.problems: list[DocumentError] = []
        self.root: Any = None
        self.seen_root = False
        # Each open collection: (container, its path, pending key or None).
        self.stack: list[list[Any]] = []

    def build(self) -> Document:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(self.text, Loader=loader):
                self.take(event, yaml)
                if len(self.stack) > MAX_DEPTH:
                    self.report(f"nested deeper than {MAX_DEPTH} levels", event)
                    return self.document(None)
        except yaml.YAMLError as error:
            self.problems.append(self.syntax_error(error))
            return self.document(None)
        return self.document(self.root)

    def document(self, value: Any) -> Document:
        return Document(
            self.path, self.text, value, self.keys, self.values, tuple(self.problems)
        )

    def report(self, message: str, event: Any) -> None:
        mark = event.start_mark
        self.problems.append(
            DocumentError(message, self.path, mark.line + 1, mark.column + 1)
        )

    def take(self, event: Any, yaml: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self.report(_quote(sign, "an alias or anchor"), event)
        elif self.tagged(event) and self.wrapper(event) is None:
            self.report(_quote("!", "a tag"), event)
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self.place(None, event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            if self.stack and self.expects_key():
                self.report("a key must be text, not a list or a map", event)
                self.stack[-1][2] = "?"
            path = self.place(container, event)
            self.stack.append([container, path, None])
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self.seen_root:
            self.report("more than one document in a file: use one file each", event)

    def tagged(self, event: Any) -> bool:
        return getattr(event, "tag", None) not in (None, "!")

    def wrapper(self, event: Any) -> str | None:
        """Give the key that a tagged value is read under, if it is one to accept."""
        if not self.tags or not self.tagged(event) or event.tag[:1] != "!":
            return None
        if self.stack and self.expects_key():
            return None
        return self.tags(event.tag[1:])

    def expects_key(self) -> bool:
        container, _, key = self.stack[-1]
        return isinstance(container, dict) and key is None

    def scalar(self, event: Any) -> None:
        if self.stack and self.expects_key():
            self.key(event)
            return
        plain = event.style in (None, "") and event.implicit[0]
        self.place(_plain(event.value) if plain else event.value, event)

    def key(self, event: Any) -> None:
        frame = self.stack[-1]
        container, path, _ = frame
        key = event.value
        mark = event.start_mark
        if key == "<<":
            self.report("merge keys (<<) are not used here: write the keys out", event)
        if key in container:
            line = self.keys[(*path, key)][0]
            self.report(f"the key '{key}' stands twice (first on line {line})", event)
        self.keys[(*path, key)] = (mark.line + 1, mark.column + 1)
        frame[2] = key

    def place(self, value: Any, event: Any) -> Path:
        key = self.wrapper(event)
        if key is None:
            return self.put(value, event)
        path = (*self.put({key: value}, event), key)
        self.keys[path] = self.position(event)
        self.values[path] = self.values[path[:-1]]
        return path

    def position(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + 1, event.start_mark.column + 1

    def put(self, value: Any, event: Any) -> Path:
        start, end = event.start_mark, event.end_mark
        path: Path = ()
        if self.stack:
            frame = self.stack[-1]
            container, base, key = frame
            if isinstance(container, dict):
                container[key] = value
                path, frame[2] = (*base, key), None
            else:
                path = (*base, len(container))
                container.append(value)
        elif self.seen_root:
            return ()
        else:
            self.root, self.seen_root = value, True
        self.values[path] = Scalar(
            start.line + 1,
            start.column + 1,
            end.line + 1,
            end.column + 1,
            getattr(event, "style", None) or "",
        )
        return path

    def syntax_error(self, error: Any) -> DocumentError:
        """Say what YAML stumbled over in the words of somebody writing a condition."""
        mark = getattr(error, "problem_mark", None)
        lines = self.text.splitlines()
        if mark is None or mark.line >= len(lines):
            # At the end of the file: what was opened and not closed tells more.
            mark = getattr(error, "context_mark", None) or mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        source = lines[line - 1] if line <= len(lines) else ""
        reserved = _RESERVED.search(source)
        said = str(getattr(error, "problem", None) or error)
        if "\t" in source[: len(source) - len(source.lstrip())]:
            message = "indented with a tab: YAML wants spaces"
        elif reserved and reserved.end() <= column + 1:
            message = _quote(reserved.group(1), "syntax")
        elif "mapping values are not allowed" in said:
            message = (
                "the text holds ': ', which YAML reads as a nested key: put the whole "
                "text in quotes, or under a block scalar (|)"
            )
        elif reserved:
            message = _quote(reserved.group(1), "syntax")
        else:
            message = f"not YAML: {said}"
        return DocumentError(message, self.path, line, column)


def _quote(sign: str, meaning: str) -> str:
    return (
        f"a value that begins with '{sign}' is {meaning} to YAML: put the whole "
        "expression in quotes, or under a block scalar (|)"
    )


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.match(text)
    if number and len(text) <= 40:
        return float(text) if number.group(1) or number.group(2) else int(text)
    return text
