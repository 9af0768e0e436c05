"""Tests of mutants: which there are, which die, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2

from checker import conditions
from checker.authoring.mutants import pattern_variants
from checker.authoring.mutants.measure import describe_mutants, run_mutants
from checker.authoring.mutants.variants import variants
from checker.conditions.settings import SETTINGS
from checker.errors import RulesError

HEAD = """\
title: A trail was stopped
name: {name}
id: 7d1f9c55-4a54-4a0e-9d3b-0f6a1c2b3d4e
status: test
level: high
logsource: {{product: aws, service: cloudtrail}}
"""
DETECTION = """\
detection:
  call:
    eventSource: cloudtrail.amazonaws.com
    eventName: [StopLogging, DeleteTrail]
  condition: call && !errorCode
"""
GOOD = """\
match:
  - name: stopped
    record: {eventSource: cloudtrail.amazonaws.com, eventName: StopLogging}
  - name: deleted
    record: {eventSource: cloudtrail.amazonaws.com, eventName: DeleteTrail}
no_match:
  - name: other source
    record: {eventSource: iam.amazonaws.com, eventName: StopLogging}
  - name: other event
    record: {eventSource: cloudtrail.amazonaws.com, eventName: X}
"""
REFUSED = """\
  - name: refused
    record:
      eventSource: cloudtrail.amazonaws.com
      eventName: StopLogging
      errorCode: AccessDenied
"""


def write(folder: Path, rule: str, cases: str, name: str = "stopped") -> Path:
    (folder / f"{name}.yml").write_text(HEAD.format(name=name) + rule)
    (folder / f"{name}.cases.yml").write_text(cases)
    return folder


def changes(text: str) -> set[str]:
    node = conditions.parse(text, SETTINGS)
    return {each.change for each in variants(node, SETTINGS)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b", {"a dropped", "b dropped", "a && b -> a || b"}),
        ("a || b", {"a dropped", "b dropped", "a || b -> a && b"}),
        ("!a", {"!a -> a"}),
        ("a == `true`", {"a == `true` -> a != `true`", "a == `true` -> a == `false`"}),
        (
            "a < `8`",
            {
                "a < `8` -> a <= `8`",
                "a < `8` -> a >= `8`",
                "a < `8` -> a < `9`",
                "a < `8` -> a < `7`",
            },
        ),
        (
            "a == 'No'",
            {
                "a == 'No' -> a != 'No'",
                "a == 'No' -> a == 'No-other'",
                "a == 'No' -> a == 'nO'",
            },
        ),
        (
            "starts_with(a, '/')",
            {
                "starts_with(a, '/') -> ends_with(a, '/')",
                "starts_with(a, '/') -> contains(a, '/')",
                "starts_with(a, '/') -> a == '/'",
                "starts_with(a, '/') -> starts_with(a, '/-other')",
            },
        ),
        (
            'one_of(a, `["X", "Y"]`)',
            {'`["X", "Y"]` without \'X\'', '`["X", "Y"]` without \'Y\''},
        ),
        ("lower(a)", {"lower(a) -> a"}),
        ("a[?b]", {"a[?b] -> a[*]"}),
        (
            "matches(a, '^(x|y)')",
            {
                "matches(a, '^(x|y)') -> matches(a, '^(x|y)-other')",
                "'^(x|y)' without the alternative 'x'",
                "'^(x|y)' without the alternative 'y'",
                "'^(x|y)' without its '^'",
            },
        ),
        (
            "cidr_contains(['fc00::/7', b], a)",
            {
                "['fc00::/7', b] without 'fc00::/7'",
                "['fc00::/7', b] without b",
                "'fc00::/7' -> 'fc00::/7-other'",
            },
        ),
        (
            "cidr_contains('10.0.0.0/8', a)",
            {"cidr_contains('10.0.0.0/8', a) -> cidr_contains('198.18.7.0/24', a)"},
        ),
    ],
)
def test_each_form_has_its_variants(text: str, expected: set[str]) -> None:
    assert changes(text) == expected


def test_every_variant_can_be_compiled_and_differs() -> None:
    text = (
        "a.b[?c == 'x' && !(d)] | [0].e || contains(@, f) && {g: h, i: 'j'}.g"
        " || [k, l][1:] || sort_by(m, &n)[*].o"
    )
    node = conditions.parse(text, SETTINGS)
    found = variants(node, SETTINGS)
    assert len({each.node for each in found}) == len(found) > 15
    for each in found:
        assert each.node != node
        conditions.closure(each.node, SETTINGS)({"a": 1, "x": []})
        assert conditions.parse(conditions.show(each.node), SETTINGS) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "^(custom|dev):.*(role|admin)$",
        "(?i)(?:a|b)+[|)]c{2,3}|d?",
        r"\(x\|y\)|[^]|]z",
        "(?P<name>a|b)(?i:c|d)",
        r"[[:alpha:]|]|\d+\w\s",
        "a||b",
        "(",
        "[",
        "(?",
        "\\",
    ],
)
def test_parts_of_a_pattern_are_taken_out_without_breaking_it(pattern: str) -> None:
    options = re2.Options()
    options.log_errors = False

    def sound(text: str) -> bool:
        try:
            re2.compile(text, options)
        except re2.error:
            return False
        return True

    if sound(pattern):
        for _, without in pattern_variants.without_parts(pattern):
            assert sound(without)
        samples = pattern_variants.samples(pattern)
        assert all(re2.search(pattern, sample) for sample in samples)
    else:
        list(pattern_variants.without_parts(pattern))


def test_an_exploding_pattern_costs_nothing() -> None:
    pattern = "(a+)+" * 2_000 + "{1000}{1000}$"
    list(pattern_variants.without_parts(pattern))
    assert len(pattern_variants.samples("(a{1000}){9}b")) >= 1


def test_good_cases_kill_every_mutant(tmp_path: Path) -> None:
    (result,) = run_mutants([write(tmp_path, DETECTION, GOOD + REFUSED)])
    assert result.survivors == ()
    assert result.killed == result.mutants > 10


def test_a_missing_case_is_named_with_a_patch_that_works(tmp_path: Path) -> None:
    (result,) = run_mutants([write(tmp_path, DETECTION, GOOD)])
    survivors = {each.description: each for each in result.survivors}
    assert "condition: !errorCode dropped" in survivors
    survivor = survivors["condition: !errorCode dropped"]
    assert survivor.line == 11
    assert survivor.hint.startswith("add a no_match case like 'stopped' with the patch")
    assert survivor.hint.endswith('{"errorCode": "AccessDenied"}')
    said = "\n".join(describe_mutants([result]))
    assert f"{result.path}:11: condition: !errorCode dropped" in said
    assert "100 %" not in said


def test_an_entry_of_a_list_needs_its_own_case(tmp_path: Path) -> None:
    cases = GOOD.replace("DeleteTrail", "StopLogging") + REFUSED
    (result,) = run_mutants([write(tmp_path, DETECTION, cases)])
    (survivor,) = result.survivors
    assert survivor.description.endswith("without 'DeleteTrail'")
    assert '{"eventName": "DeleteTrail"}' in survivor.hint


def test_an_equivalent_mutant_is_left_out_for_a_reason(tmp_path: Path) -> None:
    excluded = """\
