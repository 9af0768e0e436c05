"""Calls of AWS whose answers are checked and whose waits are bounded."""
