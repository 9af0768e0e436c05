"""Stand for every value that no field selector can tell from one that is made up."""

from __future__ import annotations


class MadeUp(str):
    """A value of a probe event that no event needs to have; `label` says what for."""

    __slots__ = ("label",)

    label: str

    @classmethod
    def of(cls, value: str, label: str) -> MadeUp:
        """Return the value with its label."""
        made = cls(value)
        made.label = label
        return made


def shown(value: str) -> str:
    """Return how a reason names a value of an event."""
    return value.label if isinstance(value, MadeUp) else value
