"""The task linking."""
