"""Sigma's files become rules: what is taken, passed over, refused, and how it is named.

References, aliases and filters are those of Sigma 2.1.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from checker import rules
from checker.authoring.case_run import run_cases
from checker.cli import main
from checker.errors import RulesError
from checker.evaluate.correlation.plan import plan
from checker.evaluate.detection.detector import holds
from checker.evaluate.detection.evidence import Evidence
from checker.model import CorrelationRule, DetectionRule, Level
from checker.reports.explain import explain
from checker.rules import Loaded

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "sigma"
RULE = """
    title: Trail stopped
    id: 0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0a01
    status: test
    author: Jane Doe
    date: 2026/01/02
    references: [https://example.com/]
    tags: [attack.t1562.008]
    logsource: {product: aws, service: cloudtrail}
    detection:
      selection: {eventName: StopLogging}
      condition: selection
    level: high
"""


def write(folder: Path, **texts: str) -> None:
    """Write each text as a file of that name."""
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(textwrap.dedent(text), encoding="utf-8")


def load(folder: Path, **texts: str) -> Loaded:
    """Write files, and load them."""
    write(folder, **texts)
    return rules.load_all([folder])


def other(text: str, number: int, **changes: str) -> str:
    """Return a rule with another id, and some words changed."""
    text = text.replace("0a01", f"0a{number:02}")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def only(loaded: Loaded) -> DetectionRule:
    """Return the one rule that was loaded, a detection."""
    assert [str(each) for each in loaded.problems] == []
    (rule,) = loaded.rules
    assert isinstance(rule, DetectionRule)
    return rule


def test_a_rule_keeps_what_sigma_says_of_it(tmp_path: Path) -> None:
    rule = only(load(tmp_path, aws_trail_stopped=RULE))
    assert rule.name == "aws_trail_stopped"
    assert rule.title == "Trail stopped"
    assert rule.level is Level.HIGH
    assert rule.author == "Jane Doe"
    assert rule.date == "2026-01-02"
    assert rule.references == ("https://example.com/",)
    assert rule.line == 2
    assert list(rule.detection.selections) == ["selection"]


def test_a_rule_needs_no_more_than_title_logsource_and_detection(
    tmp_path: Path,
) -> None:
    text = "title: T\nlogsource: {service: cloudtrail}\n"
    text += "detection: {a: {eventName: X}, condition: a}\nreferences:\ntags:\n"
    rule = only(load(tmp_path, x=text))
    assert rule.level is Level.MEDIUM
    assert len(rule.id) == 36


@pytest.mark.parametrize(
    "logsource",
    [
        "{product: windows, category: process_creation}",
        "{product: aws, service: guardduty}",
        "{category: webserver}",
        "{}",
    ],
)
def test_rules_about_something_else_are_passed_over_and_counted(
    tmp_path: Path, logsource: str
) -> None:
    text = RULE.replace("{product: aws, service: cloudtrail}", logsource)
    broken = text.replace("condition: selection", "condition: 2 of them")
    loaded = load(tmp_path, one=RULE, two=other(text, 2), three=other(broken, 3))
    assert only(loaded).name == "one"
    assert loaded.passed_over == 2


@pytest.mark.parametrize(
    "logsource", ["{product: AWS, service: CloudTrail}", "{product: aws}"]
)
def test_a_logsource_that_leaves_cloudtrail_in_is_taken(
    tmp_path: Path, logsource: str
) -> None:
    text = RULE.replace("{product: aws, service: cloudtrail}", logsource)
    assert only(load(tmp_path, one=text)).name == "one"


def test_names_come_from_the_file_the_rule_or_its_title(tmp_path: Path) -> None:
    own = RULE.replace("status: test", "name: trail_stopped")
    several = f"{other(RULE, 2)}\n---\n{other(RULE, 3, stopped='gone')}"
    loaded = load(tmp_path, one=own, two=several)
    assert loaded.problems == []
    found = {rule.name: rule.title for rule in loaded.rules}
    assert found == {
        "trail_stopped": "Trail stopped",
        "trail_stopped_0d4a1b52": "Trail stopped",
        "trail_gone": "Trail gone",
    }


def test_a_copy_is_loaded_once_and_of_two_versions_the_newer(tmp_path: Path) -> None:
    newer = RULE.replace("StopLogging", "DeleteTrail").replace("2026/01", "2026/02")
    loaded = load(tmp_path, a=RULE, b=RULE)
    assert only(loaded).name == "a"
    assert loaded.copies == 1
    loaded = load(tmp_path, b=newer)
    assert holds(only(loaded), {"eventName": "DeleteTrail"})
    assert "another version" in loaded.warnings[0]


def test_our_own_rules_lie_beside_sigmas(tmp_path: Path) -> None:
    ours = RULE.replace("title: Trail", "name: ours\n    title: The trail")
    ours = ours.replace("condition: selection", "condition: selection && !errorCode")
    ours = ours.replace("2026/01/02", "2026-01-02")
    loaded = load(tmp_path, ours=other(ours, 9), theirs=RULE)
    assert [rule.name for rule in loaded.rules] == ["ours", "theirs"]
    first, second = loaded.rules
    assert isinstance(first, DetectionRule)
    assert isinstance(second, DetectionRule)
    assert not holds(first, {"eventName": "STOPLOGGING"})
    assert holds(second, {"eventName": "STOPLOGGING"})


def test_what_cannot_be_loaded_names_file_line_and_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        good=RULE,
        bad=other(RULE, 2).replace("{eventName", "{eventName|foo"),
        worse=other(RULE, 3).replace("level: high", "level: urgent"),
    )
    with pytest.raises(RulesError) as caught:
        rules.load([tmp_path])
    first, second = caught.value.problems
    assert first.path.endswith("bad.yml")
    assert (first.line, first.message[:22]) == (11, "unknown modifier 'foo'")
    assert second.message.startswith("'level' must be one of")
    loaded = rules.load_all([tmp_path])
    assert [rule.name for rule in loaded.rules] == ["good"]
    assert loaded.failed == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &a [x]\nb: [*a, *a]\ndetection: {s: *a, condition: s}\n", "alias"),
        ("title: T\ntitle: U\ndetection: {s: [x], condition: s}\n", "twice"),
        ("detection: " + "{a: " * 80 + "b" + "}" * 80, "nested deeper"),
        ("title: T\nlogsource: x\ndetection: {s: [x], condition: s}\n", "a map"),
        (
            "title: T\ndetection: {s: [x], condition: s}\n",
            "'logsource' is missing: write {product: aws, service: cloudtrail}",
        ),
        (
            "action: global\ntitle: T\n---\ndetection: {s: {a: x}, condition: s}\n",
            "'action' belongs to Sigma 1",
        ),
        (
            "action: global\ndetection: {condition: s}\n---\ndetection: {s: [x]}\n",
            "'action' belongs to Sigma 1",
        ),
        ("logsource: {product: aws}\ndetection: {s: [x], condition: s}", "'title' is"),
        (
            "title: T\nlogsource: {product: aws}\ndetection: {s: [x]}\n",
            "'condition' is",
        ),
    ],
)
def test_hostile_and_broken_files_are_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    loaded = load(tmp_path, bad=text)
    assert loaded.rules == []
    assert any(message in each.message for each in loaded.problems)


def test_scalars_that_yaml_versions_read_differently_are_warned_of(
    tmp_path: Path,
) -> None:
    text = RULE.replace("{eventName: StopLogging}", "{mfa: No, port: 0443, id: '0443'}")
    loaded = load(tmp_path, one=text)
    assert [each.rpartition(":")[0].rpartition(":")[2] for each in loaded.warnings]
    assert len(loaded.warnings) == 2
    assert "No is read as false" in loaded.warnings[0]
    assert "0443 is read as 291" in loaded.warnings[1]


CORRELATION = """
    title: Many stops
    id: 0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0b01
    correlation:
      type: event_count
      rules: [REFERENCE]
      group-by: [sourceIPAddress]
      timespan: 5m
      condition: {gte: 3}
    level: critical
"""


@pytest.mark.parametrize(
    "reference",
    ["0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0a01", "trail_stop", "Trail stopped"],
)
def test_a_correlation_names_its_rules_by_id_name_or_title(
    tmp_path: Path, reference: str
) -> None:
    named = RULE.replace("status: test", "name: trail_stop")
    text = f"{CORRELATION.replace('REFERENCE', reference)}\n---\n{named}"
    loaded = load(tmp_path, both=text)
    assert loaded.problems == []
    many, stop = sorted(loaded.rules, key=lambda rule: rule.title)
    assert isinstance(many, CorrelationRule)
    assert many.correlation.rules == (stop.name,)
    assert many.correlation.timespan == 300
    assert plan(loaded.rules).quiet == {stop.name}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timespan", "generate: true\n      timespan"),  # as pySigma reads it
        ("    level", "    generate: true\n    level"),  # as the schema has it
    ],
)
def test_generate_lets_the_base_rules_report_themselves(
    tmp_path: Path, old: str, new: str
) -> None:
    text = CORRELATION.replace("REFERENCE", "stopped").replace(old, new)
    loaded = load(tmp_path, many=text, stopped=RULE)
    assert loaded.problems == []
    assert plan(loaded.rules).quiet == frozenset()


def test_a_rule_with_a_file_of_its_own_reports_though_a_copy_is_a_base(
    tmp_path: Path,
) -> None:
    text = CORRELATION.replace("REFERENCE", "Trail stopped")
    loaded = load(tmp_path, many=f"{text}\n---\n{RULE}", stopped=RULE)
    assert loaded.problems == []
    assert loaded.copies == 1
    assert plan(loaded.rules).quiet == frozenset()


def test_a_correlation_silences_no_rule_of_this_project(tmp_path: Path) -> None:
    ours = RULE.replace("title: Trail", "name: ours\n    title: The trail")
    ours = ours.replace("condition: selection", "condition: selection && !errorCode")
    text = CORRELATION.replace("REFERENCE", "ours")
    loaded = load(tmp_path, many=text, ours=ours.replace("2026/01/02", "2026-01-02"))
    assert loaded.problems == []
    assert plan(loaded.rules).quiet == frozenset()


def test_a_title_counts_only_in_the_same_file(tmp_path: Path) -> None:
    text = CORRELATION.replace("REFERENCE", "Trail stopped")
    loaded = load(tmp_path, many=text, stopped=RULE)
    assert [each.message[:35] for each in loaded.problems] == [
        "needs the rule 'Trail stopped', whi"
    ]
    assert [rule.name for rule in loaded.rules] == ["stopped"]
    assert loaded.failed == 1


def test_a_correlation_over_other_logs_is_passed_over(tmp_path: Path) -> None:
    windows = RULE.replace("aws, service: cloudtrail", "windows, service: security")
    chained = other(CORRELATION, 1).replace("0b01", "0b02").replace("stops", "more")
    text = "\n---\n".join(
        [
            CORRELATION.replace("REFERENCE", "Trail stopped"),
            windows,
            chained.replace("REFERENCE", "Many stops"),
        ]
    )
    loaded = load(tmp_path, both=text, one=other(RULE, 2))
    assert only(loaded).name == "one"
    assert loaded.passed_over == 3


def test_aliases_map_the_fields_of_each_rule(tmp_path: Path) -> None:
    first = RULE.replace("status: test", "name: first")
    second = other(RULE, 2).replace("status: test", "name: second")
    text = CORRELATION.replace("[REFERENCE]", "[first, second]")
    text = text.replace("[sourceIPAddress]", "[who]")
    text = text.replace("event_count", "temporal").replace(
        "      condition: {gte: 3}",
        "      aliases:\n        who: {first: userIdentity.arn, second: a.b-c}",
    )
    loaded = load(tmp_path, all=f"{text}\n---\n{first}\n---\n{second}")
    assert loaded.problems == []
    block = next(r for r in loaded.rules if isinstance(r, CorrelationRule)).correlation
    assert block.group_by == ("who",)
    assert block.aliases == {"who": {"first": "userIdentity.arn", "second": 'a."b-c"'}}


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("eventTime|hour: 24", "'hour' is 0 to 23, never 24"),
        ("eventTime|day: [1, 32]", "'day' is 1 to 31, never 32"),
        ("eventTime|month: 0", "'month' is 1 to 12, never 0"),
        ("eventTime|minute: -1", "'minute' is 0 to 59, never -1"),
        ("eventTime|week: '54'", "'week' is 1 to 53, never 54"),
        ("eventTime|month: 2, eventTime|day: 30", "no month 2 has a day 30"),
        ("eventTime|month: [4, 6], eventTime|day: 31", "has a day 31"),
    ],
)
def test_a_time_that_never_is_is_refused(
    tmp_path: Path, test: str, message: str
) -> None:
    loaded = load(tmp_path, one=RULE.replace("eventName: StopLogging", test))
    (problem,) = loaded.problems
    assert message in problem.message
    assert problem.line == 11


@pytest.mark.parametrize(
    "test",
    [
        "eventTime|month: 2, eventTime|day: 29",
        "eventTime|month: [2, 3], eventTime|day: 30",
        "eventTime|month: 2, a.time|day: 30",
        "eventTime|month|neq: 2, eventTime|day: 30",
        "eventTime|week: 53, eventTime|hour: 0",
    ],
)
def test_a_time_that_can_be_is_taken(tmp_path: Path, test: str) -> None:
    only(load(tmp_path, one=RULE.replace("eventName: StopLogging", test)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("event_count", "event_cuont", "'event_count'"),
        ("5m", "5 minutes", "'timespan' must be"),
        ("{gte: 3}", "{gte: many}", "'gte' must be a number"),
        ("{gte: 3}", "'a and not b'", "not part of Sigma 2.1"),
        ("{gte: 3}", "{gte: 3, feld: x}", "unknown key 'feld'"),
        ("group-by", "group_by", "unknown key 'group_by' - did you mean 'group-by'"),
        ("timespan", "window: tumbling\n      timespan", "unknown key 'window'"),
        ("timespan", "generate: yes please\n      timespan", "'generate' must be"),
        ("event_count", "value_count", "'field'"),
        ("{gte: 3}", "{gt: 5, lt: 3}", "no count can satisfy"),
        ("[sourceIPAddress]", "['a[0]']", "brackets"),
    ],
)
def test_a_wrong_correlation_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = CORRELATION.replace("REFERENCE", "stopped").replace(old, new)
    loaded = load(tmp_path, many=text, stopped=RULE)
    assert any(message in each.message for each in loaded.problems), loaded.problems


FILTER = """
    title: Leave out the pipeline
    logsource: {product: aws}
    filter:
      rules: REFERENCE
      selection: {userIdentity.userName: pipeline}
      condition: not selection
"""


@pytest.mark.parametrize(
    ("reference", "applies"),
    [
        ("[0d4a1b52-8c43-4f6b-9f8e-2f4c7c6f0a01]", True),
        ("[stopped]", True),
        ("any", True),
        ("[]", True),
        ("[another]", False),
    ],
)
def test_a_filter_is_joined_with_the_rules_it_names(
    tmp_path: Path, reference: str, applies: object
) -> None:
    text = FILTER.replace("REFERENCE", reference)
    loaded = load(tmp_path, out=text, stopped=RULE)
    rule = only(loaded)
    event = {"eventName": "StopLogging", "userIdentity": {"userName": "pipeline"}}
    assert holds(rule, {"eventName": "StopLogging"})
    assert holds(rule, event) is not applies
    assert len(loaded.warnings) == (0 if applies else 1)


def test_a_filter_that_keeps_what_it_names_is_warned_of(tmp_path: Path) -> None:
    text = FILTER.replace("REFERENCE", "any").replace("not selection", "selection")
    loaded = load(tmp_path, out=text, stopped=RULE)
    assert "write condition: not selection" in loaded.warnings[0]


def test_rules_come_from_the_cache_as_they_were_read(tmp_path: Path) -> None:
    first = load(tmp_path, one=RULE, two=other(RULE, 2))
    again = rules.load_all([tmp_path])
    assert again == first
    write(tmp_path, two=other(RULE, 2, StopLogging="DeleteTrail"))
    changed = rules.load_all([tmp_path])
    assert changed.rules[0] == first.rules[0]
    assert isinstance(changed.rules[1], DetectionRule)
    assert holds(changed.rules[1], {"eventName": "DeleteTrail"})


def test_the_command_scans_with_them_and_counts_what_it_leaves_out(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    foreign = RULE.replace("service: cloudtrail", "service: config")
    wrong = other(RULE, 3).replace("high", "urgent")
    write(folder, one=RULE, two=other(foreign, 2), three=wrong)
    log = tmp_path / "log.json"
    log.write_text(
        '{"Records": [{"eventName": "stoplogging", "eventID": "1", "eventTime": '
        '"2026-01-02T03:04:05Z", "eventVersion": "1.09", "eventSource": "x"}]}'
    )
    arguments = ["scan", str(log), "--rules", str(folder), "-f", "jsonl"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "three.yml:13" in result.stderr.replace(" ", "")
    result = CliRunner().invoke(main, [*arguments, "--allow-partial"])
    assert result.exit_code == 1, result.stderr
    assert '"one"' in result.stdout
    assert "1 rule could not be loaded and was left out; 1 rule loaded" in result.stderr
    assert "1 rule passed over" in result.stderr


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_the_packs_of_sigmahq_and_suzaku_load() -> None:
    sigmahq = rules.load_all([CORPUS / "sigmahq"])
    assert (len(sigmahq.rules), sigmahq.problems) == (57, [])
    suzaku = rules.load_all([CORPUS / "suzaku"])
    correlations = [r for r in suzaku.rules if isinstance(r, CorrelationRule)]
    assert (len(suzaku.rules) + suzaku.copies, len(correlations)) == (745, 5)
    assert suzaku.problems == []


def test_cases_of_sigmas_rules_are_run_where_there_are_any(tmp_path: Path) -> None:
    both = f"{RULE}\n---\n{other(RULE, 2, stopped='gone')}"
    write(tmp_path, one=both, two=other(RULE, 3))
    cases = """
        match: [{name: M, record: {eventName: StopLogging}}]
        no_match:
          - {name: N, record: {eventName: x}}
          - {name: W, record: {eventName: StopLogging}}
    """
    write(tmp_path, **{"trail_gone.cases": cases})
    results = run_cases([tmp_path])
    assert [(each.rule, each.passed) for each in results] == [
        ("trail_gone", True),
        ("trail_gone", True),
        ("trail_gone", False),
    ]


def test_evidence_and_explanation_show_what_is_inside_arrays(tmp_path: Path) -> None:
    text = RULE.replace("{eventName: StopLogging}", "{a.items.id|endswith: '7'}")
    rule = only(load(tmp_path, one=text))
    event = {"a": {"items": [{"id": "x1"}, {"id": "x7"}]}}
    assert Evidence(rule).of(event) == {
        "selection": True,
        "a.items[].id": ["x1", "x7"],
    }
    branch = explain(rule.detection.condition, event)
    assert branch.holds
    assert "a.items[].id is" in str(branch)


def test_files_with_the_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    text = textwrap.dedent(RULE).replace("\n", "\r\n")
    (tmp_path / "one.yml").write_bytes(text.encode())
    assert only(rules.load_all([tmp_path])).line == 2


def test_fields_to_show_are_no_reason_to_refuse_a_rule(tmp_path: Path) -> None:
    text = RULE.replace(
        "level: high", "level: high\n    fields: [a.b-c, 'd[].e', 'f[0]', g]"
    )
    assert only(load(tmp_path, one=text)).fields == ('a."b-c"', "d.e", "g")
