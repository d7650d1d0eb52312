"""Sample dataset of the task ocr_lines."""
