"""Tests of `compare`: pairs of settings whose differences are worked out by hand."""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from checker import rules
from checker.cli import main
from checker.model import AnyRule, Report, Status
from checker.reports.comparison import MOST_RULES
from checker.run.comparing.compare import Effect, compare
from checker.run.comparing.overlay import aligned
from checker.sources.settings.read import Settings
from tests.run.settings_three_ways import (
    ACCOUNT,
    WANTED,
    Wanted,
    snapshot,
    template,
    terraform,
)

ROOT = Path(__file__).parents[2]

# Three kinds of management events, data events of two services, and a correlation.
SIGN_IN = "root_console_login_without_mfa"
KEY = "key_disabled_or_deletion_scheduled"
DELETED = "object_deleted"
IN_BULK = "objects_deleted_in_bulk"
STOPPED = "cloudtrail_logging_stopped"
FILES = "trail_log_file_validation_disabled"
LOGGING = "trail_not_logging"
READS = "s3_object_reads_not_recorded"
ENCRYPTED = "trail_without_kms_key"
NAMES = (SIGN_IN, KEY, DELETED, IN_BULK, FILES, LOGGING, READS, ENCRYPTED)

Snapshot = dict[str, Any]


@functools.cache
def chosen() -> tuple[AnyRule, ...]:
    known = {rule.name: rule for rule in rules.load()}
    return tuple(known[name] for name in NAMES)


def base() -> Snapshot:
    value: Snapshot = json.loads((ROOT / "demo" / "settings.json").read_text("utf-8"))
    return value


def fields(**wanted: list[str]) -> dict[str, Any]:
    """Return an advanced event selector; `source__NotEquals=[…]` names an operator."""
    made = []
    for name, values in wanted.items():
        field, _, operator = name.partition("__")
        field = {"type": "resources.type", "source": "eventSource"}.get(field, field)
        made.append({"Field": field, operator or "Equals": values})
    return {"Name": "", "FieldSelectors": made}


MANAGEMENT = fields(eventCategory=["Management"])
OBJECTS = fields(eventCategory=["Data"], type=["AWS::S3::Object"])
WRITES = fields(eventCategory=["Data"], type=["AWS::S3::Object"], readOnly=["false"])
NO_KMS = fields(eventCategory=["Management"], source__NotEquals=["kms.amazonaws.com"])
READS_ALONE = fields(eventCategory=["Management"], readOnly=["true"])


def selecting(*selectors: Mapping[str, Any]) -> Snapshot:
    value = base()
    value["trails"][0]["event_selectors"]["AdvancedEventSelectors"] = list(selectors)
    return value


def changed(change: Callable[[Snapshot], object], value: Snapshot | None = None) -> Any:
    value = copy.deepcopy(value or base())
    change(value)
    return value


def trail(**parts: Any) -> Callable[[Snapshot], object]:
    return lambda value: value["trails"][0].update(parts)


def second_trail(*selectors: Mapping[str, Any], **parts: Any) -> Any:
    def add(value: Snapshot) -> None:
        other = copy.deepcopy(value["trails"][0])
        other |= {
            "Name": "second",
            "TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/second",
            "event_selectors": {"AdvancedEventSelectors": list(selectors)},
            **parts,
        }
        value["trails"].append(other)

    return add


def deny(value: Snapshot) -> None:
    """List no trails, as a collector without the right to do so does."""
    value["trails"] = []
    value["_state"]["trails"] = "denied"


ALL = selecting(MANAGEMENT, OBJECTS)
STOPPED_NOW = {"IsLogging": False}
NO_LOGGING = {
    (SIGN_IN, Effect.BLINDED),
    (KEY, Effect.BLINDED),
    (LOGGING, Effect.FAILS),
}
WITHOUT_OBJECTS = {
    (DELETED, Effect.BLINDED),
    (IN_BULK, Effect.BLINDED),
    (READS, Effect.FAILS),
}

