"""What findings are known by again, however it is worked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker import rules
from checker.cli.streaming import Lines
from checker.run.scanning.fingerprints import fingerprint, of_events, shared_key
from checker.run.scanning.scan import scan
from checker.sources.events import accelerator
from tests.evaluate.detection.test_detector import rule
from tests.sources.events.test_event_formats import dump, event


@pytest.mark.parametrize("event", ["5c7d…", "", "\ud800", "['a', None]"])
def test_the_fingerprint_of_an_event_is_that_of_its_rule_and_name(event: str) -> None:
    rule = rules.load()[0]

    assert of_events(rule)(event) == fingerprint(rule, f"event\x1f{event}")


@pytest.mark.parametrize("shared", ["", None, 5, {}, []])
def test_only_an_id_is_shared(shared: object) -> None:
    assert (
        shared_key(rule("a", a={"eventName": "A"}), {"sharedEventID": shared}) is None
    )


@pytest.mark.parametrize("switch", ["on", "off"])
@pytest.mark.parametrize(("shared", "repeated"), [("", 0), ("one", 1)])
def test_what_shares_no_id_repeats_no_action(
    switch: str,
    shared: str,
    repeated: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(accelerator.SWITCH, switch)
    shows = rule("a || b", a={"eventName": "A"}, b="sharedEventID == 'two'")
    for number in (1, 2):
        record = event(number) | {"eventName": "A", "sharedEventID": shared}
        (tmp_path / f"{number}.json").write_text(dump({"Records": [record]}))
    inputs = [str(tmp_path / f"{number}.json") for number in (1, 2)]
    with Lines(tmp_path / "out", None) as lines:
        written = scan([shows], inputs, write=lines.write)

    for report in (written, scan([shows], inputs)):
        assert report.statistics.findings == 2
        assert report.statistics.shared == repeated
