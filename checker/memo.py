"""Remember what was worked out of texts that come again, in bounded memory."""

from __future__ import annotations

from typing import Final, TypeVar

LONGEST: Final = 256
"""Texts of so many characters are remembered."""

_MOST: Final = 16_384

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memo(dict[Key, Value]):
    """Values by text: `__missing__` works one out, and `keep` remembers it.

    A lookup of what is known costs no call.  Of at most 16,384 texts; then it begins
    anew.
    """

    def keep(self, key: Key, value: Value, size: int) -> Value:
        """Return a value, remembered if its text has no more than `LONGEST`."""
        if size <= LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[key] = value
        return value
