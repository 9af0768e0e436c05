"""Collect what CloudWatch shares between accounts: sinks, who may link, and links.

https://docs.aws.amazon.com/OAM/latest/APIReference/API_ListSinks.html
https://docs.aws.amazon.com/OAM/latest/APIReference/API_GetSinkPolicy.html
https://docs.aws.amazon.com/OAM/latest/APIReference/API_ListLinks.html
"""

from __future__ import annotations

from collections.abc import Sequence

from checker.sources.settings.account.buckets import parsed
from checker.sources.settings.account.calls import (
    Body,
    Caller,
    Progress,
    Question,
    at_once,
    overall,
    place,
)

_NO_POLICY = frozenset({"ResourceNotFoundException"})


def sinks(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect the sink of each Region that has one, with its policy."""

    def collect(region: str) -> tuple[str, list[Body]]:
        question = Question("oam", "list_sinks", region, "oam_sinks")
        listed = caller.rows(question, "Items")
        return listed.state, [_sink(caller, row, region) for row in listed.rows]

    return _gathered(at_once(collect, sorted(regions), "sinks by Region", progress))


def links(
    caller: Caller, regions: Sequence[str], progress: Progress | None
) -> tuple[list[Body], str]:
    """Collect the links from each Region to sinks of other accounts."""

    def collect(region: str) -> tuple[str, list[Body]]:
        listed = caller.rows(
            Question("oam", "list_links", region, "oam_links"), "Items"
        )
        return listed.state, [row | {"region": region} for row in listed.rows]

    return _gathered(at_once(collect, sorted(regions), "links by Region", progress))


def _gathered(results: list[tuple[str, list[Body]]]) -> tuple[list[Body], str]:
    rows = [row for _, found in results for row in found]
    rows.sort(key=lambda row: str(row.get("Arn")))
    return rows, overall(state for state, _ in results)


def _sink(caller: Caller, row: Body, region: str) -> Body:
    body = row | {"region": region}
    arn = row["Arn"]
    question = Question(
        "oam", "get_sink_policy", region, "oam_sinks.policy", arn, _NO_POLICY
    )
    answer = caller.ask(question, SinkIdentifier=arn)
    text = answer.body.get("Policy")
    place(body, "policy", *parsed(caller, question, answer.state, text))
    return body
