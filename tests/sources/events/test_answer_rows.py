"""A row of a query's answer that is none is a problem, and costs no other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checker.model import Batch
from checker.sources.events import formats

NAMES = ["eventName", "eventSource", "eventTime"]
CELLS = ["DeleteTrail", "cloudtrail.amazonaws.com", "2026-11-01T00:00:00Z"]
FIELDS = dict(zip(NAMES, CELLS, strict=True))


def answer(kind: str, other: Any) -> dict[str, Any]:
    """Return an answer with two rows and something else between them."""
    if kind == "Log Analytics":
        columns = [{"name": name} for name in NAMES]
        return {"tables": [{"columns": columns, "rows": [CELLS, other, CELLS]}]}
    if kind == "Lake":
        row = [{name: value} for name, value in FIELDS.items()]
        return {"QueryResultRows": [row, other, row]}
    row = [{"field": name, "value": value} for name, value in FIELDS.items()]
    return {"results": [row, other, row]}


@pytest.mark.parametrize("other", [5, "ab", {"a": 1}, None, True, [7]], ids=repr)
@pytest.mark.parametrize("kind", ["Log Analytics", "Lake", "Insights"])
def test_what_is_no_row_is_a_problem(kind: str, other: object) -> None:
    batch = formats.split("x.json", json.dumps(answer(kind, other)).encode())

    assert isinstance(batch, Batch)
    assert batch.numbers == (0, 2)
    assert [each.record for each in batch.problems] == [1]
    assert [json.loads(each)["eventName"] for each in batch.records] == [CELLS[0]] * 2


def test_an_answer_of_athena_without_rows_is_a_problem() -> None:
    answers: list[dict[str, Any]] = [{}, {"Rows": [{"Data": 5}]}]
    for wrong in answers:
        found = formats.split("x.json", json.dumps({"ResultSet": wrong}).encode())

        assert "ResultSet lacks Rows" in str(found)