PAIRS: dict[str, tuple[Snapshot, Snapshot, set[tuple[str, Effect]]]] = {
    "the same": (ALL, ALL, set()),
    "objects no longer selected": (ALL, selecting(MANAGEMENT), WITHOUT_OBJECTS),
    "objects selected at last": (
        selecting(MANAGEMENT),
        ALL,
        {
            (DELETED, Effect.VISIBLE),
            (IN_BULK, Effect.VISIBLE),
            (READS, Effect.PASSES),
        },
    ),
    "only writes of objects": (
        ALL,
        selecting(MANAGEMENT, WRITES),
        {(READS, Effect.FAILS)},
    ),
    "KMS excluded": (ALL, selecting(NO_KMS, OBJECTS), {(KEY, Effect.BLINDED)}),
    "KMS excluded, and a second trail has it": (
        ALL,
        changed(
            second_trail(
                MANAGEMENT,
                LogFileValidationEnabled=True,
                KmsKeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
            ),
            selecting(NO_KMS, OBJECTS),
        ),
        set(),
    ),
    "management reads alone": (
        ALL,
        selecting(READS_ALONE, OBJECTS),
        {(KEY, Effect.BLINDED), (SIGN_IN, Effect.BLINDED)},
    ),
    "no longer logging": (
        selecting(MANAGEMENT),
        changed(trail(status=STOPPED_NOW), selecting(MANAGEMENT)),
        NO_LOGGING,
    ),
    "logging again": (
        changed(trail(status=STOPPED_NOW), selecting(MANAGEMENT)),
        selecting(MANAGEMENT),
        {
            (SIGN_IN, Effect.VISIBLE),
            (KEY, Effect.VISIBLE),
            (LOGGING, Effect.PASSES),
        },
    ),
    "validation switched on": (
        base(),
        changed(trail(LogFileValidationEnabled=True)),
        {(FILES, Effect.PASSES)},
    ),
    "validation switched off": (
        changed(trail(LogFileValidationEnabled=True)),
        base(),
        {(FILES, Effect.FAILS)},
    ),
    "encrypted": (
        base(),
        changed(trail(KmsKeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1")),
        {(ENCRYPTED, Effect.PASSES)},
    ),
    "a second trail that fails": (
        changed(trail(LogFileValidationEnabled=True)),
        changed(
            second_trail(MANAGEMENT, LogFileValidationEnabled=False),
            changed(trail(LogFileValidationEnabled=True)),
        ),
        {(FILES, Effect.FAILS), (ENCRYPTED, Effect.FAILS)},
    ),
    "a trail with another name": (
        ALL,
        changed(
            trail(
                Name="other",
                TrailARN=f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/other",
            ),
            ALL,
        ),
        set(),
    ),
    "the only trail deleted": (
        selecting(MANAGEMENT),
        changed(lambda value: value.update(trails=[])),
        {
            (SIGN_IN, Effect.BLINDED),
            (KEY, Effect.BLINDED),
            (FILES, Effect.PASSES),
            (ENCRYPTED, Effect.PASSES),
        },
    ),
    "trails that may no longer be listed": (
        selecting(MANAGEMENT),
        changed(deny),
        {
            (SIGN_IN, Effect.UNCLEAR),
            (KEY, Effect.UNCLEAR),
            (DELETED, Effect.UNCLEAR),
            (IN_BULK, Effect.UNCLEAR),
            (FILES, Effect.UNCLEAR),
            (LOGGING, Effect.UNCLEAR),
            (READS, Effect.UNCLEAR),
            (ENCRYPTED, Effect.UNCLEAR),
        },
    ),
    "the other order of selectors": (ALL, selecting(OBJECTS, MANAGEMENT), set()),
    "basic selectors that say the same": (
        selecting(MANAGEMENT),
        changed(
            trail(
                event_selectors={
                    "EventSelectors": [
                        {
                            "ReadWriteType": "All",
                            "IncludeManagementEvents": True,
                            "DataResources": [],
                            "ExcludeManagementEventSources": [],
                        }
                    ],
                    "AdvancedEventSelectors": [],
                }
            )
        ),
        set(),
    ),
    "a Region trail where all Regions were": (
        selecting(MANAGEMENT),
        changed(trail(IsMultiRegionTrail=False), selecting(MANAGEMENT)),
        {(KEY, Effect.NARROWED)},
    ),
    "global services no longer included": (
        selecting(MANAGEMENT),
        changed(
            trail(IncludeGlobalServiceEvents=False, IsMultiRegionTrail=False),
            selecting(MANAGEMENT),
        ),
        {(KEY, Effect.NARROWED)},
    ),
}


def compared(before: Snapshot, after: Snapshot, folder: Path) -> Report:
    files = [folder / "before.json", folder / "after.json"]
    for file, value in zip(files, (before, after), strict=True):
        file.write_text(json.dumps(value), encoding="utf-8")
    first, second = ([str(file)] for file in files)
    return compare(chosen(), (), first, second, bases=rules.load())


def effects(report: Report) -> set[tuple[str, Effect]]:
    return {
        (each.rule.name, Effect(each.evidence["change"])) for each in report.findings
    }


@pytest.mark.parametrize("name", PAIRS)
def test_exactly_what_changes_is_found(name: str, tmp_path: Path) -> None:
    before, after, expected = PAIRS[name]

    report = compared(before, after, tmp_path)

    assert effects(report) == expected
    assert not report.problems


def test_the_selector_that_does_it_is_named(tmp_path: Path) -> None:
    report = compared(ALL, selecting(NO_KMS, OBJECTS), tmp_path)

    (found,) = report.findings
    assert found.evidence["selectors"] == [["main", "selector 1", "eventSource"]]
    assert "selected by selector 1" in found.evidence["before"]["reason"]
    assert "eventSource NotEquals kms.amazonaws.com" in found.message
    assert found.location is not None
    assert found.location.uri.endswith("after.json")


@settings(max_examples=8, deadline=None)
@given(wanted=WANTED)
def test_an_account_and_the_plan_for_it_are_equal(
    tmp_path_factory: pytest.TempPathFactory, wanted: Wanted
) -> None:
    folder = tmp_path_factory.mktemp("pair")
    account, plan = snapshot(wanted), terraform(wanted, new=False)

    assert effects(compared(account, plan, folder)) == set()
    assert effects(compared(plan, account, folder)) == set()


@settings(max_examples=8, deadline=None)
@given(before=WANTED, after=WANTED)
def test_two_plans_differ_as_the_accounts_do(
    tmp_path_factory: pytest.TempPathFactory, before: Wanted, after: Wanted
) -> None:
    folder = tmp_path_factory.mktemp("pairs")
    plans = [terraform(each, new=False) for each in (before, after)]
    accounts = [snapshot(each) for each in (before, after)]

    code = compared(plans[0], plans[1], folder)
    account = compared(accounts[0], accounts[1], folder)
    assert effects(code) == effects(account)


def test_a_template_that_loses_its_trail_blinds(tmp_path: Path) -> None:
    wanted = Wanted(
        logging=True,
        everywhere=True,
        validated=True,
        encrypted=True,
        selectors="default",
        tagged=True,
        versioned=True,
        tls=True,
        open_to_all=False,
        acl="private",
        blocked=True,
        expires=400,
        pattern="",
        idle=None,
        dimensions=False,
        unit=None,
        threshold=1,
        actions=True,
        waits=False,
        topic_key=None,
        topic_closed=False,
        mfa="ON",
        length=14,
        admins=True,
    )
    before = template(wanted)
    after = copy.deepcopy(before)
    after["Resources"] = {
        name: body
        for name, body in after["Resources"].items()
        if body["Type"] != "AWS::CloudTrail::Trail"
    }

    found = effects(compared(before, after, tmp_path))

    assert {(SIGN_IN, Effect.BLINDED), (KEY, Effect.BLINDED)} <= found


def test_what_code_does_not_declare_is_as_in_the_account(tmp_path: Path) -> None:
    code = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}

    assert effects(compared(ALL, code, tmp_path)) == set()
    assert effects(compared(code, ALL, tmp_path)) == set()


def test_what_a_trail_delivered_is_no_setting_of_a_plan() -> None:
    there = {"Name": "main", "status": {"IsLogging": True, "LatestDeliveryTime": "x"}}
    code = Settings("plan", {"trails": [{"Name": "main", "status": STOPPED_NOW}]}, {})
    code = dataclasses.replace(code, declared=True)

    account = Settings("account", {"trails": [there], "collected_at": "then"}, {})
    _, after = aligned(account, code)

    (trail,) = after.snapshot["trails"]
    assert trail["status"] == {"IsLogging": False, "LatestDeliveryTime": "x"}
    assert after.snapshot["collected_at"] == "then"


def test_a_plan_that_deletes_the_trail_of_the_account_blinds(tmp_path: Path) -> None:
    gone = {"arn": base()["trails"][0]["TrailARN"], "name": "main"}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": [
            {
                "address": "aws_cloudtrail.main",
                "mode": "managed",
                "type": "aws_cloudtrail",
                "change": {"actions": ["delete"], "before": gone, "after": None},
            }
        ],
    }

    found = effects(compared(selecting(MANAGEMENT), plan, tmp_path))

    assert {(SIGN_IN, Effect.BLINDED), (KEY, Effect.BLINDED)} <= found


