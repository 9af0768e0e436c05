"""Evaluate the rule of a composite alarm.

`ALARM("name") AND NOT (OK(arn) OR INSUFFICIENT_DATA(other))`, by the states of the
alarms that it names; `AT_LEAST(2, ALARM, (a, b, c))` counts them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([(),])|([^\s(),"]+))')
_STATES = frozenset({"ALARM", "OK", "INSUFFICIENT_DATA"})
_DEEPEST = 50
_LONGEST = 10_240
"""How long a rule may be, in characters: AWS's own limit."""

State: TypeAlias = Callable[[str, str], bool | None]
"""Whether the alarm of a name is in a state; None where that is not known."""


class MalformedRule(Exception):  # noqa: N818 - AWS's word for it
    """The text is not an alarm rule."""


def evaluate(rule: str, state: State) -> bool | None:
    """Return whether a rule holds, by Kleene's logic; None also if it is malformed."""
    try:
        parser = _Parser(_tokens(rule), state)
        answer = parser.disjunction(0)
        parser.end()
    except MalformedRule:
        return None
    return answer


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
    state: State
    position: int = field(default=0)

    def disjunction(self, depth: int) -> bool | None:
        answers = [self._conjunction(depth)]
        while self._next() == "OR":
            self.position += 1
            answers.append(self._conjunction(depth))
        return True if True in answers else None if None in answers else False

    def end(self) -> None:
        if self.position < len(self.tokens):
            raise MalformedRule

    def _conjunction(self, depth: int) -> bool | None:
        answers = [self._operand(depth)]
        while self._next() == "AND":
            self.position += 1
            answers.append(self._operand(depth))
        return False if False in answers else None if None in answers else True

    def _operand(self, depth: int) -> bool | None:
        if depth > _DEEPEST:
            raise MalformedRule
        word = self._take()
        if word == "NOT":
            answer = self._operand(depth + 1)
            return answer if answer is None else not answer
        if word == "(":
            answer = self.disjunction(depth + 1)
            self._expect(")")
            return answer
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if word == "AT_LEAST":
            return self._at_least()
        if word not in _STATES:
            raise MalformedRule
        self._expect("(")
        name = _name(self._take())
        self._expect(")")
        return self.state(word, name)

    def _at_least(self) -> bool | None:
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
        names = [_name(self._take())]
        while self._next() == ",":
            self.position += 1
            names.append(_name(self._take()))
        self._expect(")")
        self._expect(")")
        answers = [self.state(word, name) for name in names]
        sure = answers.count(not negated)
        wanted = _wanted(least, len(names))
        if sure >= wanted:
            return True
        return None if sure + answers.count(None) >= wanted else False

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


def _name(token: str) -> str:
    if token in ("(", ")", ","):
        raise MalformedRule
    if token.startswith('"'):
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token


def _wanted(least: str, count: int) -> int:
    """Return how many alarms are meant by a number or a percentage of them."""
    digits = least.removesuffix("%")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise MalformedRule
    number = int(digits)
    return -(-number * count // 100) if least.endswith("%") else number
