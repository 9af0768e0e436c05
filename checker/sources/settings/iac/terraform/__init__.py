"""Settings that a Terraform plan declares."""
