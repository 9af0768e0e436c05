"""Build a value from YAML's events, with a stack instead of recursion."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from checker.documents.document import Document, Path, Scalar
from checker.errors import DocumentError, MistakeKind

Tags: TypeAlias = Callable[[str], str | None]
"""Returns the key for a tag without its `!`, or None where the tag is a mistake."""

Resolve: TypeAlias = Callable[[str], Any]
"""Reads plain text: a number, a truth value, null, or the text itself."""

MAX_DEPTH = 64
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_RESERVED = re.compile(r"""(?:(?<![\w."-])[\w."-]++:|-)\s++([!&*@`%\[{|>])""")


class Builder:
    """Builds a value from YAML's events, with a stack instead of recursion."""

    def __init__(
        self,
        path: str,
        text: str,
        tags: Tags | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self.path = path
        self.text = text
        self.tags = tags
        self.resolve = resolve or plain
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, Scalar] = {}
        self.problems: list[DocumentError] = []
        self.root: Any = None
        self.seen_root = False
        self.more = False
        # Each open collection: (container, its path, pending key or None).
        self.stack: list[list[Any]] = []

    def build(self) -> Document:
        """Read all of the text; mistakes are in the document's `problems`."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(self.text, Loader=loader):
                self._take(event, yaml)
                if len(self.stack) > MAX_DEPTH:
                    self._report(f"nested deeper than {MAX_DEPTH} levels", event)
                    return self._document(None)
        except yaml.YAMLError as error:
            self.problems.append(self._syntax_error(error))
            return self._document(None)
        return self._document(self.root)

    def build_all(self) -> list[Document]:
        """Read every document of the text; what is empty is none.

        Where the text is wrong, the last document has the problems and no value.
        """
        import yaml

        found: list[Document] = []
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(self.text, Loader=loader):
                if isinstance(event, yaml.DocumentEndEvent):
                    found.append(self._document(self.root))
                    self._begin()
                    continue
                self._take(event, yaml)
                if len(self.stack) > MAX_DEPTH:
                    self._report(f"nested deeper than {MAX_DEPTH} levels", event)
                    found.append(self._document(None))
                    break
        except yaml.YAMLError as error:
            self.problems.append(self._syntax_error(error))
            found.append(self._document(None))
        return [each for each in found if each.value is not None or each.problems]

    def _begin(self) -> None:
        """Forget the document that is over."""
        self.keys, self.values, self.problems = {}, {}, []
        self.root, self.seen_root, self.stack = None, False, []

    def _document(self, value: Any) -> Document:
        return Document(
            self.path,
            self.text,
            value,
            self.keys,
            self.values,
            tuple(self.problems),
            more=self.more,
        )

    def _report(self, message: str, event: Any) -> None:
        mark = event.start_mark
        self.problems.append(
            DocumentError(
                message,
                self.path,
                mark.line + 1,
                mark.column + 1,
                kind=MistakeKind.YAML,
            )
        )

    def _take(self, event: Any, yaml: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self._report(_quote(sign, "an alias or anchor"), event)
        elif self._tagged(event) and self._wrapper(event) is None:
            self._report(_quote("!", "a tag"), event)
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._place(None, event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            if self.stack and self._expects_key():
                self._report("a key must be text, not a list or a map", event)
                self.stack[-1][2] = "?"
            path = self._place(container, event)
            self.stack.append([container, path, None])
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self.seen_root:
            self.more = True
            self._report("more than one document in a file: use one file each", event)

    def _tagged(self, event: Any) -> bool:
        return getattr(event, "tag", None) not in (None, "!")

    def _wrapper(self, event: Any) -> str | None:
        """Return the key that a tagged value is read under, if it is one to accept."""
        if not self.tags or not self._tagged(event) or event.tag[:1] != "!":
            return None
        if self.stack and self._expects_key():
            return None
        return self.tags(event.tag[1:])

    def _expects_key(self) -> bool:
        container, _, key = self.stack[-1]
        return isinstance(container, dict) and key is None

    def _scalar(self, event: Any) -> None:
        if self.stack and self._expects_key():
            self._key(event)
            return
        is_plain = event.style in (None, "") and event.implicit[0]
        self._place(self.resolve(event.value) if is_plain else event.value, event)

    def _key(self, event: Any) -> None:
        frame = self.stack[-1]
        container, path, _ = frame
        key = event.value
        mark = event.start_mark
        if key == "<<":
            self._report("merge keys (<<) are not used here: write the keys out", event)
        if key in container:
            line = self.keys[(*path, key)][0]
            self._report(f"the key '{key}' stands twice (first on line {line})", event)
        self.keys[(*path, key)] = (mark.line + 1, mark.column + 1)
        frame[2] = key

    def _place(self, value: Any, event: Any) -> Path:
        key = self._wrapper(event)
        if key is None:
            return self._put(value, event)
        path = (*self._put({key: value}, event), key)
        self.keys[path] = self._position(event)
        self.values[path] = self.values[path[:-1]]
        return path

    def _position(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + 1, event.start_mark.column + 1

    def _put(self, value: Any, event: Any) -> Path:
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

    def _syntax_error(self, error: Any) -> DocumentError:
        """Return what YAML stumbled over in the words of anyone writing a condition."""
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
        return DocumentError(message, self.path, line, column, kind=MistakeKind.YAML)


def _quote(sign: str, meaning: str) -> str:
    return (
        f"a value that begins with '{sign}' is {meaning} to YAML: put the whole "
        "expression in quotes, or under a block scalar (|)"
    )


def plain(text: str) -> Any:
    """Return the value of plain text: as JSON has it, and text otherwise."""
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.match(text)
    if number and len(text) <= 40:
        return float(text) if number.group(1) or number.group(2) else int(text)
    return text
