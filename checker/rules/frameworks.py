"""Read the tables of frameworks, and finds the rules behind them.

The shipped tables lie in `frameworks/`, one file for each; which rules stand behind a
requirement is said by the rules alone, in their `controls`.  A table of one's own is a
file of the same form, which may also name rules (`schemas/framework.json`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checker import documents, resources
from checker.documents import Document
from checker.errors import DocumentError, RulesError, UsageError
from checker.framework import Disagreement, Framework, Requirement
from checker.model import AnyRule

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SUFFIXES = (".yml", ".yaml")


@functools.cache
def shipped() -> Mapping[str, Traversable]:
    """Return the files of the shipped tables by framework name, in order."""
    folder = resources.root() / "frameworks"
    files = [file for file in folder.iterdir() if file.name.endswith(".yml")]
    return {
        file.name.removesuffix(".yml"): file
        for file in sorted(files, key=lambda file: file.name)
    }


def load(name: str) -> Framework:
    """Load a framework: the name or an alias of a shipped one, or a file of one's own.

    Raises `UsageError` for what is neither, with the names that there are, and
    `RulesError` with every mistake of a file.
    """
    if name.endswith(_SUFFIXES):
        return _own(Path(name))
    if name in shipped():
        return _shipped(name)
    for each in shipped():
        names = (each, *_shipped(each).aliases)
        if name.casefold() in (known.casefold() for known in names):
            return _shipped(each)
    known = list(shipped())
    meant = _meant(name, known) or (
        f"; there are {', '.join(known)}, and files of your own (.yml)"
    )
    raise UsageError(f"--framework {name}: there is no such framework{meant}")


def _meant(name: str, known: Sequence[str]) -> str:
    """Suggest what people mean by what they remember: cis, nist 800-53, pci."""
    words = re.findall(r"[a-z]+|\d[\d.-]*", name.casefold())
    held = [each for each in known if all(word in each.casefold() for word in words)]
    if words and held:
        # The names are in the order of their versions: the newest is the last.
        others = f" (or {', '.join(held[:-1])})" if len(held) > 1 else ""
        return f" - did you mean '{held[-1]}'{others}?"
    folded = {each.casefold(): each for each in known}
    hint = documents.nearest(name.casefold(), list(folded))
    for low, each in folded.items():
        hint = hint.replace(f"'{low}'", f"'{each}'")
    return hint


@functools.cache
def _shipped(name: str) -> Framework:
    file = shipped()[name]
    label = f"frameworks/{name}.yml"
    document = documents.load_yaml(label, file.read_bytes())
    if document.problems:
        raise RulesError(list(document.problems))
    # That the shipped tables fit their schema is for the tests to say.
    return _framework(document.value)


def _own(path: Path) -> Framework:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--framework {path}: {error.strerror}") from error
    document = documents.load_yaml(str(path), data)
    problems = check(document)
    if problems:
        raise RulesError(problems)
    return _framework(document.value)


def check(document: Document) -> list[DocumentError]:
    """List the mistakes of a table: its form, ids that stand twice, unknown sources."""
    problems = list(document.problems) or documents.check(document, "framework")
    return problems or list(_mistakes(document))


def _mistakes(document: Document) -> Iterator[DocumentError]:
    seen: set[str] = set()
    sources = list(document.value["sources"])
    for index, each in enumerate(document.value["requirements"]):
        path = ("requirements", index)
        if each["id"] in seen:
            message = f"the requirement '{each['id']}' stands twice"
            yield document.error(message, (*path, "id"))
        seen.add(each["id"])
        if each["source"] not in sources:
            hint = documents.nearest(each["source"], sources)
            message = f"'sources' has no '{each['source']}'{hint}"
            yield document.error(message, (*path, "source"))


def _framework(value: Mapping[str, Any]) -> Framework:
    return Framework(
        name=value["name"],
        title=value["title"],
        publisher=value.get("publisher", ""),
        complete=value.get("complete", False),
        sources=dict(value["sources"]),
        requirements=tuple(_requirement(each) for each in value["requirements"]),
        about=value.get("about"),
        aliases=tuple(value.get("aliases", ())),
        includes=tuple(value.get("includes", ())),
    )


def _requirement(value: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=value["id"],
        title=value["title"],
        source=value["source"],
        manual=value.get("manual"),
        unjudged=value.get("unjudged"),
        partly=value.get("partly"),
        rules=tuple(value.get("rules", ())),
        disagreements=tuple(
            Disagreement(each["rule"], each["only"])
            for each in value.get("disagreements", ())
        ),
    )


def behind(
    framework: Framework, rules: Iterable[AnyRule]
) -> dict[str, tuple[AnyRule, ...]]:
    """Return the rules behind each requirement that has some, by the requirement's id.

    Raises `UsageError` for a rule that a table names and that is not there.
    """
    keys = (framework.name, *framework.includes)
    known = list(rules)
    found: dict[str, dict[str, AnyRule]] = {}
    for rule in known:
        for key in keys:
            for id_ in rule.controls.get(key, ()):
                found.setdefault(id_, {})[rule.name] = rule
    by_name = {rule.name: rule for rule in known}
    for requirement in framework.requirements:
        for name in requirement.rules:
            if name not in by_name:
                hint = documents.nearest(name, list(by_name))
                raise UsageError(
                    f"--framework {framework.name}: the requirement "
                    f"'{requirement.id}' names a rule '{name}', which is not "
                    f"there{hint}"
                )
            found.setdefault(requirement.id, {})[name] = by_name[name]
    return {id_: tuple(each.values()) for id_, each in found.items()}


def titles(rule: AnyRule) -> Sequence[tuple[str, str, str]]:
    """Return (framework, id, title) of each requirement behind which a rule stands.

    The title is empty where no shipped table has the id.
    """
    found = []
    for name, ids in rule.controls.items():
        known = (
            {each.id: each.title for each in _shipped(name).requirements}
            if name in shipped()
            else {}
        )
        found += [(name, id_, known.get(id_, "")) for id_ in ids]
    return found
