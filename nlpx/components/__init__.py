"""Components: one concept a file, its options and its mathematics. Importing one imports no TensorFlow."""
