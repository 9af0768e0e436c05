"""The cases beside each rule, `<name>.cases.yml`, with their records put together.

A case names a record of `events/` (or a snapshot of `settings/`) and a JSON Merge Patch
over it (RFC 7386), or holds a whole one, and says whether the rule must match it.  A
case that does neither patches the `record` at the top of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checker import documents
from checker.cases import timeline
from checker.cases.standard import STANDARD
from checker.documents import Document
from checker.errors import DocumentError
from checker.model import Event, Status
from checker.rules import RuleFile, load_document, named

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what it shows, whether the rule must match, and on what.

    `subject` is an event for a detection rule, and a settings snapshot for a
    configuration rule.  `outcome` is what a configuration rule must give.  A case of a
    correlation has `events`, and may `expect` more than a finding (see
    `checker.authoring.cases.surprise`).
    `parameters` of the rule are set for this case alone, and `addresses` is the table
    of its user.
    """

    name: str
    path: str
    line: int
    match: bool
    subject: Mapping[str, Any]
    outcome: Status
    events: tuple[Event, ...] = ()
    expect: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)


def of_rule(rule_file: RuleFile, problems: list[DocumentError]) -> list[Case]:
    """Read the cases of a rule; mistakes, and missing cases, go to `problems`."""
    document = read(rule_file, problems)
    return of(document, rule_file, problems) if document else []


def beside(rule_file: RuleFile) -> Traversable:
    """Return the file in which the cases of a rule are; it need not be there."""
    stem = rule_file.file.name.rsplit(".", 1)[0]
    return rule_file.folder / f"{stem}.cases.yml"


def read(rule_file: RuleFile, problems: list[DocumentError]) -> Document | None:
    """Read the cases file of a rule; None, and entries in `problems`, if wrong."""
    file = beside(rule_file)
    label = rule_file.path.rsplit(".", 1)[0] + ".cases.yml"
    if not file.is_file():
        message = f"the rule has no cases: write them in {label}"
        problems.append(DocumentError(message, rule_file.path))
        return None
    document = load_document(RuleFile(label, file, rule_file.folder, rule_file.root))
    found = list(document.problems) or documents.check(document, "cases")
    problems.extend(found)
    return None if found else document


def of(
    document: Document, rule_file: RuleFile, problems: list[DocumentError]
) -> list[Case]:
    """List the cases of a cases file that `read` has found sound."""
    return list(_cases(document, rule_file, problems))


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch: https://www.rfc-editor.org/rfc/rfc7386#section-2."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def _cases(
    document: Document, rule_file: RuleFile, problems: list[DocumentError]
) -> Iterator[Case]:
    matching: Mapping[str, Any] | None = None
    for block in ("match", "no_match"):
        for index, written in enumerate(document.value[block]):
            path = (block, index)
            subject: Mapping[str, Any] | None = {}
            events: tuple[Event, ...] | None = ()
            if "events" in written:
                events = _events(document, path, written, rule_file, problems)
            else:
                subject = _subject(document, path, written, rule_file, problems)
            if subject is None or events is None:
                continue
            match = block == "match"
            default = "fail" if match else "pass"
            if path == ("match", 0) and "eventName" in subject:
                matching = subject
            yield Case(
                name=written["name"],
                path=document.path,
                line=document.position(path)[0],
                match=match,
                subject=subject,
                outcome=Status(written.get("outcome", default)),
                events=events,
                expect=written.get("expect"),
                addresses=written.get("addresses", {}),
                parameters=written.get("parameters", {}),
            )
    yield from _standard_cases(document, matching, problems)


def _standard_cases(
    document: Document,
    matching: Mapping[str, Any] | None,
    problems: list[DocumentError],
) -> Iterator[Case]:
    """Yield the standard cases that a file names, over the event of its first match."""
    for block, names in document.value.get("standard", {}).items():
        if matching is None:
            message = "standard cases start from the event of the first match"
            problems.append(document.error(message, ("standard",), key=True))
            return
        for index, name in enumerate(names):
            standard = STANDARD[name]
            yield Case(
                name=standard.sentence,
                path=document.path,
                line=document.position(("standard", block, index))[0],
                match=block == "match",
                subject=merge_patch(matching, standard.patch),
                outcome=Status.FAIL if block == "match" else Status.PASS,
            )


def _events(
    document: Document,
    path: documents.Path,
    written: Mapping[str, Any],
    rule_file: RuleFile,
    problems: list[DocumentError],
) -> tuple[Event, ...] | None:
    steps = []
    for index, step in enumerate(written["events"]):
        place = (*path, "events", index)
        bare = {key: value for key, value in step.items() if key != "patch"}
        base = _subject(document, place, bare, rule_file, problems)
        if base is not None:
            steps.append((step, base))
    if len(steps) < len(written["events"]):
        return None
    return tuple(timeline.expand(steps, merge_patch))


def _subject(
    document: Document,
    path: documents.Path,
    written: Mapping[str, Any],
    rule_file: RuleFile,
    problems: list[DocumentError],
) -> Mapping[str, Any] | None:
    starts = ("event", "record", "settings", "snapshot")
    given = [key for key in starts if key in written]
    common = document.value.get("record")
    if len(given) > 1 or (not given and common is None):
        message = (
            f"a case starts from one of {', '.join(starts)}, or from the record at "
            "the top of the file"
        )
        problems.append(document.error(message, path))
        return None
    start = given[0] if given else ""
    if not given:
        base = common
    elif start in ("record", "snapshot"):
        base = written[start]
    else:
        folder = "events" if start == "event" else "settings"
        base, names = named(rule_file, folder, written[start])
        if base is None:
            hint = documents.nearest(written[start], names)
            message = f"there is no {folder}/{written[start]}.json{hint}"
            problems.append(document.error(message, (*path, start)))
            return None
    patched: dict[str, Any] = merge_patch(base, written.get("patch", {}))
    if "trails" in written:
        first = (base.get("trails") or [{}])[0]
        patched["trails"] = [merge_patch(first, each) for each in written["trails"]]
    for section, rows in written.get("rows", {}).items():
        patched = _with_rows(patched, section, rows)
    return patched


def _with_rows(body: Mapping[str, Any], path: str, rows: Sequence[Any]) -> Any:
    """Copy a body with the list at a dotted path made anew: patches over its first row.

    On the way the path goes through the first row of each list.
    """
    name, _, rest = path.partition(".")
    found = body.get(name)
    first = (found or [{}])[0] if isinstance(found, list | None) else found
    if not rest:
        return {**body, name: [merge_patch(first, each) for each in rows]}
    inner = _with_rows(first, rest, rows)
    return {**body, name: [inner, *found[1:]] if isinstance(found, list) else inner}
