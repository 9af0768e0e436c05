"""Settings for all commands: a file of the user's, and the environment.

The file is `trailcheck.toml`, or `pyproject.toml` with `[tool.trailcheck]`: the nearest
one in the working folder or above it.  What a command scans is never looked at for one.
The command line goes before the environment, and that before the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click

from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.documents import Document
    from checker.rules import Placeholders

Command = TypeVar("Command", bound=Callable[..., Any])

CONFIG: Final = "TRAILCHECK_CONFIG"
_NAME: Final = "trailcheck.toml"
_PROJECT: Final = "pyproject.toml"
_TABLE: Final = b"tool.trailcheck"
_OFF: Final = "trailcheck.no_config"
_DISABLED: Final = "trailcheck.disabled"
_REMARKS: Final = "trailcheck.remarks"
_VALUES: Final = "trailcheck.values"
_FILE: Final = "trailcheck.file"
_JUDGING: Final = frozenset({"scan", "merge", "audit", "visibility"})
_REPORTS: Final = _JUDGING | {"compare", "verify"}
_ANSWERS: Final = frozenset({"story", "top", "list", "show", "remediate", "lint"})
_PARTIAL: Final = _REPORTS | {"story", "top", "tune"}
_SCAN: Final = frozenset({"scan"})
_EVENTS: Final = frozenset({"scan", "merge"})


class Setting(NamedTuple):
    """A key of the file, and the option that it is the default of.

    `commands` are those that take it, all that have the option where None; `is_path`
    says that it is relative to the file's folder, `is_list` that it may be several.
    One that `is_own` is set in the table of a command alone: its values are others.
    """

    key: str
    option: str
    commands: frozenset[str] | None = None
    is_path: bool = False
    is_list: bool = False
    is_own: bool = False

    @property
    def variable(self) -> str:
        """The variable of the environment that sets it."""
        return f"TRAILCHECK_{self.key.upper().replace('-', '_')}"

    def taken_by(self, command: click.Command) -> bool:
        """Return whether a command has the option."""
        named = self.commands is None or command.name in self.commands
        return named and any(each.name == self.option for each in command.params)


SETTINGS: Final = (
    Setting("rules", "rule_paths", is_path=True, is_list=True),
    Setting("select", "select", is_list=True),
    Setting("level", "level", _SCAN),
    Setting("fail-on", "fail_on", _REPORTS),
    Setting("fail-on", "fail_on", frozenset({"lint"}), is_own=True),
    Setting("format", "report_format", _REPORTS),
    Setting("format", "form", _ANSWERS, is_own=True),
    Setting("allow-partial", "allow_partial", _PARTIAL),
    Setting("jobs", "jobs", frozenset({"scan", "top", "learn"})),
    Setting("exceptions", "exceptions", is_path=True, is_list=True),
    Setting("baseline", "baseline", _JUDGING, is_path=True),
    Setting("learned", "learned", _EVENTS, is_path=True),
    Setting("addresses", "addresses", _EVENTS | {"learn"}, is_path=True),
    Setting("frameworks", "frameworks", frozenset({"audit"}), is_list=True),
)


class Value(NamedTuple):
    """A setting that is in force, and where it is from: a file, or a variable.

    `place` is where in the file.
    """

    value: Any
    source: str
    place: tuple[str, ...] = ()


def config_option(command: Command) -> Command:
    """Add the options that name the file of settings, or leave it out."""
    for option in (
        click.option(
            "--no-config",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_leave_out,
            help="Do not look for a configuration file.",
        ),
        click.option(
            "--config",
            metavar="FILE",
            is_eager=True,
            callback=_apply,
            help="Configuration file, TOML or YAML (default: trailcheck.toml, or "
            "[tool.trailcheck] of pyproject.toml, in this folder or above it).",
        ),
    ):
        command = option(command)
    return command


def find(folder: Path) -> Path | None:
    """Return the nearest file of settings in a folder or above it.

    One that belongs to another user is left out: above a shared folder, anybody could
    have put it there.
    """
    start = folder.resolve()
    for above in (start, *start.parents):
        for name in (_NAME, _PROJECT):
            file = above / name
            try:
                if file.is_file() and _is_trusted(file, start) and _is_ours(file):
                    return file
            except OSError:
                continue
    return None


def in_force(
    command: click.Command, document: Document | None
) -> Iterator[tuple[Setting, Value]]:
    """Yield each setting of a command that the environment or the file sets."""
    for setting in SETTINGS:
        if not setting.taken_by(command):
            continue
        value = _from_environment(setting)
        if value is None and document is not None:
            value = _from_file(setting, document, command.name or "")
        if value is not None:
            yield setting, value


def disabled(ctx: click.Context) -> tuple[str, ...]:
    """Return the rules that the file of settings turns off."""
    names: tuple[str, ...] = ctx.meta.get(_DISABLED, ())
    return names


def remarks(ctx: click.Context) -> tuple[str, ...]:
    """Return what a report has to say of the file: rules that it turns off."""
    notes: tuple[str, ...] = ctx.meta.get(_REMARKS, ())
    return notes


def _remarks(document: Document) -> Iterator[str]:
    for key, said in (("disabled", "disabled"), ("levels", "given other levels")):
        number = len(document.value.get(key, ()))
        if number:
            rules = "1 rule is" if number == 1 else f"{number:,} rules are"
            yield f"{rules} {said} by {document.path}."


def path_in_force(given: str | None, *, off: bool = False) -> str | None:
    """Return the file that is named, or found, if any."""
    named = given or os.environ.get(CONFIG)
    if off and given:
        raise UsageError("--config and --no-config exclude each other: name one")
    if off:
        return None
    if named:
        return named
    found = find(Path.cwd())
    return os.path.relpath(found) if found else None


def _leave_out(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    ctx.meta[_OFF] = value


def _apply(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    """Make what the file and the environment say the defaults of a command."""
    path = path_in_force(value, off=ctx.meta.get(_OFF, False))
    document = None
    if path is not None:
        from checker.rules.configuration import read_configuration

        document = read_configuration(path)
        ctx.meta[_DISABLED] = tuple(document.value.get("disabled", ()))
        ctx.meta[_REMARKS] = tuple(_remarks(document))
    values = {setting.option: each for setting, each in in_force(ctx.command, document)}
    ctx.meta[_VALUES], ctx.meta[_FILE] = values, document
    found = {option: each.value for option, each in values.items()}
    ctx.default_map = {**(ctx.default_map or {}), **found}
    return path


def configured_rules(ctx: click.Context) -> tuple[str, ...]:
    """Return the rules that the file or the environment names for a command.

    For commands whose rules are arguments: click has no defaults for those.
    """
    setting = SETTINGS[0]
    value = _from_environment(setting)
    if value is None and (document := ctx.meta.get(_FILE)) is not None:
        value = _from_file(setting, document, ctx.command.name or "")
    return tuple(value.value) if value else ()


def placeholders(ctx: click.Context) -> Placeholders:
    """Return the values that the file has for placeholders of Sigma's rules."""
    document = ctx.meta.get(_FILE)
    if document is None:
        return {}
    from checker.rules import placeholders_in

    return placeholders_in(document)


