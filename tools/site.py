"""Prepare the pages of the documentation site, which zensical builds (mkdocs.yml).

python -m tools.site [RULE …]      write build/site-docs, of all rules or those named

Each page about a rule gets an example event, the next steps, what the rule converts to,
and how it is tested.  Links out of docs/ lead to copies, so that the site is whole
without a network; a link that leads nowhere is an error.
"""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import json
import posixpath
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from checker import rules
from checker.cases import read as cases
from checker.cases.read import Case
from checker.convert import TARGETS, Conversion, Options
from checker.errors import DocumentError, RulesError
from checker.model import (
    AnyRule,
    ConfigurationRule,
    CorrelationRule,
    DetectionRule,
    parameters_of,
)
from checker.run.convert import convert_rules, samples
from tools.conversions import said

ROOT: Final = Path(__file__).resolve().parent.parent
TARGET: Final = ROOT / "build" / "site-docs"
_HIDDEN: Final = "{ data-search-exclude }"
"""Events and queries are long, and all alike to a search."""

_LINK: Final = re.compile(r"(?P<head>\]\()(?P<to>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
_CODE: Final = re.compile(
    r"(^```.*?^```[^\n]*$|(?<!`)``(?!`).+?(?<!`)``(?!`)|(?<!`)`(?!`)[^`\n]+`(?!`))",
    re.MULTILINE | re.DOTALL,
)
_LONGEST: Final = 6_000
_NAMES: Final = {
    "eventbridge": "EventBridge",
    "metric-filter": "CloudWatch metric filter",
    "insights": "CloudWatch Logs Insights",
    "athena": "Athena",
    "sigma": "Sigma",
}


def stage(target: Path, chosen: Sequence[str] = ()) -> list[str]:
    """Write the pages to a folder, and return the links that lead nowhere.

    `chosen` are names of rules; the pages of others are left out, with links to them.
    """
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    pages = dict(_pages(chosen))
    copied: dict[Path, None] = {}
    broken: list[str] = []
    for name, text in pages.items():
        linked = _linked(name, text, pages, copied, broken, whole=not chosen)
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(linked, encoding="utf-8")
    for source in copied:
        file = target / _copy_of(source)
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, file)
    return broken


