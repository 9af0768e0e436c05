"""Read Sigma's files into drafts: each document by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from checker import documents
from checker.documents import Document
from checker.errors import DocumentError, MistakeKind
from checker.model import Detection
from checker.rules.files import RuleFile
from checker.rules.sigma import detections, filters, metadata, placeholders
from checker.rules.sigma.filters import Filter
from checker.rules.sigma.placeholders import NONE, Placeholders
from checker.rules.sigma.recognize import is_about_cloudtrail

_BLOCKS = ("detection", "correlation", "filter")


@dataclass(slots=True)
class Draft:
    """A rule before it has its name: a detection, or a correlation without one.

    `own_name` is the name that it gives itself, and `alone` says that its file has no
    other document.
    """

    file: RuleFile
    document: Document
    common: dict[str, Any]
    alone: bool
    detection: Detection | None = None

    @property
    def own_name(self) -> str | None:
        """The name that the document gives itself, for references."""
        name = self.document.value.get("name")
        return name if isinstance(name, str) and name else None

    @property
    def has_id(self) -> bool:
        """Whether the document has an id."""
        return bool(self.document.value.get("id"))


@dataclass(slots=True)
class Drafts:
    """What some files hold.

    `foreign` are the ids, names and titles of rules that are about something else than
    CloudTrail, of which there are `passed_over`; `failed` could not be read.
    """

    rules: list[Draft] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    passed_over: int = 0
    failed: int = 0
    warnings: list[DocumentError] = field(default_factory=list)
    problems: list[DocumentError] = field(default_factory=list)


def read(files: Sequence[RuleFile], known: Placeholders = NONE) -> Drafts:
    """Read every document of some files; `known` are the values of placeholders."""
    drafts = Drafts()
    for file in files:
        loaded = _load(file)
        for document in loaded:
            _take(drafts, file, document, known, alone=len(loaded) == 1)
    return drafts


def _load(file: RuleFile) -> list[Document]:
    try:
        data = file.file.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        problem = DocumentError(message, file.path, kind=MistakeKind.FILE)
        return [Document(file.path, "", None, problems=(problem,))]
    return documents.load_all_yaml(file.path, data)


def _take(
    drafts: Drafts,
    file: RuleFile,
    document: Document,
    known: Placeholders,
    *,
    alone: bool,
) -> None:
    value = document.value
    if document.problems or not isinstance(value, dict):
        message = "a rule is a map of keys such as 'title' and 'detection'"
        drafts.failed += 1
        drafts.problems.extend(document.problems or [document.error(message)])
        return
    kinds = [key for key in _BLOCKS if key in value]
    if len(kinds) != 1 or "action" in value:
        drafts.failed += 1
        drafts.problems.append(_no_kind(document, kinds))
        return
    if kinds[0] != "correlation" and not _is_ours(drafts, document):
        return
    found: list[DocumentError] = []
    warnings = [
        *detections.ambiguous(document, kinds[0]),
        *detections.without_effect(document, kinds[0]),
    ]
    filled = placeholders.put_in(document, kinds[0], known, found)
    if kinds[0] == "filter":
        made = filters.read(filled, found)
        if made is not None:
            drafts.filters.append(made)
    else:
        draft = Draft(file, document, metadata.common(document, found), alone)
        if kinds[0] == "detection":
            draft.detection = detections.read(filled, ("detection",), found)
        if not found:
            drafts.rules.append(draft)
    drafts.failed += bool(found)
    drafts.problems.extend(found)
    drafts.warnings.extend(() if found else warnings)


def _no_kind(document: Document, kinds: Sequence[str]) -> DocumentError:
    if len(kinds) > 1:
        message = f"a document has one of {', '.join(_BLOCKS)}, not several"
        return document.error(message, (kinds[1],), key=True)
    if "action" in document.value:
        message = (
            "'action' belongs to Sigma 1: write each rule as a document of its own"
        )
        return document.error(message, ("action",), key=True)
    return document.error("no 'detection', 'correlation' or 'filter' block")


def _is_ours(drafts: Drafts, document: Document) -> bool:
    """Return whether a rule or filter is about CloudTrail; else it is counted."""
    logsource = document.value.get("logsource")
    if not isinstance(logsource, dict):
        missing = logsource is None
        what = "is missing" if missing else "must be a map"
        message = f"'logsource' {what}: write {{product: aws, service: cloudtrail}}"
        drafts.failed += 1
        drafts.problems.append(document.error(message, ("logsource",)))
        return False
    if is_about_cloudtrail(logsource):
        return True
    if "filter" not in document.value:
        drafts.passed_over += 1
        drafts.foreign.update(names_of(document))
    return False


def names_of(document: Document) -> Iterator[str]:
    """Yield what references can call a document: id, name, title."""
    for key in ("id", "name", "title"):
        value = document.value.get(key)
        if isinstance(value, str) and value:
            yield value
