"""The task similarity."""
