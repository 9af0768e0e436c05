"""The page that lists each event of sign-in and Cognito with the rules that see it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker import rules
from checker.aws import api_models
from checker.aws.non_api_events import EXTRA_EVENTS
from checker.model import Level
from checker.reports import event_coverage
from checker.reports.event_coverage import Row, Table
from tools.event_coverage import WHY, tables

ROOT = Path(__file__).parent.parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"
ALL = tables(rules.load())
ROWS = {(table.source, row.name): row for table in ALL for row in table.rows}
COGNITO = [f"cognito-{api}.amazonaws.com" for api in ("idp", "identity", "sync")]


def test_every_operation_of_cognito_has_a_row() -> None:
    for source in COGNITO:
        assert {name for each, name in ROWS if each == source} == {
            *api_models.operations(source),
            *EXTRA_EVENTS.get(source, ()),
        }


def test_every_event_is_seen_by_a_rule_or_says_why_not() -> None:
    assert [key for key, row in ROWS.items() if bool(row.rules) is bool(row.why)] == []
    assert [
        key for key, row in ROWS.items() if row.why not in ("", *WHY.values())
    ] == []


def test_no_reason_is_left_over() -> None:
    unseen = {name for (_, name), row in ROWS.items() if not row.rules}

    assert set(WHY) == unseen


def test_every_user_pool_operation_is_seen() -> None:
    pools = ALL[0]

    assert pools.title == "User pool operations"
    assert pools.seen == len(pools.rows) == len(api_models.operations(COGNITO[0]))


def test_rules_that_are_shown_name_the_event() -> None:
    row = ROWS["cognito-idp.amazonaws.com", "AdminRemoveUserFromGroup"]

    assert row.rules == (("cognito_user_removed_from_group", Level.LOW),)


def test_correlations_over_a_rule_stand_beside_it() -> None:
    row = ROWS["cognito-idp.amazonaws.com", "GlobalSignOut"]

    assert "cognito_users_signed_out_in_bulk" in row.correlations


def test_a_row_links_its_rules_or_says_why_none_sees_the_event() -> None:
    seen = Row("A", (("one", Level.HIGH), ("two", Level.LOW)), ("three",))
    unseen = Row("B", (), (), "it ends something")

    page = event_coverage.page(
        [Table("Calls", "s.amazonaws.com", "https://x", (seen, unseen))]
    )

    assert "| Calls | 2 | 1 |\n" in page
    assert (
        "| `A` | [one](rules/one.md) (high)<br>[two](rules/two.md) (low) "
        "| [three](rules/three.md) |\n" in page
    )
    assert "| `B` | none: it ends something |  |\n" in page


@pytest.mark.skipif(not SEEDS.is_dir(), reason="AWS's documents are not here")
@pytest.mark.parametrize(
    ("document", "names", "least"),
    [
        (
            "cognito-cloudtrail.zh-CN.txt",
            r"\b(?:[A-Z]\w+_(?:GET|POST)|CognitoAuthentication)\b",
            30,
        ),
        ("console-sign-in-events.json", r'"eventName": *"(\w+)"', 5),
    ],
)
def test_every_event_that_aws_documents_has_a_row(
    document: str, names: str, least: int
) -> None:
    text = (SEEDS / document).read_text(encoding="utf-8")
    documented = set(re.findall(names, text))

    assert len(documented) >= least
    assert documented <= {name for _, name in ROWS}


def test_names_that_differ_in_case_alone_have_one_order() -> None:
    for table in tables(rules.load()):
        names = [row.name for row in table.rows]
        assert names == sorted(names, key=lambda name: (name.lower(), name))
