"""Rhymes: which characters may end lines that rhyme."""
