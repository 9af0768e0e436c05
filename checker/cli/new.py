"""The command `new`: a rule and its cases to start from."""

from __future__ import annotations

from pathlib import Path

import click

from checker.cli import endings, screens
from checker.cli.completion import examples
from checker.errors import UsageError


@click.command(
    epilog=examples(
        "new bucket_opened --from event.json",
        "new vpc_created --event ec2:CreateVpc --dir my-rules",
        "new bucket_unversioned --resource AWS::S3::Bucket --dir my-rules",
    )
)
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["detection", "configuration", "correlation"]),
    help="Kind of rule (default: configuration with --resource, else detection).",
)
@click.option(
    "--from", "file", metavar="EVENT", help="Record to start from: a file, or FILE#N."
)
@click.option(
    "--event",
    metavar="SERVICE:EVENT",
    help="Event to start from, such as ec2:CreateVpc; its record is made up.",
)
@click.option(
    "--resource",
    metavar="TYPE",
    help="Resource type of a configuration rule, such as AWS::S3::Bucket.",
)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    default=".",
    help="Folder for the new files (default: the current one).",
)
def new(
    name: str,
    kind: str | None,
    file: str | None,
    event: str | None,
    resource: str | None,
    folder: str,
) -> None:
    """Create a rule with passing test cases.

    With --from, the rule starts from a record, which is redacted for its test case;
    with --event, from what AWS's API model says of the call. `trailcheck lint` lists
    what is left to write.
    """
    from checker.authoring import record_files, samples, scaffold
    from checker.reports.segments import uncommanding, visible

    if file and event:
        raise UsageError("--from and --event exclude each other: name one")
    record = record_files.named(file) if file else None
    record = samples.event(event) if event else record
    kind = kind or ("configuration" if resource else "detection")
    written = scaffold.write(name, kind, Path(folder), record, resource)
    for path in written:
        click.echo(uncommanding(visible(str(path))))
    left = screens.command("lint", str(folder))
    endings.leave(0, "", wrote=f"{endings.counted(len(written), 'file')}; next: {left}")
