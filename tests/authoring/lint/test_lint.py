"""Lint finds each defect once published, where it stands, and names the fix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.authoring.lint import CHECKS, Problem, Severity, exit_code, lint
from checker.errors import UsageError

FIXTURES = Path(__file__).parent / "lint_fixtures"
EXPECTED = re.compile(r"# expect: ([a-z-]+): (.*)$")
RULE = """\
title: Users listed
name: users_listed
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c01
status: test
level: low
description: Somebody listed the users of the account, which is worth a look.
logsource: {product: aws, service: cloudtrail}
falsepositives: [An administrator who looks for a user.]
detection:
  call:
    eventSource: iam.amazonaws.com
    eventName: ListUsers
  condition: call
"""
# The fixtures are about conditions: they have neither cases nor false positives.
ABSENT = {"cases-missing", "false-positives-missing"}


def expectations() -> list[tuple[str, int, str, str]]:
    return [
        (file.name, number, match[1], match[2])
        for file in sorted(FIXTURES.glob("*.yml"))
        for number, line in enumerate(file.read_text().splitlines(), 1)
        for match in [EXPECTED.search(line)]
        if match
    ]


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    return lint([FIXTURES])


def write(folder: Path, text: str, name: str = "users_listed") -> Path:
    file = folder / f"{name}.yml"
    file.write_text(text)
    (folder / f"{name}.cases.yml").touch()
    return file


def checks(found: list[Problem]) -> list[str]:
    return [each.check for each in found]


@pytest.mark.parametrize(("file", "line", "check", "words"), expectations())
def test_each_published_defect_is_found_at_its_line_with_its_mend(
    problems: list[Problem], file: str, line: int, check: str, words: str
) -> None:
    said = [
        f"{each.message} — {each.fix}"
        for each in problems
        if Path(each.path).name == file and (each.line, each.check) == (line, check)
    ]

    assert any(words in each for each in said), said


def test_nothing_else_is_found_in_the_fixtures(problems: list[Problem]) -> None:
    expected = {(file, line, check) for file, line, check, _ in expectations()}
    found = {(Path(each.path).name, each.line, each.check) for each in problems}

    assert {each for each in found if each[2] not in ABSENT} == expected


def test_every_check_is_tripped_by_a_fixture_or_by_a_test_of_its_own() -> None:
    by_fixture = {check for _, _, check, _ in expectations()}
    elsewhere = {
        *("file", "yaml", "schema", "condition"),
        *("duplicate-name", "duplicate-id", "rule-unknown", "description-missing"),
        *("reported-twice", "duplicate-title"),
        "silenced-by-claim",
        *ABSENT,
        *("placeholder", "logsource-wrong", "wildcard-in-text"),
        *(check for check in CHECKS if check.startswith("precedence-")),
        *(check for check in CHECKS if check.startswith("exception-")),
        *("dialect-unclear", "sigma-doubtful"),  # test_lint_sigma
    }

    assert by_fixture | elsewhere == set(CHECKS)


def test_a_rule_without_mistakes_has_no_problems(tmp_path: Path) -> None:
    write(tmp_path, RULE)

    assert lint([tmp_path]) == []


def test_files_that_cannot_be_loaded_are_problems_and_stop_nothing(
    tmp_path: Path,
) -> None:
    severe = RULE.replace("level: low", "level: severe")
    write(tmp_path, severe.replace("users_listed", "severe"), "severe")
    write(tmp_path, "title: [unclosed", "unclosed")
    write(tmp_path, RULE.replace("condition: call", "condition: call &&"), "ends_early")
    write(tmp_path, RULE.replace("ListUsers", "ListUserz"))
    (tmp_path / "binary.yml").write_bytes(bytes(range(256)) * 40)

    found = {Path(each.path).stem: each for each in lint([tmp_path])}

    assert found["severe"].check == "schema"
    assert found["severe"].rule == "severe"
    assert found["unclosed"].check == "yaml"
    assert found["binary"].check == "file"
    assert found["ends_early"].check == "condition"
    assert found["users_listed"].check == "event-not-in-service"
    assert {each.severity for each in found.values()} == {Severity.ERROR}


def test_names_and_ids_are_unique_also_against_deprecated_rules(
    tmp_path: Path,
) -> None:
    (tmp_path / "old").mkdir()
    deprecated = RULE.replace("status: test", "status: deprecated")
    write(tmp_path / "old", deprecated)
    write(tmp_path, RULE.replace("ListUsers", "ListRoles"))

    found = lint([tmp_path])

    assert checks(found) == ["duplicate-name", "duplicate-id"]
    assert "(deprecated)" in found[0].message
    assert [each.line for each in found] == [2, 3]


def test_a_correlation_over_a_rule_that_is_not_there_is_a_problem(
    tmp_path: Path,
) -> None:
    write(tmp_path, RULE)
    write(
        tmp_path,
        """\
