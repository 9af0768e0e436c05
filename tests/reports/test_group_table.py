"""The table of the first screen: its columns stay in line, and its names whole."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from checker.model import Finding
from checker.reports import group_table, segments
from checker.reports.groups import By, Groups, count
from tests.reports import samples

RULES = ("a_rule", "iam_user_console_login_without_mfa", "a_rule_with_" * 4 + "name")
WHO = ("root", "Admin/alice", "workers/i-0123456789abcdef0", "somebody_" * 9)
REGIONS = ("us-east-1", "ap-southeast-2", "")


def finding(name: str, who: str, region: str) -> Finding:
    rule = structs.replace(samples.ROOT_NO_MFA, name=name)
    fields = {"principal": who, "awsRegion": region}
    time = "2026-11-20T10:00:00Z"
    return samples.finding(rule, samples.event("ConsoleLogin", time, **fields))


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(RULES),
        st.sampled_from(WHO),
        st.sampled_from(REGIONS),
    ),
    min_size=1,
    max_size=6,
)


def table(findings: list[Finding], width: int, by: By = By.RULE) -> list[str]:
    groups = count(Groups(by), findings)
    text = "".join(segments.plain(group_table.rows(groups, width, 20)))
    return text.splitlines()


@settings(max_examples=40)
@given(FINDINGS, st.sampled_from((80, 100, 120)), st.sampled_from(list(By)))
def test_no_name_is_broken_or_lost(findings: list[Finding], width: int, by: By) -> None:
    words = {word for line in table(findings, width, by) for word in line.split()}
    shown = {word.rstrip(",") for word in words}

    wanted = {found.rule.name for found in findings} if by is By.RULE else set()
    if by is By.IDENTITY:
        wanted = {str(found.subject["principal"]) for found in findings}
    assert wanted <= shown


@settings(max_examples=40)
@given(FINDINGS, st.sampled_from((80, 100, 120)), st.sampled_from(list(By)))
def test_what_fits_is_no_wider_than_asked(
    findings: list[Finding], width: int, by: By
) -> None:
    for line in table(findings, width, by):
        assert len(line) <= width or max(map(len, line.split())) > width - 24, line


@settings(max_examples=40)
@given(FINDINGS, st.sampled_from((80, 100, 120)))
def test_regions_stand_in_one_column(findings: list[Finding], width: int) -> None:
    heading, *lines = table(findings, width)
    where = heading.find("  where") + 2
    if where < 2 or ", where" in heading:
        return

    for line in lines:
        for region in filter(None, REGIONS):
            assert line.find(region) in {-1, where}, line


def test_a_row_with_a_long_name_keeps_the_columns_of_the_others() -> None:
    long = "identity_pool_guest_role_trusts_others_and_more"
    lines = table([finding("a_rule", "root", "us-east-1") for _ in range(3)], 80)
    both = table(
        [
            *(finding(f"a_rule_{n}", "root", "us-east-1") for n in range(3)),
            finding(long, "root", "us-east-1"),
        ],
        80,
    )

    assert lines[1].split() == [
        "critical",
        "3",
        "a_rule",
        "2026-11-20",
        "10:00",
        "root",
        "us-east-1",
    ]
    assert {line.index("us-east-1") for line in both if "us-east-1" in line} == {
        both[0].index("where")
    }
    assert any(line.endswith(long) for line in both)


def test_a_column_without_any_text_takes_no_room() -> None:
    heading, *_ = table(list(samples.AUDITED), 80)
    assert "first to last" not in heading
    assert "who or what" in heading


def test_a_name_that_is_too_long_for_its_place_comes_last() -> None:
    who = f"AWSReservedSSO_AdministratorAccess_0123456789abcdef/{'a' * 12}"
    rule = "iam_user_console_login_without_mfa_by_somebody"
    lines = table([finding(rule, who, "us-east-1")], 80)
    times, name = filter(None, lines[2:])
    assert times.split() == ["2026-11-20", "10:00", "us-east-1"]
    assert name.strip() == who
    assert len(name) <= 80
