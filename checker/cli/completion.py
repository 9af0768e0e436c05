"""What a shell completes, names of rules and frameworks; examples in the help."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import click
from click.shell_completion import CompletionItem

_MOST = 200


def examples(*lines: str) -> str:
    """Return the end of a command's help: some commands, each on a line of its own."""
    return "\b\nExamples:\n" + "\n".join(f"  trailcheck {line}" for line in lines)


class RuleName(click.ParamType):  # type: ignore[type-arg] # none before click 8.2
    """The name of a rule, or whatever else chooses rules; a shell completes names."""

    name = "rule"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002 - click's signature
        ctx: click.Context | None,  # noqa: ARG002 - likewise
    ) -> Any:
        """Return the text as it is: what chooses no rule is found later."""
        return value

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 - click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return the names of rules that begin so."""
        from checker import rules
        from checker.errors import TrailcheckError

        try:
            found = rules.find(ctx.params.get("rule_paths") or ())
        except (TrailcheckError, OSError):
            return []
        names = sorted({PurePath(file.path).stem for file in found})
        return _items(names, incomplete)


class FrameworkName(RuleName):
    """The name of a framework, or a file; a shell completes names."""

    name = "framework"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002 - likewise
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return the names of the frameworks that begin so, in any case."""
        from checker.rules import frameworks

        return _items(list(frameworks.shipped()), incomplete)


def _items(names: list[str], incomplete: str) -> list[CompletionItem]:
    begun = incomplete.casefold()
    found = [name for name in names if name.casefold().startswith(begun)]
    return [CompletionItem(name) for name in found[:_MOST]]
