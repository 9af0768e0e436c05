"""This module is the room of sources: where events and settings come from."""
