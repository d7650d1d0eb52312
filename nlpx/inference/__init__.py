"""Use of trained models: evaluation against references, and predictions for streams of text."""
