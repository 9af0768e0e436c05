"""Distinguish Sigma's files from our own, and rules about CloudTrail from others.

Both say `detection` and `condition`.  This project's rules have a `name`, the file's
stem, and conditions in JMESPath (`a && !b`); Sigma's have `a and not b`, modifiers in
keys (`userAgent|contains`) and often no name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checker.documents import Document

_OURS = frozenset(
    ("controls", "parameters", "lint", "lowered_by", "instead_of", "configuration")
)
_ACTIONS = ("global", "reset", "repeat")
"""What Sigma 1 says of the documents of a file; this project says nothing so."""

_NEEDED = frozenset({"id", "status", "level"})
_JMESPATH = re.compile(r"&&|\|\||[!=<>'\"`\[{@,]")
_OPERATORS = re.compile(
    r"&&|\|\||[!=]=|\A\s*!|(?<![|\w])(?<!\|\s)[a-z_]{3,}\([\w'\"\[]"
)
"""Of these a call is no aggregation of Sigma's, such as `| count(field)`."""

_WORDS = re.compile(r"\b(?:and|or|not|of)\b", re.IGNORECASE)

CLOUDTRAIL: Mapping[str, str] = {"product": "aws", "service": "cloudtrail"}
"""The logsource of rules about CloudTrail."""


def is_sigma(document: Document, stem: str) -> bool:
    """Return whether a file is Sigma's, by its first document.

    `stem` is the file's, which is the name of a rule of this project.
    """
    value = document.value
    if not isinstance(value, dict) or _OURS & value.keys():
        return False
    if value.get("action") in _ACTIONS:
        return True
    if isinstance(value.get("filter"), dict) and "detection" not in value:
        return True
    named = value.get("name") == stem and value.keys() >= _NEEDED
    if isinstance(value.get("correlation"), dict):
        return document.more or not named
    named = named and "logsource" in value
    block = value.get("detection")
    if not isinstance(block, dict):
        return False
    if _is_written_as_ours(block, named=named):
        return False
    looks = _looks(block)
    return looks if looks is not None else document.more or not named


def _is_written_as_ours(block: Mapping[str, Any], *, named: bool) -> bool:
    """Return whether a block has operators or calls of JMESPath, which Sigma has not.

    What it has of Sigma beside them is a slip, and our own reader says what to write.
    Of a rule that is not named as ours are, only whole selections tell.
    """
    texts = (
        value
        for name, value in block.items()
        if isinstance(value, str) and (named or name != "condition")
    )
    return any(map(_OPERATORS.search, texts))


def may_be_either(document: Document) -> bool:
    """Return whether a detection rule reads the same, but not alike, in both dialects.

    Then its name alone, which is its file's, tells whose it is.
    """
    value = document.value
    block = value.get("detection") if isinstance(value, dict) else None
    if not isinstance(block, dict) or _OURS & value.keys():
        return False
    return _looks(block) is None


def _looks(block: Mapping[str, Any]) -> bool | None:
    """Return whether a detection block is Sigma's; None where it may be either's."""
    condition = block.get("condition")
    if isinstance(condition, list) or "timeframe" in block:
        return True
    text = condition if isinstance(condition, str) else ""
    selections = [value for name, value in block.items() if name != "condition"]
    if any(map(_is_sigmas, selections)):
        return True
    plain = re.sub(r"\|\s*\w+\(.*", "", text)
    if _JMESPATH.search(plain):
        return False
    if _WORDS.search(plain) or plain != text:
        return True
    if any(isinstance(value, str) for value in selections):
        return False
    # This project writes what has a wildcard as an expression.
    return True if any(map(_has_wildcard, selections)) else None


def _has_wildcard(value: object) -> bool:
    """Return whether a text in a selection has a wildcard of Sigma's beside others."""
    if isinstance(value, dict):
        return any(map(_has_wildcard, value.values()))
    if isinstance(value, list):
        return any(map(_has_wildcard, value))
    if not isinstance(value, str):
        return False
    return bool(value.strip("*?")) and bool({"*", "?"} & set(value))


def _is_sigmas(selection: object) -> bool:
    """Return whether a selection is written as only Sigma has it."""
    if isinstance(selection, list):
        return True
    if not isinstance(selection, dict):
        return False
    return any("|" in key and '"' not in key for key in selection)


def is_about_cloudtrail(logsource: Mapping[str, Any]) -> bool:
    """Return whether what a logsource says leaves CloudTrail's events in."""
    known = ("product", "service", "category")
    said = {key: logsource[key] for key in known if logsource.get(key) is not None}
    return bool(said) and all(
        str(value).lower() == CLOUDTRAIL.get(key) for key, value in said.items()
    )


def covers(filter_source: Mapping[str, Any], rule_source: Mapping[str, Any]) -> bool:
    """Return whether all that a filter's logsource says is in a rule's."""
    return all(
        str(filter_source[key]).lower() == str(rule_source.get(key) or "").lower()
        for key in ("product", "service", "category")
        if filter_source.get(key) is not None
    )
