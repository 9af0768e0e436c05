"""Determine which declared resource belongs to which.

A policy belongs to its bucket and a bucket to its trail by reference, by the name that
both give, or by the same expression.  Where that is not known before apply, the answer
is neither yes nor no.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker.conditions import Cause
from checker.conditions.sketch import joined
from checker.conditions.unknown import either
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    known,
    pending,
)


@dataclass(slots=True)
class _Index:
    """The declarations of one type by what one of their attributes says.

    `named` is by address or expression, `texts` by value; `unsure` may name anything.
    """

    named: defaultdict[str, list[Declaration]] = field(
        default_factory=lambda: defaultdict(list)
    )
    texts: defaultdict[str, list[Declaration]] = field(
        default_factory=lambda: defaultdict(list)
    )
    unsure: list[Declaration] = field(default_factory=list)


def _spelled(value: Any) -> str | None:
    """Return a text, or one of which parts are not known with names for those.

    Two texts with the same parts are the same, known or not: the ARN of a log group in
    the Region of the stack, say.
    """
    if not is_unknown(value):
        return known(value)
    if value.sketch is None or value.among is not None:
        return None
    return repr(joined(value.sketch))


class Links:
    """The declarations of one source, and what ties them.

    `identities` gives the texts by which a declaration is known to others.  Of the
    types in `hidden` the source makes resources that are not read.
    """

    def __init__(
        self,
        declarations: Sequence[Declaration],
        identities: Callable[[Declaration], Iterable[Any]],
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self._hidden = hidden
        self._by_type: defaultdict[str, list[Declaration]] = defaultdict(list)
        self._by_address = {each.address: each for each in declarations}
        self._types = {each.address: each.type for each in declarations}
        self._texts_of: dict[str, dict[str, set[str]]] = {}
        self._counts: dict[tuple[str, str], Counter[str | None]] = {}
        self._identities = identities
        self._indexes: dict[tuple[str, str], _Index] = {}
        for each in declarations:
            self._by_type[each.type].append(each)

    def of(self, type_: str) -> list[Declaration]:
        """Return the declarations of a type, in the order of the source."""
        return self._by_type.get(type_, [])

    def children(
        self, parent: Declaration, type_: str, attribute: str
    ) -> tuple[list[Declaration], bool]:
        """Return what surely belongs to a parent, and whether something else may."""
        sure: list[Declaration] = []
        maybe = type_ in self._hidden
        for each in self._candidates(parent, type_, attribute):
            if self._one_of_several(each, attribute, parent):
                maybe = True
            else:
                sure.append(each)
        settled = {each.address for each in sure}
        unsure = self._index(type_, attribute).unsure
        # More unsure ones than sure ones altogether: one of them is not settled.
        left = unsure[: len(sure) + 1]
        return sure, maybe or any(each.address not in settled for each in left)

    def parents(
        self, child: Declaration, attribute: str, type_: str
    ) -> list[Declaration]:
        """Return the declarations of a type that an attribute names."""
        named = child.references.get(attribute, frozenset())
        found = {name for name in named if self._types.get(name) == type_}
        text = _spelled(child.values.get(attribute))
        if text:
            found |= self._owners(type_).get(text, set())
        return [self._by_address[name] for name in sorted(found)]

    def users(
        self, by: Iterable[tuple[str, str]], resource: Declaration
    ) -> list[Declaration]:
        """Return what may name a resource in an attribute, of some types."""
        found = [
            each
            for type_, attribute in by
            for each in self._candidates(resource, type_, attribute)
        ]
        return list({each.address: each for each in found}.values())

    def part(
        self,
        parent: Declaration,
        type_: str,
        attribute: str,
        read: Callable[[Declaration], Any],
        default: Any,
    ) -> Any:
        """Return a part of a resource that is declared as a resource of its own.

        `default` is its value where none is declared.
        """
        sure, maybe = self.children(parent, type_, attribute)
        certain = [each for each in sure if not is_unknown(each.exists)]
        if len(certain) <= 1 and sure and not maybe:
            several = [read(each) for each in certain] or [default]
            several += [read(each) for each in sure if is_unknown(each.exists)]
            reason = f"{sure[-1].address}: {getattr(sure[-1].exists, 'reason', '')}"
            return either(several, reason, Cause.NOT_KNOWN_BEFORE_APPLY)
        if sure or maybe:
            return pending(f"{type_}: which is for {parent.address} is not known yet")
        return default

    def _candidates(
        self, parent: Declaration, type_: str, attribute: str
    ) -> list[Declaration]:
        """Return the declarations that name a parent by any of its names."""
        index = self._index(type_, attribute)
        texts = self._texts(parent)
        found = [
            *(
                each
                for name in (parent.address, *sorted(parent.aliases))
                for each in index.named.get(name, ())
            ),
            *(each for text in sorted(texts) for each in index.texts.get(text, ())),
        ]
        return list({each.address: each for each in found}.values())

    def _texts(self, declared: Declaration) -> set[str]:
        texts = [*self._identities(declared), *declared.names]
        return {text for text in map(_spelled, texts) if text}

    def _one_of_several(
        self, child: Declaration, attribute: str, parent: Declaration
    ) -> bool:
        """Return whether a single-resource attribute names several of a type."""
        named = child.references.get(attribute, frozenset())
        if parent.aliases & named or parent.address not in named:
            return False
        if isinstance(child.values.get(attribute), list):
            return False
        key = (child.address, attribute)
        if key not in self._counts:
            self._counts[key] = Counter(self._types.get(name) for name in named)
        return self._counts[key][parent.type] > 1

    def _owners(self, type_: str) -> dict[str, set[str]]:
        """Return the addresses of a type's declarations by each text they go by."""
        if type_ not in self._texts_of:
            owners: defaultdict[str, set[str]] = defaultdict(set)
            for each in self.of(type_):
                for text in self._texts(each):
                    owners[text].add(each.address)
            self._texts_of[type_] = dict(owners)
        return self._texts_of[type_]

    def _index(self, type_: str, attribute: str) -> _Index:
        key = (type_, attribute)
        if key not in self._indexes:
            self._indexes[key] = index = _Index()
            for each in self.of(type_):
                for name in each.references.get(attribute, ()):
                    index.named[name].append(each)
                value = each.values.get(attribute)
                several = value if isinstance(value, list) else [value]
                for text in filter(None, map(_spelled, several)):
                    index.texts[text].append(each)
                hidden = any(is_unknown(one) for one in several)
                if hidden and attribute in each.opaque:
                    index.unsure.append(each)
        return self._indexes[key]
