"""Write Terraform's language: blocks, texts, and JSON as its expressions.

https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def quoted(text: str) -> str:
    """Return a quoted text in which no template begins."""
    return _plain(json.dumps(text, ensure_ascii=False))


def indented(value: Any, *, raw: bool = False) -> str:
    """Return JSON as an expression, indented to stand in a block.

    With `raw` texts may hold templates, such as `${aws_sns_topic.x.arn}`.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
    return text if raw else _plain(text)


def block(kind: str, *labels: str, body: Iterable[str]) -> str:
    """Return a block with its attributes."""
    head = " ".join([kind, *(f'"{label}"' for label in labels)])
    lines = "".join(f"  {line}\n" for line in body)
    return f"{head} {{\n{lines}}}\n" if lines else f"{head} {{}}\n"


def _plain(text: str) -> str:
    """Double what would begin a template: `${` and `%{`."""
    return text.replace("${", "$${").replace("%{", "%%{")