title: Users listed again and again
name: many_lists
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c02
status: test
level: low
description: Somebody listed the users of the account, again and again.
correlation:
  type: event_count
  rules: [users_listd]
  group-by: [userIdentity.arn]
  timespan: 5m
  condition: {gte: 10}
""",
        "many_lists",
    )

    (found,) = lint([tmp_path])

    assert (found.check, found.line) == ("rule-unknown", 9)
    assert "users_listed" in found.message


@pytest.mark.parametrize(
    ("level", "count", "expected"),
    [
        ("low", "gte: 1", ["reported-twice"]),
        ("high", "eq: 1", ["reported-twice"]),
        ("low", "gt: 0, lte: 3", ["reported-twice"]),
        ("informational", "gte: 1", []),
        ("low", "gte: 2", []),
        ("low", "gt: 1", []),
    ],
)
def test_a_correlation_that_one_event_satisfies_counts_quiet_rules_only(
    tmp_path: Path, level: str, count: str, expected: list[str]
) -> None:
    write(tmp_path, RULE.replace("level: low", f"level: {level}"))
    write(
        tmp_path,
        f"""\
title: Users listed by a caller
name: users_listed_by_caller
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c02
status: stable
level: medium
description: Somebody listed the users of the account, once or more.
correlation:
  type: event_count
  rules: [users_listed]
  group-by: [userIdentity.arn]
  timespan: 5m
  condition: {{{count}}}
""",
        "users_listed_by_caller",
    )

    assert [p.check for p in lint([tmp_path]) if p.check != "status-level"] == expected


BURST = """\
title: {title}
name: {name}
id: {id}
status: stable
level: medium
description: Somebody listed the users or roles of the account many times.
correlation:
  type: {type}
  rules: [{rules}]
  group-by: [userIdentity.arn]
  timespan: 5m
  condition: {{gte: 2}}
