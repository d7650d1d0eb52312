"""Data: records, encoding with a cache, batches and their order."""
