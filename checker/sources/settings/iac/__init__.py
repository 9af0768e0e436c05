"""Settings that infrastructure as code declares."""