"""


@pytest.mark.parametrize(
    ("kind", "rules", "expected"),
    [
        ("event_count", "roles_listed, users_listed", ["duplicate-logic"]),
        ("temporal", "roles_listed, users_listed", []),
        ("event_count", "users_listed", []),
    ],
)
def test_correlations_that_count_the_same_are_duplicates(
    tmp_path: Path, kind: str, rules: str, expected: list[str]
) -> None:
    write(tmp_path, RULE)
    other = RULE.replace("users_listed", "roles_listed").replace("Users", "Roles")
    other = other.replace("ListUsers", "ListRoles")
    write(tmp_path, re.sub("id: .*", f"id: {ID_OF_ROLES}", other), "roles_listed")
    for number, (type_, bases) in enumerate(
        [("event_count", "users_listed, roles_listed"), (kind, rules)]
    ):
        text = BURST.format(
            title=f"Accounts listed {number}",
            name=f"listed_{number}",
            id=f"5a1e2c44-6f8b-4c51-9a54-0d4a4f1b7c0{number}",
            type=type_,
            rules=bases,
        )
        write(tmp_path, text, f"listed_{number}")

    assert [problem.check for problem in lint([tmp_path])] == expected


ID_OF_ROLES = "3d1f0a70-40a5-4b0b-8a55-5c7d4a4c2d11"


def test_two_rules_with_one_title_are_told(tmp_path: Path) -> None:
    write(tmp_path, RULE)
    title = re.search("title: (.*)", RULE)
    assert title
    text = BURST.format(
        title=title[1].swapcase().capitalize(),
        name="listed_often",
        id=ID_OF_ROLES,
        type="event_count",
        rules="users_listed",
    )
    write(tmp_path, text, "listed_often")

    assert [problem.check for problem in lint([tmp_path])] == ["duplicate-title"]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("The users were listed", "without 'The'"),
        ("A user listed", "without 'A'"),
        ("An access key listed", "without 'An'"),
        ("Users of the account listed " + "x" * 43, "71 characters"),
        ("Users of the account listed " + "x" * 42, ""),
        ("Another user listed", ""),
    ],
)
def test_a_title_is_short_and_begins_with_its_thing(
    tmp_path: Path, title: str, words: str
) -> None:
    write(tmp_path, re.sub("title: .*", f"title: {title}", RULE))

    found = lint([tmp_path])

    assert [problem.check for problem in found] == ["title-form"] * bool(words)
    assert all(words in problem.message for problem in found)


def test_a_rule_that_says_nothing_to_its_reader_is_told_so(tmp_path: Path) -> None:
    write(tmp_path, re.sub("description:.*", "description: Users.", RULE))

    (found,) = lint([tmp_path])

    assert (found.check, found.severity) == ("description-missing", Severity.WARNING)


def test_a_suppression_with_a_reason_silences_its_check(tmp_path: Path) -> None:
    text = RULE.replace("    eventSource: iam.amazonaws.com\n", "")
    write(tmp_path, text)
    assert checks(lint([tmp_path])) == ["missing-event-source"]

    reason = "{ignore: missing-event-source, reason: Cognito has the call as well}"
    write(tmp_path, f"{text}lint:\n  - {reason}\n")

    assert lint([tmp_path]) == []


def test_a_suppression_needs_a_reason(tmp_path: Path) -> None:
    write(tmp_path, f"{RULE}lint:\n  - ignore: slow-rule\n")

    (found,) = lint([tmp_path])

    assert (found.check, found.message) == ("schema", "'reason' is missing")


def test_the_exit_code_follows_the_worst_problem() -> None:
    warning = Problem("slow-rule", Severity.WARNING, "a.yml", 1, 1, "slow")
    error = Problem("schema", Severity.ERROR, "a.yml", 1, 1, "wrong")

    assert exit_code([]) == 0
    assert exit_code([warning]) == 0
    assert exit_code([warning], Severity.WARNING) == 2
    assert exit_code([warning, error]) == 2
    assert exit_code([warning, error], None) == 0


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        lint([tmp_path / "nowhere"])


def test_positions_are_exact_in_every_style_of_text(tmp_path: Path) -> None:
    styles = {
        "plain": "  bad: readOnly && userIdenity.type\n",
        "single": "  bad: 'readOnly && errorCode != ''x'' && userIdenity.type'\n",
        "literal": "  bad: |\n    readOnly\n      && userIdenity.type\n",
        "folded": "  bad: >-\n    readOnly\n    && userIdenity.type\n",
        "several": "  bad: readOnly\n    && userIdenity.type\n",
    }
    for name, bad in styles.items():
        text = RULE.replace("  condition: call", f"{bad}  condition: call && bad")
        file = write(tmp_path, text)

        found = [each for each in lint([file]) if each.check == "unknown-field"]

        line = text.splitlines()[found[0].line - 1]
        assert line[found[0].column - 1 :].startswith("userIdenity"), name


@pytest.mark.parametrize(
    ("condition", "fix"),
    [
        ("readOnly == true", "`true`"),
        ("responseElements.ConsoleLogin == Failure", "'Failure'"),
        ("!(userIdentity.type == Root)", "'Root'"),
    ],
)
def test_constants_without_their_marks_are_told_apart_from_fields(
    tmp_path: Path, condition: str, fix: str
) -> None:
    selection = f'  bad: "{condition}"\n  condition: call && bad'
    write(tmp_path, RULE.replace("  condition: call", selection))

    (found,) = [each for each in lint([tmp_path]) if each.check == "unknown-field"]

    assert fix in found.fix


SOUND = """\
lambda_by_prefix: |
  eventSource == 'lambda.amazonaws.com' && starts_with(eventName, 'UpdateFunctionCode')
  && !errorCode && contains(requestParameters.functionName, 'prod')
