"""YAML text -> a typed, frozen Experiment, with every problem of the text reported at once. No TensorFlow here."""
