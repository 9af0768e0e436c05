"""Read the rule of a composite alarm, and evaluate it by the states of its alarms.

`ALARM("name") AND NOT (OK(arn) OR INSUFFICIENT_DATA(other))`, by the states of the
alarms that it names; `AT_LEAST(2, ALARM, (a, b, c))` counts them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from checker.conditions.sketch import Hole, Sketch, joined

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([(),])|([^\s(),"]+))')
_STATES = frozenset({"ALARM", "OK", "INSUFFICIENT_DATA"})
_DEEPEST = 50
_LONGEST = 10_240
"""How long a rule may be, in characters: AWS's own limit."""
_MARK = 0xF0000
"""Private characters, which no rule holds, stand for what is not known yet."""

State: TypeAlias = Callable[[str, Sketch], bool | None]
"""Whether the alarm of a name is in a state; None where that is not known."""
Answer: TypeAlias = Callable[[State], bool | None]


class MalformedRule(Exception):  # noqa: N818 - AWS's word for it
    """The text is not an alarm rule."""


class AlarmRule(msgspec.Struct, frozen=True):
    """A rule: the alarms that it names, and whether it holds, by Kleene's logic."""

    names: Sequence[Sketch]
    holds: Answer


def parse(rule: str | Sketch) -> AlarmRule:
    """Read a rule, of which parts of the names may not be known yet.

    Raises `MalformedRule` for what AWS documents no meaning for.
    """
    parts = (rule,) if isinstance(rule, str) else rule
    holes = [part for part in parts if isinstance(part, Hole)]
    marks = (chr(_MARK + index) for index in range(len(holes)))
    text = "".join(part if isinstance(part, str) else next(marks) for part in parts)
    parser = _Parser(_tokens(text), holes)
    holds = parser.disjunction(0)
    parser.end()
    return AlarmRule(tuple(parser.names), holds)


def _tokens(rule: str) -> list[str]:
    found: list[str] = []
    position = 0
    text = rule.strip()
    if len(text) > _LONGEST:
        raise MalformedRule
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise MalformedRule
        found.append(match.group(0).strip())
        position = match.end()
    return found


@dataclass(slots=True)
class _Parser:
    tokens: list[str]
    holes: list[Hole]
    names: list[Sketch] = field(default_factory=list)
    position: int = field(default=0)

    def disjunction(self, depth: int) -> Answer:
        answers = [self._conjunction(depth)]
        while self._next() == "OR":
            self.position += 1
            answers.append(self._conjunction(depth))
        return _decided_by(answers, decisive=True)

    def end(self) -> None:
        if self.position < len(self.tokens):
            raise MalformedRule

    def _conjunction(self, depth: int) -> Answer:
        answers = [self._operand(depth)]
        while self._next() == "AND":
            self.position += 1
            answers.append(self._operand(depth))
        return _decided_by(answers, decisive=False)

    def _operand(self, depth: int) -> Answer:
        if depth > _DEEPEST:
            raise MalformedRule
        word = self._take()
        if word == "NOT":
            return _denied(self._operand(depth + 1))
        if word == "(":
            answer = self.disjunction(depth + 1)
            self._expect(")")
            return answer
        if word in ("TRUE", "FALSE"):
            return lambda _: word == "TRUE"
        if word == "AT_LEAST":
            return self._at_least()
        if word not in _STATES:
            raise MalformedRule
        self._expect("(")
        name = self._name()
        self._expect(")")
        return lambda state: state(word, name)

    def _at_least(self) -> Answer:
        self._expect("(")
        least = self._take()
        self._expect(",")
        word = self._take()
        negated = word == "NOT"
        if negated:
            word = self._take()
        if word not in _STATES:
            raise MalformedRule
        self._expect(",")
        self._expect("(")
        names = [self._name()]
        while self._next() == ",":
            self.position += 1
            names.append(self._name())
        self._expect(")")
        self._expect(")")
        wanted = _wanted(least, len(names))

        def holds(state: State) -> bool | None:
            answers = [state(word, name) for name in names]
            sure = answers.count(not negated)
            if sure >= wanted:
                return True
            return None if sure + answers.count(None) >= wanted else False

        return holds

    def _name(self) -> Sketch:
        token = self._take()
        if token in ("(", ")", ","):
            raise MalformedRule
        if token.startswith('"'):
            token = re.sub(r"\\(.)", r"\1", token[1:-1])
        name = joined(tuple(self._part(character) for character in token))
        self.names.append(name)
        return name

    def _part(self, character: str) -> str | Hole:
        index = ord(character) - _MARK
        return self.holes[index] if 0 <= index < len(self.holes) else character

    def _next(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def _take(self) -> str:
        word = self._next()
        if not word:
            raise MalformedRule
        self.position += 1
        return word

    def _expect(self, word: str) -> None:
        if self._take() != word:
            raise MalformedRule


def _decided_by(answers: Sequence[Answer], *, decisive: bool) -> Answer:
    """Combine answers of which one is enough: true in an OR, false in an AND."""
    if len(answers) == 1:
        return answers[0]

    def holds(state: State) -> bool | None:
        found = [answer(state) for answer in answers]
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    return holds


def _denied(answer: Answer) -> Answer:
    def holds(state: State) -> bool | None:
        found = answer(state)
        return None if found is None else not found

    return holds


def _wanted(least: str, count: int) -> int:
    """Return how many alarms are meant by a number or a percentage of them."""
    digits = least.removesuffix("%")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise MalformedRule
    number = int(digits)
    return -(-number * count // 100) if least.endswith("%") else number
