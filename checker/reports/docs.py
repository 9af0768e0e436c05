"""Write the pages about the rules: one for each, and an index.

    pages(documented, tactics)   every page, by its path below the folder of the pages
    checks(summaries)            the page about lint's checks

Pages are Markdown as GitHub shows it.  Nothing is read or written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from checker import conditions
from checker.correlation_types import duration
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    Level,
    parameters_of,
)

_GENERATED = "<!-- Built by `make docs` from the rule; do not edit. -->\n"
_KINDS: Final = {
    DetectionRule: "detection",
    CorrelationRule: "correlation",
    ConfigurationRule: "configuration",
}


@dataclass(frozen=True, slots=True)
class Documented:
    """A rule with what its page shows beside it.

    `service` is the folder that the rule lies in, `needs` says in words what must be
    recorded, and `match` and `no_match` are the names of its cases.
    """

    rule: AnyRule
    service: str
    needs: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = field(default=())


def pages(
    documented: Iterable[Documented], techniques: Mapping[str, str]
) -> dict[str, str]:
    """Write a page for each rule, `<name>.md`, and `README.md`, the index of them.

    `techniques` names each ATT&CK technique by its id in capitals.
    """
    ordered = sorted(documented, key=lambda each: each.rule.name)
    known = frozenset(each.rule.name for each in ordered)
    found = {f"{each.rule.name}.md": _page(each, known) for each in ordered}
    found["README.md"] = "".join(_index(ordered, techniques))
    return found


def checks(summaries: Iterable[tuple[str, str, str]]) -> str:
    """Write the page about lint's checks from (name, severity, summary) of each."""
    rows = "".join(
        f"| `{name}` | {severity} | {_cell(summary)} |\n"
        for name, severity, summary in summaries
    )
    return (
        "# What `trailcheck lint` checks\n\n"
        "<!-- Built by `make docs` from checker/authoring/lint; do not edit. -->\n\n"
        "A rule that means to trip a check says so, with the reason:\n"
        "`lint: [{ignore: NAME, reason: …}]`.\n\n"
        f"| check | severity | it holds that |\n|---|---|---|\n{rows}"
    )


def _page(documented: Documented, known: frozenset[str]) -> str:
    rule = documented.rule
    pieces = [f"# {_text(rule.title)}\n\n{_GENERATED}\n{_facts(documented, known)}"]
    if rule.description:
        pieces.append(f"{_text(rule.description.strip())}\n")
    pieces.append("## Condition\n\n" + _condition(rule, known))
    if parameters_of(rule):
        pieces.append("## Parameters\n\n" + "".join(_parameters(rule)))
    if isinstance(rule, ConfigurationRule) and rule.remediation:
        pieces.append("## Remediation\n\n" + _remediation(rule))
    for heading, lines in (
        ("What must be recorded", documented.needs),
        ("False positives", rule.falsepositives),
        ("It finds", documented.match),
        ("It leaves alone", documented.no_match),
        ("References", tuple(f"<{link}>" for link in rule.references)),
    ):
        escape = str if heading == "References" else _text
        if lines:
            items = "".join(f"- {escape(line)}\n" for line in lines)
            pieces.append(f"## {heading}\n\n{items}")
    return "\n".join(pieces)


def _facts(documented: Documented, known: frozenset[str]) -> str:
    rule = documented.rule
    rows = [
        ("name", f"`{rule.name}`"),
        ("kind", _KINDS[type(rule)]),
        ("level", rule.level.value),
        ("lowered by", _lowering(rule)),
        ("reported instead of", _precedence(rule, known)),
        ("status", rule.status),
        ("id", f"`{rule.id}`"),
        ("tags", " ".join(f"`{tag}`" for tag in rule.tags)),
        *(
            (framework, ", ".join(ids))
            for framework, ids in sorted(rule.controls.items())
        ),
        ("source", f"[{rule.path}](../../{rule.path})"),
    ]
    shown = "".join(f"| {key} | {_cell(value)} |\n" for key, value in rows if value)
    return f"| | |\n|---|---|\n{shown}"


def _lowering(rule: AnyRule) -> str:
    """The selections that lower a finding by one level: docs/claims.md."""
    names = rule.lowered_by if isinstance(rule, DetectionRule) else ()
    return " ".join(f"`{name}`" for name in names)


def _precedence(rule: AnyRule, known: frozenset[str]) -> str:
    """The rules that report nothing where this one reports: docs/claims.md."""
    names = rule.instead_of if isinstance(rule, DetectionRule) else ()
    return ", ".join(f"[{n}]({n}.md)" if n in known else f"`{n}`" for n in names)


def _condition(rule: AnyRule, known: frozenset[str]) -> str:
    if isinstance(rule, DetectionRule):
        block = rule.detection
        lines = [f"{name}:" for name in block.selections]
        width = max(map(len, lines), default=0)
        shown = "".join(
            f"{name:{width}} {conditions.show(node)}\n"
            for name, node in zip(lines, block.selections.values(), strict=True)
        )
        whole = conditions.show(block.condition)
        return _fence(f"{shown}{'condition:':{width}} {whole}\n")
    if isinstance(rule, ConfigurationRule):
        setting = rule.configuration
        applies = (
            f"applies: {conditions.show(setting.applies)}\n" if setting.applies else ""
        )
        condition = f"condition: {conditions.show(setting.condition)}\n"
        return _fence(f"resource: {setting.resource}\n{applies}{condition}")
    return _correlation(rule, known)


