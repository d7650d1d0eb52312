"""Sample dataset of the task ocr."""
