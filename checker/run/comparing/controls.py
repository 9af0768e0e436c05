"""Compare the outcomes of controls on two settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from checker.conditions import Cause, Unknown
from checker.evaluate.configuration.evaluate import ACCOUNT, Outcome
from checker.evaluate.recording.difference import difference
from checker.evaluate.recording.recorder import Recorder, Recorders
from checker.evaluate.recording.visibility import trails_of
from checker.model import AnyRule, ConfigurationRule, Finding, Status
from checker.run import audit
from checker.run.comparing.effects import Effect, finding
from checker.sources.settings.read import Settings

_WORST: Final = (
    Status.FAIL,
    Status.ERROR,
    Status.UNKNOWN,
    Status.PASS,
    Status.NOT_APPLICABLE,
)

_UNSURE: Final = (Status.UNKNOWN, Status.ERROR)

_ADDITIONS: Final = (Cause.NOT_KNOWN_BEFORE_APPLY, Cause.NOT_COLLECTED)
"""Why there may be more resources than those that are known, which are all there."""


def compare_controls(
    rules: Sequence[ConfigurationRule],
    before: Settings,
    after: Settings,
    unsure: list[tuple[AnyRule, str]],
) -> Iterator[Finding]:
    """Yield a finding for each outcome that is another; `unsure` is filled as above."""
    audit.check_types(rules)
    both = Recorders(), Recorders()
    for rule in rules:
        first = _compared(audit.outcomes(rule, before, both[0]))
        second = _compared(audit.outcomes(rule, after, both[1]))
        if not first or not second:
            continue  # one of the two says nothing about these resources
        reason = _unsure_in_both(first, second)
        if reason is not None:
            unsure.append((rule, reason))
        for was, now in _pairs(first, second):
            yield from _control(rule, was, now, (before, after), both)


def _unsure_in_both(before: Sequence[Outcome], after: Sequence[Outcome]) -> str | None:
    """Return why the outcome of a resource is unknown, if it is before and after."""
    old, new = _by_id(before), _by_id(after)
    first = {key for key, one in old.items() if one.status in _UNSURE}
    second = {key for key, one in new.items() if one.status in _UNSURE}
    # One that has another id in the other settings is one without its like there.
    renamed = second - old.keys() if first - new.keys() else set()
    for key in sorted((first & second) | renamed):
        return new[key].reason
    return None


def _compared(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Leave out what the settings do not declare, and so say nothing about."""
    return [one for one in outcomes if one.cause is not Cause.UNDECLARED]


def _pairs(
    before: Sequence[Outcome], after: Sequence[Outcome]
) -> Iterator[tuple[Outcome | None, Outcome | None]]:
    """Pair the outcomes of one rule: by resource, then those that are alike.

    A resource has another id in a plan than in an account, and a new one when it is
    replaced: of what is left the outcomes with the same status are no change.  What is
    missing where not all is known may be there: its outcome is unknown.
    """
    old, new = _by_id(filter(_is_own, before)), _by_id(filter(_is_own, after))
    doubts = _doubt(before), _doubt(after)
    for key, one in old.items():
        if key in new:
            yield one, new[key]
    gone = [one for key, one in old.items() if key not in new]
    come = [one for key, one in new.items() if key not in old]
    same = Counter(one.status for one in gone) & Counter(one.status for one in come)
    gone, come = _without(gone, same), _without(come, same)
    # One resource under two ids, as in an account and in the plan for it.
    if len(gone) == len(come) == 1 and doubts == (None, None):
        yield gone[0], come[0]
        return
    for one in gone:
        yield one, doubts[1]
    for one in come:
        yield doubts[0], one
    if not gone and doubts[1] is not None and doubts[1].cause not in _ADDITIONS:
        yield doubts[0], doubts[1]


def _is_own(outcome: Outcome) -> bool:
    """Return whether an outcome is of one resource, not of what could not be listed."""
    return bool(outcome.resource.body)


def _doubt(outcomes: Iterable[Outcome]) -> Outcome | None:
    """Return the outcome that stands for resources which are not known."""
    return next(
        (one for one in outcomes if not _is_own(one) and one.status is Status.UNKNOWN),
        None,
    )


def _by_id(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    """Return the worst outcome of each resource."""
    found: dict[str, Outcome] = {}
    for one in sorted(outcomes, key=lambda each: _WORST.index(each.status)):
        found.setdefault(one.resource.id, one)
    return found


def _without(outcomes: list[Outcome], counts: Counter[Status]) -> list[Outcome]:
    left = Counter(counts)
    found = []
    for one in outcomes:
        if left[one.status]:
            left[one.status] -= 1
        else:
            found.append(one)
    return found


def _control(
    rule: ConfigurationRule,
    was: Outcome | None,
    now: Outcome | None,
    settings: tuple[Settings, Settings],
    recorders: tuple[Recorders, Recorders],
) -> Iterator[Finding]:
    first = was.status if was else Status.NOT_APPLICABLE
    second = now.status if now else Status.NOT_APPLICABLE
    effect = _outcome_effect(first, second)
    reasons = _reason(was), _reason(now)
    if was and now and first is second is Status.FAIL:
        more = _more(was, now, settings, recorders)
        if more:
            effect, reasons = Effect.WORSENED, (reasons[0], more)
    # What could not be listed is shown as the resource that was there.
    shown = was if was and (now is None or not _is_own(now)) else now
    if effect is None or shown is None:
        return
    place = audit.location(rule, shown, settings[shown is now])
    resource = shown.resource
    yield finding(
        rule,
        effect,
        second,
        {
            "type": resource.type,
            "id": resource.id,
            "accountId": resource.account,
            "region": resource.region,
        },
        place,
        {
            "before": {"status": first.value, "reason": reasons[0]},
            "after": {"status": second.value, "reason": reasons[1]},
        },
    )


def _reason(outcome: Outcome | None) -> str:
    return outcome.reason.removesuffix(".") if outcome else "there is no such resource"


def _more(
    was: Outcome,
    now: Outcome,
    settings: tuple[Settings, Settings],
    recorders: tuple[Recorders, Recorders],
) -> str:
    """Return what an account fails by that it did not fail by before; or nothing.

    Rows are those of a Region or service; what trails record is asked of the trails.
    """
    if now.resource.type != ACCOUNT:
        return ""
    if now.needs:
        before, after = (
            _recorders(each, prepared)
            for each, prepared in zip(settings, recorders, strict=True)
        )
        for need in now.needs:
            lost = difference(before, after, need)
            if lost is not None and lost.certain:
                return lost.obstacle
        return ""
    added = [row for row in dict.fromkeys(now.said) if row not in was.said]
    return "; ".join(added) if was.said else ""


def _recorders(settings: Settings, prepared: Recorders) -> list[Recorder]:
    trails = trails_of(settings.snapshot)
    return [] if isinstance(trails, Unknown) else [prepared.of(one) for one in trails]


def _outcome_effect(before: Status, after: Status) -> Effect | None:
    if before is after:
        return None
    if after is Status.FAIL:
        return Effect.FAILING if before in _UNSURE else Effect.FAILS
    if after in _UNSURE:
        return Effect.UNCLEAR
    return Effect.PASSES if before is Status.FAIL else None
