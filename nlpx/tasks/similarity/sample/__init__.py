"""Small corpora of the task similarity."""
