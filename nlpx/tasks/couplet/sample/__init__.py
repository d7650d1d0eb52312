"""Sample dataset of the task couplet."""
