"""What else watches a training run, and the events that it is given."""
