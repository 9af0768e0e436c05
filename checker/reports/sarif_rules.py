"""Describe rules in SARIF: descriptors, help texts and taxonomies.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
§3.49 (reportingDescriptor) and §3.19.3 (taxonomies), and what code scanning shows:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from checker.model import AnyRule, ConfigurationRule, Level, Remediation
from checker.reports.segments import escaped

ATTACK: Final = "MITRE ATT&CK"
ATTACK_VERSION: Final = "19"
"""The version whose technique ids the tags of rules use."""

LEVELS: Final = {
    Level.CRITICAL: "error",
    Level.HIGH: "error",
    Level.MEDIUM: "warning",
    Level.LOW: "note",
    Level.INFORMATIONAL: "note",
}

# Inside code scanning's bands, off their borders; informational has no severity.
_SECURITY_SEVERITY: Final = {
    Level.CRITICAL: "9.5",
    Level.HIGH: "8.0",
    Level.MEDIUM: "5.5",
    Level.LOW: "2.0",
}
_PRECISION: Final = {"stable": "high", "test": "medium"}
_SHOWN_TAGS: Final = 10
_SHORT: Final = 1024
_TECHNIQUE: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)
_VERSIONED: Final = re.compile(r".+?[-_ ](?P<version>[rv]?\d[\w.]*)")
_WEB: Final = re.compile(r"https?://[^\s<>\"]+")


class Taxonomies:
    """The classifications that the rules of a run refer to, with only their taxa."""

    def __init__(self, rules: Sequence[AnyRule]) -> None:
        taxa: dict[str, set[str]] = {}
        for rule in rules:
            for name, id_ in _taxa(rule):
                taxa.setdefault(name, set()).add(id_)
        # ATT&CK first, because readers show the first one.
        names = sorted(taxa, key=lambda name: (name != ATTACK, name))
        self._taxa = {name: sorted(taxa[name]) for name in names}

    def documents(self) -> list[dict[str, Any]]:
        """The run's `taxonomies`."""
        return [_taxonomy(name, taxa) for name, taxa in self._taxa.items()]

    def references(self) -> list[dict[str, Any]]:
        """The driver's `supportedTaxonomies`."""
        return [{"name": name, "index": i} for i, name in enumerate(self._taxa)]

    def relationships(self, rule: AnyRule) -> list[dict[str, Any]]:
        """The rule's `relationships`: the taxa that it is relevant to."""
        names = list(self._taxa)
        return [
            {
                "target": {
                    "id": id_,
                    "index": self._taxa[name].index(id_),
                    "toolComponent": {"name": name, "index": names.index(name)},
                },
                "kinds": ["relevant"],
            }
            for name, id_ in _taxa(rule)
        ]


def descriptor(rule: AnyRule, taxonomies: Taxonomies) -> dict[str, Any]:
    """The rule as a `reportingDescriptor`."""
    described: dict[str, Any] = {
        "id": rule.name,
        "name": _pascal(rule.name),
        "shortDescription": {"text": sentence(rule.title, _SHORT)},
        "fullDescription": {"text": sentence(rule.description or rule.title, _SHORT)},
        "help": {"text": _help(rule), "markdown": _help(rule, markdown=True)},
    }
    web = [address for address in map(_web, rule.references) if address]
    if web:
        described["helpUri"] = web[0]
    described["defaultConfiguration"] = {"level": LEVELS[rule.level]}
    relationships = taxonomies.relationships(rule)
    if relationships:
        described["relationships"] = relationships
    described["properties"] = {
        "tags": _tags(rule),
        "precision": _PRECISION.get(rule.status, "low"),
        "id": rule.id,
        "level": rule.level.value,
        "status": rule.status,
    }
    if rule.level in _SECURITY_SEVERITY:
        severity = _SECURITY_SEVERITY[rule.level]
        described["properties"]["security-severity"] = severity
    return described


def sentence(text: str, limit: int = 1000) -> str:
    """The text on one line of at most `limit` characters that ends with a full stop.

    Code scanning takes the first sentence as title.  What a reader would take for a
    link (§3.11.6) or for a placeholder (§3.11.5) is parted by a space: the text of a
    message may come from an event, and has neither.
    """
    said = " ".join(text.split()) or "No description"
    said = re.sub(r"\{(?=\d+\})", "{ ", said.replace("](", "] ("))
    said = escaped(said, limit - 1)
    return said if said.endswith(".") else f"{said}."