def origin(ctx: click.Context, option: str) -> str | None:
    """Return where the value of an option is from: a file and line, or a variable.

    None if it is given on the command line, or nowhere.
    """
    if ctx.get_parameter_source(option) is not click.core.ParameterSource.DEFAULT_MAP:
        return None
    value: Value = ctx.meta[_VALUES][option]
    return place_of(value, ctx.meta[_FILE])


def place_of(value: Value, document: Document | None) -> str:
    """Return where a value is from: `trailcheck.toml:4`, or a variable."""
    if document is None or not value.place:
        return value.source
    from checker import documents

    line, _ = documents.placed(document).key_position(value.place)
    return f"{value.source}:{line}"


def _is_ours(file: Path) -> bool:
    """Return whether a file has settings of trailcheck, as far as a look shows."""
    if file.name == _NAME:
        return True
    data = file.read_bytes()
    if _TABLE not in data:
        return False
    from checker.rules.configuration import read_document

    document = read_document(str(file))
    # A project file that is broken is somebody else's to mend, unless it is ours.
    return bool(document.problems) or document.value is not None


def _is_trusted(file: Path, start: Path) -> bool:
    if not hasattr(os, "geteuid"):
        return True
    owner = file.stat().st_uid
    return owner in {0, os.geteuid(), start.stat().st_uid}


def _from_environment(setting: Setting) -> Value | None:
    text = os.environ.get(setting.variable)
    if not text or setting.is_own:
        return None
    from checker import documents

    value: Any = text
    if setting.is_list:
        parts = text.split(os.pathsep if setting.is_path else ",")
        value = [part.strip() for part in parts if part.strip()]
    elif setting.option in ("jobs", "allow_partial"):
        known = {"true": True, "1": True, "false": False, "0": False}
        value = int(text) if text.isdecimal() else known.get(text.lower(), text)
        if setting.option == "allow_partial":
            value = known.get(text.lower(), text)
    document = documents.Document(setting.variable, "", {setting.key: value})
    problems = documents.check(document, "config")
    if problems:
        raise UsageError(f"{setting.variable}: {problems[0].message}")
    return Value(value, setting.variable)


def _from_file(setting: Setting, document: Document, command: str) -> Value | None:
    places = ((command, setting.key), (setting.key,))
    for place in places[:1] if setting.is_own else places:
        try:
            value = document.at(place)
        except KeyError:
            continue
        if setting.is_path:
            folder = Path(document.path).parent
            texts = value if isinstance(value, list) else [value]
            paths = [os.path.normpath(folder / text) for text in texts]
            value = paths if setting.is_list else paths[0]
        return Value(value, document.path, place)
    return None


def mistakes_of_environment() -> Iterator[str]:
    """Describe variables that begin like ours and set nothing."""
    from checker.documents import nearest

    known = [CONFIG, *(setting.variable for setting in SETTINGS)]
    for name in sorted(os.environ):
        if name.startswith("TRAILCHECK_") and name not in known:
            yield f"{name} sets nothing{nearest(name, known)}"
