"""The command `spark`: a scan whose inputs are read by a cluster."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from checker.cli.completion import examples
from checker.cli.configuration import config_option
from checker.cli.destinations import Reads, rule_folders
from checker.cli.event_options import event_options
from checker.cli.options import (
    LEVELS,
    addresses_option,
    learned_option,
    read_addresses,
    read_learned,
    report_options,
    rule_options,
)
from checker.cli.output import Output
from checker.cli.policy import policy_options
from checker.cli.scan import loud
from checker.cli.screens import look_options
from checker.errors import SourceError, UsageError

if TYPE_CHECKING:
    from checker.sources.events.inputs import InputFilter


@click.command(
    short_help="Scan CloudTrail events on a Spark cluster.",
    epilog=examples(
        "spark s3://audit-logs --master yarn --findings s3://security/out",
        "spark logs/ --master 'local[4]' -f json -o findings.json",
    ),
)
@click.argument("events", nargs=-1, required=True, metavar="EVENTS...")
@click.option(
    "--master",
    metavar="URL",
    help="Spark master (default: that of spark-submit, else local[*]).",
)
@click.option(
    "--conf",
    multiple=True,
    metavar="KEY=VALUE",
    help="Setting of Spark, such as spark.executor.memory=4g (repeatable).",
)
@click.option(
    "--findings",
    metavar="FOLDER",
    help="New folder to which the executors write the findings, by day and account; "
    "the report then only counts them.",
)
@click.option(
    "--findings-format",
    type=click.Choice(("json", "parquet")),
    default="json",
    help="Format of the files of --findings (default: json, one finding a line).",
)
@learned_option
@addresses_option
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default=None,
    help="Minimum level (default: low; all levels with --rules or --select).",
)
@event_options
@config_option
@policy_options
@rule_options
@look_options
@report_options
def spark(
    events: tuple[str, ...],
    master: str | None,
    conf: tuple[str, ...],
    findings: str | None,
    findings_format: str,
    learned: str | None,
    addresses: str | None,
    level: str | None,
    config: str | None,
    exceptions: tuple[str, ...],
    baseline: str | None,
    rule_paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    wanted: InputFilter,
    **report: Any,
) -> None:
    """Scan CloudTrail events with the detection rules, on Spark.

    EVENTS are s3://BUCKET/PREFIX locations, or files and folders that every machine of
    the cluster can read. The report is that of scan. It needs the extra spark and Java:
    pip install 'trailcheck[spark]'.
    """
    driver = _driver()
    from checker.cli.policy import read_policy
    from checker.cli.rule_pack import load_pack
    from checker.rules import bases, choose, configure

    files = (learned, addresses, config, baseline, *exceptions)
    reads = Reads(events=events, rules=rule_folders(rule_paths), files=files)
    out = Output(**report, reads=reads)
    if findings and (out.target.path or out.format != "text"):
        raise UsageError(
            "--findings: the executors write the findings: leave --format and --output "
            "out"
        )
    pack = load_pack(rule_paths, allow_partial=out.allow_partial, quiet=out.quiet)
    pack = configure(pack, config) if config else pack
    policy = read_policy(exceptions, baseline, pack)
    known, table = read_learned(learned), read_addresses(addresses)
    with _session(driver, master, conf) as session:
        found = driver.scan(
            session,
            loud(choose(pack, select, ignore), level, given=rule_paths or select),
            events,
            bases=[*bases(pack), *pack],
            learned=known,
            addresses=table,
            wanted=wanted,
            policy=policy,
            findings=findings,
            findings_format=findings_format,
        )
    if findings:
        out.write_also(found)
        if not out.quiet:
            out.summarise(found)
    else:
        out.write(found)
    out.leave(found)


def _driver() -> ModuleType:
    """Return the driver; raises `UsageError` where pyspark is not installed."""
    try:
        from checker import spark as driver
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the command spark needs {error.name}: pip install 'trailcheck[spark]'"
        ) from error
    return driver


@contextlib.contextmanager
def _session(
    driver: ModuleType, master: str | None, conf: tuple[str, ...]
) -> Iterator[Any]:
    """Open a session, and close it; what Spark refuses is an error in one line."""
    settings = {}
    for text in conf:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--conf {text}: write KEY=VALUE")
        settings[name] = value
    if master is None or master.startswith("local"):
        # Workers on this machine are of this Python.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        session = driver.open_session(master, settings)
    except driver.failures() as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"Spark cannot be started: {reason}; it needs Java") from error
    try:
        yield session
    except driver.failures() as error:
        raise SourceError("Spark", f"the job failed: {_reason(error)}") from error
    finally:
        session.stop()


def _reason(error: Exception) -> str:
    """Return the line of a Python error in an executor, or Spark's first."""
    # Py4J hands on what an executor raised as text, and in no other way.
    lines = [text.strip() for text in str(error).splitlines() if text.strip()]
    told = [text for text in lines if text.startswith(("checker.", "ModuleNotFound"))]
    return (told or lines or [type(error).__name__])[0]
