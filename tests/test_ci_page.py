"""The files of docs/ci.md: sound by the services' schemas, and run as far as they can.

What a service does itself (checkout, upload, comment) is left out; every command of
ours runs on demonstration data.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
FILES = {
    match["name"]: match["text"]
    for match in re.finditer(
        r"<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)^```",
        PAGE,
        re.DOTALL | re.MULTILINE,
    )
}
WORKFLOWS = [name for name in FILES if name.startswith(".github/")]
SCRIPTS = Path(sys.executable).parent
TEMPLATE = """\
Resources:
  Logs: {Type: AWS::S3::Bucket}
  Main:
    Type: AWS::CloudTrail::Trail
    Properties:
      IsLogging: IS_LOGGING
      IsMultiRegionTrail: true
      IncludeGlobalServiceEvents: true
      S3BucketName: {Ref: Logs}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with logs, settings and a template before and after."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copytree(ROOT / "demo/events", folder / "logs")
    shutil.copy(ROOT / "demo/settings.json", folder)
    (folder / "before.yml").write_text(TEMPLATE.replace("IS_LOGGING", "true"))
    (folder / "template.yml").write_text(TEMPLATE.replace("IS_LOGGING", "false"))
    return folder


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "PYTHONUTF8": "1",
    }


def run(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**environment(folder), **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def tool(name: str) -> str:
    """Return the path of a checker of workflows, which `make check` installs."""
    found = SCRIPTS / name
    if not found.exists():
        pytest.skip(f"{name} is not installed: make workflows")
    return str(found)


def check_schema(name: str, folder: Path, schema: str) -> None:
    file = folder / Path(name).name
    file.write_text(FILES[name])
    command = [tool("check-jsonschema"), "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_page_has_a_file_for_each_service() -> None:
    assert sorted(FILES) == [
        ".github/workflows/trailcheck-compare.yml",
        ".github/workflows/trailcheck.yml",
        ".gitlab-ci.yml",
        ".pre-commit-config.yaml",
        "Jenkinsfile",
    ]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_is_sound_and_modest(name: str, tmp_path: Path) -> None:
    check_schema(name, tmp_path, "vendor.github-workflows")
    command = [tool("zizmor"), "--offline", "--no-progress", "--format", "json"]
    config = tmp_path / "zizmor.yml"
    # Our own action is named by a tag that does not exist yet.
    config.write_text('rules: {unpinned-uses: {config: {policies: {"*": any}}}}\n')
    done = subprocess.run(
        [*command, "--config", str(config), str(tmp_path / Path(name).name)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert json.loads(done.stdout) == [], done.stdout
    if actionlint := shutil.which("actionlint"):
        more = [
            actionlint,
            "-shellcheck",
            tool("shellcheck"),
            str(tmp_path / Path(name).name),
        ]
        done = subprocess.run(more, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_gitlab_file_fits_gitlabs_schema(tmp_path: Path) -> None:
    check_schema(".gitlab-ci.yml", tmp_path, "vendor.gitlab-ci")


def inputs(step: dict[str, Any]) -> dict[str, str]:
    """Return the environment of the action's script, as GitHub makes it."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    script = next(s for s in action["runs"]["steps"] if s.get("id") == "run")
    given = {key: str(value) for key, value in step.get("with", {}).items()}
    assert given.keys() <= action["inputs"].keys()
    found = {"SCRIPT": script["run"]}
    for name, expression in script["env"].items():
        key = expression.split("inputs.")[1].split(" ")[0]
        value = given.get(key, str(action["inputs"][key].get("default", "")))
        # YAML's true is the text that GitHub hands on.
        found[name] = value.lower() if value in ("True", "False") else value
    return found


def act(name: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run our step of a workflow in a checkout."""
    (job,) = yaml.safe_load(FILES[name])["jobs"].values()
    step = next(s for s in job["steps"] if "/trailcheck@" in s.get("uses", ""))
    runner = folder.parent / "runner"
    (runner / "trailcheck/bin").mkdir(parents=True)
    (runner / "trailcheck/bin/trailcheck").symlink_to(SCRIPTS / "trailcheck")
    more = inputs(step)
    return run(
        more.pop("SCRIPT"),
        folder,
        RUNNER_TEMP=str(runner),
        GITHUB_OUTPUT=str(runner / "output"),
        GITHUB_STEP_SUMMARY=str(runner / "summary.md"),
        **more,
    )


def test_the_workflow_for_code_scanning_reports_and_fails(checkout: Path) -> None:
    done = act(".github/workflows/trailcheck.yml", checkout)

    assert done.returncode == 1, done.stderr
    assert "exit 1: " in done.stderr
    (sarif,) = json.loads((checkout / "trailcheck.sarif").read_text())["runs"]
    assert sarif["results"]
    related = sarif["results"][0]["relatedLocations"][0]["physicalLocation"]
    assert related["artifactLocation"]["uriBaseId"] == "TRAILCHECK_RULES"
    summary = (checkout.parent / "runner/summary.md").read_text()
    assert summary.startswith("## trailcheck audit")
    assert "exit 1: " in summary
    assert "exit-code=1" in (checkout.parent / "runner/output").read_text()


def test_the_upload_of_the_workflow_happens_after_a_failure_too() -> None:
    text = FILES[".github/workflows/trailcheck.yml"]

    assert "always()" in text
    assert "!github.event.pull_request.head.repo.fork" in text


def test_the_comment_tells_what_a_change_blinds(checkout: Path) -> None:
    done = act(".github/workflows/trailcheck-compare.yml", checkout)

    assert done.returncode == 1, done.stderr
    assert "go blind" in (checkout / "comment.md").read_text()


@pytest.mark.parametrize(
    ("name", "reports"),
    [
        (".gitlab-ci.yml", ["trailcheck.xml", "trailcheck.md"]),
        ("Jenkinsfile", ["trailcheck.html", "trailcheck.xml"]),
    ],
)
def test_the_script_of_another_service_writes_its_reports(
    name: str, reports: list[str], checkout: Path
) -> None:
    if name == "Jenkinsfile":
        lines = re.findall(r"sh '(.*)'", FILES[name])
    else:
        lines = yaml.safe_load(FILES[name])["trailcheck"]["script"]
    ours = [line.removeprefix(".venv/bin/") for line in lines if "trailcheck " in line]

    (line,) = ours
    done = run(line, checkout)

    assert done.returncode == 1, done.stderr
    assert "exit 1: " in done.stderr
    assert all((checkout / report).stat().st_size for report in reports)


def test_the_hooks_that_the_page_names_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (repo,) = yaml.safe_load(FILES[".pre-commit-config.yaml"])["repos"]

    assert {each["id"] for each in repo["hooks"]} <= {each["id"] for each in hooks}


def test_every_input_of_the_action_is_on_the_page() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

    for name in action["inputs"].keys() - {"python-version"}:
        assert f"`{name}`" in PAGE, name


def test_the_container_copies_all_that_a_wheel_is_built_from() -> None:
    text = (ROOT / "Containerfile").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    copied = set(re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE))
    names = {Path(each).name for line in copied for each in line.split()}

    forced = re.findall(r'^"(\w+)" = "checker/_data/', project, re.MULTILINE)
    assert {"checker", "pyproject.toml", "README.md", "LICENSE", *forced} <= names
    assert all((ROOT / name).exists() for name in names)
    assert re.search(r"^USER [1-9]", text, re.MULTILINE)
    assert "ENTRYPOINT" in text


def test_the_changelog_lists_the_commits_since_the_release_before(
    tmp_path: Path,
) -> None:
    from tools.changelog import changelog

    script = (
        "git init -q . && git config user.email a@example.com && git config user.name a"
        " && for each in 'First' 'Add <b> and *x*' 'Format' 'Last'; do"
        ' git commit -q --allow-empty -m "$each"; '
        'if [ "$each" = First ]; then git tag v0.9.0; fi; done && git tag v0.10.0'
    )
    assert run(script, tmp_path).returncode == 0

    text = "".join(changelog("v0.10.0", tmp_path))

    assert text.endswith("Changes since v0.9.0:\n\n- Last\n- Add \\<b\\> and \\*x\\*\n")
    with pytest.raises(SystemExit):
        list(changelog("v1.0.0", tmp_path))


def test_a_report_goes_to_several_files_and_a_bad_one_is_a_message(
    checkout: Path,
) -> None:
    line = "trailcheck audit settings.json --fail-on never --quiet"
    also = "--also csv=a.csv --also sarif=b.sarif"
    assert run(f"{line} -f json -o c.json {also}", checkout).returncode == 0
    count = len(json.loads((checkout / "c.json").read_text())["findings"])
    assert count
    assert json.loads((checkout / "b.sarif").read_text())["runs"]
    assert "trailcheck" not in (checkout / "a.csv").read_text()[:10]

    for wrong in ("csv", "pdf=x", "csv=-", "csv="):
        done = run(f"{line} --also {wrong}", checkout)
        assert (done.returncode, "--also" in done.stderr) == (2, True), wrong