equivalent:
  - mutant: "condition: !errorCode dropped"
    reason: Nobody has ever been refused here.
"""
    (before,) = run_mutants([write(tmp_path, DETECTION, GOOD)])
    (after,) = run_mutants([write(tmp_path, DETECTION, GOOD + excluded)])
    assert after.equivalent == 1
    assert len(after.survivors) == len(before.survivors) - 1


@pytest.mark.parametrize(
    ("mutant", "message"),
    [
        ("condition: !errorcode dropped", "no mutant .* did you mean 'condition: !err"),
        ("condition: !errorCode dropped", "the cases kill the mutant"),
    ],
)
def test_an_exclusion_that_matches_nothing_is_a_mistake(
    tmp_path: Path, mutant: str, message: str
) -> None:
    excluded = f'equivalent:\n  - mutant: "{mutant}"\n    reason: There is none.\n'
    folder = write(tmp_path, DETECTION, GOOD + REFUSED + excluded)
    with pytest.raises(RulesError, match=message):
        run_mutants([folder])


def test_configuration_rules_are_mutated_on_their_settings(tmp_path: Path) -> None:
    rule = """\
configuration:
  resource: AWS::CloudTrail::Trail
  applies: IsOrganizationTrail == `false`
  condition: status.IsLogging && LogFileValidationEnabled
"""
    trail = "{{Name: main, IsOrganizationTrail: false, {}}}"
    cases = f"""\
match:
  - name: stopped
    snapshot: {{trails: [{trail.format("status: {IsLogging: false}")}]}}
no_match:
  - name: logs
    snapshot:
      trails:
        - {trail.format("status: {IsLogging: true}, LogFileValidationEnabled: true")}
"""
    (result,) = run_mutants([write(tmp_path, rule, cases)])
    survivors = {each.description: each.hint for each in result.survivors}
    assert "condition: LogFileValidationEnabled dropped" in survivors
    hint = survivors["condition: LogFileValidationEnabled dropped"]
    assert hint.startswith("add a case (fail) like")
    assert (
        "applies: IsOrganizationTrail == `false` -> IsOrganizationTrail != `false`"
        not in survivors
    )


def test_a_shared_selection_is_tested_by_all_the_rules_that_use_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "selections.yml").write_text("""\
refused:
  description: The call was refused, in one way or the other.
  selection:
    errorCode: [AccessDenied, Unauthorized, Forbidden]
""")
    for name, code in (("first", "AccessDenied"), ("second", "Unauthorized")):
        write(
            tmp_path,
            "detection:\n  condition: refused\n",
            f"match:\n  - {{name: m, record: {{errorCode: {code}}}}}\n"
            "no_match:\n  - {name: n, record: {errorCode: Throttling}}\n",
            name,
        )
        text = (tmp_path / f"{name}.yml").read_text()
        (tmp_path / f"{name}.yml").write_text(
            text.replace("7d1f", name[:4].encode().hex()[:4])
        )
    *own, shared = run_mutants([tmp_path])
    assert [result.mutants for result in own] == [0, 0]
    (survivor,) = shared.survivors
    assert survivor.description.endswith("without 'Forbidden'")
    assert survivor.line == 1
    assert '{"errorCode": "Forbidden"}' in survivor.hint
