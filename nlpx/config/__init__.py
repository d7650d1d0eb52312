"""YAML text -> a typed, frozen Experiment, every problem of the text reported at once. No TensorFlow here."""
