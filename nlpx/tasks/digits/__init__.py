"""The task digits."""
