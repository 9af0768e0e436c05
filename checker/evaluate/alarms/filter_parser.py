"""Read filter patterns in braces and brackets into tests.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from checker.evaluate.alarms.filter_terms import (
    NUMBER,
    ORDERINGS,
    Mistake,
    Step,
    Test,
    Values,
    equal,
    ordering,
    reach,
    regular,
    state,
    unequal,
)

_DEEPEST = 100

_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r"!=|<=|>=|=|<|>")
_STATE = re.compile(r"IS\s+(NULL|TRUE|FALSE)\b|NOT\s+EXISTS\b", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_EXPRESSION = re.compile(r"%([^%]+)%")
_PLAIN = re.compile(r"(?:(?!&&|\|\|)[^\s(){}\[\],\"=<>!])+")
_NAME = re.compile(r"(?:(?!&&|\|\|)[^\s(){}\[\],\"'=<>!.])+")
_STEP = re.compile(
    r"\.?\[\s*(?:(?P<index>\d+)|(?P<all>\*)|(?P<quote>[\"'])(?P<key>.*?)(?P=quote))\s*\]"
    r"|\.(?P<name>(?:(?!&&|\|\|)[^\s(){}\[\],\"'=<>!.])+)"
)


class Reader:
    """Reads a pattern from left to right; `()` binds before `&&`, that before `||`."""

    def __init__(self, text: str, opening: str, closing: str) -> None:
        self._text = text
        self._end = len(text.rstrip())
        self._at = text.index(opening) + 1
        self._depth = 0
        self._names: list[str] = []
        if self._end < 2 or text[self._end - 1] != closing:
            raise Mistake(f"it does not end with {closing}", self._end)
        self._end -= 1

    def expression(self) -> Test:
        """Read a JSON pattern to its end: a test of a decoded event."""
        test = self._or(self._selector)
        self._finish()
        return test

    def columns(self) -> Test:
        """Read a space-delimited pattern to its end: a test of a line's columns."""
        tests: list[Test] = []
        self._list(tests)
        self._finish()
        names = self._names
        if names.count("...") > 1:
            raise Mistake("`...` can stand once", self._end)

        def test(found: Sequence[str]) -> bool:
            spread = len(found) - len(names) + 1
            if "..." in names:
                if spread < 0:
                    return False
                at = names.index("...")
                found = [*found[:at], "", *found[at + spread :]]
            if len(found) != len(names):
                return False
            row = dict(zip(names, found, strict=True))
            return all(each(row) for each in tests)

        return test

    def _list(self, tests: list[Test]) -> None:
        while True:
            self._skip()
            if self._take("..."):
                self._names.append("...")
            else:
                tests.append(self._column())
            if not self._take(","):
                return

    def _column(self) -> Test:
        """Read `name`, or a condition whose first name is the column's."""
        before = len(self._names)
        start = self._at
        bare = _NAME.match(self._text, self._at, self._end)
        if bare and self._rest(bare.end())[:1] in ("", ","):
            self._at = bare.end()
            self._names.append(bare[0])
            return lambda _: True
        test = self._or(self._column_name)
        used = list(dict.fromkeys(self._names[before:]))
        if len(used) != 1:
            raise Mistake("a column's condition is about that column", start)
        self._names[before:] = used
        return test

    def _or(self, subject: Callable[[], Values]) -> Test:
        tests = [self._and(subject)]
        while self._take("||"):
            tests.append(self._and(subject))
        return (
            tests[0] if len(tests) == 1 else lambda value: any(t(value) for t in tests)
        )

    def _and(self, subject: Callable[[], Values]) -> Test:
        tests = [self._unit(subject)]
        while self._take("&&"):
            tests.append(self._unit(subject))
        return (
            tests[0] if len(tests) == 1 else lambda value: all(t(value) for t in tests)
        )

    def _unit(self, subject: Callable[[], Values]) -> Test:
        if not self._take("("):
            return self._test(subject())
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Mistake("its parentheses lie too deep in each other", self._at)
        test = self._or(subject)
        if not self._take(")"):
            raise Mistake("a parenthesis is not closed", self._at)
        self._depth -= 1
        return test

    def _test(self, values: Values) -> Test:
        self._skip()
        word = _STATE.match(self._text, self._at, self._end)
        if word:
            self._at = word.end()
            return state(values, (word[1] or "").upper())
        operator = _OPERATOR.match(self._text, self._at, self._end)
        if not operator:
            raise Mistake("an operator is missing", self._at)
        self._at = operator.end()
        self._skip()
        test = self._value(operator[0])
        return lambda event: any(test(value) for value in values(event))

    def _value(self, operator: str) -> Test:
        start = self._at
        for form in (_QUOTED, _EXPRESSION, _PLAIN):
            found = form.match(self._text, start, self._end)
            if found:
                break
        else:
            raise Mistake("a value is missing", start)
        self._at = found.end()
        if operator in ORDERINGS:
            if form is not _PLAIN or not NUMBER.fullmatch(found[0]):
                raise Mistake("only a number can be compared by size", start)
            return ordering(ORDERINGS[operator], float(found[0]))
        if form is _EXPRESSION:
            same = regular(found[1], start)
        else:
            wanted = found[0] if form is _PLAIN else re.sub(r"\\(.)", r"\1", found[1])
            same = equal(wanted, plain=form is _PLAIN)
        return same if operator == "=" else unequal(same)

    def _selector(self) -> Values:
        self._skip()
        if not self._take("$"):
            raise Mistake("a field begins with $", self._at)
        steps: list[Step] = []
        while step := _STEP.match(self._text, self._at, self._end):
            self._at = step.end()
            if step["index"]:
                steps.append(int(step["index"]))
            else:
                steps.append(None if step["all"] else step["name"] or step["key"])
        if not steps:
            raise Mistake("the name of a field is missing", self._at)
        return lambda event: reach(event, steps)

    def _column_name(self) -> Values:
        self._skip()
        found = _NAME.match(self._text, self._at, self._end)
        if not found:
            raise Mistake("the name of a column is missing", self._at)
        self._at = found.end()
        name = found[0]
        self._names.append(name)
        return lambda row: (row[name],)

    def _finish(self) -> None:
        if rest := self._rest(self._at):
            raise Mistake(f"'{rest[:20]}' is one too many", self._at)

    def _rest(self, at: int) -> str:
        return self._text[at : self._end].strip()

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at, self._end)
        self._at = space.end() if space else self._at

    def _take(self, token: str) -> bool:
        self._skip()
        found = self._text.startswith(token, self._at, self._end)
        self._at += len(token) * found
        return found
