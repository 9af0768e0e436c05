"""The bars of the pack on public records, where they are at hand."""

from __future__ import annotations

from collections import Counter

import pytest

from checker import rules
from checker.model import Level
from tools.corpora import CORPUS, Found, Judge, Scores, best, page, score

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(rules.load())


@pytest.fixture(scope="module")
def scores(judge: Judge) -> Scores:
    return score(judge, CORPUS)


def test_every_technique_leaves_a_finding_at_medium_or_above(scores: Scores) -> None:
    assert scores.techniques == 35
    assert not scores.unseen


def test_malicious_records_are_reported_at_low_or_above(scores: Scores) -> None:
    assert scores.malicious == 91
    assert len(scores.missed) <= 0.05 * scores.malicious, scores.missed


def test_benign_records_are_hardly_reported_at_high_or_above(scores: Scores) -> None:
    assert scores.benign == 116
    assert len(scores.alarmed) <= 0.1 * scores.benign, scores.alarmed


def test_the_page_names_what_was_missed(judge: Judge, scores: Scores) -> None:
    rule = judge.rules["trail_deleted"]
    written = page(
        judge.rules, scores, {"some": Counter({rule.name: 3}), "others": Counter()}
    )

    assert f"| [{rule.name}](rules/{rule.name}.md) | high | 3 |  |" in written
    assert all(f"`{name}`" in written for name in scores.missed)
    assert best([Found(rule, ("x",))]) is Level.HIGH
