"""Metric filters, Insights, Athena and Sigma, by the words of their documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sqlglot
from msgspec import structs
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule

from checker import conditions, convert
from checker.conditions import tree
from checker.convert import (
    TARGETS,
    Conversion,
    Correlated,
    Fidelity,
    Kinds,
    Options,
    Refused,
    Shape,
)
from checker.convert.insights import top
from checker.convert.subject import Subject
from checker.correlation_types import CorrelationType
from checker.evaluate.alarms import filter_pattern
from checker.model import Correlation, CorrelationRule, Detection, DetectionRule, Level


def subject(condition: str) -> Subject:
    node = conditions.parse(condition)
    rule = DetectionRule(
        path="rules/x.yml",
        line=1,
        title="Sign-in failed",
        name="sign_in_failed",
        id="7f4b0c53-8b2e-4e55-9c1f-6f0f5d6d2a10",
        level=Level.HIGH,
        status="stable",
        detection=Detection({}, node),
        logsource={"product": "aws", "service": "cloudtrail"},
        author='Ana\'s "team": x',
    )
    return Subject(rule, convert.normal(node), Kinds())


def correlated(**block: Any) -> Correlated:
    rule = CorrelationRule(
        path="rules/y.yml",
        line=1,
        title="Many sign-ins failed",
        name="many_sign_ins_failed",
        id="7f4b0c53-8b2e-4e55-9c1f-6f0f5d6d2a11",
        level=Level.HIGH,
        status="stable",
        correlation=Correlation(
            **{
                "type": CorrelationType.EVENT_COUNT,
                "rules": ("sign_in_failed",),
                "timespan": 3600,
                "condition": {"gte": 10},
                **block,
            }
        ),
    )
    return Correlated(rule, (subject("eventName == 'ConsoleLogin'"),))


def made(target: str, condition: str, **options: Any) -> Conversion:
    found = convert.convert(subject(condition), target, Options(**options))
    assert isinstance(found, Conversion), found
    return found


def refusal(target: str, what: str | Correlated) -> str:
    given = subject(what) if isinstance(what, str) else what
    found = convert.convert(given, target)
    assert isinstance(found, Refused), found
    return str(found.reason)


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("eventName == 'A'", '{ $.eventName = "A" }'),
        (
            "eventName != 'A'",
            '{ $.eventName NOT EXISTS || $.eventName IS NULL || $.eventName != "A" }',
        ),
        (
            "!errorCode",
            '{ $.errorCode NOT EXISTS || $.errorCode IS NULL || $.errorCode = "" }',
        ),
        (
            "eventName == 'A' && (awsRegion == 'B' || userAgent == 'C')",
            '{ $.eventName = "A" && ($.awsRegion = "B" || $.userAgent = "C") }',
        ),
        ("contains(userAgent, 'kali')", '{ $.userAgent = "*kali*" }'),
        ("lower(userAgent) == 'a-b'", "{ $.userAgent = %^[Aa]-[Bb]$% }"),
        ("readOnly == `true`", "{ $.readOnly IS TRUE }"),
    ],
)
def test_conditions_become_filter_patterns(condition: str, wanted: str) -> None:
    found = made("metric-filter", condition, shape=Shape.PATTERN)

    assert found.core == wanted
    assert isinstance(filter_pattern.parse(found.core), filter_pattern.Pattern)


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("eventName == 'a*b'", "wildcard"),
        ('eventName == `"a\\"b"`', "no escape"),
        ("requestParameters.n == `5`", "digits in a text"),
        ("requestParameters.n == '5'", "number or boolean for its text"),
        ("requestParameters.x[?a == 'b']", "each element"),
        ("requestParameters.\"aws:x\" == 'y'", "no selector"),
        ("matches(userAgent, '^(a|b)[0-9]+')", "no groups"),
    ],
)
def test_what_a_filter_cannot_say_is_refused(condition: str, why: str) -> None:
    assert why in refusal("metric-filter", condition)


def test_a_filter_that_would_be_too_long_is_written_shorter_or_refused() -> None:
    names = [f"Event{number:03}" for number in range(34)]
    condition = " || ".join(f"eventName == '{name}'" for name in names)

    assert len(made("metric-filter", condition).core) <= 1024
    assert "1,024" in refusal(
        "metric-filter", condition + " || " + condition.replace("Ev", "Other")
    )


def test_a_filter_comes_with_alarm_and_topic() -> None:
    template = json.loads(made("metric-filter", "eventName == 'A'").text)

    resources = template["Resources"]
    assert resources["Alarm"]["Properties"]["AlarmActions"] == [{"Ref": "Topic"}]
    transformation = resources["Filter"]["Properties"]["MetricTransformations"][0]
    for key in ("MetricName",):
        assert transformation[key] == resources["Alarm"]["Properties"][key]
    assert resources["Subscription"]["Properties"]["TopicArn"] == {"Ref": "Topic"}


def test_an_alarm_counts_what_has_no_groups() -> None:
    found = convert.convert(correlated(), "metric-filter")

    assert isinstance(found, Conversion)
    alarm = json.loads(found.text)["Resources"]["Alarm"]["Properties"]
    assert (alarm["Period"], alarm["Threshold"]) == (3600, 10)
    assert found.fidelity is Fidelity.SUBSET
    assert "sourceIPAddress" in refusal(
        "metric-filter", correlated(group_by=("sourceIPAddress",))
    )


@pytest.mark.parametrize(
    ("condition", "threshold"),
    [({"gt": 3.5}, 4), ({"gt": 3}, 4), ({"gte": 3.5}, 4), ({"gt": 0}, 1)],
)
def test_an_alarm_goes_off_at_the_least_count_that_meets_the_condition(
    condition: dict[str, float], threshold: int
) -> None:
    found = convert.convert(correlated(condition=condition), "metric-filter")

    assert isinstance(found, Conversion)
    alarm = json.loads(found.text)["Resources"]["Alarm"]["Properties"]
    assert alarm["Threshold"] == threshold


@pytest.mark.parametrize("condition", [{"gte": 0}, {"lt": 3}, {"gt": 1, "lt": 3}])
def test_an_alarm_takes_one_lower_bound(condition: dict[str, float]) -> None:
    assert "one lower bound" in refusal(
        "metric-filter", correlated(condition=condition)
    )


def test_a_terraform_filter_declares_nothing_that_another_rule_does() -> None:
    text = made("metric-filter", "eventName == 'A'", shape=Shape.TERRAFORM).text

    declared = re.findall(
        r'^(?:data|resource|variable) .*"(.*)" \{', text, re.MULTILINE
    )
    assert len(declared) == 6
    assert all(label.startswith("sign_in_failed") for label in declared)
    assert "log_group_name = var.sign_in_failed_log_group_name" in text
    assert "endpoint = var.sign_in_failed_email" in text


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "condition",
    [
        "one_of(userAgent, `[]`)",
        "resources[?one_of(a, `[]`)] || tlsDetails.y[?one_of(a, `[]`)]",
    ],
)
def test_what_never_holds_is_refused(target: str, condition: str) -> None:
    assert "it never holds" in refusal(target, condition)


def test_a_refusal_names_the_parameter_that_would_let_a_rule_hold() -> None:
    empty = tree.Literal([], parameter="networks")
    node = tree.Function("one_of", (tree.Path(("userAgent",)), empty))
    given = subject("eventName == 'A'")
    rule = structs.replace(given.rule, detection=Detection({}, node))
    found = convert.convert(Subject(rule, convert.normal(node), Kinds()), "athena")

    assert isinstance(found, Refused)
    assert "set the parameter 'networks' of sign_in_failed" in str(found.reason)


def test_a_list_of_texts_in_any_case_is_said() -> None:
    condition = "one_of(lower(errorCode), ['ab', 'cd', 'Never'])"

    assert made("metric-filter", condition).core == (
        "{ $.errorCode = %^[Aa][Bb]$% || $.errorCode = %^[Cc][Dd]$% }"
    )
    sql = made("athena", condition).core
    assert "lower(errorcode) = 'ab'" in sql
    assert "never" not in sql.lower()


def test_insights_lists_and_counts() -> None:
    text = made("insights", "eventName != 'A' && contains(userAgent, 'b')").core

    assert text.startswith(
        'filter (not ispresent(eventName) or eventName != "A") and userAgent like "b"'
    )
    assert text.endswith("| sort @timestamp desc\n| limit 25")
    counted = convert.convert(correlated(group_by=("sourceIPAddress",)), "insights")
    assert isinstance(counted, Conversion)
    assert "stats count(*) as n by sourceIPAddress, bin(1h)" in counted.core
    assert counted.fidelity is Fidelity.SUBSET


def test_top_is_a_query_of_cognitos_page() -> None:
    where = (
        "eventSource == 'cognito-idp.amazonaws.com' && "
        "errorCode == 'NotAuthorizedException'"
    )

    assert top(where, ["sourceIPAddress", "eventName"], most=25, bucket=None) == (
        'filter eventSource = "cognito-idp.amazonaws.com" and '
        'errorCode = "NotAuthorizedException"\n'
        "| stats count(*) as count by sourceIPAddress, eventName\n"
        "| sort count desc\n| limit 25\n"
    )
    exceptions = "contains(to_string(@), 'Exception')"
    assert '@message like "Exception"' in top(exceptions, [], most=25, bucket=None)


def test_athena_reads_a_period_and_parses() -> None:
    text = made("athena", "eventName != 'A' && requestParameters.x == 'it\\'s'").text

    assert '"timestamp" >=' in text
    assert "NOT COALESCE(eventname = 'A', FALSE)" in text
    sqlglot.parse_one(text, read="trino")


def test_athena_creates_the_table_of_aws() -> None:
    text = made("athena", "eventName == 'A'", ddl=True, location="s3://b/x/").text

    assert "LOCATION 's3://b/x'" in text
    assert "'s3://b/x/${timestamp}'" in text
    assert "projection.enabled" in text


def test_athena_refuses_a_table_that_is_no_name() -> None:
    found = convert.convert(
        subject("eventName == 'A'"), "athena", Options(table="x; DROP TABLE y")
    )

    assert isinstance(found, Refused)


def test_a_text_of_a_rule_stays_a_text_in_sql() -> None:
    text = made("athena", "userAgent == 'x\\'; DROP TABLE y --'").core

    assert sqlglot.parse_one(text, read="trino").sql("trino")


def test_sigma_parses_with_its_correlation() -> None:
    found = convert.convert(
        correlated(group_by=("sourceIPAddress",), timespan=7200), "sigma"
    )

    assert isinstance(found, Conversion)
    rules = SigmaCollection.from_yaml(found.text).rules
    [block] = [rule for rule in rules if isinstance(rule, SigmaCorrelationRule)]
    assert block.group_by == ["sourceIPAddress"]
    assert block.timespan.spec == "2h"


def test_sigma_escapes_what_would_be_a_wildcard() -> None:
    text = made("sigma", "eventName == 'a*b?c'").text

    [rule] = SigmaCollection.from_yaml(text).rules
    assert not rule.errors
    assert '"a\\\\*b\\\\?c"' in text
    assert "Ana's" in str(rule.author)


@pytest.mark.parametrize("path", ["resources[0].ARN", "requestParameters.[a, b]"])
@pytest.mark.parametrize("place", ["group", "counted", "alias", "unused alias"])
def test_sigma_takes_fields_alone_in_correlations(path: str, place: str) -> None:
    blocks: dict[str, dict[str, Any]] = {
        "group": {"group_by": (path,)},
        "counted": {
            "type": CorrelationType.VALUE_COUNT,
            "condition": {"gte": 2, "field": path},
        },
        "alias": {"group_by": ("x",), "aliases": {"x": {"sign_in_failed": path}}},
        "unused alias": {"aliases": {"x": {"sign_in_failed": path}}},
    }

    assert "not the value of a field" in refusal("sigma", correlated(**blocks[place]))


def test_sigma_has_no_word_for_absence() -> None:
    assert "absence" in refusal("sigma", correlated(type=CorrelationType.ABSENCE))
