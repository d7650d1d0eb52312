"""Losses: sum over a batch, and what it is to be divided by."""
