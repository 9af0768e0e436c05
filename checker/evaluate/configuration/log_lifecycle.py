"""Find the lifecycle rules of a bucket that act on the log files of trails.

A rule for another prefix does not, nor does one for a tag: CloudTrail tags no file.
Nor does one that only ends unfinished uploads or delete markers without versions.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checker.conditions import Unknown, UnknownValue
from checker.conditions.unknown import either, spread


def rows(bucket: Mapping[str, Any], snapshot: Mapping[str, Any]) -> list[Any] | Unknown:
    """Return a row for each enabled rule that acts on log files.

    A row has `days` after which the rule ends a file, or the `date` from which it ends
    every one, and the `reason` in words; neither for a rule that ends none.
    """
    starts = list(_starts(bucket, snapshot))

    def of_lifecycle(lifecycle: object) -> Any:
        rules = lifecycle.get("Rules") if isinstance(lifecycle, Mapping) else None
        return spread(rules, lambda several: _of_rules(several, starts))

    try:
        found: list[Any] | Unknown = spread(bucket.get("lifecycle"), of_lifecycle)
    except UnknownValue as error:
        return error.unknown
    return found


def _of_rules(rules: object, starts: list[Any]) -> list[Any] | Unknown:
    every = rules if isinstance(rules, list) else ()
    found = [row for rule in every if (row := _acting(rule, starts)) is not None]
    if found and all(isinstance(row, Unknown) for row in found):
        # Perhaps there is none.
        unsure: Unknown = either([[], found], found[0].reason, found[0].cause)
        return unsure
    return found


def _acting(rule: object, starts: list[Any]) -> Any:
    """Return the row of a rule that acts on log files, else None."""
    if isinstance(rule, Unknown):
        if rule.among is None:
            return rule
        rows_of = [_acting(one, starts) for one in rule.among]
        return either(rows_of, rule.reason, rule.cause)
    if not isinstance(rule, Mapping):
        return None
    try:
        acts = rule.get("Status") == "Enabled" and not _spares_files(rule)
        return _row(rule) if acts and _acts(rule, starts) else None
    except UnknownValue as error:
        return either([_row(rule), None], error.reason, error.cause)


def _row(rule: Mapping[str, Any]) -> dict[str, Any]:
    end = rule.get("Expiration")
    days = end.get("Days") if isinstance(end, Mapping) else end
    date = end.get("Date") if isinstance(end, Mapping) else None
    if not isinstance(days, Unknown) and days == 0:
        days = None  # S3 takes no 0: Terraform writes it for a rule without days
    name = rule.get("ID")
    called = f"the lifecycle rule {name}" if isinstance(name, str) else "a rule"
    if isinstance(days, int | float):
        told = f"{called} ends log files after {days} days"
    elif isinstance(date, str):
        told = f"{called} ends every log file from {date} on"
    else:
        told = f"{called} acts on log files"
    return {"days": days, "date": date, "reason": told}


_BESIDE_FILES = ("AbortIncompleteMultipartUpload",)
_OF_FILES = (
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
)


def _spares_files(rule: Mapping[str, Any]) -> bool:
    """Return whether all that a rule does is to clear up beside the files."""
    end = rule.get("Expiration")
    if isinstance(end, Unknown) or any(
        rule.get(each) is not None for each in _OF_FILES
    ):
        return False
    ended = end if isinstance(end, Mapping) else {}
    if ended.get("Days") or ended.get("Date"):
        return False
    marker = ended.get("ExpiredObjectDeleteMarker")
    return bool(marker) or any(rule.get(each) is not None for each in _BESIDE_FILES)


def _acts(rule: Mapping[str, Any], starts: list[Any]) -> bool:
    """Return whether a rule acts on log files; raise where that is not known."""
    given = rule.get("Filter")
    if isinstance(given, Unknown):
        raise UnknownValue(given)
    chosen = given if isinstance(given, Mapping) else {}
    both = chosen.get("And")
    if isinstance(both, Unknown):
        raise UnknownValue(both)
    inner = both if isinstance(both, Mapping) else {}
    if chosen.get("Tag") or inner.get("Tags"):
        return False
    prefixes = (rule.get("Prefix"), chosen.get("Prefix"), inner.get("Prefix"))
    prefix = next((one for one in prefixes if one is not None), "")
    unknown = next((one for one in (prefix, *starts) if isinstance(one, Unknown)), None)
    if prefix == "":
        return True
    if unknown is not None:
        raise UnknownValue(unknown)
    return any(
        start.startswith(prefix) or str(prefix).startswith(start) for start in starts
    )


def _starts(bucket: Mapping[str, Any], snapshot: Mapping[str, Any]) -> Iterator[Any]:
    """Yield how the keys of log files begin, for each trail that may deliver here."""
    trails = snapshot.get("trails")
    found = False
    for trail in trails if isinstance(trails, list) else ():
        if not isinstance(trail, Mapping):
            continue
        try:
            here = trail.get("S3BucketName") == bucket.get("name")
        except UnknownValue:
            here = True
        if here:
            found = True
            prefix = trail.get("S3KeyPrefix")
            if isinstance(prefix, Unknown):
                yield prefix
            else:
                yield f"{prefix}/AWSLogs/" if prefix else "AWSLogs/"
    if not found:
        yield "AWSLogs/"
