"""Sample dataset of the task sentiment."""
