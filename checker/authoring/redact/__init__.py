"""Real records made fit to be shown."""
