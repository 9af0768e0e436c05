"""Whether an alarm would fire, and reach somebody, on certain events."""
