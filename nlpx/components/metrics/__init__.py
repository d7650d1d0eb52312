"""Metrics, which compare predictions with references and are updated one example at a time."""
