"""Work spread over processes, in order, with crashes contained."""
