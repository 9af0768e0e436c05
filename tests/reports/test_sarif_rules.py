"""Tests of how rules are described in SARIF."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from checker.model import AnyRule, Level, Remediation
from checker.reports.sarif_rules import Taxonomies, descriptor, sentence
from tests.reports import samples


def described(rule: AnyRule) -> dict[str, Any]:
    return descriptor(rule, Taxonomies([rule]))


@pytest.mark.parametrize(
    ("level", "severity", "sarif"),
    [
        (Level.CRITICAL, "9.5", "error"),
        (Level.HIGH, "8.0", "error"),
        (Level.MEDIUM, "5.5", "warning"),
        (Level.LOW, "2.0", "note"),
        (Level.INFORMATIONAL, None, "note"),
    ],
)
def test_levels_fall_in_the_bands_of_code_scanning(
    level: Level, severity: str | None, sarif: str
) -> None:
    rule = described(structs.replace(samples.ROOT_NO_MFA, level=level))
    assert rule["properties"].get("security-severity") == severity
    assert rule["defaultConfiguration"] == {"level": sarif}


@pytest.mark.parametrize(
    ("status", "precision"),
    [
        ("stable", "high"),
        ("test", "medium"),
        ("experimental", "low"),
        ("deprecated", "low"),
    ],
)
def test_precision_follows_the_status(status: str, precision: str) -> None:
    rule = described(structs.replace(samples.ROOT_NO_MFA, status=status))
    assert rule["properties"]["precision"] == precision


def test_no_more_than_ten_tags_and_security_first() -> None:
    tags = tuple(f"attack.t{n}" for n in range(1000, 1020))
    shown = described(structs.replace(samples.ROOT_NO_MFA, tags=tags))["properties"][
        "tags"
    ]
    assert len(shown) == 10
    assert shown[:2] == ["security", "attack.t1000"]


def test_taxonomies_have_versions_and_only_what_is_referred_to() -> None:
    rules: list[AnyRule] = [
        samples.LOG_VALIDATION,
        samples.TRAIL_STOPPED,
        samples.ROOT_NO_MFA,
    ]
    taxonomies = [
        (taxonomy["name"], taxonomy["version"], [t["id"] for t in taxonomy["taxa"]])
        for taxonomy in Taxonomies(rules).documents()
    ]
    assert taxonomies == [
        ("MITRE ATT&CK", "19", ["T1078.004", "T1685.002"]),
        ("CIS-AWS-3.0", "3.0", ["3.2"]),
        ("NIST-800-53-r5", "r5", ["AU-9", "SI-7"]),
    ]


@pytest.mark.parametrize("name", ["SOC2", "HIPAA", "AWS-FSBP"])
def test_a_framework_without_a_version_claims_none(name: str) -> None:
    rule = structs.replace(samples.LOG_VALIDATION, controls={name: ("X.1",)})
    assert "version" not in Taxonomies([rule]).documents()[0]


def test_help_says_what_to_do() -> None:
    help_ = described(samples.LOG_VALIDATION)["help"]
    assert "```sh\naws cloudtrail update-trail" in help_["markdown"]
    assert "```hcl\nresource" in help_["markdown"]
    assert "CIS-AWS-3.0: 3.2" in help_["text"]
    assert "False positives" in described(samples.ROOT_NO_MFA)["help"]["text"]


def test_code_cannot_close_its_own_fence() -> None:
    remediation = Remediation(text="Do this.", cli="echo '```'\n````")
    rule = structs.replace(samples.LOG_VALIDATION, remediation=remediation)
    assert "`````sh\necho '```'\n````\n`````" in described(rule)["help"]["markdown"]


@pytest.mark.parametrize(
    ("references", "uri"),
    [
        (("a book", "https://a.example/x y"), None),
        (("a book", "https://a.example/x"), "https://a.example/x"),
        (("javascript:alert(1)",), None),
        (("https://a.example/ü",), "https://a.example/%C3%BC"),
        (("https://a.example/%C3%BC",), "https://a.example/%C3%BC"),
    ],
)
def test_the_help_uri_is_a_web_address(
    references: tuple[str, ...], uri: str | None
) -> None:
    rule = described(structs.replace(samples.ROOT_NO_MFA, references=references))
    assert rule.get("helpUri") == uri


@pytest.mark.parametrize(
    ("name", "pascal"),
    [
        ("root_console_login", "RootConsoleLogin"),
        ("s3_bucket_2fa", "S3Bucket2fa"),
        ("Odd", "OddRule"),
    ],
)
def test_names_are_pascal_case_and_not_the_id(name: str, pascal: str) -> None:
    assert described(structs.replace(samples.ROOT_NO_MFA, name=name))["name"] == pascal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A title", "A title."),
        ("Already said.", "Already said."),
        ("Is it?", "Is it?."),
        ("two\n  lines", "two lines."),
        ("", "No description."),
        ("see [this](https://evil.example)", "see [this] (https://evil.example)."),
        ("user {0} and {name}", "user { 0} and {name}."),
        ("x" * 2_000, "x" * 998 + "…."),
        ("\u202e", "\\u202e."),
    ],
)
def test_a_sentence_is_one_line_and_ends(text: str, said: str) -> None:
    assert sentence(text) == said
