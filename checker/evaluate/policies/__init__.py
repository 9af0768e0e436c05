"""What IAM and resource policies allow."""
