"""Write rules as SQL for Athena, over the table that AWS documents for CloudTrail.

Header fields are columns of text; `useridentity` is a STRUCT with names in lower case;
parameters and answers are JSON text.  Each test is made two-valued, so that NOT, AND
and OR mean what they mean in a rule.
https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html
https://trino.io/docs/current/functions/json.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checker.convert import athena_correlation
from checker.convert.any_element import opened
from checker.convert.athena_condition import where
from checker.convert.athena_ddl import table
from checker.convert.refusal import Reason, RefusedError
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Correlated,
    Fidelity,
    Options,
    fidelity,
    widened,
)

_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")
_COLUMNS = (
    "eventtime",
    "eventid",
    "eventsource",
    "eventname",
    "awsregion",
    "recipientaccountid",
    "useridentity.arn AS principal",
    "sourceipaddress",
    "errorcode",
)


def convert(subject: AnySubject, options: Options) -> Conversion:
    """Return a rule as a query; raises `RefusedError`."""
    if not _TABLE.fullmatch(options.table):
        raise RefusedError(f"'{options.table}' is not the name of a table")
    dropped: tuple[Reason, ...] = ()
    if isinstance(subject, Correlated):
        core = athena_correlation.query(subject, options.table)
        found = Fidelity.SAME
    else:
        condition, dropped = widened(
            opened(subject.form, subject.kinds),
            lambda form: where(form, subject.kinds),
            superset=options.superset,
        )
        columns = ",\n  ".join(_COLUMNS)
        core = condition
        found = fidelity(dropped)
        body = (
            f"SELECT DISTINCT\n  {columns}\nFROM {options.table}\n"
            f"WHERE {period(days=1)}\n  AND {condition}\nORDER BY eventtime DESC"
        )
    rule = subject.rule
    head = f"-- {rule.title} (trailcheck rule {rule.name}, {rule.id})\n"
    query = core if isinstance(subject, Correlated) else body
    ddl = table(options.table, options.location) + "\n" if options.ddl else ""
    return Conversion(
        text=f"{head}{ddl}{query};\n",
        core=core,
        suffix=".sql",
        fidelity=found,
        dropped=dropped,
        notes=tuple(_notes(subject)),
    )


def period(days: int) -> str:
    """Return the condition that reads so many days of partitions, not the whole bucket.

    https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
    """
    since = f"date_format(current_timestamp - INTERVAL '{days}' DAY, '%Y/%m/%d')"
    return f'"timestamp" >= {since}'


def _notes(subject: AnySubject) -> Iterable[str]:
    bases = subject.bases if isinstance(subject, Correlated) else (subject,)
    yield "the query sees the events that trails deliver to the table's bucket"
    if isinstance(subject, Correlated):
        yield "copies of one event in several accounts count apart"
        yield "values are compared as they are written: a name is not its ARN"
    categories = {category for base in bases for category in base.events.categories}
    for category in sorted(categories - {"Management"}):
        yield f"a trail must log {category} events"
    if any(base.events.reads for base in bases):
        yield "a trail must log read-only management events"
