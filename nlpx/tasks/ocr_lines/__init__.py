"""The task ocr_lines."""
