"""What a requirement asks and what the rules behind it look at belong together."""

from __future__ import annotations

import re

import pytest

from checker import rules
from checker.framework import Framework
from checker.model import AnyRule, ConfigurationRule
from checker.rules import frameworks

NAMES = list(frameworks.shipped())
PACK = rules.load()
SETTINGS = [rule for rule in PACK if isinstance(rule, ConfigurationRule)]

WITHDRAWN = {"AC-3(1)", "SC-7(2)", "AC-2(10)", "AC-7(1)", "SC-7(6)", "AU-15"}
"""Controls and enhancements that revision 5 of NIST SP 800-53 withdrew."""

NOT_IN_REVISION_5 = {"CP-1(2)", "SA-1(1)", "SI-1(1)(c)"}
"""Ids that only conformance packs have: these base controls have no enhancements."""

SUBJECTS = {
    # What the requirement says: what a rule behind it must say of itself.
    r"\bmask": r"mask|personal",
    r"\bencrypt": r"encrypt|kms|tls|https|secure",
    r"\bMFA\b": r"mfa|multi-factor|passkey|second factor",
    r"\baccess keys? (are|is) rotated": r"access key",
    r"\bvalidation\b": r"validation",
    r"\bpasswords?\b.*\blong\b": r"password",
    r"devices of users": r"device",
    r"read access to audit logs": r"public|another account",
    r"\bto CloudWatch Logs\b": r"cloudwatch logs|log group",
    r"information is deleted": r"delet|expire|lifecycle|retention",
}


@pytest.fixture(params=NAMES)
def table(request: pytest.FixtureRequest) -> Framework:
    return frameworks.load(str(request.param))


def text(rule: AnyRule) -> str:
    return f"{rule.name} {rule.title} {rule.description}".lower()


def test_titles_say_what_is_asked(table: Framework) -> None:
    unclear = [
        each.id for each in table.requirements if not re.search(r"\w", each.title)
    ]

    assert unclear == []


@pytest.mark.parametrize("id_", sorted(WITHDRAWN | NOT_IN_REVISION_5))
def test_withdrawn_controls_are_in_no_table_of_revision_5(id_: str) -> None:
    table = frameworks.load("NIST-800-53-r5")

    assert id_ not in {each.id for each in table.requirements}
    assert [
        rule.name for rule in PACK if id_ in rule.controls.get(table.name, ())
    ] == []


@pytest.mark.parametrize(
    ("name", "id_", "days"),
    # The numbers of days after which the frameworks call a credential unused.
    [
        ("CIS-AWS-1.2", "1.3", 90),
        ("CIS-AWS-1.4", "1.12", 45),
        ("CIS-AWS-3.0", "1.12", 45),
        ("CIS-AWS-5.0", "1.11", 45),
        ("AWS-FSBP", "IAM.8", 90),
        ("AWS-Security-Hub", "IAM.22", 45),
        ("PCI-DSS-3.2.1", "8.1.4", 90),
        ("PCI-DSS-4.0", "8.2.6", 90),
    ],
)
def test_unused_credentials_have_the_days_of_the_framework(
    name: str, id_: str, days: int
) -> None:
    behind = frameworks.behind(frameworks.load(name), PACK)[id_]
    limits = [
        parameter.default
        for rule in behind
        if isinstance(rule, ConfigurationRule)
        and rule.name.startswith("user_credentials_unused")
        for parameter in rule.configuration.parameters.values()
    ]

    assert limits == [days]


@pytest.mark.parametrize("name", ["AWS-FSBP", "AWS-Security-Hub"])
def test_controls_of_a_service_are_judged_by_settings_of_that_service(
    name: str,
) -> None:
    """CloudTrail's controls also look at where trails write and who is told."""
    around = {
        "CloudTrail": {"CloudTrail", "S3", "Logs", "SNS", "KMS", "::"},
        "CloudWatch": {"CloudWatch", "Logs", "::"},
    }
    odd = [
        (id_, rule.name, resource)
        for id_, behind in frameworks.behind(frameworks.load(name), PACK).items()
        for rule in behind
        if isinstance(rule, ConfigurationRule)
        for service in [id_.split(".")[0]]
        for resource in [rule.configuration.resource]
        if not any(
            each.lower() in resource.lower()
            for each in around.get(service, {service, "::::"})
        )
    ]

    assert odd == []


def test_rules_say_what_their_requirements_are_about(table: Framework) -> None:
    titles = {each.id: each.title for each in table.requirements}
    odd = [
        (id_, titles[id_], rule.name)
        for id_, behind in frameworks.behind(table, PACK).items()
        if id_ in titles
        for asked, said in SUBJECTS.items()
        if re.search(asked, titles[id_], re.IGNORECASE)
        for rule in behind
        if not re.search(said, text(rule))
    ]

    assert odd == []


def test_the_subjects_are_those_of_some_requirement() -> None:
    titles = "\n".join(
        each.title for name in NAMES for each in frameworks.load(name).requirements
    )

    assert (
        len([asked for asked in SUBJECTS if re.search(asked, titles, re.IGNORECASE)])
        >= 4
    )
