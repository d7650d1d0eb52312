"""Small corpora of the task couplet."""
