"""Whether log files are unchanged since CloudTrail delivered them."""
