"""What one identity did: its events, and the credentials that it was given."""

from checker.evaluate.story.builder import StoryBuilder, call_of, session_of
from checker.evaluate.story.identity import Identity, Kind, identity, issued, matches

__all__ = [
    "Identity",
    "Kind",
    "StoryBuilder",
    "call_of",
    "identity",
    "issued",
    "matches",
    "session_of",
]
