"""The options that choose among the events of inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.sources.events.inputs import InputFilter

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--since",
        metavar="TIME",
        help="Start of the period: RFC 3339 time, date, or age such as 12h or 3d.",
    ),
    click.option(
        "--until", metavar="TIME", help="End of the period, exclusive; same formats."
    ),
    click.option(
        "--account",
        "accounts",
        multiple=True,
        metavar="ID",
        help="Account whose s3:// folders are read (default: all; repeatable).",
    ),
    click.option(
        "--region",
        "regions",
        multiple=True,
        metavar="REGION",
        help="Region whose s3:// folders are read, or Region to query "
        "(default: all; repeatable).",
    ),
    click.option(
        "--late",
        metavar="SPAN",
        help="Also read files delivered this long after --until (default: 1d).",
    ),
    click.option(
        "--request-payer", is_flag=True, help="Requester-pays requests to s3://."
    ),
    click.option("--profile", metavar="NAME", help="AWS credentials profile."),
)


def event_options(command: Command) -> Command:
    """Add the options; the command gets them as one argument, `wanted`."""

    @functools.wraps(command)
    def packed(*arguments: Any, **options: Any) -> Any:
        names = ("since", "until", "accounts", "regions", "late", "request_payer")
        given = {name: options.pop(name) for name in (*names, "profile")}
        return command(*arguments, wanted=_wanted(**given), **options)

    made: Any = packed
    for option in reversed(_OPTIONS):
        made = option(made)
    return made  # type: ignore[no-any-return] # it is the command, packed


def _wanted(
    *,
    since: str | None,
    until: str | None,
    accounts: Sequence[str],
    regions: Sequence[str],
    late: str | None,
    request_payer: bool,
    profile: str | None,
) -> InputFilter:
    from datetime import UTC, datetime

    from checker.sources.events.inputs import LATE, InputFilter
    from checker.sources.events.period import period, span

    now = datetime.now(UTC)
    delay = LATE if late is None else span(late)
    if delay is None:
        raise UsageError(f"--late {late}: write a span such as 12h, 3d or 30d")
    return InputFilter(
        period=period(since, until, now),
        accounts=tuple(accounts),
        regions=tuple(regions),
        late=delay,
        request_payer=request_payer,
        session=_Session(profile),
        now=now,
    )


class _Session:
    """Opens the session of a profile once; a copy in another process opens its own."""

    def __init__(self, profile: str | None) -> None:
        self._profile = profile
        self._opened: Any = None

    def __call__(self) -> Any:
        """Return the session."""
        from checker.sources.api.session import open_session

        self._opened = self._opened or open_session(self._profile)
        return self._opened

    def __reduce__(self) -> tuple[Any, ...]:
        return _Session, (self._profile,)
