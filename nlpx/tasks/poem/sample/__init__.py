"""Small corpora of the task poem."""
