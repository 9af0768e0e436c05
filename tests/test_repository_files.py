"""The files for GitHub, pre-commit and editors are sound, pinned and modest."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from checker.cli import main

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
ACTION = ROOT / "action.yml"
PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs() -> list[tuple[str, Any]]:
    return [
        (f"{path.name}: {name}", job)
        for path in WORKFLOWS
        for name, job in load(path)["jobs"].items()
    ]


def steps() -> list[Any]:
    composite = load(ACTION)["runs"]["steps"]
    return [*composite, *(step for _, job in jobs() for step in job["steps"])]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_with_their_version(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"^\s*-? *uses: (.*)$", text, re.MULTILINE)

    assert used
    assert all(PINNED.fullmatch(each) for each in used), used


def test_one_action_has_one_commit_everywhere() -> None:
    used = {step["uses"] for step in steps() if "uses" in step}

    assert len({each.split("@")[0] for each in used}) == len(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_nothing_unless_a_job_says_so(path: Path) -> None:
    workflow = load(path)
    # YAML 1.1 reads the key `on` as true.
    events = workflow[True]

    assert workflow["permissions"] == {}
    assert "pull_request_target" not in events
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_a_job_may_write_only_what_it_is_for() -> None:
    asked = {name: job["permissions"] for name, job in jobs()}

    assert asked == {
        "check.yml: check": {"contents": "read"},
        "release.yml: build": {"contents": "read"},
        "release.yml: publish": {"id-token": "write", "attestations": "write"},
        "release.yml: notes": {"contents": "write"},
        "rules.yml: rules": {"contents": "read", "security-events": "write"},
        "wheels.yml: wheel": {"contents": "read"},
        "wheels.yml: sources": {"contents": "read"},
        "wheels.yml: publish": {"id-token": "write", "attestations": "write"},
    }


def test_checkouts_leave_no_credentials_behind() -> None:
    checkouts = [s for s in steps() if s.get("uses", "").startswith("actions/checkout")]

    assert len(checkouts) == 5
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_expression_is_pasted_into_a_script() -> None:
    scripts = [step["run"] for step in steps() if "run" in step]

    assert scripts
    assert [script for script in scripts if "${{" in script] == []


def test_the_scripts_of_the_action_are_sound(tmp_path: Path) -> None:
    """actionlint reads the scripts of workflows, but not those of an action."""
    program = Path(sys.executable).parent / "shellcheck"
    if not program.exists():
        pytest.skip("shellcheck is not installed: make workflows")
    scripts = [step["run"] for step in load(ACTION)["runs"]["steps"] if "run" in step]
    files = [tmp_path / f"{number}.sh" for number in range(len(scripts))]
    for file, script in zip(files, scripts, strict=True):
        file.write_text(script)

    done = subprocess.run(
        [program, "--shell", "bash", *files],
        capture_output=True,
        text=True,
        check=False,
    )

    assert files
    assert done.returncode == 0, done.stdout


def test_forks_upload_nothing_and_the_action_never_does() -> None:
    uploads = [step for step in steps() if "upload-sarif" in step.get("uses", "")]
    composite = ACTION.read_text(encoding="utf-8")

    assert len(uploads) == 1
    assert "!github.event.pull_request.head.repo.fork" in uploads[0]["if"]
    assert "upload-sarif" not in composite


def test_every_supported_python_is_checked() -> None:
    matrix = load(ROOT / ".github/workflows/check.yml")["jobs"]["check"]["strategy"]

    assert matrix["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_an_issue_form_asks_with_labels_and_ids_of_its_own(path: Path) -> None:
    form = load(path)
    if path.name == "config.yml":
        assert set(form) <= {"blank_issues_enabled", "contact_links"}
        return
    ids = [each["id"] for each in form["body"]]

    assert set(form) == {"name", "description", "title", "labels", "body"}
    assert len(set(ids)) == len(ids)
    for each in form["body"]:
        assert each["type"] in {"input", "textarea", "dropdown"}
        assert each["attributes"]["label"]


def test_a_form_that_asks_for_a_record_asks_for_a_redacted_one() -> None:
    asked = 0
    for path in FORMS:
        for each in load(path).get("body", []):
            if each["id"] == "record":
                asked += 1
                assert "trailcheck redact" in each["attributes"]["description"]

    assert asked == 3


def test_hooks_run_real_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for hook in load(ROOT / ".pre-commit-hooks.yaml"):
        program, command = hook["entry"].split()
        shown = CliRunner().invoke(main, [command, "--help"])

        assert program == "trailcheck"
        assert command in main.commands
        assert shown.exit_code == 0
        assert re.search(hook["files"], "rules/detections/s3/bucket.yml")
        assert not re.search(hook["files"], "docs/rules/bucket.md")
        assert all((ROOT / each).is_dir() for each in hook["args"])


def test_the_lint_hook_fails_on_a_bad_rule(tmp_path: Path) -> None:
    lint_hook = load(ROOT / ".pre-commit-hooks.yaml")[0]
    (tmp_path / "bad.yml").write_text("title: [\n")
    arguments = [*lint_hook["entry"].split()[1:], str(tmp_path)]

    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_the_commands_of_templates_and_workflows_exist() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for path in [*WORKFLOWS, *FORMS, ROOT / ".github/pull_request_template.md"]
    ]
    used = set(re.findall(r"trailcheck (\w+) ", "\n".join(texts)))

    assert used >= {"lint", "test", "redact", "explain"}
    assert used <= set(main.commands)


def test_the_editor_finds_the_schema_of_every_rule_and_of_its_cases() -> None:
    settings = json.loads((ROOT / ".vscode/settings.json").read_text(encoding="utf-8"))
    schemas: dict[str, list[str]] = settings["yaml.schemas"]

    assert all((ROOT / schema).is_file() for schema in schemas)
    for path in (ROOT / "rules").glob("*s/*/*.yml"):
        relative = path.relative_to(ROOT).as_posix()
        fitting = [name for name, globs in schemas.items() if _fits(relative, globs)]
        kind = "cases" if ".cases." in path.name else path.parts[-3].removesuffix("s")

        assert fitting == [f"./schemas/{kind}.json"], relative


def _fits(path: str, globs: list[str]) -> bool:
    left_out = any(fnmatch(path, each[1:]) for each in globs if each[0] == "!")
    return not left_out and any(fnmatch(path, each) for each in globs)


def annotate() -> Any:
    spec = importlib.util.spec_from_file_location(
        "annotate", ROOT / ".github/annotate.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_problem_becomes_one_note_at_its_line() -> None:
    problem = {
        "check": "unknown-field",
        "severity": "warning",
        "path": "rules/a.yml",
        "line": 7,
        "column": 3,
        "message": "no such field",
        "fix": "",
    }

    assert annotate().note(problem) == (
        "::warning file=rules/a.yml,line=7,col=3,title=unknown-field::no such field."
    )


def test_a_rule_file_cannot_write_a_command_of_its_own() -> None:
    problem = {
        "check": "schema",
        "severity": "error",
        "path": "rules/a,line=1::b\n::set-env.yml",
        "line": 1,
        "column": 1,
        "message": "x\n::error::y 100%",
        "fix": "z",
    }
    note = annotate().note(problem)

    assert "\n" not in note
    assert note.startswith("::error file=rules/a%2Cline=1%3A%3Ab%0A%3A%3Aset-env.yml,")
    assert note.endswith("::x%0A::error::y 100%25. Fix: z.")


def act(tmp_path: Path, **inputs: str) -> tuple[int, str, list[str]]:
    """Run the script of the action with a command that only tells what it was given."""
    scripts = tmp_path / "trailcheck/bin"
    scripts.mkdir(parents=True, exist_ok=True)
    told = scripts / "trailcheck"
    told.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" > "$TOLD"\n'
        'for each; do case $each in --also=*) echo "| a | row |" > "${each#*=*=}";; '
        "esac; done\necho 'exit 3: `x` because' >&2\nexit 3\n"
    )
    told.chmod(0o755)
    action = load(ACTION)
    step = next(each for each in action["runs"]["steps"] if each.get("id") == "run")
    given = {
        name: str(inputs.get(name.lower(), ""))
        or str(action["inputs"][name.lower().replace("_", "-")].get("default", ""))
        for name in step["env"]
    }
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "TOLD": str(tmp_path / "told"),
        **given,
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    (tmp_path / "printed").write_text(done.stdout)
    output, arguments = tmp_path / "output", tmp_path / "told"
    return (
        done.returncode,
        output.read_text() if output.exists() else "",
        arguments.read_text().splitlines() if arguments.exists() else [],
    )


def test_the_action_takes_its_inputs_as_they_are(tmp_path: Path) -> None:
    paths = "logs/a b\n$(touch owned)\n"
    code, output, arguments = act(
        tmp_path, paths=paths, rules="mine\nyours", summary="false"
    )

    assert code == 3
    assert outputs(output) == {"report": "trailcheck.sarif", "exit-code": "3"}
    assert arguments == [
        *"scan --format=sarif --output=trailcheck.sarif --fail-on=high".split(),
        *"--rules=mine --rules=yours --".split(),
        "logs/a b",
        "$(touch owned)",
    ]
    assert not (tmp_path / "owned").exists()


def outputs(text: str) -> dict[str, str]:
    """Read a step's outputs as GitHub's runner does."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, between, end = line.partition("<<")
        if between and "=" not in name:
            found[name] = "\n".join(itertools.takewhile(end.__ne__, lines))
        elif line:
            name, _, found_value = line.partition("=")
            found[name] = found_value
    return found


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "true\r\n", " yes "])
def test_the_action_takes_allow_partial_as_people_write_it(
    tmp_path: Path, word: str
) -> None:
    _, _, arguments = act(tmp_path, paths="a\r\nb c\r\n", allow_partial=word)

    assert "--allow-partial" in arguments
    assert arguments[-3:] == ["--", "a", "b c"]


