"""Which detection rules hold on the events of a batch."""
