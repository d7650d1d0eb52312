"""The distribution of the latent vector of a record, given what the encoder made of it."""
