"""Choose rules by their names, ids, tags and levels."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from checker import documents
from checker.errors import UsageError
from checker.model import AnyRule, ConfigurationRule, Level


def choose(
    rules: Sequence[AnyRule],
    select: Sequence[str],
    ignore: Sequence[str],
    *,
    options: tuple[str, str] = ("--select", "--ignore"),
) -> list[AnyRule]:
    """Keep the rules that some `select` word names (all if none) and no `ignore` does.

    A word is a name, an id, a tag or a level, with `*` as a wildcard.  Raises
    `UsageError` for a word that names no rule, so that a typing error is seen;
    `options` are what the user calls the two.
    """
    for option, words in zip(options, (select, ignore), strict=True):
        for word in words:
            if not any(_named(rule, word) for rule in rules):
                known = [rule.name for rule in rules]
                hint = documents.nearest(word, known)
                raise UsageError(
                    f"{option} {word}: no rule has that name, id, tag or level{hint}"
                )
    return [
        rule
        for rule in rules
        if (not select or any(_named(rule, word) for word in select))
        and not any(_named(rule, word) for word in ignore)
    ]


def at_least(rules: Sequence[AnyRule], level: Level) -> list[AnyRule]:
    """Keep the rules over events that have a level or a higher one, and all others."""
    return [
        rule
        for rule in rules
        if isinstance(rule, ConfigurationRule) or rule.level >= level
    ]


def _named(rule: AnyRule, word: str) -> bool:
    words = (rule.name, rule.id, rule.level.value, *rule.tags)
    return any(fnmatch.fnmatchcase(each, word) for each in words)
