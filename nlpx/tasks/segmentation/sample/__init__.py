"""Small corpora of the task segmentation."""
