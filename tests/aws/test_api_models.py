"""The API models come from botocore's data files, and are kept for the next run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.aws import api_models, api_parameters

RULES = Path(__file__).parents[2] / "rules" / "detections" / "root"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    api_models.services.cache_clear()
    yield tmp_path
    api_models.services.cache_clear()


def test_the_names_are_read_once_and_kept(cache: Path) -> None:
    first = api_models.services()
    (kept,) = (cache / "trailcheck").iterdir()
    assert api_models.version() in kept.name

    api_models.services.cache_clear()

    assert api_models.services() == first
    assert len(first) > 300


def test_a_broken_cache_is_made_anew(cache: Path) -> None:
    first = api_models.services()
    (kept,) = (cache / "trailcheck").iterdir()
    kept.write_bytes(b'[["ec2", ')
    api_models.services.cache_clear()

    assert api_models.services() == first
    assert kept.read_bytes().startswith(b"[[")


def test_a_cache_that_cannot_be_written_is_no_harm(cache: Path) -> None:
    (cache / "trailcheck").write_text("a file where the folder should be")

    assert len(api_models.services()) > 300


def test_event_sources_are_those_that_records_have() -> None:
    known = api_models.by_source()

    for word in "ec2 iam sts monitoring ses ecr sagemaker sso lambda s3 rds".split():
        assert f"{word}.amazonaws.com" in known
    for word in ("cloudwatch", "sso-admin", "elbv2", "cognito"):
        assert f"{word}.amazonaws.com" not in known


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("CreateFunction20150331", "CreateFunction"),
        ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
        ("UpdateDistribution2020_05_31", "UpdateDistribution"),
        ("ListUsers", "ListUsers"),
    ],
)
def test_api_dates_are_taken_off_names(name: str, plain: str) -> None:
    assert api_models.undated(name) == plain


def test_cloudfront_and_lambda_have_their_operations_without_dates() -> None:
    assert "UpdateDistribution" in api_models.operations("cloudfront.amazonaws.com")
    assert "CreateFunction" in api_models.operations("lambda.amazonaws.com")


@pytest.mark.parametrize(
    ("source", "call", "field", "kind"),
    [
        ("cognito-idp", "CreateUserPoolClient", "callbackURLs", "list"),
        ("cognito-idp", "SetUserPoolMfaConfig", "mfaConfiguration", "string"),
        ("cloudtrail", "UpdateTrail", "isMultiRegionTrail", "boolean"),
        ("rds", "ModifyDBInstance", "dBInstanceIdentifier", "string"),
        ("kms", "ScheduleKeyDeletion", "pendingWindowInDays", "number"),
        ("iam", "CreateUser", "userName", "string"),
    ],
)
def test_parameters_are_spelled_as_in_records(
    source: str, call: str, field: str, kind: str
) -> None:
    found = [
        member.kind
        for service in api_models.operations(f"{source}.amazonaws.com")[call]
        for member in [api_parameters.parameters(service, call, "input").member(field)]
        if member
    ]

    assert kind in found


def test_nothing_but_lint_pays_for_the_models() -> None:
    code = (
        "import sys, checker.authoring, checker.run; "
        "assert not any(m.startswith(('botocore', 'boto3')) for m in sys.modules); "
        "assert 'checker.authoring.lint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_lint_reads_the_models_without_importing_botocore() -> None:
    code = (
        f"import sys; from checker.authoring.lint import lint; lint([{str(RULES)!r}]); "
        "from checker.aws import api_models; "
        "assert api_models.services.cache_info().currsize; "
        "assert not any(m.startswith(('botocore', 'boto3')) for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
