"""Training tricks, which act at defined points of training."""
