"""Reports of runs as HTML pages that need nothing else. Does not import TensorFlow."""