lambda_by_name: |
  eventSource == 'lambda.amazonaws.com' && eventName == 'CreateFunction20150331'
  && !errorCode
bucket_public: |
  eventSource == 's3.amazonaws.com' && eventName == 'PutBucketAcl' && !errorCode
  && requestParameters."x-amz-acl"[0] == 'public-read'
role_trust: |
  eventSource == 'iam.amazonaws.com' && eventName == 'UpdateAssumeRolePolicy'
  && !errorCode && contains(requestParameters.policyDocument, ':root')
security_group: |
  eventSource == 'ec2.amazonaws.com' && eventName == 'AuthorizeSecurityGroupIngress'
  && !errorCode && (requestParameters.cidrIp == '0.0.0.0/0' || contains(
  requestParameters.ipPermissions.items[].ipRanges.items[].cidrIp, '0.0.0.0/0'))
resources: |
  eventSource == 's3.amazonaws.com' && eventName == 'GetObject'
  && resources[?type == 'AWS::S3::Object' && ends_with(ARN, '.pem')]
two_services: |
  (eventSource == 'iam.amazonaws.com' && eventName == 'CreateUser'
  || eventSource == 'sso-directory.amazonaws.com' && eventName == 'AddMemberToGroup')
  && !errorCode
not_a_service: |
  eventSource == 'kms.amazonaws.com' && eventName == 'ScheduleKeyDeletion'
  && !errorCode && userIdentity.invokedBy != 'cloudformation.amazonaws.com'
  && requestParameters.pendingWindowInDays < `30`
root: |
  userIdentity.type == 'Root' && !(userIdentity.invokedBy) && eventType == 'AwsApiCall'
cluster: |
  eventSource == 'rds.amazonaws.com' && eventName == 'ModifyDBInstance' && !errorCode
  && requestParameters.publiclyAccessible == `true`
  && starts_with(requestParameters.dBInstanceIdentifier, 'prod')
