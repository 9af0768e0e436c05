"""Read a rule or its cases from the text in an editor, which may not be saved."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, cast

from checker import documents, rules
from checker.authoring.lint import messages
from checker.authoring.lint.problem import CHECKS, Problem
from checker.authoring.lint.run import lint_text
from checker.cases import read
from checker.documents import Document
from checker.errors import DocumentError
from checker.rules import RuleFile
from checker.rules.files import SELECTIONS


@dataclass(frozen=True, slots=True)
class Buffer:
    """The text of a file as an editor has it; it stands in for the file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def is_cases(self) -> bool:
        """Whether it is a file of cases."""
        return ".cases." in self.path.name

    @property
    def rule_file(self) -> RuleFile:
        """The rule file that it is; for cases the one beside it."""
        folder = self.path.parent
        return RuleFile(str(self.path), cast("Any", self), folder, folder)

    def read_bytes(self) -> bytes:
        """Return the text as a file would have it."""
        return self.text.encode("utf-8", "surrogatepass")

    def document(self) -> Document:
        """Read the text as YAML."""
        return documents.load_yaml(str(self.path), self.read_bytes())


def problems(buffer: Buffer) -> list[Problem]:
    """Return what lint finds in a rule, or what is wrong with a file of cases."""
    if buffer.path.name == SELECTIONS:
        return []
    if buffer.is_cases:
        return [_problem(each) for each in _of_cases(buffer)]
    return [*lint_text(buffer.rule_file), *_of_bases(buffer)]


@functools.cache
def bundled() -> frozenset[str]:
    """Return the names of the bundled rules."""
    return frozenset(PurePath(file.path).stem for file in rules.find())


def rule_names(path: Path) -> set[str]:
    """Return the names of the bundled rules, and of those that are beside a file.

    These are those of the file's folder, or of the folder `rules` above it.
    """
    root = next((each for each in path.parents if each.name == "rules"), path.parent)
    beside = (file.stem for file in root.rglob("*.yml"))
    return {*bundled(), *(name for name in beside if not name.endswith(".cases"))}


def _of_bases(buffer: Buffer) -> Iterator[Problem]:
    """Find the slips in the names of the rules that a correlation is over.

    What is like no name that is known may be a rule of a folder that is not read here.
    """
    document = buffer.document()
    value = document.value if isinstance(document.value, dict) else {}
    block = value.get("correlation")
    bases = block.get("rules") if isinstance(block, dict) else None
    for index, base in enumerate(bases if isinstance(bases, list) else ()):
        if not isinstance(base, str) or base in bundled():
            continue
        known = rule_names(buffer.path)
        better = None if base in known else messages.nearest(base, known)
        if better:
            at = document.position(("correlation", "rules", index))
            yield Problem(
                "rule-unknown",
                CHECKS["rule-unknown"].severity,
                document.path,
                *at,
                f"the correlation needs the rule '{base}', which is not here",
                f"did you mean '{better}'?",
            )


def _of_cases(buffer: Buffer) -> list[DocumentError]:
    document = buffer.document()
    found = list(document.problems) or documents.check(document, "cases")
    if not found:
        read.of(document, buffer.rule_file, found)
    return found


def _problem(error: DocumentError) -> Problem:
    check = error.kind.value
    return Problem(
        check,
        CHECKS[check].severity,
        error.path,
        error.line,
        error.column,
        error.message,
    )
