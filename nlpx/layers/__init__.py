"""Layers: plain Keras, useful without the rest of nlpx."""
