"""What lint imports, which every save of a rule in an editor waits for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RULE = Path(__file__).parents[3] / "rules/detections/root/root_mfa_changed.yml"


def test_lint_of_a_detection_imports_nothing_that_judges_settings() -> None:
    code = (
        "import sys; from checker.authoring.lint import lint; "
        f"lint([{str(RULE)!r}]); "
        "unwanted = ('checker.evaluate.alarms', 'checker.evaluate.recording', "
        "'checker.evaluate.policies', 'checker.sources.settings', "
        "'checker.authoring.mutants', 'checker.reports.explain'); "
        "assert not [m for m in sys.modules if m.startswith(unwanted)]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
