"""Keep rules as they were built, so as not to read them again.

Reading a thousand files takes seconds, longer than most scans.  What is kept of a file
is used only for the same bytes, read by the same code; who loses the cache, or may not
write it, loses those seconds.

The cache is used only where no other user can have written it: a file of the user's
own that others may neither read nor write, in a folder of the user's own that others
may not write to, and never below a folder that depends on where the command is run.
A checksum over all of it finds damage, and `frozen` builds nothing but rules.

A wheel brings one of the bundled rules (`ship`), so that not even the first run reads
them.  It holds for the same bytes, read by the same code, too.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import structs

import checker
from checker import conditions, documents, model, resources
from checker.conditions import tree
from checker.conditions.outline import outline
from checker.errors import ConditionError
from checker.model import AnyRule, CorrelationRule, DetectionRule
from checker.rules import correlation, frozen
from checker.rules.files import RuleFile, shared_files
from checker.rules.private_files import cache_folder, read_private, write_private
from checker.rules.sigma.placeholders import Placeholders

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_MOST = 32
"""How many sets of rules are kept; those used longest ago go first."""

SHIPPED: Final = Path(__file__).with_name("bundled.msgpack")
"""What a wheel brings of the bundled rules."""

_SIZE = 32
_PIECE = 1 << 16


class _KeptSigma(msgspec.Struct, array_like=True, frozen=True):
    """What is kept of `Sigma`: `files` is a digest of all that it was read with."""

    files: bytes
    marks: list[str]
    rows: list[int]
    passed_over: int
    copies: int
    warnings: list[str]


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """The content of a cache file: a table, and in it the row of each file's rule.

    `fields` are the rows of what rules name fields by.
    """

    table: bytes
    rows: dict[str, int]
    sigma: _KeptSigma
    fields: dict[str, int]


class Sigma(msgspec.Struct, frozen=True):
    """What was read of Sigma's files, by their marks: all of it hangs together.

    How many rules were passed over or are copies, and the warnings, belong to it.
    """

    marks: frozenset[str]
    rules: tuple[AnyRule, ...]
    passed_over: int
    copies: int
    warnings: tuple[str, ...]


class Recalled(msgspec.Struct, frozen=True):
    """The rules that are kept: of single files by their marks, and Sigma's.

    `sigma` is None unless all files and the values of placeholders are as they were.
    """

    rules: dict[str, AnyRule]
    sigma: Sigma | None = None


def marks_of(files: Sequence[RuleFile]) -> list[str]:
    """Return for each file a digest of all that its rule is made of.

    That is its text, its name, and the shared selections of its folder.  A file that
    cannot be read has an empty one; it has no rule either.
    """
    shared: dict[str, bytes] = {}
    return [_mark(each, shared) for each in files]


def recall(
    files: Sequence[RuleFile], marks: Sequence[str], known: Placeholders
) -> Recalled:
    """Return the rules that are kept of some files."""
    try:
        kept = _own(files) or _shipped(files)
        if kept is None:
            return Recalled({})
        wanted = [mark for mark in dict.fromkeys(marks) if mark in kept.rows]
        same = kept.sigma.files == _together(marks, known)
        rows = [kept.rows[mark] for mark in wanted]
        more = kept.sigma.rows if same else []
        rules = _thawed(kept.table, (*rows, *more), tuple(kept.fields.items()))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the files are there
        return Recalled({})
    own = dict(zip(wanted, rules, strict=False))
    return Recalled(own, _sigma(kept.sigma, rules[len(rows) :]) if same else None)


@functools.lru_cache(maxsize=2)
def _thawed(
    table: bytes, rows: tuple[int, ...], fields: tuple[tuple[str, int], ...]
) -> Sequence[AnyRule]:
    """Build the rules; a process that loads them again has those it had.

    They never change, and what has been worked out of their conditions is kept by them.
    """
    parts = frozen.parts_of(table)
    found = frozen.chosen(parts, rows, model.Rule)
    nodes = frozen.chosen(parts, [row for _, row in fields], tree.Node)
    texts = [text for text, _ in fields]
    conditions.keep_fields(dict(zip(texts, nodes, strict=True)))
    return tuple(found)


def _own(files: Sequence[RuleFile]) -> _Kept | None:
    """Return what an earlier run has kept of these files."""
    try:
        path = _path(files)
        kept = None if path is None else _checked(read_private(path), sys.version)
        if path is not None and kept is not None:
            os.utime(path)
    except Exception:  # noqa: BLE001 - as in `recall`
        return None
    return kept


def _shipped(files: Sequence[RuleFile]) -> _Kept | None:
    """Return what the wheel brings, if these are the rules that it brings."""
    bundled = str(resources.root() / "rules")
    if not SHIPPED.is_file() or any(str(each.root) != bundled for each in files):
        return None
    # Part of the installed code: who can write it can write the code.
    return _checked(SHIPPED.read_bytes())


def ship(files: Sequence[RuleFile]) -> None:
    """Put what was kept of the bundled rules where `hatch build` takes it from.

    Raises `OSError` or `ValueError` if nothing has been kept of them.
    """
    path = _path(files)
    if path is None:
        raise FileNotFoundError("the user has no cache folder")
    data = read_private(path)
    if _checked(data, sys.version) is None:
        raise ValueError(f"{path}: not what this version has kept")
    SHIPPED.write_bytes(_checksum(data[_SIZE:]) + data[_SIZE:])


def _sigma(kept: _KeptSigma, rules: Sequence[AnyRule]) -> Sigma:
    return Sigma(
        frozenset(kept.marks),
        tuple(rules),
        kept.passed_over,
        kept.copies,
        tuple(kept.warnings),
    )


def _together(marks: Sequence[str], known: Placeholders) -> bytes:
    text = json.dumps([list(marks), known], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def remember(
    files: Sequence[RuleFile],
    marks: Sequence[str],
    rules: Mapping[str, AnyRule],
    sigma: Sigma,
    known: Placeholders,
) -> None:
    """Keep the rules of some files, none of which has a mistake."""
    # A file that somebody has changed meanwhile is not what was read.
    if "" in marks or marks_of(files) != marks:
        return
    # A value that cannot be kept, a folder that cannot be written to: no cache.
    with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
        path = _path(files)
        if path is None:
            return
        built = [*rules.values(), *sigma.rules]
        fields = _fields(built)
        table, rows = frozen.freeze([*map(_outlined, built), *fields.values()])
        of_sigma = _KeptSigma(
            _together(marks, known),
            sorted(sigma.marks),
            rows[len(rules) : len(built)],
            sigma.passed_over,
            sigma.copies,
            list(sigma.warnings),
        )
        kept = _Kept(
            table,
            dict(zip(rules, rows, strict=False)),
            of_sigma,
            dict(zip(fields, rows[len(built) :], strict=True)),
        )
        content = msgspec.msgpack.encode(kept)
        write_private(path, _checksum(content, sys.version) + content)
        _drop_oldest(path.parent)


def _outlined(rule: AnyRule) -> AnyRule:
    """Return a rule with the outline of its condition, to be kept with it."""
    if not isinstance(rule, DetectionRule):
        return rule
    block = rule.detection
    known = block.known_outline or outline(block.condition)
    return structs.replace(rule, detection=structs.replace(block, outline=known))


def _fields(rules: Iterable[AnyRule]) -> dict[str, tree.Node]:
    """Return what rules name fields by, parsed: for findings, and to correlate."""
    found: dict[str, tree.Node] = {}
    for rule in rules:
        paths: Iterable[str] = ()
        if isinstance(rule, DetectionRule):
            paths = [*rule.fields, *conditions.paths(rule.detection.condition)]
        elif isinstance(rule, CorrelationRule):
            paths = correlation.paths(rule.correlation)
        for path in paths:
            with contextlib.suppress(ConditionError):  # of a rule of Sigma's
                found[path] = conditions.parse_field(path)
    return found


def _path(files: Sequence[RuleFile]) -> Path | None:
    """Return the file in which the rules of these files are kept, if there may be one.

    Its name depends on theirs alone: a changed rule replaces what is kept.
    """
    folder = cache_folder()
    names = "\0".join(str(each.file) for each in files)
    name = hashlib.blake2b(_bytes(names), digest_size=8).hexdigest()
    return folder and folder / f"rules-{name}.msgpack"


def _mark(file: RuleFile, shared: dict[str, bytes]) -> str:
    root = str(file.root)
    try:
        if root not in shared:
            # Much longer than a rule, and part of the mark of each.
            named = b"".join(_named(*each) for each in shared_files([file]))
            shared[root] = hashlib.blake2b(named).digest()
        text = _named(file.path, file.file) + shared[root]
    except OSError:
        return ""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _named(name: str, file: Traversable) -> bytes:
    data = _content(file)
    return _bytes(f"{name}\0{len(data)}\0") + data


def _content(file: Traversable) -> bytes:
    """Read a file whole; of a thousand files an object for each is half the time."""
    if not isinstance(file, Path):
        return file.read_bytes()
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return b"".join(iter(lambda: os.read(handle, _PIECE), b""))
    finally:
        os.close(handle)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _drop_oldest(folder: Path) -> None:
    caches = [(file.stat().st_mtime, file) for file in folder.glob("rules-*.msgpack")]
    for _, file in sorted(caches)[:-_MOST]:
        file.unlink(missing_ok=True)


def _checked(data: bytes, python: str = "") -> _Kept | None:
    content = data[_SIZE:]
    if data[:_SIZE] != _checksum(content, python):
        return None
    return msgspec.msgpack.decode(content, type=_Kept)


def _checksum(content: bytes, python: str = "") -> bytes:
    """Digest what is kept, with what made it: the code, and perhaps this Python.

    A user's rule may hold any text, and what is a letter depends on the Python.  What a
    wheel brings is for each: the tests hold it against the files with each.
    """
    key = hashlib.blake2b(_code() + python.encode()).digest()
    return hashlib.blake2b(content, digest_size=_SIZE, key=key).digest()


@functools.cache
def _code() -> bytes:
    """Digest what turns a file into a rule: the code, and the schemas."""
    found = hashlib.blake2b(checker.__version__.encode())
    for data in _sources():
        found.update(f"{len(data)} ".encode())
        found.update(data)
    return found.digest()


def _sources() -> Iterator[bytes]:
    for package in (conditions, documents, model, sys.modules[__package__]):
        for file in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
            yield file.read_bytes()
    schemas = resources.root() / "schemas"
    for schema in sorted(schemas.iterdir(), key=lambda file: file.name):
        yield schema.read_bytes()
