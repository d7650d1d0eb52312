"""The task gan."""
