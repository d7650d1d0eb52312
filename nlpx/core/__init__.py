"""Basic functions for all packages; imports nothing else of nlpx except the errors."""