KEEPS_ALL = {
    "AdvancedEventSelectors": [
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    ]
}


def code(*, stores: bool = False, **parts: Any) -> Snapshot:
    """Return a template with a trail, or with an event data store, of all Regions."""
    kind = "EventDataStore" if stores else "Trail"
    own = (
        {"Name": "main", "MultiRegionEnabled": True, "IngestionEnabled": True}
        if stores
        else {
            "TrailName": "main",
            "IsLogging": True,
            "IsMultiRegionTrail": True,
            "IncludeGlobalServiceEvents": True,
            "S3BucketName": "logs",
        }
    )
    properties = {**own, **KEEPS_ALL, **parts}
    return {
        "Resources": {
            "Main": {"Type": f"AWS::CloudTrail::{kind}", "Properties": properties}
        }
    }


def basic(**parts: Any) -> Snapshot:
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, **parts}
    made = code()
    properties = made["Resources"]["Main"]["Properties"]
    del properties["AdvancedEventSelectors"]
    properties["EventSelectors"] = [selector]
    return made


SEEN_LESS = {(SIGN_IN, Effect.BLINDED), (KEY, Effect.BLINDED)}
TEMPLATES: dict[str, tuple[Snapshot, Snapshot, set[tuple[str, Effect]]]] = {
    "basic selectors become advanced ones": (basic(), code(), set()),
    "a trail gets another bucket": (code(), code(S3BucketName="other"), set()),
    "basic selectors leave out KMS": (
        code(),
        basic(ExcludeManagementEventSources=["kms.amazonaws.com"]),
        {(KEY, Effect.BLINDED)},
    ),
    "basic selectors keep reads alone": (
        code(),
        basic(ReadWriteType="ReadOnly"),
        SEEN_LESS,
    ),
    "a store in the trail's place": (code(), code(stores=True), set()),
    "a store stops": (
        code(stores=True),
        code(stores=True, IngestionEnabled=False),
        SEEN_LESS,
    ),
    "a store of one Region": (
        code(stores=True),
        code(stores=True, MultiRegionEnabled=False),
        # No template names the Region to which it is deployed.
        {(SIGN_IN, Effect.UNCLEAR), (KEY, Effect.UNCLEAR)},
    ),
    "a store goes": (
        code(stores=True),
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}},
        SEEN_LESS,
    ),
    "a store keeps data events alone": (
        code(stores=True),
        code(stores=True, AdvancedEventSelectors=[OBJECTS]),
        {*SEEN_LESS, (DELETED, Effect.VISIBLE), (IN_BULK, Effect.VISIBLE)},
    ),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_exactly_what_a_template_changes_for_detections_is_found(
    name: str, tmp_path: Path
) -> None:
    before, after, expected = TEMPLATES[name]

    report = compared(before, after, tmp_path)

    of_detections = {SIGN_IN, KEY, DELETED, IN_BULK}
    assert {one for one in effects(report) if one[0] in of_detections} == expected
    assert not any("not compared" in note for note in report.notes)


