"""Settings that a CloudFormation template declares."""
