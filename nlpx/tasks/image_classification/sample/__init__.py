"""Sample dataset of the task image_classification."""
