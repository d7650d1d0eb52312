"""Text processing: normalization, punctuation, vocabularies, tags, n-grams."""
