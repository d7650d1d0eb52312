"""Small corpora of the task image_classification."""
