"""Put Sigma's documents together: names, references, copies and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from checker.conditions import tree
from checker.documents import Document
from checker.errors import DocumentError
from checker.model import AnyRule, CorrelationRule, DetectionRule
from checker.rules.files import RuleFile
from checker.rules.sigma import correlations, drafts, filters, metadata
from checker.rules.sigma.drafts import Draft, Drafts
from checker.rules.sigma.filters import Filter
from checker.rules.sigma.placeholders import NONE, Placeholders
from checker.rules.sigma.recognize import covers


class SigmaRule(msgspec.Struct, frozen=True):
    """A rule with the document that it was read from.

    `file` is where it is, or, of several in a file, where it would be by its name.
    """

    rule: AnyRule
    document: Document
    file: RuleFile


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules of some files, and what was not taken of them.

    `passed_over` rules are not about CloudTrail, and `copies` are there already, by
    their id.  `warnings` are doubts about what was taken, `problems` the mistakes of
    the `failed` ones.
    """

    rules: tuple[SigmaRule, ...] = ()
    failed: int = 0
    passed_over: int = 0
    copies: int = 0
    warnings: tuple[DocumentError, ...] = ()
    problems: tuple[DocumentError, ...] = ()


def read(
    files: Sequence[RuleFile],
    others: Iterable[AnyRule] = (),
    known: Placeholders = NONE,
) -> Pack:
    """Read the rules of Sigma's files; `others` are loaded beside them.

    `known` are the values of placeholders.
    """
    if not files:
        return Pack()
    found = drafts.read(files, known)
    return _Assembly(found, list(others)).pack()


