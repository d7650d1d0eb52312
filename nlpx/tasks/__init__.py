"""Tasks, one folder each: all that a task owns, and nothing else."""
