"""Sample dataset of the task vectors."""
