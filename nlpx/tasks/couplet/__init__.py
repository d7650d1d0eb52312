"""The task couplet."""
