"""Every `aws` line that trailcheck prints is one that the AWS CLI takes.

Each line goes through bash, which splits and expands it, and then through the AWS CLI's
own parser and the parameter validation of AWS's models.  Nothing is sent.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from checker import rules
from checker.aws import api_models
from checker.change import Change, Remedy
from checker.evaluate.recording.need import Need
from checker.evaluate.remediation import remedy
from checker.model import ConfigurationRule
from checker.reports import remediation
from tests.evaluate.recording.trails import trail

clidriver = pytest.importorskip("awscli.clidriver")
validation = pytest.importorskip("awscli.customizations.cloudtrail.validation")
validate = pytest.importorskip("awscli.botocore.validate")
BASH = shutil.which("bash")

pytestmark = pytest.mark.skipif(BASH is None, reason="needs bash")

ROOT = Path(__file__).parents[1]
COMMANDS = {
    rule.name: rule.remediation.cli
    for rule in rules.load()
    if isinstance(rule, ConfigurationRule) and rule.remediation and rule.remediation.cli
}
# What the user has to write instead of a word in capitals, where AWS minds its form.
WORDS = {
    "KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "START_TIME": "2026-11-20T00:00:00Z",
}
ARN = "arn:aws:iam::123456789012:policy/example"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
RULE = {"ID": "a", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 400}}
FILES = {"metadata.xml": "x" * 1000, "lifecycle.json": json.dumps({"Rules": [RULE]})}
_FILE = re.compile(r"file://([\w.-]+)")


def arguments(script: str, folder: Path) -> list[list[str]]:
    """Return the arguments of each `aws` in a script, as bash hands them over."""
    said = folder / "said"
    function = 'aws() { printf "%s\\0" "$#" "$@" >&3; }\n'
    assert BASH
    done = subprocess.run(
        [BASH, "-euc", f"exec 3>'{said}'\n{function}{script}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    words = iter(said.read_text().split("\0")[:-1])
    return [[next(words) for _ in range(int(count))] for count in words]


@functools.cache
def driver() -> Any:
    return clidriver.create_clidriver()


def is_newer(words: Sequence[str]) -> bool:
    """Return whether AWS's models have a call with these options, each a member."""
    service = next(each for each in api_models.services() if each.folder == words[0])
    model = api_models.model(service)
    calls = {xform_name(name, "-"): name for name in model["operations"]}
    shape = model["operations"][calls[words[1]]]["input"]["shape"]
    members = {xform_name(name, "-") for name in model["shapes"][shape]["members"]}
    options = {word[2:] for word in words if word.startswith("--")}
    return {option.removeprefix("no-") for option in options} <= members


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was called, with what is wrong about its parameters."""
    found: list[str] = []

    def invoke(self: Any, service: str, name: str, given: Any, _: Any) -> int:
        shape = self._session.get_service_model(service).operation_model(name)
        if shape.input_shape is None:
            found.append("")
            return 0
        report = validate.ParamValidator().validate(given, shape.input_shape)
        found.append(report.generate_report())
        return 0

    def run(*_: Any) -> int:
        found.append("")
        return 0

    monkeypatch.setattr(clidriver.CLIOperationCaller, "invoke", invoke)
    monkeypatch.setattr(validation.CloudTrailValidateLogs, "_run_main", run)
    return found


def mistakes(words: Sequence[str], calls: list[str]) -> str:
    """Return what the CLI says of a command; empty when it takes it."""
    calls.clear()
    try:
        code = driver().main(list(words))
    except SystemExit as leaving:
        code = leaving.code
    if code or len(calls) != 1:
        return f"exit code {code}"
    report = calls[0].splitlines()
    if "--cli-input-json" in words:
        # The rest is in the file.
        report = [line for line in report if not line.startswith("Missing required")]
    return "\n".join(report)


def filled(words: Sequence[str], folder: Path) -> list[str]:
    """Write what a user would for words in capitals, and the files that are named."""
    given = [re.sub(r"\b[A-Z_]+_ARN\b", ARN, WORDS.get(word, word)) for word in words]
    for word in given:
        for name in _FILE.findall(word):
            empty = "{}" if "--cli-input-json" in words else POLICY
            (folder / name).write_text(FILES.get(name, empty))
    return given


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_commands_of_a_rule_are_taken_by_the_cli(
    name: str, tmp_path: Path, calls: list[str]
) -> None:
    script = COMMANDS[name]
    found = arguments(script, tmp_path)
    assert found
    for words in found:
        given = filled(words, tmp_path)
        wrong = mistakes(given, calls)
        if wrong and "needs AWS CLI" in script and is_newer(given):
            # Newer than the CLI of the tests, and whoever copies it is told so.
            wrong = ""
        assert not wrong, words


def test_what_the_cli_does_not_take_is_noticed(
    tmp_path: Path, calls: list[str]
) -> None:
    script = """\
aws s3api put-bucket-logging --bucket B --bucket-logging-status A={B=c,D=e}
aws cloudtrail update-trail --name NAME --no-such-option
aws cloudtrail no-such-call
aws logs put-retention-policy --log-group-name NAME --retention-in-days many
"""
    for words in arguments(script, tmp_path):
        assert mistakes(words, calls), words


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "account": {"id": "123456789012", "partition": "aws"},
        "trails": [{**trail(**changes), "owned": True}],
    }


HOSTILE = {
    "Name": 'it\'s {a,b} $HOME `id` "quoted" \\ !',
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::shop/it's {1,2}/"]},
    ],
}
TOPIC = Need("Data", resource_type="AWS::SNS::Topic")


def remedies() -> Iterator[tuple[str, dict[str, Any], Need]]:
    yield "a change", settings(advanced=[HOSTILE]), TOPIC
    yield "a change of basic selectors", settings(), Need("Management")
    yield "a trail that does not log", settings(status={"IsLogging": False}), TOPIC
    yield "no trail", {"account": {}, "trails": []}, Need("Management")
    yield "insights", settings(advanced=[HOSTILE]), Need("Insight")
    one = settings(advanced=[HOSTILE], IsMultiRegionTrail=False)
    yield "a trail of one Region", one, Need("Management", regions=("eu-west-1",))


@pytest.mark.parametrize(
    ("snapshot", "need"), [pytest.param(*each, id=name) for name, *each in remedies()]
)
def test_the_commands_of_remediate_are_taken_by_the_cli(
    snapshot: dict[str, Any], need: Need, tmp_path: Path, calls: list[str]
) -> None:
    answer = remedy(snapshot, [need])
    found = [Remedy(("a_rule",), answer)]
    script = "".join(remediation.render(found, form="cli", settings="settings.json"))
    commands = (
        [remediation.command(answer)]
        if isinstance(answer, Change)
        else list(answer.commands)
    )
    for text in (script, "\n".join(commands)):
        for words in arguments(text, tmp_path):
            assert not mistakes(filled(words, tmp_path), calls), words
    if isinstance(answer, Change):
        (words,) = arguments(script, tmp_path)
        given = json.loads(words[words.index("--cli-input-json") + 1])
        assert given == remediation.cli_input(answer)