def _parameters(rule: AnyRule) -> Iterator[str]:
    yield "A file given by `--config` sets them: "
    yield "[how](../thresholds.md).\n\n"
    yield "| parameter | type | default | it says |\n|---|---|---|---|\n"
    for name, each in parameters_of(rule).items():
        limits = [
            f"{word} {bound}"
            for word, bound in (("from", each.minimum), ("to", each.maximum))
            if bound is not None
        ]
        kind = " ".join([each.type, *limits])
        default = json.dumps(each.default)
        told = _cell(_text(each.description))
        yield f"| `{name}` | {kind} | `{default}` | {told} |\n"


def _correlation(rule: CorrelationRule, known: frozenset[str]) -> str:
    block = rule.correlation
    bases = ", ".join(
        f"[{name}]({name}.md)" if name in known else f"`{name}`" for name in block.rules
    )
    asked = ", ".join(f"{key} {value}" for key, value in block.condition.items())
    rows = [
        ("type", f"`{block.type.value}`"),
        ("rules", bases),
        ("within", duration(block.timespan)),
        ("grouped by", ", ".join(f"`{path}`" for path in block.group_by)),
        ("condition", f"`{asked}`" if asked else ""),
        *(
            (f"`{name}`", f"the label of `{path}` in the table given by `--addresses`")
            for name, path in block.labels.items()
        ),
    ]
    return "".join(f"- {key}: {value}\n" for key, value in rows if value)


def _remediation(rule: ConfigurationRule) -> str:
    remediation = rule.remediation
    if remediation is None:
        return ""
    pieces = [f"{_text(remediation.text.strip())}\n"]
    pieces += [
        "\n" + _fence(code.strip() + "\n", language)
        for code, language in (
            (remediation.cli, "sh"),
            (remediation.terraform, "terraform"),
        )
        if code
    ]
    return "".join(pieces)


_Groups: TypeAlias = Callable[[Documented], Iterable[str]]


def _index(
    documented: Sequence[Documented], techniques: Mapping[str, str]
) -> Iterator[str]:
    yield f"# Rules\n\n{_GENERATED}\n{len(documented)} rules, by "
    yield "[service](#by-service), [level](#by-level), [ATT&CK](#by-attck) and "
    yield "[framework](#by-framework).\n"
    yield "\n## By service\n"
    for service, members in _grouped(documented, lambda each: [each.service]):
        yield f"\n### {service}\n\n| rule | level | kind |\n|---|---|---|\n"
        for each in members:
            title = f"[{_cell(_text(each.rule.title))}]({each.rule.name}.md)"
            yield f"| {title} | {each.rule.level.value} | {_KINDS[type(each.rule)]} |\n"
    yield "\n## By level\n"
    groups = dict(_grouped(documented, lambda each: [each.rule.level.value]))
    for level in sorted(Level, reverse=True):
        if level.value in groups:
            yield f"\n### {level.value}\n\n{_links(groups[level.value])}\n"
    yield "\n## By ATT&CK\n\n| technique | rules |\n|---|---|\n"
    for technique, members in _grouped(documented, _techniques):
        called = techniques.get(technique, "")
        yield f"| {f'{technique} {called}'.strip()} | {_links(members)} |\n"
    yield "\n## By framework\n"
    for framework, members in _grouped(documented, lambda each: each.rule.controls):
        yield f"\n### {framework}\n\n| control | rules |\n|---|---|\n"
        for control, held in _grouped(members, _controls(framework)):
            yield f"| {_cell(control)} | {_links(held)} |\n"


def _grouped(
    documented: Iterable[Documented], keys: _Groups
) -> list[tuple[str, list[Documented]]]:
    groups: dict[str, list[Documented]] = {}
    for each in documented:
        for key in keys(each):
            groups.setdefault(key, []).append(each)
    return sorted(groups.items(), key=lambda group: _natural(group[0]))


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Sort 3.2 before 3.10: numbers by value, what stands between them as text."""
    parts = "".join(c if c.isdecimal() else f"\0{c}\0" for c in text).split("\0")
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in parts
        if part
    ]


def _techniques(documented: Documented) -> list[str]:
    words = [tag.removeprefix("attack.") for tag in documented.rule.tags]
    return [word.upper() for word in words if word[:1] == "t" and word[1:5].isdecimal()]


def _controls(framework: str) -> _Groups:
    return lambda each: each.rule.controls[framework]


def _links(documented: Iterable[Documented]) -> str:
    return ", ".join(f"[{each.rule.name}]({each.rule.name}.md)" for each in documented)


def _fence(text: str, language: str = "") -> str:
    """Fence code by more backticks than it holds in a row."""
    longest, row = 2, 0
    for character in text:
        row = row + 1 if character == "`" else 0
        longest = max(longest, row)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}{fence}\n"


def _text(text: str) -> str:
    """Keep prose from being read as HTML or as links."""
    for character in "\\<[":
        text = text.replace(character, f"\\{character}")
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
