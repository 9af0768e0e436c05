"""What findings are known by again, however it is worked out."""

from __future__ import annotations

import pytest

from checker import rules
from checker.run.scanning.fingerprints import fingerprint, of_events


@pytest.mark.parametrize("event", ["5c7d…", "", "\ud800", "['a', None]"])
def test_the_fingerprint_of_an_event_is_that_of_its_rule_and_name(event: str) -> None:
    rule = rules.load()[0]

    assert of_events(rule)(event) == fingerprint(rule, f"event\x1f{event}")
