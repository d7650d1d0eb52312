"""Sweeps: many trials of one config, each an ordinary run. Does not import TensorFlow."""
