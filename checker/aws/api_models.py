"""Read AWS's own API models from botocore's data files.

No client is made and botocore itself is not imported: its folder of models is data.
The names of all operations are kept in the user's cache folder, by botocore's version;
the shapes of a service are read when a rule needs them.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from isal import igzip

import checker
from checker.errors import UsageError

_SUFFIX = ".amazonaws.com"
_DATED = re.compile(r"20\d\d_?\d\d_?\d\d(?:v\d)?\Z")
_FORMAT = 1

# Where the event source is neither the endpoint's nor the signature's name.
_SOURCES = {
    "sso": ("sso",),
    "sso-admin": ("sso",),
    "sso-oidc": ("sso", "sso-oauth"),
    "identitystore": ("identitystore",),
    "application-autoscaling": ("application-autoscaling", "autoscaling"),
    "autoscaling-plans": ("autoscaling-plans", "autoscaling"),
    "rds-data": ("rds-data", "rdsdata"),
    # Its signature says `cloudwatch`, which no event of CloudWatch itself has.
    "cloudwatchomni": ("cloudwatch-omni",),
}


class Service(msgspec.Struct, frozen=True):
    """One API of AWS: its botocore folder, its event sources and operation names."""

    folder: str
    version: str
    protocol: str
    sources: tuple[str, ...]
    operations: frozenset[str]


class _Metadata(msgspec.Struct):
    endpoint: str = msgspec.field(name="endpointPrefix", default="")
    signing: str = msgspec.field(name="signingName", default="")
    protocol: str = ""


class _Names(msgspec.Struct):
    metadata: _Metadata
    operations: dict[str, msgspec.Raw]


@functools.cache
def services() -> tuple[Service, ...]:
    """Return every service of the installed botocore."""
    cache = _cache_file()
    kept = _read_cache(cache)
    if kept is None:
        kept = list(_scan())
        _write_cache(cache, kept)
    return tuple(
        Service(folder, version, protocol, tuple(sources), frozenset(operations))
        for folder, version, protocol, sources, operations in kept
    )


@functools.cache
def by_source() -> Mapping[str, tuple[Service, ...]]:
    """Return the services of each event source."""
    found: dict[str, list[Service]] = {}
    for service in services():
        for source in service.sources:
            found.setdefault(source, []).append(service)
    return {source: tuple(each) for source, each in found.items()}


@functools.cache
def operations(source: str) -> Mapping[str, tuple[Service, ...]]:
    """Return the operations of an event source; CloudFront's without their dates."""
    found: dict[str, list[Service]] = {}
    for service in by_source().get(source, ()):
        for name in service.operations:
            found.setdefault(undated(name), []).append(service)
    return {name: tuple(each) for name, each in found.items()}


@functools.cache
def owners() -> Mapping[str, tuple[str, ...]]:
    """Return the event sources that have an operation of each name."""
    found: dict[str, dict[str, None]] = {}
    for service in services():
        for name in service.operations:
            found.setdefault(undated(name), {})[service.sources[0]] = None
    return {name: tuple(each) for name, each in found.items()}


def undated(name: str) -> str:
    """Take an API date off a name: `CreateFunction20150331` is `CreateFunction`."""
    return _DATED.sub("", name)


@functools.cache
def model(service: Service) -> Mapping[str, Any]:
    """Return a service's whole model: its `operations` and `shapes`."""
    place = _data() / service.folder / service.version / "service-2.json.gz"
    loaded: dict[str, Any] = msgspec.json.decode(_inflated(place))
    loaded["operations"] = {
        undated(name): each for name, each in loaded["operations"].items()
    }
    return loaded


def _inflated(place: Path) -> bytes:
    inflated: bytes = igzip.decompress(place.read_bytes())  # type: ignore[no-untyped-call] # has no types
    return inflated


def version() -> str:
    """Return the version of the installed botocore."""
    return importlib.metadata.version("botocore")


def _data() -> Path:
    found = importlib.util.find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        raise UsageError("lint reads AWS's API models from botocore: install boto3")
    return Path(found.submodule_search_locations[0]) / "data"


def _scan() -> Iterator[tuple[str, str, str, list[str], list[str]]]:
    for folder in sorted(_data().iterdir()):
        if not folder.is_dir():
            continue
        dated = [each.name for each in folder.iterdir() if each.is_dir()]
        place = folder / max(dated, default="") / "service-2.json.gz"
        if not place.is_file():
            continue
        names = msgspec.json.decode(_inflated(place), type=_Names)
        yield (
            folder.name,
            max(dated),
            names.metadata.protocol,
            _sources(folder.name, names.metadata),
            sorted(names.operations),
        )


def _sources(folder: str, metadata: _Metadata) -> list[str]:
    """Return the names that a service's events may come under, the likeliest first."""
    endpoint = metadata.endpoint
    parts = [part for part in endpoint.split(".") if part not in ("api", "data")]
    words = _SOURCES.get(folder) or (
        *([metadata.signing.lower()] if metadata.signing else []),
        endpoint,
        *(parts if "." in endpoint else []),
    )
    return [word + _SUFFIX for word in dict.fromkeys(words) if word]


def _cache_file() -> Path | None:
    home = os.environ.get("XDG_CACHE_HOME")
    if not home and sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    try:
        root = Path(home) if home else Path.home() / ".cache"
    except RuntimeError:
        return None
    name = f"botocore-{version()}-trailcheck-{checker.__version__}-{_FORMAT}.json"
    return root / "trailcheck" / name


def _read_cache(file: Path | None) -> list[Any] | None:
    if file is None:
        return None
    try:
        kept = msgspec.json.decode(
            file.read_bytes(), type=list[tuple[str, str, str, list[str], list[str]]]
        )
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return kept or None


def _write_cache(file: Path | None, kept: list[Any]) -> None:
    """Keep the names for the next run; a folder that cannot be written is no harm."""
    if file is None:
        return
    temporary = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(kept, stream)
        Path(temporary).replace(file)
    except OSError:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
