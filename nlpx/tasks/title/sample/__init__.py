"""Small corpora of the task title."""