def _pages(chosen: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each page by its place in the site."""
    more = dict(_of_rules(chosen))
    for file in sorted((ROOT / "docs").rglob("*.md")):
        name = file.relative_to(ROOT / "docs").as_posix()
        text = file.read_text(encoding="utf-8")
        if file.parent.name == "rules" and file.name != "README.md":
            if file.stem in more:
                yield name, f"{text.rstrip()}\n\n{more[file.stem]}"
            continue
        yield name, text
    for page in ("README", "CONTRIBUTING", "SECURITY"):
        name = "index.md" if page == "README" else f"{page.lower()}.md"
        text = (ROOT / f"{page}.md").read_text(encoding="utf-8")
        yield name, _LINK.sub(_from_root, text)


def _from_root(match: re.Match[str]) -> str:
    """Rewrite a link of a page at the top so that it is one of a page in docs/."""
    to = match["to"]
    if ":" in to:
        return match.group()
    inside = to.removeprefix("docs/") if to.startswith("docs/") else f"../{to}"
    return f"{match['head']}{inside}{match['anchor'] or ''})"


def _linked(  # noqa: PLR0913 - what all pages share
    name: str,
    text: str,
    pages: Mapping[str, str],
    copied: dict[Path, None],
    broken: list[str],
    *,
    whole: bool,
) -> str:
    """Return a page whose links lead to pages of the site or to copies."""

    def led(match: re.Match[str]) -> str:
        to, anchor = match["to"], match["anchor"] or ""
        if re.match(r"[a-z]+:", to):
            return match.group()
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), to))
        if inside in pages:
            return match.group()
        if f"{inside}/README.md" in pages:
            return f"{match['head']}{to.rstrip('/')}/README.md{anchor})"
        home = {
            "../README.md": "index.md",
            "../CONTRIBUTING.md": "contributing.md",
            "../SECURITY.md": "security.md",
        }.get(inside)
        up = "../" * name.count("/")
        if home:
            return f"{match['head']}{up}{home}{anchor})"
        source = (ROOT / "docs" / inside).resolve()
        if source.is_file() and source.is_relative_to(ROOT):
            if source.suffix == ".md" and not whole:
                return f"{match['head']}{up}index.md)"
            copied[source] = None
            return f"{match['head']}{up}{_copy_of(source)})"
        if source.is_dir() and source.is_relative_to(ROOT):
            return f"{match['head']}{up}index.md)"
        broken.append(f"{name}: {to}")
        return match.group()

    parts = _CODE.split(text)
    # Every second part is code, in which nothing is a link.
    parts[::2] = [_LINK.sub(led, part) for part in parts[::2]]
    return "".join(parts)


def _copy_of(source: Path) -> str:
    return f"files/{source.relative_to(ROOT).as_posix()}.txt"


def _of_rules(chosen: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is added to the page of each rule."""
    pack = rules.load()
    wanted = [rule for rule in pack if not chosen or rule.name in chosen]
    files = {Path(file.path).stem: file for file in rules.find()}
    bases = {
        base
        for rule in wanted
        if isinstance(rule, CorrelationRule)
        for base in rule.correlation.rules
    }
    named = {rule.name for rule in wanted} | bases
    shown = samples([file for stem, file in files.items() if stem in named])
    converted: dict[str, dict[str, str]] = {}
    over_events = [rule for rule in wanted if not isinstance(rule, ConfigurationRule)]
    for target in TARGETS:
        for each in convert_rules(over_events, pack, shown, target, Options()):
            outcome = each.outcome
            text = (
                f"```text\n{_cut(outcome.text)}\n```"
                if isinstance(outcome, Conversion)
                else f"Not converted: {said(outcome)}"
            )
            converted.setdefault(each.rule.name, {})[target] = text
    problems: list[DocumentError] = []
    for rule in wanted:
        own = cases.of_rule(files[rule.name], problems)
        yield rule.name, "".join(_more(rule, own, converted.get(rule.name, {})))
    if problems:
        raise RulesError(problems)


def _more(
    rule: AnyRule, own: Sequence[Case], converted: Mapping[str, str]
) -> Iterator[str]:
    yield from _steps(rule)
    yield from _example(rule, own)
    if converted:
        yield f"## Converts to {_HIDDEN}\n\n"
        yield f"As `trailcheck convert {rule.name} --to TARGET` prints it.\n\n"
        for target, text in converted.items():
            yield f"### {_NAMES.get(target, target)} {_HIDDEN}\n\n{text}\n\n"
    yield "## How it is tested\n\n"
    matching = sum(case.match for case in own)
    yield (
        f"{len(own)} cases: {matching} that the rule must find, and "
        f"{len(own) - matching} that it must leave alone. `trailcheck test --mutants` "
        "changes one clause of the rule at a time, and a case must notice each change."
        "\n"
    )


def _steps(rule: AnyRule) -> Iterator[str]:
    """Yield what somebody does who has the finding."""
    yield "## Next steps\n\n"
    lines = [line.strip() for line in (rule.description or "").splitlines()]
    told = [line for line in lines[1:] if line]
    if isinstance(rule, ConfigurationRule):
        if rule.remediation is not None:
            yield f"1. {_plain(rule.remediation.text)}\n"
        yield f"1. `trailcheck audit settings.json --select {rule.name}` again.\n\n"
        return
    for line in told:
        yield f"1. {_plain(line)}\n"
    fields = ", ".join(f"`{field}`" for field in rule.fields[:8])
    if fields:
        yield f"1. Look at {fields} of the event.\n"
    yield "1. `trailcheck story IDENTITY logs/` shows what else the caller did.\n"
    if isinstance(rule, DetectionRule):
        yield (
            f"1. `trailcheck explain {rule.name} event.json` shows why the rule "
            "matches.\n"
        )
    yield "1. If it is expected: `trailcheck tune logs/ --false FINGERPRINT`.\n"
    for name in parameters_of(rule):
        yield f"1. `{name}` is a parameter: see [thresholds](../thresholds.md).\n"
    yield "\n"


def _example(rule: AnyRule, own: Sequence[Case]) -> Iterator[str]:
    case = next((case for case in own if case.match), None)
    if case is None:
        return
    what = "settings" if isinstance(rule, ConfigurationRule) else "event"
    yield f"## An example {what} {_HIDDEN}\n\n{_plain(case.name)}"
    value = dict(case.subject)
    if case.events:
        count = len(case.events)
        yield f": {count} event{'s' * (count != 1)}, of which this is the last"
        value = dict(case.events[-1])
    text = _cut(json.dumps(value, indent=2, ensure_ascii=False))
    yield f".\n\n```json\n{text}\n```\n\n"


def _cut(text: str) -> str:
    text = text.rstrip().replace("```", "` ` `")
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST].rpartition(chr(10))[0]}\n…"


def _plain(text: str) -> str:
    """Escape what Markdown would take for markup."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def main(arguments: Iterable[str]) -> int:
    """Write the pages; 1 if a link leads nowhere."""
    broken = stage(TARGET, list(arguments))
    sys.stderr.writelines(f"{line}: leads nowhere\n" for line in broken)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
