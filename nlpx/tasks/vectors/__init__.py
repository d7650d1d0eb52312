"""The task vectors."""
