"""Run directories: create, find, describe and compare them. Does not import TensorFlow."""
