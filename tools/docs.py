"""Build the pages below docs/, or check that they are up to date.

python -m tools.docs           write them
python -m tools.docs --check   write nothing; exit with 1 when one differs, or has a
                               link that leads nowhere

The pages about the rules are checked where they have been built.
"""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from checker import rules
from checker.authoring.lint import CHECKS
from checker.aws.attack import table
from checker.cases import read as cases
from checker.cases.read import Case
from checker.convert import TARGETS
from checker.errors import DocumentError, RulesError
from checker.evaluate.recording import rule_needs
from checker.evaluate.recording.need import Need
from checker.framework import Framework
from checker.model import AnyRule, DetectionRule
from checker.reports import conversions, docs, event_coverage, framework_pages
from checker.rules import frameworks
from checker.run.convert import samples
from tools.conversions import rows as conversion_rows
from tools.event_coverage import tables

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs"

_FENCED: Final = re.compile(r"^(```+).*?^\1$", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"\]\(((?!https?:|#)[^)\s]+)\)")


def build(folder: Path, paths: Iterable[str | Path] = ()) -> dict[Path, str]:
    """Return the text of every page; the rules are the shipped pack when none is given.

    Raises `RulesError` when a rule or its cases are wrong.
    """
    techniques = {key: each["name"] for key, each in table()["techniques"].items()}
    written = docs.pages(_documented(paths), techniques)
    found = {folder / "rules" / name: text for name, text in written.items()}
    found |= {
        folder / "frameworks" / name: text
        for name, text in framework_pages.pages(_tables()).items()
    }
    summaries = [(name, c.severity.value, c.summary) for name, c in CHECKS.items()]
    found[folder / "checks.md"] = docs.checks(summaries)
    pack = rules.load()
    found[folder / "conversions.md"] = conversions.page(
        conversion_rows(pack, samples(rules.find())), tuple(TARGETS)
    )
    found[folder / "event-coverage.md"] = event_coverage.page(tables(rules.load()))
    return found


def drift(folder: Path, wanted: Mapping[Path, str]) -> list[str]:
    """Return of each page below a folder missing, old or left over that it is."""
    built = (folder / "rules").is_dir()
    wanted = {p: t for p, t in wanted.items() if built or p.parent == folder}
    said = []
    for path, text in sorted(wanted.items()):
        if not path.is_file():
            said.append(f"{path.relative_to(folder)} is missing")
        elif path.read_text(encoding="utf-8") != text:
            said.append(f"{path.relative_to(folder)} is not what its source says")
    said += [f"{p.relative_to(folder)} has no rule" for p in _left_over(folder, wanted)]
    return said


def write(folder: Path, wanted: Mapping[Path, str]) -> None:
    """Write the pages, and take away those of rules that are gone."""
    for path in _left_over(folder, wanted):
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    """Build or check the pages, and give the exit code."""
    wanted = build(FOLDER)
    if "--check" not in arguments:
        write(FOLDER, wanted)
        return 0
    broken = dangling(wanted)
    said = [*broken, *drift(FOLDER, wanted)]
    if said:
        mend = "correct the links" if broken else "run: make docs"
        sys.stderr.write("\n".join([*said[:20], mend, ""]))
    return int(bool(said))


def dangling(wanted: Mapping[Path, str]) -> list[str]:
    """Return of each link between pages that it leads nowhere, where it does."""
    said = []
    for path, text in sorted(wanted.items()):
        prose = _CODE.sub("", _FENCED.sub("", text))
        for link in _LINK.findall(prose):
            target = path.parent / link
            if target not in wanted and not target.resolve().is_file():
                said.append(f"{path.name}: no page {link}")
    return said


def _left_over(folder: Path, wanted: Mapping[Path, str]) -> list[Path]:
    built = [*(folder / "rules").glob("*.md"), *(folder / "frameworks").glob("*.md")]
    return sorted(p for p in built if p not in wanted)


def _tables() -> list[tuple[Framework, dict[str, list[str]]]]:
    """Return each framework with the names of the rules behind its requirements.

    Rules of the pack alone: what a folder of somebody's own adds is theirs to write.
    """
    pack = rules.load()
    found = []
    for name in frameworks.shipped():
        table = frameworks.load(name)
        behind = frameworks.behind(table, pack).items()
        found.append(
            (table, {id_: [rule.name for rule in them] for id_, them in behind})
        )
    return found


def _documented(paths: Iterable[str | Path]) -> Iterator[docs.Documented]:
    by_path = {rule.path: rule for rule in rules.load(paths)}
    problems: list[DocumentError] = []
    for rule_file in rules.find(paths):
        rule = by_path[rule_file.path]
        shown = cases.of_rule(rule_file, problems)
        yield docs.Documented(
            rule=rule,
            service=Path(rule.path).parent.name,
            needs=tuple(_needs(rule, shown)),
            match=tuple(case.name for case in shown if case.match),
            no_match=tuple(case.name for case in shown if not case.match),
        )
    if problems:
        raise RulesError(problems)


def _needs(rule: AnyRule, shown: Iterable[Case]) -> Iterator[str]:
    if not isinstance(rule, DetectionRule):
        return
    samples = [dict(case.subject) for case in shown if case.match]
    by_kind: dict[str, list[str]] = {}
    for need in rule_needs.needs(rule, samples, {}):
        by_kind.setdefault(_kind(need), []).extend(need.names)
    for kind, names in by_kind.items():
        unique = list(dict.fromkeys(names))
        yield kind + (f": {', '.join(unique)}" if unique else "")


def _kind(need: Need) -> str:
    """Describe which events a need is for."""
    category = {
        "NetworkActivity": "Network activity",
    }.get(need.category, need.category)
    of_type = f" ({need.resource_type})" if need.resource_type else ""
    return f"{category} events{of_type} of {need.source or 'every service'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
