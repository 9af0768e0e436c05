"""Checks of a rule's ATT&CK tags against the table of techniques."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem, Severity
from checker.aws.attack import table

_TECHNIQUE = re.compile(r"t\d{4}(\.\d{3})?")
_OTHER = re.compile(r"[gsc]\d{4}")


def check(subject: Subject) -> Iterator[Problem]:
    """Check the ATT&CK tags of a rule."""
    words = {
        tag.removeprefix("attack."): index
        for index, tag in enumerate(subject.rule.tags)
        if tag.startswith("attack.")
    }
    tactics = {word for word in words if word in table()["tactics"]}
    for word, index in words.items():
        at = subject.document.position(("tags", index))
        yield from _tag(subject, word, words, at)
        technique = table()["techniques"].get(word.upper())
        if technique and not tactics & set(technique["tactics"]):
            yield from _tactic(subject, word, technique["tactics"], at)


def _tag(
    subject: Subject, word: str, words: Mapping[str, int], at: tuple[int, int]
) -> Iterator[Problem]:
    renamed: Mapping[str, str] = table()["renamed"]
    old = {new.lower(): before for before, new in renamed.items()}
    if word.upper() in renamed:
        new = renamed[word.upper()].lower()
        if new not in words:
            yield subject.problem(
                "attack-renamed",
                f"ATT&CK v19 calls {word.upper()} {new.upper()}",
                f"add the tag attack.{new} beside it",
                at=at,
            )
    elif word in old and not any(
        before.lower() in words
        for before, new in renamed.items()
        if new.lower() == word
    ):
        yield subject.problem(
            "attack-renamed",
            f"{word.upper()} is new in ATT&CK v19: readers of v18 know {old[word]}",
            f"add the tag attack.{old[word].lower()} beside it",
            at=at,
            severity=Severity.INFO,
        )
    elif word in table()["tactics"] or word.upper() in table()["techniques"]:
        return
    elif _TECHNIQUE.fullmatch(word):
        yield subject.problem(
            "attack-unknown",
            f"{word.upper()} is not in the table of ATT&CK {_versions()}",
            "check the id at attack.mitre.org; a right one belongs in attack.json",
            at=at,
        )
    elif not _OTHER.fullmatch(word):
        from checker.documents import nearest

        yield subject.problem(
            "attack-unknown",
            f"'{word}' is neither a tactic nor a technique of ATT&CK"
            f"{nearest(word, list(table()['tactics']))}",
            "write a tactic such as attack.initial-access, or a technique such as "
            "attack.t1078.004",
            at=at,
            severity=Severity.ERROR,
        )


def _tactic(
    subject: Subject, word: str, tactics: list[str], at: tuple[int, int]
) -> Iterator[Problem]:
    listed = " or ".join(f"attack.{each}" for each in tactics)
    yield subject.problem(
        "attack-tactic",
        f"{word.upper()} stands without a tactic of its own",
        f"add {listed}",
        at=at,
    )


def _versions() -> str:
    return " and ".join(table()["versions"])
