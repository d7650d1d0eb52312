"""Encoder blocks, which map a sequence of vectors to another one of the same length."""
