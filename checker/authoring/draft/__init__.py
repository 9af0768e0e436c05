"""Draft a rule from examples: what their fields have in common, as conditions."""

from __future__ import annotations

from checker.authoring.draft.draft import Draft, draft
from checker.authoring.draft.profile import Nature, Profile

__all__ = ["Draft", "Nature", "Profile", "draft"]
