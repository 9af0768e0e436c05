"""Days in an account, ordinary and hostile, as records."""