@pytest.mark.parametrize("word", ["false", "False", "no\r\n"])
def test_the_action_takes_a_no_for_a_no(tmp_path: Path, word: str) -> None:
    _, _, arguments = act(tmp_path, paths="a", allow_partial=word)

    assert arguments
    assert "--allow-partial" not in arguments


@pytest.mark.parametrize(
    "given",
    [
        {"output": "x\nexit-code=0"},
        {"output": "x\rreport=y"},
        {"settings": "a\nb"},
        {"command": "scan\n::stop-commands::x"},
        {"command": "::error::x"},
        {"allow_partial": "maybe\n::error::x"},
    ],
    ids=str,
)
def test_no_input_of_the_action_breaks_out(
    tmp_path: Path, given: dict[str, str]
) -> None:
    code, output, arguments = act(tmp_path, paths="x", **given)

    assert code in (2, 3)
    assert outputs(output).get("exit-code") != "0"
    assert set(outputs(output)) <= {"report", "exit-code"}
    assert not any("\n" in each for each in arguments)


@pytest.mark.parametrize("command", ["scan", "audit", "visibility", "compare"])
def test_whatever_an_input_says_is_one_word_in_every_mode(
    tmp_path: Path, command: str
) -> None:
    bad = "$(touch owned);`touch owned` \" ' * ${PATHS} %s --help"
    taken = {
        "scan": {"settings": bad, "exceptions": bad},
        "audit": {"frameworks": bad, "exceptions": bad},
        "visibility": {"exceptions": bad},
        "compare": {},
    }[command]
    inputs = {**dict.fromkeys(("config", "output", "format", "fail_on"), bad), **taken}

    code, output, arguments = act(
        tmp_path, command=command, paths=f"{bad}\n--live\n", rules=bad, **inputs
    )

    assert code == 3
    assert outputs(output) == {"report": bad, "exit-code": "3"}
    assert arguments[-3:] == ["--", bad, "--live"]
    ended = [each for each in arguments if each.lower().endswith(f"={bad.lower()}")]
    assert len(ended) == len(inputs) + 1
    assert not (tmp_path / "owned").exists()


