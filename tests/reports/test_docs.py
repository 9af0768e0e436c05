"""A page for each rule and an index, from rules alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import structs

from checker import rules
from checker.authoring.lint import CHECKS
from checker.model import AnyRule
from checker.reports import docs
from checker.reports.docs import Documented
from tools import docs as script

ROOT = Path(__file__).parent.parent.parent
PACK = {rule.name: rule for rule in rules.load(())}
LOGIN = PACK["root_console_login_without_mfa"]
BUCKET = PACK["bucket_of_trail_access_not_logged"]


def page(rule: AnyRule, **more: tuple[str, ...]) -> str:
    documented = Documented(rule=rule, service="here", **more)
    return docs.pages([documented], {})[f"{rule.name}.md"]


def index(*documented: Documented) -> str:
    return docs.pages(documented, {"T1078.004": "Cloud Accounts"})["README.md"]


def test_a_page_shows_the_rule_its_cases_and_what_it_needs() -> None:
    shown = page(
        LOGIN, needs=("Management events",), match=("Root came",), no_match=("Bo came",)
    )

    assert shown.startswith(f"# {LOGIN.title}\n")
    assert f"| level | {LOGIN.level.value} |" in shown
    assert "condition:" in shown
    assert "## What must be recorded\n\n- Management events\n" in shown
    assert "## It finds\n\n- Root came\n" in shown
    assert "## It leaves alone\n\n- Bo came\n" in shown
    assert LOGIN.references[0] in shown


def test_a_setting_shows_its_controls_and_how_to_mend_it() -> None:
    shown = page(BUCKET)

    assert "| CIS-AWS-3.0 | 3.4 |" in shown
    assert "resource: AWS::S3::Bucket\n" in shown
    assert "## Remediation" in shown
    assert "```sh\naws s3api " in shown


def test_a_page_names_the_claims_that_lower_a_finding() -> None:
    shown = page(PACK["iam_admin_policy_attached_to_user"])

    assert "| lowered by | `made_by_infrastructure_as_code` |" in shown
    assert "lowered by" not in page(LOGIN)


def test_the_index_sorts_by_service_level_technique_and_framework() -> None:
    shown = index(Documented(LOGIN, "root"), Documented(BUCKET, "delivery"))

    assert shown.index("### delivery") < shown.index("### root")
    assert shown.index(f"### {LOGIN.level.value}") < shown.index("### low")
    assert "| T1078.004 Cloud Accounts | [root_console_login_without_mfa]" in shown
    assert "| 3.4 | [bucket_of_trail_access_not_logged]" in shown


def test_controls_are_sorted_as_people_count() -> None:
    held = [
        Documented(structs.replace(LOGIN, name=name, controls={"CIS": (number,)}), "")
        for name, number in (("a", "3.10"), ("b", "3.2"), ("c", "3.2.1"))
    ]
    numbers = re.findall(r"^\| (3[.\d]*) \|", index(*held), re.MULTILINE)

    assert numbers == ["3.2", "3.2.1", "3.10"]


def test_the_order_of_the_rules_does_not_matter() -> None:
    both = [Documented(LOGIN, "root"), Documented(BUCKET, "delivery")]

    assert docs.pages(both, {}) == docs.pages(reversed(both), {})


@pytest.mark.parametrize("text", ["a | b\nc", "<script>x</script>", "[x](y)"])
def test_what_a_rule_says_stays_text(text: str) -> None:
    rule = structs.replace(LOGIN, title=text, description=text)
    shown = page(rule)
    listed = index(Documented(rule, "root"))

    for each in (shown, listed):
        assert not re.search(r"(?<!\\)<script|(?<!\\)\[x\]", each)
    rows = [line for line in listed.splitlines() if f"]({rule.name}.md)" in line]
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 4


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/rule.json").touch()
    pages = {
        tmp_path
        / "rules/a.md": "[b](b.md) `[c](c.md)` [d](d.md) [s](../schemas/rule.json)",
        tmp_path / "rules/b.md": "[AWS](https://aws.amazon.com) [above](#above)",
    }

    assert script.dangling(pages) == ["a.md: no page d.md"]


def test_every_check_has_its_line() -> None:
    shown = docs.checks([(name, "error", name) for name in CHECKS])

    assert re.findall(r"^\| `([\w-]+)` \|", shown, re.MULTILINE) == list(CHECKS)


def test_drift_names_what_is_missing_old_and_left_over(tmp_path: Path) -> None:
    wanted = {
        tmp_path / "checks.md": "checks",
        tmp_path / "rules" / "a.md": "a",
        tmp_path / "rules" / "b.md": "b",
    }
    script.write(tmp_path, wanted)
    assert script.drift(tmp_path, wanted) == []

    (tmp_path / "checks.md").write_text("old")
    (tmp_path / "rules/a.md").unlink()
    (tmp_path / "rules/gone.md").write_text("x")
    assert script.drift(tmp_path, wanted) == [
        "checks.md is not what its source says",
        "rules/a.md is missing",
        "rules/gone.md has no rule",
    ]

    script.write(tmp_path, wanted)
    assert script.drift(tmp_path, wanted) == []


def test_pages_of_rules_that_were_never_built_are_not_asked_for(
    tmp_path: Path,
) -> None:
    wanted = {tmp_path / "checks.md": "x", tmp_path / "rules" / "a.md": "a"}
    (tmp_path / "checks.md").write_text("x")

    assert script.drift(tmp_path, wanted) == []