"""


def test_sound_conditions_of_many_services_have_no_problems(tmp_path: Path) -> None:
    conditions = re.findall(r"(?m)^(\w+): \|\n((?:  .*\n)+)", SOUND)
    for number, (name, text) in enumerate(conditions):
        rule = RULE[: RULE.index("detection:")].replace("users_listed", name)
        rule = rule.replace("7c01", f"7c{number + 10:02}")
        rule = rule.replace("title: Users listed", f"title: Users listed {name}")
        indented = re.sub(r"(?m)^  ", "    ", text)
        write(tmp_path, f"{rule}detection:\n  condition: |\n{indented}", name)

    assert len(conditions) == 10
    assert lint([tmp_path]) == []


@pytest.mark.parametrize(
    ("clause", "instead"),
    [
        ("userAgent: '*cli*'", "contains(userAgent, 'cli')"),
        ("userAgent: ['aws*', Boto3]", "starts_with(userAgent, 'aws')"),
        ("userIdentity.arn: '*/Admin'", "ends_with(userIdentity.arn, '/Admin')"),
        ("requestParameters.pathPrefix: '*team*'", "requestParameters.pathPrefix, "),
        ("requestParameters.pathPrefix: '/team/*'", ""),
        ("requestParameters.pathPrefix: '*'", ""),
        ("userAgent: '?'", ""),
    ],
)
def test_a_text_with_wildcards_is_answered_with_a_call(
    tmp_path: Path, clause: str, instead: str
) -> None:
    selection = f"  bad:\n    {clause}\n  condition: call && bad"
    write(tmp_path, RULE.replace("  condition: call", selection))

    found = [each for each in lint([tmp_path]) if each.check == "wildcard-in-text"]

    assert len(found) == bool(instead)
    assert all(instead in each.fix and each.line == 14 for each in found)


@pytest.mark.parametrize(
    ("right", "wrong", "check", "line", "words"),
    [
        ("eventName: ListUsers", "eventName: Delete*", "wildcard-in-text", 12, "Dele"),
        ("iam.amazonaws.com", "'*.amazonaws.com'", "wildcard-in-text", 11, "*.ama"),
        ("name: users_listed", "name: UsersListed", "schema", 2, "file's stem"),
        ("detection:", "detections:", "schema", 9, "did you mean 'detection'?"),
        ("[An administrator who looks for a user.]", "Admin", "schema", 8, '["Admin"]'),
    ],
)
def test_one_slip_is_one_error_at_its_line(
    tmp_path: Path, right: str, wrong: str, check: str, line: int, words: str
) -> None:
    ours = RULE.replace("condition: call", "condition: call && !errorCode")
    write(tmp_path, ours.replace(right, wrong))

    found = [each for each in lint([tmp_path]) if each.severity is Severity.ERROR]

    assert [(each.check, each.line) for each in found] == [(check, line)]
    assert words in found[0].message + found[0].fix


CORRELATION = """\
correlation:
  type: event_count
  rules: [users_listed]
  group-by: [userIdentity.arn]
  timespan: 10m
  condition: {gte: 3}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "words"),
    [
        ("[users_listed]", "[listed_often]", 10, "builds on itself"),
        ("[users_listed]", "[trail_not_logging]", 10, "judges settings"),
        ("[userIdentity.arn]", "userIdentity.arn", 11, '["userIdentity.arn"]'),
        ("event_count", "temporal", 13, "counts rules that match, of 1"),
    ],
)
def test_a_correlation_over_the_wrong_thing_is_one_error(
    tmp_path: Path, right: str, wrong: str, line: int, words: str
) -> None:
    write(tmp_path, RULE)
    head = RULE.partition("logsource")[0].replace("sers listed", "sers listed often")
    head = head.replace("users_listed", "listed_often").replace("7c01", "7c02")
    text = head + "falsepositives: [An administrator.]\n" + CORRELATION
    write(tmp_path, text.replace(right, wrong), "listed_often")

    found = [each for each in lint([tmp_path]) if each.severity is Severity.ERROR]

    assert [(each.check, each.line) for each in found] in (
        [("condition", line)],
        [("schema", line)],
    )
    assert words in found[0].message


def test_a_slip_into_sigma_is_answered_at_its_line(tmp_path: Path) -> None:
    selection = "  bad:\n    userAgent|contains: cli\n  condition: call && bad"
    write(tmp_path, RULE.replace("  condition: call", selection))

    (found,) = lint([tmp_path])

    assert (found.line, found.column) == (14, 5)
    assert "contains(userAgent, 'cli')" in found.message


@pytest.mark.parametrize("selection", ["contains(userAgent, 'cli')", "'!errorCode'"])
def test_a_rule_of_ours_with_an_and_is_not_taken_for_one_of_sigmas(
    tmp_path: Path, selection: str
) -> None:
    added = f"  bad: {selection}\n  condition: call and bad"
    text = RULE.replace("  condition: call", added)
    write(tmp_path, text.replace("level: low", "level: loww"))

    assert [(each.line, each.check) for each in lint([tmp_path])] == [
        (5, "schema"),
        (14, "condition"),
    ]


def test_the_number_of_parts_of_a_text_is_no_mistake(tmp_path: Path) -> None:
    parts = "length(split(requestParameters.pathPrefix, '/')) > `2`"
    write(tmp_path, RULE.replace("condition: call", f'condition: "call && {parts}"'))

    assert "type-mismatch" not in checks(lint([tmp_path]))
