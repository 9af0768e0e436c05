"""Check SARIF files with Microsoft's validator, code scanning's rules on.

Run it as `python -m tests.sarif_multitool FILE…`.  It installs the npm package
@microsoft/sarif-multitool beside the virtual environment once, works offline from then
on, and skips with a word when npm is not there or the package cannot be had.  The tool
ends with 0 whatever it finds, so that its own report is read.
https://github.com/microsoft/sarif-sdk/blob/main/docs/multitool-usage.md
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "@microsoft/sarif-multitool@5.7.0"
HOME = Path(sys.prefix) / "sarif-multitool"

# Off by default, though code scanning rejects what they find.
GITHUB = (
    "GH1001.ProvideRequiredLocationProperties",
    "GH1002.InlineThreadFlowLocations",
    "GH1003.ProvideRequiredRegionProperties",
    "GH1005.LocationsMustBeRelativeUrisOrFilePaths",
    "GH1006.ProvideCheckoutPath",
    "GH1007.ProvideFullyFormattedMessageStrings",
)
# What they ask for is not ours to give: a message id beside the text, the version
# control of the logs, a schema that is fetched, parts of the events copied into the
# report, and rule ids that are numbers.
DISABLED = (
    "SARIF2002.ProvideMessageArguments",
    "SARIF2003.ProvideVersionControlProvenance",
    "SARIF2006.UrisShouldBeReachable",
    "SARIF2009.ConsiderConventionalIdentifierValues",
    "SARIF2010.ProvideCodeSnippets",
    "SARIF2011.ProvideContextRegion",
    "SARIF2013.ProvideEmbeddedFileContent",
)


def main(files: list[str]) -> int:
    """Validate each file; 1 for an error or a warning of the tool, notes only shown."""
    tool = installed()
    if isinstance(tool, str):
        print(f"skipped: {tool}", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.xml"
        settings.write_text(configuration(), encoding="utf-8")
        found = [
            f"{file}: {line}"
            for file in files
            for line in validate(tool, Path(file), settings)
        ]
    for line in found:
        print(line)
    wrong = [line for line in found if ": note " not in line]
    print(f"{len(files)} SARIF files, {len(wrong)} errors and warnings")
    return 1 if wrong else 0


def installed() -> Path | str:
    """The tool's own program, or why there is none."""
    if not _program():
        npm = shutil.which("npm")
        if npm is None:
            return "npm is not installed"
        quiet = ["--no-audit", "--no-fund", "--prefer-offline"]
        command = [npm, "install", *quiet, "--prefix", str(HOME), PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{PACKAGE} could not be installed: {done.stderr.strip()}"
    program = _program()
    if program is None:
        return f"{PACKAGE} has no program for this machine"
    program.chmod(0o755)  # npm 11 leaves the package's own script out
    return program


def _program() -> Path | None:
    names = ("Sarif.Multitool", "Sarif.Multitool.exe")
    packages = HOME.glob("node_modules/@microsoft/sarif-multitool-*")
    programs = (package / name for package in packages for name in names)
    return next(filter(Path.is_file, programs), None)


def configuration() -> str:
    """The tool's settings, with code scanning's rules on and seven others off."""
    states = dict.fromkeys(GITHUB, "Error") | dict.fromkeys(DISABLED, "Disabled")
    entries = "".join(
        f'<Properties Key="{rule}.Options">'
        f'<Property Key="RuleEnabled" Value="{state}" Type="Driver.RuleEnabledState"/>'
        "</Properties>"
        for rule, state in states.items()
    )
    return f'<?xml version="1.0" encoding="utf-8"?><Properties>{entries}</Properties>'


def validate(tool: Path, file: Path, settings: Path) -> list[str]:
    """What the tool finds in one file; an unfinished run is a finding too."""
    output = settings.with_name("found.sarif")
    output.unlink(missing_ok=True)
    command = [str(tool), "validate", str(file), "--config", str(settings)]
    command += ["--output", str(output), "--quiet", "true"]
    command += ["--level", "Error;Warning;Note", "--kind", "Fail"]
    command += ["--rule-kind", "Sarif;Ghas"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not output.exists():
        return [f"the tool failed: {done.stdout}{done.stderr}"]
    run = json.loads(output.read_text(encoding="utf-8-sig"))["runs"][0]
    rules = run["tool"]["driver"].get("rules", [])
    found = [_said(result, rules) for result in run.get("results", [])]
    found += [
        f"the tool says: {told['message'].get('text', told)}"
        for invocation in run.get("invocations", [])
        for told in invocation.get("toolExecutionNotifications", [])
    ]
    return found


def _said(result: dict[str, Any], rules: list[dict[str, Any]]) -> str:
    rule = rules[result["ruleIndex"]] if "ruleIndex" in result else {}
    message = result["message"]
    text = message.get("text")
    if text is None:
        text = rule["messageStrings"][message["id"]]["text"]
    for number, argument in enumerate(message.get("arguments", [])):
        text = text.replace(f"{{{number}}}", argument)
    return f"{result.get('level', 'warning')} {result['ruleId']}: {text}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
