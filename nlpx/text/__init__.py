"""Characters: normalization, punctuation, vocabularies, tags, n-grams."""
