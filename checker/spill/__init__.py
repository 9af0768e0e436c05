"""Large sets and sorts that go through the disk."""
