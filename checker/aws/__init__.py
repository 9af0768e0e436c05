"""What AWS documents: names, tables and schemas; no decisions."""
