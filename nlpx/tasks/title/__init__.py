"""The task title."""
