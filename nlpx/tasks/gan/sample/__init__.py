"""Sample dataset of the task gan."""