def _help(rule: AnyRule, *, markdown: bool = False) -> str:
    parts = [(rule.description or sentence(rule.title)).strip()]
    if rule.falsepositives:
        parts += _list("False positives", rule.falsepositives, markdown=markdown)
    if isinstance(rule, ConfigurationRule) and rule.remediation:
        parts += _remediation(rule.remediation, markdown=markdown)
    if rule.controls:
        controls = [f"{name}: {', '.join(ids)}" for name, ids in rule.controls.items()]
        parts += _list("Controls", controls, markdown=markdown)
    if rule.references:
        links = [
            f"<{_web(reference)}>" if markdown and _web(reference) else reference
            for reference in rule.references
        ]
        parts += _list("References", links, markdown=markdown)
    return "\n\n".join(parts)


def _list(title: str, items: Sequence[str], *, markdown: bool) -> list[str]:
    lines = "\n".join(f"- {' '.join(item.split())}" for item in items)
    return [_heading(title, markdown=markdown), lines]


def _remediation(remediation: Remediation, *, markdown: bool) -> list[str]:
    parts = [_heading("Remediation", markdown=markdown), remediation.text.strip()]
    for language, code in (("sh", remediation.cli), ("hcl", remediation.terraform)):
        if code:
            parts.append(_code(language, code.strip()) if markdown else code.strip())
    return parts


def _heading(title: str, *, markdown: bool) -> str:
    return f"## {title}" if markdown else f"{title}:"


def _code(language: str, code: str) -> str:
    # A fence longer than any run of backticks inside cannot be closed from inside.
    runs = re.findall(r"`+", code)
    fence = "`" * (1 + max([2, *map(len, runs)]))
    return f"{fence}{language}\n{code}\n{fence}"


def _tags(rule: AnyRule) -> list[str]:
    controls = (f"{name}/{id_}" for name, ids in rule.controls.items() for id_ in ids)
    return list(dict.fromkeys(["security", *rule.tags, *controls]))[:_SHOWN_TAGS]


def _taxa(rule: AnyRule) -> list[tuple[str, str]]:
    """The taxonomy and id of each taxon of the rule, each once."""
    techniques = filter(None, map(_TECHNIQUE.fullmatch, rule.tags))
    taxa = [(ATTACK, technique[1].upper()) for technique in techniques]
    taxa += [(name, id_) for name, ids in rule.controls.items() for id_ in ids]
    return list(dict.fromkeys(taxa))


def _taxonomy(name: str, taxa: list[str]) -> dict[str, Any]:
    taxonomy: dict[str, Any] = {"name": name}
    if name == ATTACK:
        taxonomy["version"] = ATTACK_VERSION
        taxonomy["organization"] = "MITRE"
        taxonomy["informationUri"] = "https://attack.mitre.org/"
    elif versioned := _VERSIONED.fullmatch(name):
        taxonomy["version"] = versioned["version"]
    taxonomy["shortDescription"] = {
        "text": f"The parts of {name} that the rules of this run refer to."
    }
    taxonomy["isComprehensive"] = False
    taxonomy["taxa"] = [_taxon(name, id_) for id_ in taxa]
    return taxonomy


def _taxon(taxonomy: str, id_: str) -> dict[str, Any]:
    if taxonomy != ATTACK:
        return {"id": id_}
    page = id_.replace(".", "/")
    return {"id": id_, "helpUri": f"https://attack.mitre.org/techniques/{page}/"}


def _pascal(name: str) -> str:
    """`root_console_login` as `RootConsoleLogin`; SARIF wants id and name to differ."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    pascal = "".join(word[0].upper() + word[1:] for word in words)[:255]
    return pascal if pascal != name else f"{pascal}Rule"


def _web(reference: str) -> str | None:
    """The reference as an absolute URI, or None when it is not one."""
    if not _WEB.fullmatch(reference.strip()):
        return None
    return quote(reference.strip(), safe="!#$%&'()*+,/:;=?@[]~-._")
