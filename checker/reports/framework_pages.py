"""Write the pages about frameworks: one for each, and an index.

A page says of each requirement what it asks, which rules answer it or why none does,
and where Prowler, Steampipe and AWS disagree.  Nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checker.framework import Framework, Requirement

_GENERATED = (
    "<!-- Built by `make docs` from frameworks/ and the rules; do not edit. -->\n"
)


def pages(
    judged: Sequence[tuple[Framework, Mapping[str, Sequence[str]]]],
) -> dict[str, str]:
    """Write `<name>.md` for each framework, and `README.md`, the index.

    With each framework come the names of the rules behind a requirement, by its id.
    """
    found = {f"{each.name}.md": "".join(_page(each, behind)) for each, behind in judged}
    found["README.md"] = "".join(_index(judged))
    return found


def _index(
    judged: Sequence[tuple[Framework, Mapping[str, Sequence[str]]]],
) -> Iterator[str]:
    yield f"# Frameworks\n\n{_GENERATED}\n"
    yield (
        "`trailcheck audit SETTINGS --framework NAME` answers each requirement: fail "
        "when any rule behind it fails, else unknown when something could not be "
        "judged, else pass; n/a when its rules apply to nothing; manual when no rule "
        "looks, or the rules look at a part only.  A table of your own (.yml, "
        "`schemas/framework.json`) can be named too, and name rules itself.\n\n"
    )
    yield "| framework | what it is | requirements | with rules |\n|---|---|---|---|\n"
    for each, behind in judged:
        total = str(len(each.requirements)) + ("" if each.complete else " (a part)")
        yield (
            f"| [{each.name}]({each.name}.md) | {each.title} | {total} "
            f"| {sum(1 for one in each.requirements if behind.get(one.id))} |\n"
        )


def _page(framework: Framework, behind: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"# {framework.title}\n\n{_GENERATED}\n"
    names = ", ".join(f"`{name}`" for name in (framework.name, *framework.aliases))
    yield f"{framework.publisher} · {names}\n\n"
    if framework.about:
        yield f"{framework.about}\n\n"
    for word, address in framework.sources.items():
        yield f"- {word}: <{address}>\n"
    yield "\n| id | it asks | rules | source |\n|---|---|---|---|\n"
    for each in framework.requirements:
        rules = behind.get(each.id, ())
        yield f"| {each.id} | {each.title} | {_answer(each, rules)} | {each.source} |\n"
    disputed = [each for each in framework.requirements if each.disagreements]
    if disputed:
        yield "\n## Disagreements\n\nTied to the requirement by one of them alone.\n\n"
        yield "| id | rules |\n|---|---|\n"
        for each in disputed:
            yield f"| {each.id} | {_disputed(each)} |\n"


def _answer(requirement: Requirement, rules: Sequence[str]) -> str:
    links = ", ".join(f"[{name}](../rules/{name}.md)" for name in sorted(rules))
    if not links:
        word = "manual" if requirement.manual else "none"
        return f"{word}: {requirement.manual or requirement.unjudged}"
    return f"{links}; in part: {requirement.partly}" if requirement.partly else links


def _disputed(requirement: Requirement) -> str:
    by_peer: dict[str, list[str]] = {}
    for each in requirement.disagreements:
        by_peer.setdefault(each.only, []).append(
            f"[{each.rule}](../rules/{each.rule}.md)"
        )
    return "; ".join(f"{peer}: {', '.join(by_peer[peer])}" for peer in sorted(by_peer))
