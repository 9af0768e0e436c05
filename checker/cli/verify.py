"""The command that validates log files by their digests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from checker.cli import endings, screens
from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, Target
from checker.cli.messages import tell
from checker.cli.options import report_options
from checker.cli.output import Output
from checker.errors import SourceError, UsageError

if TYPE_CHECKING:
    from checker.verdict import Verification


@click.command(
    epilog=examples(
        "verify AWSLogs/ --keys keys.json", "verify s3://org-audit-logs --profile audit"
    )
)
@click.argument("files", nargs=-1, metavar="[FILES...]")
@click.option("--keys", metavar="FILE", help="Saved public keys (default: from AWS).")
@click.option(
    "--save-keys", metavar="FILE", help="File to save the Region's public keys to."
)
@click.option("--profile", metavar="NAME", help="AWS credentials profile.")
@click.option("--region", metavar="REGION", help="Home Region of the trail.")
@config_option
@report_options
def verify(
    files: tuple[str, ...],
    keys: str | None,
    save_keys: str | None,
    profile: str | None,
    region: str | None,
    config: str | None,
    **report: Any,
) -> None:
    """Verify that log files are unchanged since delivery.

    FILES are local copies of a bucket or of single files, or one s3://BUCKET/PREFIX,
    with both log files and digest files. Exit codes: 0 all valid, 1 modified or
    deleted, 3 not verifiable (unless --allow-partial).
    """
    from checker.model import Level
    from checker.run import verify as driver
    from checker.run.report import exit_code

    read = Reads(events=files, files=(keys,))
    if save_keys:
        Target(save_keys, read, "--save-keys")
    out = Output(**report, reads=Reads(events=files, files=(keys, save_keys, config)))

    def session() -> Any:
        from checker.sources.api.session import open_session

        return open_session(profile, region)

    if not files and not save_keys:
        raise UsageError("name files, folders or s3://BUCKET/PREFIX, or --save-keys")
    if save_keys:
        count = driver.save_keys(save_keys, session(), region)
        tell(f"wrote {save_keys}: {count} public keys")
        keys = keys or save_keys
    if not files:
        return
    found = driver.verify(files, keys=keys, session=session, region=region)
    if not found.verdicts and not out.allow_partial:
        # A wrong path must not look like evidence that is in order.
        raise SourceError(" ".join(files), "no log file and no digest is there")
    whole = driver.report(found)
    own = _FORMATS.get(out.format)
    if own is None:
        out.write(whole)
    else:
        out.target.write(lambda stream: own(found, out, stream))
        out.write_also(whole)
    level = None if out.fail_on == "never" else Level(out.fail_on)
    code = exit_code(whole, level, allow_partial=out.allow_partial, findings_first=True)
    files_ = f"{len(found.verdicts):,} verdict{'s' * (len(found.verdicts) != 1)}"
    endings.leave(
        code,
        endings.why(whole, code, out.fail_on),
        wrote=f"{out.target.path}: {files_}" if out.target.path else None,
        quiet=out.quiet,
    )


def _text(found: Verification, out: Output, stream: TextIO) -> Iterator[str]:
    from checker.reports import integrity

    return integrity.text(found, **screens.drawing(stream), quiet=out.quiet)


def _json(found: Verification, _out: Output, _stream: TextIO) -> Iterator[str]:
    from checker.reports import integrity

    return integrity.json(found)


def _jsonl(found: Verification, _out: Output, _stream: TextIO) -> Iterator[str]:
    from checker.reports import integrity

    return integrity.jsonl(found)


_FORMATS: Final = {"text": _text, "json": _json, "jsonl": _jsonl}
