"""The room of sources: where events and settings come from."""
