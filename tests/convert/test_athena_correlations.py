"""SQL of correlations finds as much as the correlations: a sample of the pack."""

from __future__ import annotations

import pytest

from checker.model import CorrelationRule
from checker.rules.files import RuleFile
from tests.convert.correlation_proof import correlations, wrong_cases


@pytest.mark.parametrize(
    ("rule", "file"),
    [pytest.param(rule, file, id=rule.name) for rule, file in correlations(every=19)],
)
def test_sql_has_the_findings_of_the_correlation(
    rule: CorrelationRule, file: RuleFile
) -> None:
    assert [*wrong_cases(rule, file)] == []
