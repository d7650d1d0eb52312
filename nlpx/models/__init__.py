"""Skeletons that tasks fill with components."""
