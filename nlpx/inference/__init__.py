"""Answers of trained models: evaluation against references, and streams of new texts."""
