"""The options of every component and of every section of a config file. TensorFlow is never imported here."""
