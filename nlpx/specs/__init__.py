"""Sections of configs, and interfaces of tasks. Does not import TensorFlow."""
