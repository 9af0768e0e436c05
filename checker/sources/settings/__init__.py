"""Settings from a live account, a snapshot, a Terraform plan or a template."""
