"""Read what users set in a file of their own: `trailcheck.toml`, or YAML.

The schema is `schemas/config.json`.  Keys, rules and parameters that do not exist are
mistakes: what is misspelt would be judged by its default, without notice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import structs

from checker import documents
from checker.documents import Document
from checker.errors import DocumentError, RulesError, UsageError
from checker.model import AnyRule, CorrelationRule, Level, parameters_of
from checker.rules import trusted_pipelines
from checker.rules.load import load
from checker.rules.parameters import misfits, put
from checker.rules.sigma.placeholders import Placeholders

NAME: Final = "trailcheck.toml"
PROJECT: Final = "pyproject.toml"
TABLE: Final = ("tool", "trailcheck")


def read_document(path: str) -> Document:
    """Read a file as it is written: TOML by its name, the table of a project, or YAML.

    Raises `UsageError` for a file that cannot be read.
    """
    file = Path(path)
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"--config {path}: not a regular file")
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}") from error
    table: tuple[str, ...] | None = None
    if file.suffix == ".toml":
        table = TABLE if file.name == PROJECT else ()
    return documents.load_config(path, data, table=table)


def read_configuration(path: str) -> Document:
    """Read a file and check its form; raises `RulesError` with every mistake."""
    document = read_document(path)
    problems = list(document.problems) or documents.check(document, "config")
    if problems:
        raise RulesError(problems)
    return document


def placeholders_in(document: Document) -> Placeholders:
    """Return the values that a file has for placeholders of Sigma's rules."""
    written = document.value.get("placeholders", {})
    return {
        name: [str(each) for each in (value if isinstance(value, list) else [value])]
        for name, value in written.items()
    }


def configure(rules: Sequence[AnyRule], path: str) -> list[AnyRule]:
    """Set the parameters and levels of rules to what a user's file says.

    A file may name only rules that are there, or bundled, and only parameters that they
    have.  Raises `RulesError` with every mistake, and `UsageError` for a file that
    cannot be read.
    """
    document = read_configuration(path)
    if document.table is not None:
        document = documents.placed(document)
    problems = [*_wrong(document, rules), *trusted_pipelines.mistakes(document)]
    if problems:
        raise RulesError(problems)
    value = document.value
    wanted: Mapping[str, Any] = value.get("parameters", {})
    levels: Mapping[str, str] = value.get("levels", {})
    pipelines = value.get(trusted_pipelines.KEY, ())
    put_in = (
        put(rule, wanted[rule.name])
        if not isinstance(rule, CorrelationRule) and rule.name in wanted
        else rule
        for rule in rules
    )
    # A level that is set changes how a finding counts, and not what is trusted.
    trusted = (trusted_pipelines.trust(rule, pipelines) for rule in put_in)
    return [
        structs.replace(rule, level=Level(levels[rule.name]))
        if rule.name in levels
        else rule
        for rule in trusted
    ]


def _wrong(document: Document, rules: Sequence[AnyRule]) -> Iterator[DocumentError]:
    """Find the entries that name no rule, no parameter of it, or a wrong value."""
    value = document.value
    off = value.get("disabled", ())
    named = {
        *value.get("parameters", {}),
        *value.get("levels", {}),
        *off,
    }
    known = {rule.name: rule for rule in rules}
    if not named <= known.keys():
        # A file is for all folders of rules; the bundled ones are not always loaded.
        known = {rule.name: rule for rule in load()} | known
    with_parameters = [name for name, rule in known.items() if parameters_of(rule)]
    for name, values in value.get("parameters", {}).items():
        path = ("parameters", name)
        parameters = parameters_of(known[name]) if name in known else {}
        if not parameters:
            hint = documents.nearest(name, with_parameters)
            said = "has no parameters" if name in known else "is no rule's name"
            yield document.error(f"'{name}' {said}{hint}", path, key=True)
            continue
        yield from misfits(document, path, values, parameters)
    places = [
        *((("levels", name), name) for name in value.get("levels", {})),
        *((("disabled", at), name) for at, name in enumerate(off)),
    ]
    for place, name in places:
        if name not in known:
            hint = documents.nearest(name, list(known))
            yield document.error(f"'{name}' is no rule's name{hint}", place, key=True)
