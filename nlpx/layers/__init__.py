"""Keras layers, which can be used without the rest of nlpx."""
