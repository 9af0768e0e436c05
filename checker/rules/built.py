"""Keep rules as they were built, so as not to read them again.

Reading several hundred files takes longer than most scans.  What is kept is believed
only for the same files, byte for byte, read by the same code; whoever loses it, or may
not write it, loses a third of a second.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checker import conditions, model
from checker.conditions import tree
from checker.model import AnyRule
from checker.rules.files import RuleFile, shared_files
from checker.rules.known import cache_folder, schemas

_FEWEST = 100
"""Fewer rules are quick to read."""

_SIZE = 32


def recall(files: Sequence[RuleFile]) -> list[AnyRule] | None:
    """Return the rules of some files as they were built before; None when not known."""
    if len(files) < _FEWEST:
        return None
    try:
        kept = _place(files).read_bytes()
        if kept[:_SIZE] != _digest(files):
            return None
        rules: list[AnyRule] = _Reader(io.BytesIO(kept[_SIZE:])).load()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the files are there
        return None
    return rules


def remember(files: Sequence[RuleFile], rules: Sequence[AnyRule]) -> None:
    """Keep rules that were built of some files, each without a mistake."""
    if len(files) < _FEWEST:
        return
    with contextlib.suppress(OSError):
        place = _place(files)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{os.getpid()}")
        draft.write_bytes(_digest(files) + pickle.dumps(list(rules), protocol=5))
        draft.replace(place)


class _Reader(pickle.Unpickler):
    """Reads rules and nothing else: a pickle can name any function there is."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the classes that rules are made of."""
        found = _classes().get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a rule")
        return found


@functools.cache
def _classes() -> dict[tuple[str, str], type]:
    named = (
        model.DetectionRule,
        model.CorrelationRule,
        model.ConfigurationRule,
        model.Detection,
        model.Correlation,
        model.Configuration,
        model.Remediation,
        model.Parameter,
        model.Related,
        model.Suppression,
        model.Level,
    )
    nodes = (each for each in vars(tree).values() if isinstance(each, type))
    every = (*named, *(each for each in nodes if issubclass(each, tree.Node)))
    return {(each.__module__, each.__name__): each for each in every}


def _place(files: Sequence[RuleFile]) -> Path:
    """Name the file in which the rules of these files are kept, whatever they hold."""
    names = "\0".join(str(each.file) for each in files)
    name = hashlib.blake2b(names.encode(errors="replace"), digest_size=8).hexdigest()
    return cache_folder() / f"rules-{name}.pickle"


def _digest(files: Sequence[RuleFile]) -> bytes:
    """Digest all that rules are made of: the files, and the code that reads them."""
    found = hashlib.blake2b(_code(), digest_size=_SIZE)
    for path, file in [(each.path, each.file) for each in files] + shared_files(files):
        data = file.read_bytes()
        found.update(f"{path}\0{len(data)}\0".encode(errors="replace"))
        found.update(data)
    return found.digest()


@functools.cache
def _code() -> bytes:
    found = hashlib.blake2b(f"{sys.version}{schemas()}".encode())
    for module in (conditions, sys.modules["checker.rules"]):
        for file in sorted(Path(str(module.__file__)).parent.glob("*.py")):
            found.update(file.read_bytes())
    found.update(Path(str(model.__file__)).read_bytes())
    return found.digest()
