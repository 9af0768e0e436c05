"""Find the rules of findings that a scan which was killed has left.

The rules of the next scan may be others: another `--level`, other files, a newer pack
in which a rule has another name.  A finding that was found is told all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any

from checker.conditions import tree
from checker.model import AnyRule, Detection, DetectionRule, Level

_TEXTS = ("id", "title", "level", "status")


def described(rule: AnyRule) -> dict[str, Any]:
    """Return what reports tell of a rule, as plain values."""
    return {
        "id": rule.id,
        "title": rule.title,
        "level": rule.level.value,
        "status": rule.status,
        "description": rule.description,
        "references": list(rule.references),
        "tags": list(rule.tags),
    }


class Owners:
    """The rules of findings that were kept: today's where they have the same id."""

    def __init__(
        self, rules: Iterable[AnyRule], kept: Callable[[str], Mapping[str, Any] | None]
    ) -> None:
        """Take today's rules, and what looks up what was kept of one by its name."""
        detections = [rule for rule in rules if isinstance(rule, DetectionRule)]
        self._by_name = {rule.name: rule for rule in detections}
        self._by_id = {rule.id: rule for rule in detections}
        self._kept = kept
        self._found: dict[str, DetectionRule] = {}

    def of(self, name: str) -> DetectionRule:
        """Return the rule that had a name when the finding was found.

        Raises ValueError, TypeError or KeyError where what was kept describes no rule.
        """
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> DetectionRule:
        known = self._kept(name)
        if known is None:
            # A state of an older version: it kept nothing but the name.
            return self._by_name.get(name) or _restored(name, {})
        today = self._by_id.get(known["id"])
        return today or _restored(name, known)


def _restored(name: str, known: Mapping[str, Any]) -> DetectionRule:
    """Make a rule that holds on nothing, for what was found by one that is gone."""
    texts = {key: known.get(key, "") for key in _TEXTS}
    references, tags = known.get("references", []), known.get("tags", [])
    if not all(isinstance(each, str) for each in (*texts.values(), *references, *tags)):
        raise TypeError(name)
    return DetectionRule(
        path=PurePath(name).name,
        line=1,
        title=texts["title"] or name.replace("_", " "),
        name=name,
        id=texts["id"],
        # Of an unknown level it counts, by default.
        level=Level(texts["level"] or "high"),
        status=texts["status"] or "stable",
        description=known.get("description"),
        references=tuple(references),
        tags=tuple(tags),
        detection=Detection({}, tree.Literal(value=False)),
    )
