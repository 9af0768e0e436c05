"""The rules of composite alarms, by the states of the alarms that they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.evaluate.alarms.alarm_rule import evaluate

ON = {"a", "land-AND-sea", "with space", 'quo"te', "arn:aws:cloudwatch:x:1:alarm:a"}
OPEN = {"maybe"}


def state(wanted: str, name: str) -> bool | None:
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
        ("ALARM(a) AND", None),
        ("ALARM a", None),
        ("ALARM((a))", None),
        ("SOMETHING(a)", None),
        ("(" * 200 + "ALARM(a)" + ")" * 200, None),
        ("NOT " * 5_000, None),
        ("x" * 20_000, None),
    ],
)
def test_a_rule_holds_by_the_states_of_its_alarms(
    rule: str,
    answer: bool | None,  # noqa: FBT001 - a table
) -> None:
    assert evaluate(rule, state) is answer


@given(st.text(alphabet='ALRM()ORNDTK", ab\\', max_size=60))
def test_any_text_is_a_rule_or_no_rule(rule: str) -> None:
    assert evaluate(rule, state) in (True, False, None)
