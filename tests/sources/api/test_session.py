"""A profile or a configuration that cannot be used is found before any call."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from checker.cli import main
from checker.errors import SourceError
from checker.sources.api.session import open_session

NAMED = "[default]\nregion = eu-west-1\n[profile audit]\nregion = eu-north-1\n"


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(NAMED, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_PROFILE", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    # With this variable botocore does not read the configuration by itself: the AWS
    # CLI sets it, and so do people who have models of their own.
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))


def test_the_session_is_that_of_the_profile() -> None:
    assert open_session("audit").region_name == "eu-north-1"
    assert open_session().region_name == "eu-west-1"
    assert open_session("audit", "us-east-2").region_name == "us-east-2"


def test_a_profile_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(SourceError, match="nobody"):
        open_session("nobody")


def test_a_profile_of_the_environment_that_does_not_exist_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(SourceError, match="nobody"):
        open_session()


def test_no_configuration_at_all_is_no_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert open_session().region_name is None


def test_a_configuration_that_cannot_be_read_is_an_error(
    tmp_path: Path,
) -> None:
    (tmp_path / "config").write_text("no section\n", encoding="utf-8")
    with pytest.raises(SourceError, match="config"):
        open_session()


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "s3://b"],
        ["scan", "lookup-events://"],
        ["snapshot"],
        ["audit", "--live"],
        ["visibility", "--live"],
        ["verify", "s3://b"],
    ],
    ids=" ".join,
)
def test_every_command_says_so_and_makes_no_call(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, [*arguments, "--profile", "nobody"])

    assert result.exit_code == 3
    assert "The config profile (nobody) could not be found" in " ".join(
        result.output.split()
    )
    assert "Traceback" not in result.output
    assert "refuses" not in result.output
