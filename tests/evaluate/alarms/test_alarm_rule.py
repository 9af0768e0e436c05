"""The rules of composite alarms, by the states of the alarms that they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.conditions.sketch import Hole, Sketch
from checker.evaluate.alarms.alarm_rule import MalformedRule, parse

ON = {"a", "land-AND-sea", "with space", 'quo"te', "arn:aws:cloudwatch:x:1:alarm:a"}
OPEN = {"maybe"}


def state(wanted: str, sketch: Sketch) -> bool | None:
    name = "".join(str(part) for part in sketch)
    if name in OPEN:
        return None
    return wanted == ("ALARM" if name in ON else "OK")


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ("ALARM(a)", True),
        ('ALARM("land-AND-sea")', True),
        ('ALARM("with space")', True),
        (r'ALARM("quo\"te")', True),
        ("ALARM(arn:aws:cloudwatch:x:1:alarm:a)", True),
        ("OK(a)", False),
        ("NOT OK(a)", True),
        ("ALARM(a) AND ALARM(b)", False),
        ("ALARM(a) OR ALARM(b) AND ALARM(c)", True),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(c)", False),
        ("NOT (ALARM(b) OR INSUFFICIENT_DATA(a))", True),
        ("ALARM(maybe)", None),
        ("ALARM(maybe) AND ALARM(b)", False),
        ("ALARM(maybe) OR ALARM(a)", True),
        ("NOT ALARM(maybe)", None),
        ("TRUE", True),
        ("FALSE OR ALARM(b)", False),
        ("AT_LEAST(1, ALARM, (a, b, c))", True),
        ("AT_LEAST(2, ALARM, (a, b, c))", False),
        ("AT_LEAST(2, ALARM, (a, maybe, c))", None),
        ("AT_LEAST(50%, NOT ALARM, (a, b, c))", True),
    ],
)
def test_a_rule_holds_by_the_states_of_its_alarms(
    rule: str,
    answer: bool | None,  # noqa: FBT001 - a table
) -> None:
    assert parse(rule).holds(state) is answer


@pytest.mark.parametrize(
    "rule",
    [
        "ALARM(a) AND",
        "ALARM a",
        "ALARM((a))",
        "SOMETHING(a)",
        "(" * 200 + "ALARM(a)" + ")" * 200,
        "NOT " * 5_000,
        "x" * 20_000,
        "alarm(a)",
        "ALARM(a) and ALARM(b)",
        "ALARM(with space)",
        "ALARM(a, b)",
        "AT_LEAST(x, ALARM, (a))",
        "",
    ],
)
def test_what_has_no_documented_meaning_is_no_rule(rule: str) -> None:
    with pytest.raises(MalformedRule):
        parse(rule)


def test_a_name_may_be_known_in_part() -> None:
    stage = Hole("Stage")

    rule = parse(('ALARM("', stage, '-root") OR OK(', stage, ")"))

    assert list(rule.names) == [(stage, "-root"), (stage,)]


@given(st.text(alphabet='ALRM()ORNDTK", ab\\', max_size=60))
def test_any_text_is_a_rule_or_no_rule(rule: str) -> None:
    try:
        answer = parse(rule).holds(state)
    except MalformedRule:
        return
    assert answer in (True, False, None)
