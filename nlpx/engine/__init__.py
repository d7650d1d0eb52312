"""The engine: a generator of steps, their state, checkpoints, and those who watch. It knows no task."""
