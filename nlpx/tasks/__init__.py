"""Tasks, each in its own folder."""