def test_two_files_without_trails_have_nothing_to_see_by(tmp_path: Path) -> None:
    code = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}

    report = compared(code, code, tmp_path)

    assert effects(report) == set()
    assert any("detections were not compared" in note for note in report.notes)


def run(*arguments: str) -> Any:
    picked = [word for name in NAMES for word in ("--select", name)]
    return CliRunner().invoke(main, ["compare", *arguments, *picked])


def written(folder: Path, name: str, value: Any) -> str:
    (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return str(folder / name)


def test_the_exit_code_tells_what_gets_worse(tmp_path: Path) -> None:
    seen = written(tmp_path, "all.json", ALL)
    short = written(tmp_path, "short.json", selecting(NO_KMS, OBJECTS))
    denied = written(
        tmp_path, "denied.json", PAIRS["trails that may no longer be listed"][1]
    )

    assert run(seen, seen).exit_code == 0
    assert run(seen, short).exit_code == 1
    assert run(seen, short, "--fail-on", "critical").exit_code == 0
    assert run(short, seen).exit_code == 0
    assert run(seen, denied).exit_code == 3
    missing = run(seen, str(tmp_path / "none.json"))
    assert missing.exit_code == 3
    assert "No detection" not in missing.stdout


def test_what_is_unknown_in_both_is_no_all_clear(tmp_path: Path) -> None:
    denied = written(tmp_path, "denied.json", changed(deny))

    result = run(denied, denied)

    assert result.exit_code == 3
    assert f"No known change; {len(NAMES)} rules are not known in either." in (
        result.stdout
    )
    assert "trails could not all be collected" in " ".join(result.stdout.split())
    assert "not known in either (--allow-partial" in result.stderr
    assert run(denied, denied, "--allow-partial").exit_code == 0
    report = json.loads(run(denied, denied, "-f", "json").stdout)
    assert report["findings"] == []
    assert report["statistics"]["unreadable_inputs"] == 0
    comment = run(denied, denied, "-f", "markdown").stdout
    assert comment.startswith("## trailcheck: no known change; 8 rules are not known")


def test_what_becomes_known_did_not_go_blind(tmp_path: Path) -> None:
    report = compared(changed(deny), selecting(NO_KMS), tmp_path)

    assert {
        (SIGN_IN, Effect.KNOWN),
        (KEY, Effect.BLIND),
        (DELETED, Effect.BLIND),
    } <= effects(report)
    (key,) = [each for each in report.findings if each.rule.name == KEY]
    assert key.message.startswith("Is blind; not known before: ")
    assert key.status is Status.BLIND


@pytest.mark.parametrize(
    "name", ["logging again", "validation switched on", "the only trail deleted"]
)
def test_what_gets_better_is_no_error_in_any_format(name: str, tmp_path: Path) -> None:
    before, after, _ = PAIRS[name]
    report = compared(before, after, tmp_path)
    better = {
        Effect.WIDENED: Status.VISIBLE,
        Effect.VISIBLE: Status.VISIBLE,
        Effect.PASSES: Status.PASS,
    }

    for each in report.findings:
        effect = Effect(each.evidence["change"])
        assert each.status is better.get(effect, Status.BLIND)


def test_more_events_of_a_rule_that_stays_partial_are_no_error(tmp_path: Path) -> None:
    before, after, _ = PAIRS["a Region trail where all Regions were"]
    seen = written(tmp_path, "seen.json", before)
    short = written(tmp_path, "short.json", after)

    worse = run(seen, short, "--fail-on", "medium")
    assert worse.exit_code == 1
    assert "1 detection sees fewer events" in worse.stderr
    assert run(seen, short, "--fail-on", "critical").exit_code == 0
    assert run(seen, short, "--fail-on", "never").exit_code == 0
    assert run(short, seen, "--fail-on", "medium").exit_code == 0


def test_the_whole_demo_beside_code_without_a_trail_is_known(tmp_path: Path) -> None:
    """The age of passwords is counted from when the account was looked at."""
    code = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    account = str(ROOT / "demo" / "settings.json")
    arguments = ["compare", account, written(tmp_path, "queue.json", code)]

    result = CliRunner().invoke(main, [*arguments, "--select", "user_access_key_old"])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("No detection or control changes.")


def test_each_format_names_the_rule_and_the_selector(tmp_path: Path) -> None:
    seen = written(tmp_path, "all.json", ALL)
    short = written(tmp_path, "short.json", selecting(NO_KMS, OBJECTS))

    text = run(seen, short).stdout
    assert "1 detection goes blind" in text
    assert KEY in text
    assert max(map(len, text.splitlines())) <= 100
    comment = run(seen, short, "-f", "markdown").stdout
    assert comment.startswith("## trailcheck: 1 detection goes blind\n")
    assert f"`{KEY}`" in comment
    report = json.loads(run(seen, short, "-f", "json").stdout)
    (found,) = report["findings"]
    assert found["evidence"]["change"] == "blinded"
    sarif = json.loads(run(seen, short, "-f", "sarif").stdout)
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("short.json")
    assert place["region"]["startLine"] > 0


NESTED = {
    "Resources": {
        "N": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": "https://s3.example.com/trail.yaml"},
        }
    }
}
TRAIL = {
    "Resources": {
        "T": {
            "Type": "AWS::CloudTrail::Trail",
            "Properties": {
                "S3BucketName": "logs",
                "IsLogging": True,
                "IsMultiRegionTrail": True,
                "EnableLogFileValidation": True,
            },
        }
    }
}


