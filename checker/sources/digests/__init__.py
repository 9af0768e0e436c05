"""Digest files and the log files that they name."""
