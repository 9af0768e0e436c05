"""Selectors that record nothing, too much, or the wrong callers."""
