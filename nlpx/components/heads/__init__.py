"""Heads, which map encoded positions to scores of labels."""
