"""Find rule files, and what their cases and conditions share."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from checker import documents, resources
from checker.documents import Document
from checker.errors import DocumentError, MistakeKind, UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SELECTIONS = "selections.yml"
"""The file of selections that several rules use, at the top of a rule folder."""


class RuleFile(msgspec.Struct, frozen=True):
    """A rule file before it is read.

    `path` is what messages call it, `folder` the folder that it lies in, and `root` the
    folder that was asked for, whose `events/` and `settings/` its cases start from.
    """

    path: str
    file: Traversable
    folder: Traversable
    root: Traversable

    def beside(self, name: str) -> RuleFile:
        """Return where a rule of that name would be in the same folder."""
        folder, slash, _ = self.path.rpartition("/")
        file = f"{name}.yml"
        return RuleFile(
            f"{folder}{slash}{file}", self.folder / file, self.folder, self.root
        )


def find(paths: Iterable[str | Path] = ()) -> list[RuleFile]:
    """List the rule files below some paths, in a stable order."""
    chosen = list(paths)
    if not chosen:
        pack = resources.root() / "rules"
        return list(_walk(pack, "rules", pack))
    files: list[RuleFile] = []
    for given in chosen:
        path = Path(given)
        if not path.exists():
            raise UsageError(f"{given}: there is no such file or folder of rules")
        label = _label(path)
        if path.is_file():
            found = [RuleFile(label, path, path.parent, path.parent)]
        else:
            found = [*_walk(path, label, path)]
        if not found:
            raise UsageError(
                f"{given}: no rule found (a rule is a .yml or .yaml file "
                "other than .cases.yml)"
            )
        files.extend(found)
    return list({str(each.file): each for each in files}.values())


def refuse_irregular(file: Traversable, name: str) -> None:
    """Raise `UsageError` for a pipe, socket or device: reading it may never end."""
    if isinstance(file, Path) and file.exists() and not file.is_file():
        raise UsageError(
            f"{name}: not a regular file (a pipe, socket or device): remove it"
        )


def load_document(rule_file: RuleFile) -> Document:
    """Read a rule or cases file as a document."""
    try:
        data = rule_file.file.read_bytes()
    except OSError as error:
        problem = DocumentError(
            f"cannot be read: {error.strerror}", rule_file.path, kind=MistakeKind.FILE
        )
        return Document(rule_file.path, "", None, problems=(problem,))
    return documents.load_yaml(rule_file.path, data)


def above(rule_file: RuleFile) -> Iterator[Traversable]:
    """Return the folders in which a rule's shared things may lie, nearest first.

    That is the folder that was asked for, those above it, and the shipped pack.
    """
    yield rule_file.root
    if isinstance(rule_file.root, Path):
        yield from rule_file.root.resolve().parents
    yield resources.root() / "rules"


def named(
    rule_file: RuleFile, folder: str, stem: str
) -> tuple[dict[str, Any] | None, list[str]]:
    """Read `<folder>/<stem>.json` for a case: the object, and the stems there are.

    `folder` is `events` or `settings`; None when there is no such file.
    """
    stems: list[str] = []
    for root in above(rule_file):
        place = root / folder
        if not place.is_dir():
            continue
        file = place / f"{stem}.json"
        if file.is_file():
            return json.loads(file.read_text(encoding="utf-8")), stems
        stems.extend(each.name.removesuffix(".json") for each in place.iterdir())
    return None, stems


def shared_document(rule_file: RuleFile) -> Document | None:
    """Read the selections that a rule may use beside its own, if there are any."""
    for label, file in shared_files([rule_file]):
        root = rule_file.root
        return load_document(RuleFile(label, file, root, root))
    return None


def shared_files(files: Iterable[RuleFile]) -> list[tuple[str, Traversable]]:
    """List the files of shared selections that some rules may use, with their names."""
    found: dict[str, tuple[str, Traversable]] = {}
    for each in {str(each.root): each for each in files}.values():
        for root in above(each):
            file = root / SELECTIONS
            if file.is_file():
                # Wherever they are installed, what is bundled is called the same.
                bundled = str(root) == str(resources.root() / "rules")
                label = f"rules/{SELECTIONS}" if bundled else _label(Path(str(file)))
                found[str(file)] = (label, file)
                break
    return list(found.values())


def _label(path: Path) -> str:
    """Call a file what the user calls it, relative to here when it lies below."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return Path(os.path.normpath(path)).as_posix()


def _walk(
    folder: Traversable,
    label: str,
    root: Traversable,
    seen: frozenset[tuple[int, int]] = frozenset(),
) -> Iterator[RuleFile]:
    if isinstance(folder, Path):
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return  # a link to a folder around it
        seen |= {(status.st_dev, status.st_ino)}
    for name, entry in sorted(_entries(folder).items()):
        path = f"{label}/{name}" if label not in ("", ".") else name
        if name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk(folder / name, path, root, seen)
        elif name.endswith((".yml", ".yaml")):
            if not entry.is_file():
                refuse_irregular(folder / name, path)
            if ".cases." in name or name == SELECTIONS:
                continue
            yield RuleFile(path, folder / name, folder, root)


def _entries(folder: Traversable) -> dict[str, Traversable | os.DirEntry[str]]:
    """Return what is in a folder, by its name."""
    if not isinstance(folder, Path):
        return {child.name: child for child in folder.iterdir()}
    with os.scandir(folder) as entries:
        # They know what they are; only a link has to be followed.
        return {
            entry.name: folder / entry.name if entry.is_symlink() else entry
            for entry in entries
        }
