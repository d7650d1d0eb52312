"""Sample dataset of the task digits."""