def test_a_trail_that_moves_into_a_nested_stack_is_not_known(tmp_path: Path) -> None:
    report = compared(TRAIL, NESTED, tmp_path)

    found = effects(report)
    assert {(SIGN_IN, Effect.UNCLEAR), (FILES, Effect.UNCLEAR)} <= found
    assert {effect for _, effect in found} == {Effect.UNCLEAR}
    assert any("nested stack N is not read" in note for note in report.notes)


def test_a_trail_that_comes_out_of_a_nested_stack_did_not_get_better(
    tmp_path: Path,
) -> None:
    found = effects(compared(NESTED, TRAIL, tmp_path))

    assert (SIGN_IN, Effect.KNOWN) in found
    # It is encrypted with no key now; before it may have been.
    assert (ENCRYPTED, Effect.FAILING) in found
    assert not {Effect.VISIBLE, Effect.PASSES, Effect.FAILS, Effect.BLINDED} & {
        effect for _, effect in found
    }


def scanned(*regions: str, value: Snapshot | None = None) -> Snapshot:
    made: Snapshot = changed(
        lambda one: one["account"].update(
            regions_scanned=list(regions), regions_enabled=["eu-west-1", "us-east-1"]
        ),
        value,
    )
    return made


def pools(*where: str) -> Callable[[Snapshot], object]:
    def add(value: Snapshot) -> None:
        value["user_pools"] = [
            {"Id": f"{region}_1", "region": region, "MfaConfiguration": "OFF"}
            for region in where
        ]

    return add


