"""Collect a settings snapshot from a live account, with boto3.

Nothing is judged here and nothing is changed in the account.  What a call refuses is a
state beside the part and a row in `errors`; `schemas/snapshot.json` is the shape, and
`snapshot-policy.json`, beside this package, allows exactly the calls made.

boto3 and botocore load on first use.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import checker
from checker.errors import SourceError
from checker.sources.api.failures import (
    BROKEN_ANSWER,
    CREDENTIALS,
    OUT_OF_REACH,
    kind,
)
from checker.sources.settings.account import (
    alarms,
    buckets,
    cognito,
    identity,
    observability,
    recorders,
    services,
    trails,
)
from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    overall,
    place,
)

_CALLER = re.compile(r"arn:([a-z-]+):[a-z]+::\d{12}:.+")
_ACCOUNT = re.compile(r"\d{12}")
_LEADER = "us-east-1"
_NO_ORGANIZATION = frozenset({"AWSOrganizationsNotInUseException"})


def collect(
    session: Any,
    *,
    regions: Sequence[str] | None,
    progress: Progress | None = None,
    attempts: int = 8,
) -> dict[str, Any]:
    """Collect the snapshot of the account that `session` signs in to.

    `regions` are those to list trails, event data stores and Cognito pools in, every
    Region that is on when None; what a trail points at is followed wherever it is.
    `progress` is told (stage, done, total), from one thread.  `attempts` counts the
    tries of each call, with back-off between them.  Raises `SourceError` when there are
    no usable credentials or AWS is out of reach, and for no other error of AWS.
    """
    home = session.region_name or (regions[0] if regions else _LEADER)
    caller = Caller(session, attempts=attempts, home=home)
    now = dt.datetime.now(dt.UTC)
    body: Body = {
        "kind": "cloudtrail-settings-snapshot",
        "schema_version": 1,
        "collected_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "collector": _collector(caller),
        "_state": {},
    }
    body["account"], scanned = _account(caller, regions)
    _settings(caller, body, scanned, progress)
    body["errors"] = sorted(caller.errors, key=_place_of)
    return body


def _settings(
    caller: Caller, body: Body, scanned: Sequence[str], progress: Progress | None
) -> None:
    """Fill the sections, each after those that say what to ask about."""

    def put(section: str, found: tuple[list[Body], str], *after: str) -> list[Body]:
        # What others point at is known only as well as those are.
        rows, state = found
        states = [body["_state"][earlier] for earlier in after]
        if state != "ok" or not after:
            states.append(state)
        place(body, section, overall(states), rows)
        return rows

    found = put("trails", trails.trails(caller, scanned, progress))
    stores = put(
        "event_data_stores", trails.event_data_stores(caller, scanned, progress)
    )
    named = put("buckets", (buckets.buckets(caller, found, progress), "ok"), "trails")
    buckets.account_public_access_block(caller, body)
    keys = buckets.kms_keys(caller, found, stores, named, progress)
    put("kms_keys", (keys, "ok"), "trails", "event_data_stores")
    groups = alarms.log_groups(caller, found, progress)
    put("log_groups", (groups, "ok"), "trails")
    filters = alarms.metric_filters(caller, groups, progress)
    put("metric_filters", filters, "trails")
    watchers = alarms.alarms(caller, groups, progress)
    put("alarms", watchers, "trails")
    topics = alarms.sns_topics(caller, found, filters[0], watchers[0], progress)
    put("sns_topics", (topics, "ok"), "trails", "metric_filters", "alarms")
    body["iam"] = identity.iam(caller)
    found_recorders = recorders.config_recorders(caller, scanned, progress)
    put("config_recorders", found_recorders)
    _services(caller, body, scanned, progress)
    put("identity_pools", cognito.identity_pools(caller, scanned, progress))
    put("user_pools", cognito.user_pools(caller, scanned, progress))


def _services(
    caller: Caller, body: Body, scanned: Sequence[str], progress: Progress | None
) -> None:
    """Fill the sections of the services that watch the account beside CloudTrail."""
    for section, collector in (
        ("guardduty", services.guardduty),
        ("security_hub", services.security_hub),
        ("access_analyzers", services.access_analyzers),
        ("config_aggregators", services.config_aggregators),
        ("oam_sinks", observability.sinks),
        ("oam_links", observability.links),
    ):
        rows, state = collector(caller, scanned, progress)
        place(body, section, state, rows)
    organization = body["account"].get("organization") or {}
    if caller.account and organization.get("MasterAccountId") == caller.account:
        found = services.delegated_administrators(caller)
        place(body, "delegated_administrators", "ok", found)


def _collector(caller: Caller) -> Body:
    """Find out who is calling, and note it in the caller."""
    import botocore

    question = Question("sts", "get_caller_identity", caller.home, "account.id")
    answer = caller.ask(question)
    _check_signed_in(caller)
    arn = answer.body.get("Arn")
    found = _CALLER.fullmatch(arn or "")
    if found and _ACCOUNT.fullmatch(answer.body["Account"]):
        caller.account, caller.partition = answer.body["Account"], found[1]
    elif answer.state == "ok":
        said = "the answer names no account"
        caller.note(question, BROKEN_ANSWER, "error", said)
    return {
        "botocore": botocore.__version__,
        "caller": arn,
        "trailcheck": checker.__version__,
    }


def _check_signed_in(caller: Caller) -> None:
    """Raise `SourceError` when the credentials are why AWS did not say who calls."""
    for row in caller.errors:
        failure = kind(row["code"])
        if failure in CREDENTIALS:
            said = f"no usable AWS credentials: {failure.value} ({row['message']})"
            advice = "sign in (aws sso login), or name a profile with --profile"
            raise SourceError("AWS", f"{said}: {advice}")


def _check_reached(caller: Caller) -> None:
    """Raise `SourceError` when none of the first calls reached AWS at all."""
    failures = [kind(row["code"]) for row in caller.errors[:2]]
    if len(failures) == 2 and OUT_OF_REACH.issuperset(failures):
        said = f"{failures[0].value}: {caller.errors[0]['message']}"
        advice = "check the network, proxies, the Region and AWS_ENDPOINT_URL"
        raise SourceError("AWS", f"{said}: {advice}")


def _account(
    caller: Caller, regions: Sequence[str] | None
) -> tuple[Body, Sequence[str]]:
    body: Body = {"_state": {}}
    state = "ok" if caller.account else "error"
    place(body, "id", state, caller.account)
    place(body, "partition", state, caller.partition if caller.account else None)
    question = Question(
        "ec2", "describe_regions", caller.home, "account.regions_enabled"
    )
    answer = caller.ask(question, AllRegions=True)
    _check_reached(caller)
    enabled = None
    if answer.state == "ok":
        enabled = sorted(
            row["RegionName"]
            for row in answer.body.get("Regions", [])
            if row.get("OptInStatus") != "not-opted-in"
        )
        caller.enabled = frozenset(enabled)
    place(body, "regions_enabled", answer.state, enabled)
    scanned = (
        sorted(set(regions)) if regions else enabled or caller.listed("cloudtrail")
    )
    body["regions_scanned"] = scanned
    question = Question(
        "organizations",
        "describe_organization",
        caller.home,
        "account.organization",
        None,
        _NO_ORGANIZATION,
    )
    organization = caller.ask(question)
    value = organization.body.get("Organization")
    place(body, "organization", organization.state, value)
    return body, scanned


def _place_of(row: Body) -> tuple[str, ...]:
    names = ("section", "region", "resource", "service", "operation", "code", "message")
    return tuple(str(row[name] or "") for name in names)
