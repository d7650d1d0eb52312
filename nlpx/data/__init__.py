"""From files to batches: sources, checks, encoding with a cache, order."""
