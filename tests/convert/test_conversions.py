"""Every conversion finds what its rule finds: a sample here, all by the make target."""

from __future__ import annotations

import pytest

from checker import convert
from checker.conditions import parse
from checker.convert import TARGETS, Conversion, Kinds, Options, Subject
from tests.convert import engines
from tests.convert.form_evaluator import evaluate
from tests.convert.proof import ENGINES, differences, records_of
from tests.convert.subjects import Shown, detections, odd_records

SAMPLE = detections(every=16)
WIDER = Options(superset=True)


@pytest.mark.parametrize("shown", SAMPLE, ids=lambda shown: shown.name)
def test_the_normal_form_holds_where_the_condition_does(shown: Shown) -> None:
    records = [*shown.records, *odd_records(shown, 3, most=40, scalars=False)]

    wrong = [r for r in records if evaluate(shown.subject.form, r) != shown.holds(r)]

    assert wrong == []


def test_every_target_that_can_be_run_is_run() -> None:
    assert set(TARGETS) - set(ENGINES) <= {"insights"}  # nothing runs it but AWS


@pytest.mark.parametrize("target", ENGINES)
def test_conversions_match_what_their_rules_match(target: str) -> None:
    for shown in SAMPLE:
        records = records_of(shown, target, odd=20)

        assert [*differences(shown, target, records)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_a_superset_of_what_a_target_can_express_is_the_same(target: str) -> None:
    exact = [convert.convert(shown.subject, target) for shown in SAMPLE]
    wider = [convert.convert(shown.subject, target, WIDER) for shown in SAMPLE]

    pairs = zip(exact, wider, strict=True)
    assert all(one == two for one, two in pairs if isinstance(one, Conversion))


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("contains(requestParameters.values, 'all')", [True, True, True, False, False]),
        ("length(requestParameters.values) >= `2`", [False, True, True, True, False]),
    ],
)
def test_sql_looks_at_a_text_where_documents_have_an_array(
    condition: str, wanted: list[bool]
) -> None:
    node = parse(condition)
    listed = {"requestParameters": {"values": ["all"]}}
    subject = Subject(
        SAMPLE[0].subject.rule, convert.normal(node), Kinds((), (listed,))
    )
    made = convert.convert(subject, "athena")
    assert isinstance(made, Conversion)
    values = [["all"], "all", "not at all", ["not", "at all"], []]
    records = [{"requestParameters": {"values": value}} for value in values]

    assert engines.athena(made, records) == wanted
