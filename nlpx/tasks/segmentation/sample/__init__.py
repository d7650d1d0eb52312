"""Sample dataset of the task segmentation."""
