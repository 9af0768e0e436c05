"""Write the changelog of a release: the commits since the tag before it."""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_OURS = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+")
_DULL = re.compile(r"Merge |Format$|fixup!|squash!")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|])")


def changelog(tag: str, root: Path = ROOT) -> Iterator[str]:
    """Yield the lines of a release's notes; raises `SystemExit` for an unknown tag."""
    if tag not in _tags(root):
        raise SystemExit(f"no tag {tag} of the form v1.2.3: create it first")
    before = _before(tag, root)
    since = f"{before}..{tag}" if before else tag
    yield f"# trailcheck {tag.removeprefix('v')}\n\n"
    if before:
        yield f"Changes since {before}:\n\n"
    for subject in _git(root, "log", "--no-merges", "--format=%s", since).splitlines():
        if not _DULL.match(subject):
            escaped = _MARKS.sub(r"\\\1", subject)
            yield f"- {escaped}\n"


def _before(tag: str, root: Path) -> str | None:
    """Return the release before a tag, by version."""
    tags = sorted(_tags(root), key=_version)
    earlier = [each for each in tags if _version(each) < _version(tag)]
    return earlier[-1] if earlier else None


def _tags(root: Path) -> list[str]:
    return [each for each in _git(root, "tag").split() if _OURS.fullmatch(each)]


def _version(tag: str) -> tuple[int, ...]:
    return tuple(map(int, tag.removeprefix("v").split(".")))


def _git(root: Path, *arguments: str) -> str:
    command: Sequence[str] = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - git, with tags of our form
    return done.stdout


if __name__ == "__main__":
    sys.stdout.writelines(changelog(sys.argv[1]))
