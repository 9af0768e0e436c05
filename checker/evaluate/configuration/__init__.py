"""Which configuration rules the resources of a snapshot meet."""
