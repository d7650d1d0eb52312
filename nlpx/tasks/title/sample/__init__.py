"""Sample dataset of the task title."""
