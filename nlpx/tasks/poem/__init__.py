"""The task poem."""
