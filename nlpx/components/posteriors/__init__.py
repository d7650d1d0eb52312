"""Posteriors, the distributions of the latent vector of a record given its encoding."""
