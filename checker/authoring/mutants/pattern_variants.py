"""Take parts out of an RE2 pattern: what its mutants are made from.

It reads only as much of the syntax as it needs: escapes, classes, groups, `|` and the
anchors at either end.  https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Group:
    """A group, or the whole pattern: where its alternatives start and where it ends."""

    starts: list[int]
    bars: list[int] = field(default_factory=list)
    end: int = 0


def without_parts(pattern: str) -> Iterator[tuple[str, str]]:
    """List (part, pattern without it): each alternative and each outer anchor."""
    for group in _groups(pattern):
        if not group.bars:
            continue
        edges = [*zip(group.starts, [*group.bars, group.end], strict=True)]
        for start, end in edges:
            # With the bar before it, or after it when it stands first.
            cut = (start, end + 1) if start == group.starts[0] else (start - 1, end)
            part = pattern[start:end]
            yield f"the alternative '{part}'", pattern[: cut[0]] + pattern[cut[1] :]
    if pattern.startswith("^"):
        yield "its '^'", pattern[1:]
    if pattern.endswith("$") and not pattern.endswith("\\$"):
        yield "its '$'", pattern[:-1]


def _groups(pattern: str) -> Iterator[_Group]:
    """Yield every group of a pattern, and the pattern itself last."""
    stack = [_Group([0])]
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
        elif character == "[":
            position = _class_end(pattern, position)
        elif character == "(":
            stack.append(_Group([_content(pattern, position)]))
        elif character == "|":
            stack[-1].bars.append(position)
            stack[-1].starts.append(position + 1)
        elif character == ")" and len(stack) > 1:
            stack[-1].end = position
            yield stack.pop()
        position += 1
    stack[0].end = len(pattern)
    yield stack[0]


def _content(pattern: str, opening: int) -> int:
    """Where a group's content starts: after `(`, `(?:`, `(?i:` or `(?P<name>`."""
    if not pattern.startswith("(?", opening):
        return opening + 1
    ends = [pattern.find(mark, opening) for mark in ":>)"]
    first = min((end for end in ends if end >= 0), default=opening)
    return first if pattern[first] == ")" else first + 1


def _class_end(pattern: str, opening: int) -> int:
    """Where a class `[…]` ends; a `]` that stands first is one of its characters."""
    position = opening + 1
    if pattern.startswith("^", position):
        position += 1
    first = position
    while position < len(pattern):
        if pattern[position] == "\\":
            position += 1
        elif pattern[position] == "]" and position > first:
            return position
        elif pattern.startswith("[:", position):
            closing = pattern.find(":]", position)
            position = closing + 1 if closing > 0 else position
        position += 1
    return position


def samples(pattern: str) -> list[str]:
    """List texts that the pattern finds: at least one for each of its alternatives.

    A guess, for hints: what the pattern makes of them is for RE2 to say.
    """
    return list(dict.fromkeys(_Sampler(pattern).alternation()))


class _Sampler:
    """Reads a pattern from left to right and gathers texts for each part of it."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def alternation(self) -> list[str]:
        found = self.sequence()
        while self.pattern.startswith("|", self.position):
            self.position += 1
            found += self.sequence()
        return found

    def sequence(self) -> list[str]:
        parts: list[list[str]] = []
        while self.position < len(self.pattern):
            if self.pattern[self.position] in "|)":
                break
            parts.append(self.repeated(self.atom()))
        first = [part[0] for part in parts]
        found = ["".join(first)]
        for index, part in enumerate(parts):
            found.extend(
                "".join([*first[:index], other, *first[index + 1 :]])
                for other in part[1:]
            )
        return found

    def atom(self) -> list[str]:
        start, character = self.position, self.pattern[self.position]
        self.position += 1
        if character == "(":
            self.position = _content(self.pattern, start)
            found = self.alternation()
            self.position += 1
            return found
        if character == "[":
            self.position = _class_end(self.pattern, start) + 1
            return [_of_class(self.pattern[start + 1 : self.position - 1])]
        if character == "\\":
            self.position += 1
            return [_of_escape(self.pattern[start + 1 : start + 2])]
        return [{"^": "", "$": "", ".": "x"}.get(character, character)]

    def repeated(self, atom: list[str]) -> list[str]:
        """What a quantifier makes of an atom: as few of it as it may be."""
        sign = self.pattern[self.position : self.position + 1]
        if sign not in ("*", "+", "?", "{") or not sign:
            return atom
        self.position += 1
        least = 1 if sign == "+" else 0
        if sign == "{":
            end = self.pattern.find("}", self.position)
            count = self.pattern[self.position : end].split(",")[0]
            least = min(int(count), 64) if count.isdigit() else 1
            self.position = end + 1
        if self.pattern.startswith("?", self.position):
            self.position += 1
        return [each * least for each in atom] if least else ["", *atom]


def _of_class(content: str) -> str:
    if content.startswith("^"):
        return next((each for each in "x0_ " if each not in content), "~")
    if content.startswith("\\"):
        return _of_escape(content[1:2])
    return "a" if content.startswith("[:") else content[:1]


def _of_escape(letter: str) -> str:
    return {"d": "0", "w": "x", "s": " ", "b": "", "A": "", "z": ""}.get(letter, letter)
