"""Exported models: what predictors use of a learner, without TensorFlow and Keras."""
