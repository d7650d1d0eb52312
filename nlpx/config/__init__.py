"""Load YAML as a typed, frozen Experiment and report all problems at once. Does not import TensorFlow."""
