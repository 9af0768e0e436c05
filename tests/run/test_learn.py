"""Values are learned, written, read again, and keep what is known quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from checker import resources, rules, run
from checker.cli import main
from checker.errors import RulesError, SourceError
from checker.evaluate.correlation import Learned
from checker.run.learn import learn, load_learned, render_learned

RULE = "cognito_developer_token_first_issued"
CALLER = "arn:aws:sts::123456789012:assumed-role/IdentityAdmin/alice"


def write(folder: Path, day: str, caller: str = CALLER) -> str:
    name = "cognito_get_open_id_token_for_developer_identity.json"
    file = resources.root() / "rules" / "events" / name
    event = json.loads(file.read_text(encoding="utf-8"))
    event["eventTime"] = f"{day}T00:00:00Z"
    event["eventID"] = f"{day}{caller[-3:]}"
    event["userIdentity"]["arn"] = caller
    path = folder / f"{event['eventID']}.json"
    path.write_text(json.dumps({"Records": [event]}))
    return str(path)


def test_what_was_learned_is_written_and_read_again(tmp_path: Path) -> None:
    pack = rules.load()

    learned, problems = learn(pack, [write(tmp_path, "2026-11-01")])

    text = render_learned(learned)
    (tmp_path / "b.json").write_text(text)
    assert json.loads(text)["rules"][RULE] == [
        {"values": [CALLER], "last": "2026-11-01T00:00:00Z"}
    ]
    assert load_learned(str(tmp_path / "b.json")) == learned
    assert problems == ()


def test_what_was_learned_moves_no_cursor_and_comes_back() -> None:
    hostile = "\x9b31m\u202e##[error]\x85\u2028é"

    text = render_learned({"rule": {(hostile,): 0}})

    assert text.isascii() or text.replace("\n", "").isprintable()
    assert "##[" not in text
    assert json.loads(text)["rules"]["rule"][0]["values"] == [hostile]


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_at_the_end_of_the_calendar_is_learned(
    tmp_path: Path, time: str
) -> None:
    path = write(tmp_path, "2026-11-01")
    event = json.loads(Path(path).read_text())["Records"][0]
    Path(path).write_text(json.dumps({"Records": [{**event, "eventTime": time}]}))

    learned, _ = learn(rules.load(), [path])

    assert json.loads(render_learned(learned))["version"] == 1


def test_what_was_learned_is_not_new(tmp_path: Path) -> None:
    chosen = rules.choose(rules.load(), [RULE], [])
    old, _ = learn(rules.load(), [write(tmp_path, "2026-11-01")])
    events = [
        write(tmp_path, "2026-11-20"),
        write(tmp_path, "2026-11-21", CALLER.replace("alice", "bob")),
    ]

    def found(known: Learned | None) -> list[str]:
        report = run.scan(chosen, events, bases=rules.load(), learned=known)
        return [finding.subject["principal"][-3:] for finding in report.findings]

    assert found(old) == ["bob"]
    assert found(None) == []


def test_what_a_later_event_corrects_is_not_learned(tmp_path: Path) -> None:
    wrong = write(tmp_path, "2026-11-01")
    right = Path(write(tmp_path, "2026-11-02", CALLER.replace("alice", "carol")))
    event = json.loads(right.read_text())["Records"][0]
    event["addendum"] = {
        "reason": "UPDATED_DATA",
        "originalEventID": "2026-11-01ice",
    }
    right.write_text(json.dumps({"Records": [event]}))

    learned, _ = learn(rules.load(), [wrong, str(right)])

    assert [values[0] for values in learned[RULE]] == [CALLER.replace("alice", "carol")]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_text('{"version": 1, "rules": {"x": [{"values": []}]}}')

    with pytest.raises(RulesError, match="last"):
        load_learned(str(file))
    with pytest.raises(SourceError):
        load_learned(str(tmp_path / "none.json"))


def test_the_command_learns_then_scans_with_what_it_learned(tmp_path: Path) -> None:
    file = str(tmp_path / "b.json")
    runner = CliRunner()

    first = runner.invoke(main, ["learn", file, write(tmp_path, "2026-11-01")])
    bob = write(tmp_path, "2026-11-21", CALLER.replace("alice", "bob"))
    scanned = runner.invoke(
        main, ["scan", bob, "--learned", file, "--select", RULE, "--fail-on", "low"]
    )
    second = runner.invoke(main, ["learn", file, bob])
    again = runner.invoke(
        main, ["scan", bob, "--learned", file, "--select", RULE, "--fail-on", "low"]
    )

    assert (first.exit_code, scanned.exit_code) == (0, 1)
    assert (second.exit_code, again.exit_code) == (0, 0)
