"""Know a declared KMS key by the aliases that the code gives it.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from checker.sources.settings.iac.declarations import Declaration, is_unknown


@dataclass(frozen=True, slots=True)
class AliasTypes:
    """The types of a key and its alias, and the attribute that names the key."""

    key: str
    alias: str
    target: str


def with_aliases(
    found: Sequence[Declaration], types: AliasTypes
) -> Sequence[Declaration]:
    """Return declarations with each key known by what its aliases are known by."""
    of_key: defaultdict[str, list[Declaration]] = defaultdict(list)
    keys = {each.address for each in found if each.type == types.key}
    names = {
        each.name: each.address
        for each in found
        if each.address in keys and not is_unknown(each.name)
    }
    for alias in found:
        if alias.type == types.alias:
            named = alias.references.get(types.target, frozenset()) & keys
            target = alias.values.get(types.target)
            if not named and not is_unknown(target) and target in names:
                named = frozenset({names[target]})
            if len(named) == 1:
                of_key[min(named)].append(alias)
    return [
        replace(
            each,
            aliases=each.aliases.union(*({a.address} for a in of_key[each.address])),
            names=tuple(alias.name for alias in of_key[each.address]),
        )
        if each.address in of_key
        else each
        for each in found
    ]
