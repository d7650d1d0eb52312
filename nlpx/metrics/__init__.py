"""Numbers that compare answers with references, gathered one example at a time."""