def of(name: str, before: Snapshot, after: Snapshot, folder: Path) -> set[Effect]:
    known = {rule.name: rule for rule in rules.load()}
    first, second = written(folder, "b.json", before), written(folder, "a.json", after)
    report = compare([known[name]], (), [first], [second])
    return {Effect(one.evidence["change"]) for one in report.findings}


def test_a_region_that_is_no_longer_scanned_is_no_improvement(tmp_path: Path) -> None:
    name = "user_pool_mfa_not_required"
    both = changed(pools("eu-west-1", "us-east-1"), scanned("eu-west-1", "us-east-1"))
    one = changed(pools("us-east-1"), scanned("us-east-1"))

    assert of(name, both, one, tmp_path) == {Effect.UNCLEAR}
    assert of(name, one, both, tmp_path) == {Effect.FAILING}
    gone = changed(pools("us-east-1"), scanned("eu-west-1", "us-east-1"))
    assert of(name, both, gone, tmp_path) == {Effect.PASSES}


def test_a_region_trail_that_is_no_longer_scanned_is_not_known(tmp_path: Path) -> None:
    both = selecting(MANAGEMENT)
    both["trails"][0] |= {"IsMultiRegionTrail": False, "HomeRegion": "eu-west-1"}
    both = scanned("eu-west-1", "us-east-1", value=both)
    one = changed(lambda value: value.update(trails=[]), scanned("us-east-1"))

    found = effects(compared(both, one, tmp_path))

    assert Effect.BLINDED not in {effect for _, effect in found}
    assert (LOGGING, Effect.UNCLEAR) in found


