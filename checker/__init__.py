"""A Sigma-style rule pack and compliance checker for AWS CloudTrail."""

__version__ = "0.1.0"
