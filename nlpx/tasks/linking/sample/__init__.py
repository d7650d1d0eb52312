"""Sample dataset of the task linking."""