def guard(*on: str) -> Snapshot:
    def put(value: Snapshot) -> None:
        value["guardduty"] = [
            {
                "region": region,
                "detectors": [{"DetectorId": "1", "Status": "ENABLED"}]
                if region in on
                else [],
                "_state": {},
            }
            for region in ("eu-west-1", "us-east-1", "us-west-2")
        ]

    value: Snapshot = changed(put)
    value = scanned("eu-west-1", "us-east-1", "us-west-2", value=value)
    value["account"]["regions_enabled"] = ["eu-west-1", "us-east-1", "us-west-2"]
    return value


def test_a_control_that_fails_in_one_more_region_gets_worse(tmp_path: Path) -> None:
    name = "guardduty_not_on_everywhere"
    two, one = guard("eu-west-1", "us-east-1"), guard("us-east-1")

    assert of(name, two, one, tmp_path) == {Effect.WORSENED}
    assert of(name, one, two, tmp_path) == set()
    assert of(name, two, two, tmp_path) == set()
    assert of(name, two, guard("us-east-1", "us-west-2"), tmp_path) == {Effect.WORSENED}


def test_an_account_that_records_less_of_what_it_lacked_gets_worse(
    tmp_path: Path,
) -> None:
    some = selecting(
        MANAGEMENT,
        fields(
            eventCategory=["Data"],
            type=["AWS::S3::Object"],
            **{"resources.ARN__StartsWith": ["arn:aws:s3:::a/", "arn:aws:s3:::b/"]},
        ),
    )
    fewer = selecting(
        MANAGEMENT,
        fields(
            eventCategory=["Data"],
            type=["AWS::S3::Object"],
            **{"resources.ARN__StartsWith": ["arn:aws:s3:::a/"]},
        ),
    )

    assert of(READS, some, fewer, tmp_path) == {Effect.WORSENED}
    assert of(READS, fewer, some, tmp_path) == set()


def test_what_gets_worse_outweighs_what_is_not_known(tmp_path: Path) -> None:
    seen = written(tmp_path, "all.json", ALL)
    worse = selecting(NO_KMS, OBJECTS)
    worse["trails"][0]["_state"] = {"LogFileValidationEnabled": "denied"}
    short = written(tmp_path, "short.json", worse)

    result = run(seen, short)

    assert result.exit_code == 1
    assert "1 blind rule at or above high" in result.stderr
    assert "1 rule is no longer known" in result.stderr


def test_a_comparison_as_text_has_an_end(tmp_path: Path) -> None:
    names = [f"{number:03}" for number in range(150)]

    def many(value: Snapshot) -> None:
        value["user_pools"] = [
            {
                "Id": f"us-east-1_{name}",
                "region": "us-east-1",
                "Policies": {"PasswordPolicy": {"MinimumLength": int(name) % 7}},
            }
            for name in names
        ]

    seen = written(tmp_path, "seen.json", ALL)
    worse = written(tmp_path, "many.json", changed(many, ALL))

    result = CliRunner().invoke(
        main, ["compare", seen, worse, "--select", "user_pool_passwords_short"]
    )

    assert result.stdout.count("user_pool_passwords_short") == MOST_RULES
    assert "and 50 more" in result.stdout