class _Assembly:
    """Makes rules of drafts."""

    def __init__(self, found: Drafts, others: list[AnyRule]) -> None:
        self._drafts = found
        self._others = others
        self._warnings = found.warnings
        self._problems = found.problems
        self._copies = 0
        self._names: dict[int, str] = {}
        """The name of each draft, by its identity; a copy has that of the first."""
        self._silent: frozenset[str] = frozenset()
        """The names of rules that report nothing of their own under a correlation."""

    def pack(self) -> Pack:
        """Return the rules, and what was left out."""
        kept = self._without_copies()
        self._name(kept)
        self._silent = self._only_bases(kept)
        made = [
            self._detection(draft) if draft.detection else self._correlation(draft)
            for draft in self._about_cloudtrail(kept)
        ]
        self._warn_of_filters(kept)
        return Pack(
            rules=tuple(each for each in made if each is not None),
            failed=self._drafts.failed + made.count(None),
            passed_over=self._drafts.passed_over,
            copies=self._copies,
            warnings=tuple(self._warnings),
            problems=tuple(self._problems),
        )

    def _without_copies(self) -> list[Draft]:
        """Leave out drafts whose id is there already; of two versions the older."""
        taken = {rule.id for rule in self._others}
        chosen: dict[str, Draft] = {}
        for draft in self._drafts.rules:
            known = chosen.get(draft.common["id"])
            if known is not None:
                self._copies += 1
                if _is_other(known, draft):
                    old, new = sorted((known, draft), key=_age)
                    chosen[draft.common["id"]] = new
                    self._warn(
                        old.document,
                        f"another version of the rule in {new.file.path}, which is "
                        "newer and is used",
                    )
            elif draft.common["id"] in taken:
                self._copies += 1
            else:
                chosen[draft.common["id"]] = draft
        return list(chosen.values())

    def _name(self, kept: Sequence[Draft]) -> None:
        taken = {rule.name for rule in self._others}
        by_id = {rule.id: rule.name for rule in self._others}
        for draft in kept:
            stem = draft.file.file.name.rsplit(".", 1)[0]
            wanted = draft.own_name or (stem if draft.alone else draft.common["title"])
            name = first = metadata.slug(wanted)
            number = 1
            while name in taken:
                mark = draft.common["id"][:8] if number == 1 else str(number)
                name = f"{first}_{metadata.slug(mark).removeprefix('rule_')}"
                number += 1
            taken.add(name)
            self._names[id(draft)] = by_id[draft.common["id"]] = name
        for draft in self._drafts.rules:
            self._names.setdefault(id(draft), by_id.get(draft.common["id"], ""))

    def _only_bases(self, kept: Sequence[Draft]) -> frozenset[str]:
        """Return the names of rules but those that also have a file of their own.

        A copy in the file of a correlation belongs to that; the rule's own file is
        there to be run.
        """
        ways: dict[str, set[bool]] = {}
        for draft in self._drafts.rules:
            ways.setdefault(draft.common["id"], set()).add(draft.alone)
        return frozenset(
            self._names[id(draft)]
            for draft in kept
            if len(ways[draft.common["id"]]) < 2
        )

    def _about_cloudtrail(self, kept: Sequence[Draft]) -> list[Draft]:
        """Leave out correlations over rules that are about something else."""
        foreign = self._drafts.foreign
        left = list(kept)
        while True:
            names = {self._names[id(draft)] for draft in left}
            dropped = [
                draft
                for draft in left
                if draft.detection is None and self._needs_foreign(draft, names)
            ]
            if not dropped:
                return left
            self._drafts.passed_over += len(dropped)
            for draft in dropped:
                left.remove(draft)
                foreign.update(drafts.names_of(draft.document))

    def _needs_foreign(self, draft: Draft, names: set[str]) -> bool:
        resolve = self._resolver(draft)
        return any(
            name in self._drafts.foreign and resolve(name) not in names
            for name, _ in correlations.references(draft.document)
        )

    def _resolver(self, draft: Draft) -> Callable[[str], str | None]:
        """Return the function from a reference to a name: by id, name, then title.

        A title counts in the same file alone.
        """
        by_id: dict[str, str] = {}
        by_name: dict[str, str] = {}
        by_title: dict[str, str] = {}
        for each in self._drafts.rules:
            name = self._names[id(each)]
            if each.has_id:
                by_id.setdefault(each.common["id"], name)
            by_name.setdefault(each.own_name or name, name)
            if each.file == draft.file:
                by_title.setdefault(each.common["title"], name)

        def resolve(word: str) -> str | None:
            title = " ".join(word.split())
            return by_id.get(word.lower()) or by_name.get(word) or by_title.get(title)

        return resolve

    def _detection(self, draft: Draft) -> SigmaRule:
        detection = draft.detection
        assert detection is not None
        name = self._names[id(draft)]
        for each in self._drafts.filters:
            if _is_for(each, draft, name):
                detection = filters.applied(detection, each)
        rule = DetectionRule(**draft.common, name=name, detection=detection)
        return SigmaRule(rule, draft.document, _file(draft, name))

    def _correlation(self, draft: Draft) -> SigmaRule | None:
        name = self._names[id(draft)]
        block = correlations.read(
            draft.document, self._resolver(draft), self._silent, self._problems
        )
        if block is None:
            return None
        rule = CorrelationRule(**draft.common, name=name, correlation=block)
        return SigmaRule(rule, draft.document, _file(draft, name))

    def _warn_of_filters(self, kept: Sequence[Draft]) -> None:
        known = {word for each in self._drafts.rules for word in _words(each)}
        known.update(self._names.values())
        titles = {each.common["title"] for each in kept}
        for each in self._drafts.filters:
            if each.narrows:
                self._warn(
                    each.document,
                    "the filter keeps only what it names: to leave that out, write "
                    "condition: not selection",
                )
            for word in each.references or ():
                if word in titles and word not in known:
                    message = "names a rule by its title: other tools want the id"
                elif word in known or word in self._drafts.foreign:
                    continue
                else:
                    message = "no rule has that id or name, so it filters nothing"
                self._warn(each.document, f"'{word}': {message}")

    def _warn(self, document: Document, message: str) -> None:
        self._warnings.append(document.error(message, ("title",), key=True))


def _is_for(each: Filter, draft: Draft, name: str) -> bool:
    if not covers(each.logsource, draft.common["logsource"]):
        return False
    if each.references is None:
        return True
    words = {*_words(draft), name, draft.common["title"]}
    return any(word in words or word.lower() in words for word in each.references)


def _words(draft: Draft) -> list[str]:
    own = [draft.own_name] if draft.own_name else []
    return [*own, *([draft.common["id"]] if draft.has_id else [])]


def _is_other(one: Draft, other: Draft) -> bool:
    """Return whether two rules of one id find different events."""
    if one.detection is None or other.detection is None:
        blocks = [each.document.value.get("correlation") for each in (one, other)]
        return bool(blocks[0] != blocks[1])
    return _opened(one.detection.condition) != _opened(other.detection.condition)


def _opened(node: tree.Node) -> tree.Node:
    """Copy a condition without the names of its selections."""
    while isinstance(node, tree.Selection):
        node = node.node
    return tree.with_children(node, [_opened(each) for each in tree.children(node)])


def _age(draft: Draft) -> str:
    return draft.common["modified"] or draft.common["date"] or ""


def _file(draft: Draft, name: str) -> RuleFile:
    """Return the file of a rule; of several in a file, one that has its name."""
    return draft.file if draft.alone else draft.file.beside(name)
