"""Propose exceptions for findings that are marked as false.

Each proposal covers marked findings and no other; the proposals are then used as a user
would use them, on the same input, and what they cover is counted.
"""

from __future__ import annotations

from checker.run.tuning.tune import Given, Tuning, tune

__all__ = ["Given", "Tuning", "tune"]
