"""Apply what users have decided about findings: exceptions, and a baseline."""
