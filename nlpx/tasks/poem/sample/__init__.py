"""Sample dataset of the task poem."""
