"""How gradients change weights; the arithmetic is that of Keras."""