def test_an_option_of_the_action_is_no_other_option(tmp_path: Path) -> None:
    _, output, arguments = act(tmp_path, paths="--help", output="--live", rules="-h")

    assert "--output=--live" in arguments
    assert "--rules=-h" in arguments
    assert arguments[-2:] == ["--", "--help"]
    assert outputs(output)["report"] == "--live"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"settings": "s.json"}, ["--settings=s.json"]),
        ({"config": " trailcheck.toml "}, ["--config=trailcheck.toml"]),
        (
            {"exceptions": "a.yml\r\n\nb c.yml\n"},
            ["--exceptions=a.yml", "--exceptions=b c.yml"],
        ),
        (
            {"command": "audit", "frameworks": "CIS-AWS-3.0\nSOC-2"},
            ["--framework=CIS-AWS-3.0", "--framework=SOC-2"],
        ),
        ({"command": "visibility", "exceptions": "a.yml"}, ["--exceptions=a.yml"]),
        ({"command": "compare", "paths": "a\nb"}, ["--", "a", "b"]),
    ],
    ids=str,
)
def test_each_mode_of_the_action_passes_its_inputs_on(
    tmp_path: Path, inputs: dict[str, str], expected: list[str]
) -> None:
    code, _, arguments = act(tmp_path, **{"paths": "x", **inputs})

    assert code == 3
    assert arguments[0] == inputs.get("command", "scan")
    assert [each for each in arguments if each in expected] == expected


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"command": "audit", "settings": "s"}, "settings does not go with"),
        ({"frameworks": "SOC-2"}, "frameworks does not go with command scan"),
        ({"command": "compare", "paths": "a\nb", "exceptions": "e"}, "exceptions"),
        ({"command": "compare", "paths": "a"}, "compare needs two paths"),
        ({"summary": "perhaps"}, "summary must be true or false"),
    ],
    ids=str,
)
def test_the_action_says_which_inputs_do_not_go_together(
    tmp_path: Path, inputs: dict[str, str], words: str
) -> None:
    code, output, arguments = act(tmp_path, **{"paths": "x", **inputs})

    assert (code, output, arguments) == (2, "", [])
    assert words in (tmp_path / "printed").read_text()


def test_the_summary_of_the_job_has_the_findings_and_why_it_ended_so(
    tmp_path: Path,
) -> None:
    act(tmp_path, paths="x")

    summary = (tmp_path / "summary.md").read_text()
    assert summary.startswith("## trailcheck scan\n\n| a | row |")
    # What is quoted cannot end the quotation.
    assert "```text\nexit 3: x because\n```" in summary


def test_the_action_runs_no_other_command(tmp_path: Path) -> None:
    code, output, arguments = act(tmp_path, command="snapshot", paths="x")

    assert (code, output, arguments) == (2, "", [])
