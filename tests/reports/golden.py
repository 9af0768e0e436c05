"""Compare rendered text with the files of tests/golden.

Set UPDATE_GOLDEN=1 to write them anew, and read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


def matches(name: str, text: str) -> None:
    """Assert that the text is that of the golden file, byte for byte."""
    file = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8", newline="")
    assert text == file.read_bytes().decode("utf-8")
