"""The task ocr."""
