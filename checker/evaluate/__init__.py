"""Evaluate: events, settings, selectors, visibility.  It does no I/O."""
