"""Find the roles that an identity pool gives to its users among the declared ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from checker.conditions import UnknownValue
from checker.sources.settings.iac.attributes import each_of
from checker.sources.settings.iac.declarations import (
    Declaration,
    is_unknown,
    undeclared,
)


def role_of(
    kind: str,
    roles: Any,
    declared: Iterable[Declaration],
    read: Callable[[Declaration], dict[str, Any]],
    what: str,
) -> Any:
    """Return the body of the role of some users; null where a pool gives them none.

    `kind` is the key in `Roles`: authenticated, or unauthenticated for guests.  `roles`
    is what the pool's roles are; `read` makes the body of a declared role.
    """
    several = list(declared)

    def of_roles(body: Any) -> Any:
        given = body.get("Roles") if isinstance(body, Mapping) else None
        return each_of(given, of_map)

    def of_map(given: Any) -> Any:
        named = given.get(kind) if isinstance(given, Mapping) else None
        return each_of(named, of_arn)

    def of_arn(arn: Any) -> Any:
        if not is_unknown(arn) and not arn:
            return None
        found = [each for each in several if _is(each.arn, arn)]
        return read(found[0]) if found else undeclared(f"{kind} role", what)

    if is_unknown(roles) and roles.among is None:
        return roles.with_reason(f"{kind} role: {roles.reason}")
    role = each_of(roles, of_roles)
    if is_unknown(role) and role.among is None and role.sketch is not None:
        # An ARN of which parts are not known may be that of a declared role.
        return of_arn(role)
    return role


def _is(own: Any, arn: Any) -> bool:
    try:
        return own is not None and bool(own == arn)
    except UnknownValue:
        return False
