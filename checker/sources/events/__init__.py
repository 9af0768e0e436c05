"""CloudTrail events from files, archives, tables and AWS."""
