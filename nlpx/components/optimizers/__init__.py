"""Optimizers, implemented by Keras."""
