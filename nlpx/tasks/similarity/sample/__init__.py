"""Sample datasets of the task similarity."""
