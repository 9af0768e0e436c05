"""Write new rules and their cases, each with the schema that an editor checks it by.

Nothing is overwritten.  The schema is a path that resolves without a network: the
checkout's own, or a copy in `schemas/` beside the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checker.documents import MAX_BYTES, schemas
from checker.errors import UsageError


@dataclass(frozen=True, slots=True)
class RuleText:
    """The text of a file to be written, and the kind of schema that it follows."""

    kind: str
    text: str


def write(folder: Path, files: Mapping[str, RuleText], otherwise: str) -> list[Path]:
    """Write files into a folder, and return all that were written.

    Raises `UsageError` before anything is written where a file exists (`otherwise` says
    what to do then) or is too large.
    """
    for name, file in files.items():
        if (folder / name).exists():
            raise UsageError(f"{folder / name} is there already: {otherwise}")
        if len(file.text.encode()) > MAX_BYTES:
            raise UsageError("the record is too large for a case: cut it down first")
    home, steps = _schema_folder(folder)
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            schema = f"{steps}schemas/{file.kind}.json"
            head = f"# yaml-language-server: $schema={schema}\n"
            with (folder / name).open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(head + file.text)
            written.append(folder / name)
        for kind in dict.fromkeys(file.kind for file in files.values()):
            target = home / f"{kind}.json"
            if not target.exists():
                home.mkdir(exist_ok=True)
                target.write_text(schemas.text(kind), encoding="utf-8")
                written.append(target)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror}") from error
    return written


def _schema_folder(folder: Path) -> tuple[Path, str]:
    """Return where the schemas are, and how a file of `folder` gets there."""
    for distance, parent in enumerate([folder.resolve(), *folder.resolve().parents]):
        if (parent / "schemas" / "cases.json").is_file():
            near = folder if distance == 0 else parent
            return near / "schemas", "../" * distance
    return folder / "schemas", ""
