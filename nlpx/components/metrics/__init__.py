"""Numbers that compare predictions with references, counted one example at a time."""
