"""Poolings, which map the vectors of a sequence to one vector."""
