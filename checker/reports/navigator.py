"""Draw rules as a layer of the ATT&CK Navigator: what they cover.

The score of a technique is the number of rules that look for it.  With the settings of
an account at hand, rules that are blind under them do not count, and a technique that
only blind rules look for stands there with a score of 0.

https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import checker
from checker.model import AnyRule
from checker.reports.segments import visible

LAYER_VERSION: Final = "4.5"
NAVIGATOR_VERSION: Final = "5.2.0"
VERSIONS: Final = ("18", "19")
"""Versions of ATT&CK that a layer can be drawn for; the pack has the ids of both."""

_TECHNIQUE: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)")
_NONE, _FEW, _MANY = "#ff6666", "#cfe8c9", "#2f8f46"
_SPLIT: Final = ("stealth", "defense-impairment")
"""What v19 makes of the tactic defense-evasion."""

_MOST_NAMED: Final = 40


def layer(
    rules: Sequence[AnyRule],
    table: Mapping[str, Any],
    *,
    version: str = VERSIONS[-1],
    blind: Collection[str] | None = None,
    settings: str = "",
) -> dict[str, Any]:
    """Return the layer of some rules, as JSON's own types.

    `table` tells the tactics of each technique and which ids v19 gave another
    (`techniques`, `renamed`).  `blind` names the rules that see nothing under
    `settings`; None when no settings were asked.
    """
    unseen = frozenset(blind or ())
    cells = _cells(rules, table, version)
    techniques = [
        _technique(key, members, unseen) for key, members in sorted(cells.items())
    ]
    techniques += _parents(cells)
    scores = [each.get("score", 0) for each in techniques]
    count = len([rule for rule in rules if rule.name not in unseen])
    return {
        "name": f"trailcheck {checker.__version__}" + (" as seen" if settings else ""),
        "versions": {
            "attack": version,
            "navigator": NAVIGATOR_VERSION,
            "layer": LAYER_VERSION,
        },
        "domain": "enterprise-attack",
        "description": _description(count, len(rules), settings),
        "sorting": 3,
        "layout": {
            "layout": "side",
            "showID": True,
            "showName": True,
            "showAggregateScores": True,
            "countUnscored": False,
            "aggregateFunction": "sum",
            "expandedSubtechniques": "annotated",
        },
        "hideDisabled": False,
        "techniques": techniques,
        "gradient": {
            "colors": [_NONE, _FEW, _MANY],
            "minValue": 0,
            # The format wants it above minValue, also where nothing is covered.
            "maxValue": max([2, *scores]),
        },
        "legendItems": _legend(seen=blind is not None),
        "metadata": [
            {"name": "rules", "value": str(len(rules))},
            {"name": "rules that count", "value": str(count)},
        ],
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
        "selectVisibleTechniques": False,
    }


def _cells(
    rules: Sequence[AnyRule], table: Mapping[str, Any], version: str
) -> dict[tuple[str, str], list[str]]:
    """Return the names of the rules in each cell: (technique, tactic)."""
    cells: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        for technique in _techniques(rule, table, version):
            for tactic in _tactics(rule, technique, table, version):
                cells.setdefault((technique, tactic), []).append(rule.name)
    return cells


def _techniques(rule: AnyRule, table: Mapping[str, Any], version: str) -> Iterator[str]:
    """Return the techniques of a rule that a version of ATT&CK has, each once."""
    old = set(table["renamed"])
    new = set(table["renamed"].values())
    absent = new if version == "18" else old
    found = [
        match[1].upper() for tag in rule.tags if (match := _TECHNIQUE.fullmatch(tag))
    ]
    yield from (each for each in dict.fromkeys(found) if each not in absent)


def _tactics(
    rule: AnyRule, technique: str, table: Mapping[str, Any], version: str
) -> Iterator[str]:
    """Return the tactics of a technique for which a rule stands: those of its own tags.

    A rule without a tactic that fits stands for each one of the technique.
    """
    known = table["techniques"].get(technique, {"tactics": ()})["tactics"]
    of_technique = _of_version(known, version)
    tagged = {tag.removeprefix("attack.") for tag in rule.tags}
    if tagged & set(_SPLIT) and version != "18":
        # A tag of each version beside one another: the finer ones say which.
        tagged.discard("defense-evasion")
    own = _of_version(sorted(tagged), version)
    yield from [each for each in of_technique if each in own] or of_technique or ("",)


def _of_version(tactics: Sequence[str], version: str) -> list[str]:
    """Call tactics what a version of ATT&CK calls them, each once."""
    found: list[str] = []
    for tactic in tactics:
        if version == "18":
            found.append("defense-evasion" if tactic in _SPLIT else tactic)
        else:
            found += _SPLIT if tactic == "defense-evasion" else (tactic,)
    return list(dict.fromkeys(found))


def _technique(
    key: tuple[str, str], names: Sequence[str], unseen: Collection[str]
) -> dict[str, Any]:
    technique, tactic = key
    seeing = [name for name in names if name not in unseen]
    lost = [name for name in names if name in unseen]
    said = [("", seeing), ("blind: ", lost)]
    comment = "\n".join(label + _named(each) for label, each in said if each)
    entry: dict[str, Any] = {"techniqueID": technique}
    if tactic:
        entry["tactic"] = tactic
    return {
        **entry,
        "score": len(seeing),
        "comment": comment,
        "enabled": True,
        "metadata": [{"name": "rules", "value": str(len(names))}]
        + ([{"name": "blind rules", "value": str(len(lost))}] if lost else []),
    }


def _parents(cells: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
    """Open the techniques that only sub-techniques cover; they have no score."""
    parents = {
        (technique.partition(".")[0], tactic)
        for technique, tactic in cells
        if "." in technique
    }
    return [
        {
            "techniqueID": technique,
            **({"tactic": tactic} if tactic else {}),
            "enabled": True,
            "showSubtechniques": True,
        }
        for technique, tactic in sorted(parents - set(cells))
    ]


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(visible(name) for name in names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _description(count: int, total: int, settings: str) -> str:
    if not settings:
        return f"{total} rules; the score is how many look for a technique."
    return (
        f"{count} of {total} rules: the others are blind under the settings of "
        f"{visible(settings)}. The score is how many of those that can see look for a "
        "technique; 0 is a technique that only blind rules look for."
    )


def _legend(*, seen: bool) -> list[dict[str, str]]:
    items = [
        {"label": "few rules", "color": _FEW},
        {"label": "many rules", "color": _MANY},
    ]
    blind = [{"label": "only blind rules", "color": _NONE}]
    return [*(blind if seen else []), *items]
